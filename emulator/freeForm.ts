import { z } from 'zod'
import { GraphError } from './graphError.ts'
import { checkMediaSource } from './templateSend.ts'
import type { SendContext } from './templateText.ts'

/** Source: Meta, Cloud API, "Interactive reply buttons messages", "Interactive list messages", "Call-to-action URL". */
const words = (max: number): z.ZodString => z.string().min(1).max(max)
const anything = z.looseObject({})
const textHeader = z.strictObject({ type: z.literal('text'), text: words(60), sub_text: words(60).optional() })
const anyHeader = z.discriminatedUnion('type', [
  textHeader,
  z.strictObject({ type: z.literal('image'), image: anything }),
  z.strictObject({ type: z.literal('video'), video: anything }),
  z.strictObject({ type: z.literal('document'), document: anything }),
])
const body = z.strictObject({ text: words(1024) })
const footer = z.strictObject({ text: words(60) }).optional()

const replyButton = z.strictObject({
  type: z.literal('reply'),
  reply: z.strictObject({ id: words(256), title: words(20) }),
})
const row = z.strictObject({ id: words(200), title: words(24), description: z.string().max(72).optional() })
const section = z.strictObject({ title: z.string().max(24).optional(), rows: z.array(row).min(1).max(10) })

const interactive = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('button'),
    header: anyHeader.optional(),
    body,
    footer,
    action: z.strictObject({
      buttons: z
        .array(replyButton)
        .min(1)
        .max(3)
        .refine((all) => new Set(all.map(({ reply }) => reply.title)).size === all.length, 'Titles must be unique.')
        .refine((all) => new Set(all.map(({ reply }) => reply.id)).size === all.length, 'Ids must be unique.'),
    }),
  }),
  z.strictObject({
    type: z.literal('list'),
    header: textHeader.optional(),
    body: z.strictObject({ text: words(4096) }),
    footer,
    action: z.strictObject({
      button: words(20),
      sections: z
        .array(section)
        .min(1)
        .max(10)
        .refine((all) => all.length === 1 || all.every(({ title }) => title), 'Each of several sections needs a title.')
        .refine((all) => all.flatMap(({ rows }) => rows).length <= 10, 'At most 10 rows in total.'),
    }),
  }),
  z.strictObject({
    type: z.literal('cta_url'),
    header: anyHeader.optional(),
    body,
    footer,
    action: z.strictObject({
      name: z.literal('cta_url'),
      parameters: z.strictObject({ display_text: words(20), url: z.url() }),
    }),
  }),
  z.strictObject({
    type: z.literal('location_request_message'),
    body,
    action: z.strictObject({ name: z.literal('send_location') }),
  }),
  z.strictObject({
    type: z.literal('request_contact_info'),
    body,
    action: z.strictObject({ name: z.literal('request_contact_info') }),
  }),
  ...(
    [
      'flow',
      'product',
      'product_list',
      'catalog_message',
      'order_details',
      'order_status',
      'address_message',
      'carousel',
    ] as const
  ).map((type) => z.looseObject({ type: z.literal(type), action: anything })),
])

const caption = z.string().max(1024).optional()
const source = { id: z.string().optional(), link: z.string().optional() }
const number = z.union([z.number(), z.string().regex(/^-?\d+(\.\d+)?$/)])

/** The body of each free-form type. Source: Meta, Cloud API, message reference pages. */
const BODIES: Record<string, z.ZodType> = {
  text: z.strictObject({ body: z.string().min(1).max(4096), preview_url: z.boolean().optional() }),
  image: z.strictObject({ ...source, caption }),
  video: z.strictObject({ ...source, caption }),
  audio: z.strictObject({ ...source, voice: z.boolean().optional() }),
  document: z.strictObject({ ...source, caption, filename: z.string().max(240).optional() }),
  sticker: z.strictObject(source),
  location: z.strictObject({
    latitude: number,
    longitude: number,
    name: z.string().optional(),
    address: z.string().optional(),
  }),
  contacts: z
    .array(
      z.looseObject({
        name: z
          .looseObject({ formatted_name: z.string().min(1) })
          .refine(
            (name) => ['first_name', 'last_name', 'middle_name', 'suffix', 'prefix'].some((part) => name[part]),
            'A name needs formatted_name and one more part.',
          ),
      }),
    )
    .min(1)
    .max(257),
  reaction: z.strictObject({ message_id: z.string().min(1), emoji: z.string() }),
  interactive,
}

export const FREE_FORM_TYPES: readonly string[] = Object.keys(BODIES)
const MEDIA_TYPES = new Set(['image', 'video', 'audio', 'document', 'sticker'])

/**
 * Checks the body of a free-form message.
 *
 * @returns its text, for people who look at what was sent
 * @throws GraphError 131008 missing, 131009 value, 100 unknown key, unknown media or a text too long
 */
export function checkFreeForm(type: string, message: Record<string, unknown>, context: SendContext): string {
  const given = message[type]
  if (given === undefined) throw new GraphError(131008, `Parameter '${type}' is required for message type ${type}.`)
  const checked = BODIES[type]!.safeParse(given)
  if (!checked.success) throw refusalOf(type, given, checked.error.issues[0]!)
  if (MEDIA_TYPES.has(type)) checkMediaSource(given as Record<string, unknown>, type, context)
  const { body: text, caption: below, emoji } = given as Record<string, unknown>
  if (type === 'interactive') return (given as { body?: { text?: string } }).body?.text ?? ''
  return [text, below, emoji].find((part) => typeof part === 'string') ?? ''
}

function refusalOf(type: string, given: unknown, issue: z.core.$ZodIssue): GraphError {
  const place = `Param ${type}${issue.path.map((part) => `['${String(part)}']`).join('')}`
  if (issue.code === 'unrecognized_keys') return new GraphError(100, `Unexpected key "${issue.keys[0]}" on ${place}.`)
  let value: unknown = given
  for (const part of issue.path) value = (value as Record<PropertyKey, unknown> | undefined)?.[part]
  if (value === undefined) return new GraphError(131008, `${place} is required.`)
  if (type === 'text' && issue.code === 'too_big') {
    return new GraphError(100, `${place} must be at most 4096 characters long.`)
  }
  return new GraphError(131009, `${place}: ${issue.message}`)
}
