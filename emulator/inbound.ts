import { z } from 'zod'
import { bsuidOf, countryOf, waIdOf } from './phone.ts'

/**
 * A message from a user. Exactly one content: `text`, `button`, `interactive`, `media`, `reaction`, `edit`, `revoke`, or `raw` for any other type.
 */
export const inboundSchema = z
  .strictObject({
    /** Phone number, any spelling. Absent for a user with a username whose number is not told. */
    from: z.string().optional(),
    /** For a user without a number: the business-scoped user id. */
    bsuid: z.string().optional(),
    username: z.string().optional(),
    name: z.string().optional(),
    /** Which of the business numbers it goes to; default the first. */
    numberId: z.string().optional(),
    text: z.string().optional(),
    /** A tap on a template's quick reply. */
    button: z.strictObject({ payload: z.string(), text: z.string() }).optional(),
    interactive: z.looseObject({ type: z.string() }).optional(),
    media: z
      .strictObject({
        type: z.enum(['image', 'video', 'audio', 'document', 'sticker']),
        /** An uploaded file; without it a small image is put in the store. */
        id: z.string().optional(),
        caption: z.string().optional(),
        filename: z.string().optional(),
      })
      .optional(),
    reaction: z.strictObject({ message_id: z.string(), emoji: z.string() }).optional(),
    /** The user changes the text of a message, or takes one back. */
    edit: z.strictObject({ original_message_id: z.string(), text: z.string() }).optional(),
    revoke: z.strictObject({ original_message_id: z.string() }).optional(),
    /** Any type, known or not: `{"type":"poll","poll":{...}}`. */
    raw: z.looseObject({ type: z.string() }).optional(),
    /** The message of ours it answers. */
    contextId: z.string().optional(),
    /** The user came by an ad. */
    referral: z.looseObject({}).optional(),
  })
  .refine(({ from, bsuid }) => from !== undefined || bsuid !== undefined, 'Say who writes: from or bsuid.')
  .refine(
    ({ text, button, interactive, media, reaction, edit, revoke, raw }) =>
      [text, button, interactive, media, reaction, edit, revoke, raw].filter((content) => content !== undefined)
        .length === 1,
    'Give exactly one of text, button, interactive, media, reaction, edit, revoke, raw.',
  )
export type Inbound = z.infer<typeof inboundSchema>

/** Types that do not open a customer service window. */
const CLOSED_TYPES = new Set(['reaction', 'system', 'edit', 'revoke', 'unsupported', 'request_welcome'])

export interface InboundMessage {
  /** The user as windows and limits know them. */
  user: string
  opensWindow: boolean
  byAd: boolean
  value: object
}

/** The `messages` value of a user's message. Source: Meta, Cloud API, "messages webhook reference". */
export function inboundMessage(
  inbound: Inbound,
  facts: { id: string; at: number; metadata: object; businessDigits: string; mediaOf: (inbound: Inbound) => object },
): InboundMessage {
  const digits = inbound.from?.replace(/\D/g, '')
  const waId = digits === undefined ? '' : waIdOf(digits)
  const userId = inbound.bsuid ?? bsuidOf(waId)
  const country = waId === '' ? userId.slice(0, 2) : countryOf(waId)
  const content = contentOf(inbound, facts.mediaOf)
  return {
    user: waId === '' ? userId : waId,
    opensWindow: !CLOSED_TYPES.has(content.type),
    byAd: inbound.referral !== undefined,
    value: {
      messaging_product: 'whatsapp',
      metadata: facts.metadata,
      contacts: [
        {
          profile: {
            name: inbound.name ?? inbound.username ?? waId,
            ...(inbound.username === undefined ? {} : { username: inbound.username }),
            country_code: country,
          },
          wa_id: waId,
          user_id: userId,
        },
      ],
      messages: [
        {
          ...(inbound.contextId === undefined
            ? {}
            : { context: { from: facts.businessDigits, id: inbound.contextId } }),
          from: waId,
          from_user_id: userId,
          id: facts.id,
          timestamp: String(Math.floor(facts.at / 1000)),
          ...content,
          ...(inbound.referral === undefined ? {} : { referral: inbound.referral }),
        },
      ],
    },
  }
}

function contentOf(inbound: Inbound, mediaOf: (inbound: Inbound) => object): { type: string; [part: string]: unknown } {
  const { text, button, interactive, media, reaction, edit, revoke, raw } = inbound
  if (text !== undefined) return { type: 'text', text: { body: text } }
  if (button !== undefined) return { type: 'button', button }
  if (interactive !== undefined) return { type: 'interactive', interactive }
  if (edit !== undefined) {
    const message = { type: 'text', text: { body: edit.text } }
    return { type: 'edit', edit: { original_message_id: edit.original_message_id, message } }
  }
  if (revoke !== undefined) return { type: 'revoke', revoke }
  if (reaction !== undefined) return { type: 'reaction', reaction }
  if (media !== undefined) return { type: media.type, [media.type]: mediaOf(inbound) }
  return raw!
}
