import { z } from 'zod'
import type { TemplateNode } from '#actions/whatsapp/answers.ts'
import { WhatsAppAnswerInvalid } from '#actions/whatsapp/faults.ts'
import type { Json } from '#definitions/json.ts'
import { fillParameters, parametersIn } from '#definitions/templateText.ts'
import { InvalidInput } from '#engine/errors.ts'

const text = z.string().optional()
const button = z.looseObject({
  type: z.string().transform((type) => type.toUpperCase()),
  text,
  url: text,
  phone_number: text,
  example: z.unknown().optional(),
  flow_id: z.union([z.string(), z.number()]).transform(String).optional(),
  flow_action: text,
  navigate_screen: text,
})
const component = z.looseObject({
  type: z.string().transform((type) => type.toUpperCase()),
  format: text,
  text,
  example: z.record(z.string(), z.unknown()).optional().catch(undefined),
  buttons: z.array(button).optional(),
  add_security_recommendation: z.boolean().optional(),
  code_expiration_minutes: z.number().optional(),
})
type Component = z.infer<typeof component>
type Button = z.infer<typeof button>

/** A definition as a person would begin it, and what is left to them. */
export interface TakenOver {
  definition: { [key: string]: Json }
  /** Parameters that have no merge field yet: WhatsApp does not know of our records. */
  withoutValue: string[]
}

/**
 * Writes a definition from what stands in the account. Applied as it is, it says the same as what WhatsApp has approved, so that
 * nothing is submitted.
 *
 * @throws InvalidInput when the template has parts that definitions do not have (carousels, catalogues, ...)
 */
export function takeOver(node: TemplateNode, module: string): TakenOver {
  const { name, language, category } = node
  const read = z.array(component).safeParse(node.components ?? [])
  if (!read.success) {
    throw new WhatsAppAnswerInvalid(`WhatsApp's template "${name}" is not of the documented shape.`, {
      issues: z.prettifyError(read.error),
    })
  }
  const components = read.data
  const of = (type: string) => components.find((one) => one.type === type)
  const odd = components.find(({ type }) => !['HEADER', 'BODY', 'FOOTER', 'BUTTONS'].includes(type))
  if (odd !== undefined) throw unknownPart(name, odd.type)
  const body = of('BODY')
  if (body?.text === undefined) throw unknownPart(name, 'a body without text')

  const examples: Record<string, string> = samplesOf(body, 'body')
  const ttl = node['message_send_ttl_seconds']
  const start = { kind: 'template', name, language, category, module }
  if (category === 'AUTHENTICATION') {
    return withParameters({ ...start, body: body.text, ...authenticationOf(components) }, body.text, examples)
  }
  const positional = parametersIn(body.text).some(({ name: one }) => /^\d+$/.test(one))
  let count = Math.max(0, ...parametersIn(body.text).map(({ name: one }) => Number(one) || 0))
  let links = 0
  // The variable of a link is numbered by itself at WhatsApp; here a name means one value.
  const nextName = () => (positional ? String(++count) : `link${++links === 1 ? '' : String(links)}`)
  // So is that of the header.
  const header = renumbered(of('HEADER'), positional, nextName)
  Object.assign(examples, samplesOf(header, 'header'))
  const buttons = (of('BUTTONS')?.buttons ?? []).map((one) => buttonOf(name, one, nextName, examples))
  const footer = of('FOOTER')?.text
  const definition = {
    ...start,
    ...headerOf(name, header),
    body: body.text,
    ...(footer === undefined ? {} : { footer }),
    ...(buttons.length === 0 ? {} : { buttons }),
    ...(typeof ttl === 'number' && ttl > 0 ? { timeToLive: `PT${ttl}S` } : {}),
  }
  const urls = buttons.map((one) => (typeof one['url'] === 'string' ? one['url'] : '')).join(' ')
  return withParameters(definition, `${header?.text ?? ''} ${body.text} ${urls}`, examples)
}

function withParameters(
  definition: { [key: string]: Json },
  texts: string,
  examples: Record<string, string>,
): TakenOver {
  const names = [...new Set(parametersIn(texts).map(({ name }) => name))]
  const { header } = definition
  const place = typeof header === 'object' && header !== null && 'latitude' in header ? ['latitude', 'longitude'] : []
  const parameters = Object.fromEntries(names.map((name) => [name, { example: examples[name] ?? name }]))
  return {
    definition: { ...definition, ...(names.length === 0 ? {} : { parameters }) },
    withoutValue: [...names, ...place],
  }
}

const named = z.array(z.looseObject({ param_name: z.string(), example: z.string() }))

/** The samples come back as they were given. */
function samplesOf(part: Component | undefined, kind: 'body' | 'header'): Record<string, string> {
  const { example = {}, text: words = '' } = part ?? {}
  const byName = named.safeParse(example[`${kind}_text_named_params`])
  if (byName.success) return Object.fromEntries(byName.data.map((one) => [one.param_name, one.example]))
  const raw = example[`${kind}_text`]
  const values = z.array(z.string()).safeParse(kind === 'body' && Array.isArray(raw) ? raw[0] : raw)
  if (!values.success) return {}
  const names = [...new Set(parametersIn(words).map(({ name }) => name))].sort((a, b) => Number(a) - Number(b))
  return Object.fromEntries(names.map((name, index) => [name, values.data[index] ?? name]))
}

function renumbered(header: Component | undefined, positional: boolean, nextName: () => string): Component | undefined {
  if (!positional || header?.text === undefined || parametersIn(header.text).length === 0) return header
  const variable = nextName()
  return { ...header, text: fillParameters(header.text, () => `{{${variable}}}`) }
}

function headerOf(name: string, header: Component | undefined): { [key: string]: Json } {
  if (header === undefined) return {}
  const format = (header.format ?? 'TEXT').toUpperCase()
  if (format === 'TEXT') return { header: { type: 'text', text: header.text ?? '' } }
  // Where it is stands in each message; until somebody says, the guards hold none of it for sendable.
  if (format === 'LOCATION') return { header: { type: 'location', latitude: '', longitude: '' } }
  if (!['IMAGE', 'VIDEO', 'DOCUMENT'].includes(format)) throw unknownPart(name, `a header of ${format}`)
  const handles = z.array(z.string()).safeParse(header.example?.['header_handle'])
  // A signed link that expires. It is never sent, and says nothing to a review that is over.
  return { header: { type: format.toLowerCase(), example: handles.data?.[0] ?? 'https://example.com/sample' } }
}

/** @param examples takes the sample of a link's variable */
function buttonOf(
  template: string,
  one: Button,
  nextName: () => string,
  examples: Record<string, string>,
): { [key: string]: Json } {
  const label = one.text ?? ''
  switch (one.type) {
    case 'QUICK_REPLY':
      return { type: 'quick_reply', text: label }
    case 'PHONE_NUMBER':
      return { type: 'phone', text: label, phone: one.phone_number ?? '' }
    case 'COPY_CODE': {
      const example = firstText(one.example) ?? 'CODE'
      return { type: 'copy_code', code: example, example }
    }
    case 'FLOW':
      return {
        type: 'flow',
        text: label,
        flow: one.flow_id ?? '',
        action: (one.flow_action ?? 'navigate').toLowerCase(),
        ...(one.navigate_screen === undefined ? {} : { screen: one.navigate_screen }),
      }
    case 'REQUEST_CONTACT_INFO':
      return { type: 'request_contact_info' }
    case 'URL': {
      const url = one.url ?? ''
      const [found] = parametersIn(url)
      if (found === undefined) return { type: 'url', text: label, url }
      const variable = nextName()
      const fixed = url.slice(0, found.index)
      const whole = firstText(one.example) ?? ''
      examples[variable] = (whole.startsWith(fixed) ? whole.slice(fixed.length) : whole) || variable
      return { type: 'url', text: label, url: `${fixed}{{${variable}}}` }
    }
    default:
      throw unknownPart(template, `a button of ${one.type}`)
  }
}

function authenticationOf(components: readonly Component[]): { [key: string]: Json } {
  const of = (type: string) => components.find((one) => one.type === type)
  const [one] = of('BUTTONS')?.buttons ?? []
  const kind = /otp_type=([A-Z_]+)/.exec(one?.url ?? '')?.[1] ?? 'COPY_CODE'
  const minutes = of('FOOTER')?.code_expiration_minutes
  return {
    authentication: {
      button: kind.toLowerCase(),
      ...(one?.text === undefined ? {} : { text: one.text }),
      securityRecommendation: of('BODY')?.add_security_recommendation === true,
      ...(minutes === undefined ? {} : { codeExpirationMinutes: minutes }),
    },
  }
}

function firstText(value: unknown): string | undefined {
  const first: unknown = Array.isArray(value) ? value[0] : value
  return typeof first === 'string' ? first : undefined
}

function unknownPart(name: string, part: string): InvalidInput {
  return new InvalidInput(
    `The template "${name}" has ${part}, which definitions do not know. It cannot be taken over.`,
    {
      field: 'name',
    },
  )
}
