import { FREE_FORM_TYPES } from './freeForm.ts'
import { GraphError } from './graphError.ts'
import { isObject } from './templateParts.ts'

/** A send as it was asked for, its envelope checked and its content not yet. */
export interface Envelope {
  type: string
  /** As given; null when the user is named by `recipient`. */
  to: string | null
  /** BSUID, when there is no `to`. */
  recipient: string | null
  opaqueId: string | null
  contextId: string | null
  message: Record<string, unknown>
}

const KEYS = new Set([
  ...['messaging_product', 'recipient_type', 'to', 'recipient', 'type', 'context', 'biz_opaque_callback_data'],
  ...['recipient_identity_key_hash', 'template', 'ttl', 'message_activity_sharing', 'product_policy', 'category'],
  ...FREE_FORM_TYPES,
])

/**
 * Checks what every send has.
 *
 * @throws GraphError 100 for an unknown key, a missing product or a callback text over 512 characters; 131008 missing; 131009
 *   value; 131051 unknown type
 * Source: Meta, Cloud API, "Messages" reference.
 */
export function checkEnvelope(body: unknown): Envelope {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    throw new GraphError(100, 'The parameter messaging_product is required.')
  }
  const message = body as Record<string, unknown>
  if (message['messaging_product'] !== 'whatsapp') {
    throw new GraphError(100, "Param messaging_product must be 'whatsapp'.", {
      message: '(#100) The parameter messaging_product is required.',
    })
  }
  const { recipient_type: kind = 'individual', to, recipient, type = 'text', context } = message
  if (typeof type !== 'string' || (type !== 'template' && !FREE_FORM_TYPES.includes(type))) {
    throw new GraphError(131051, `Message type ${JSON.stringify(type)} is not supported.`)
  }
  for (const key in message) if (!KEYS.has(key)) throw new GraphError(100, `Unexpected key "${key}".`)
  if (kind !== 'individual') {
    throw new GraphError(131009, `Param recipient_type must be 'individual'; the emulator has no groups.`)
  }
  if (to === undefined && recipient === undefined) {
    throw new GraphError(131008, "Parameter 'to' or 'recipient' is required.")
  }
  if (to !== undefined && typeof to !== 'string') throw new GraphError(131009, "Param 'to' must be a string.")
  if (recipient !== undefined && typeof recipient !== 'string') {
    throw new GraphError(131009, "Param 'recipient' must be a string.")
  }
  const opaqueId = message['biz_opaque_callback_data'] ?? null
  if (opaqueId !== null && (typeof opaqueId !== 'string' || opaqueId.length > 512)) {
    throw new GraphError(100, 'Param biz_opaque_callback_data must be at most 512 characters long.')
  }
  return {
    type,
    to: to ?? null,
    recipient: to === undefined ? recipient! : null,
    opaqueId,
    contextId: contextOf(context),
    message,
  }
}

function contextOf(context: unknown): string | null {
  if (context === undefined) return null
  const id = isObject(context) ? context['message_id'] : undefined
  if (typeof id !== 'string' || !id.startsWith('wamid.')) {
    throw new GraphError(131009, "Param context['message_id'] must be a message id.")
  }
  return id
}
