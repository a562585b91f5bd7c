import type { Json } from '#definitions/json.ts'
import type { TemplateEvent } from '#engine/trigger.ts'
import { fingerprint } from '../fingerprint.ts'
import { webhookInstant } from '../instant.ts'
import { defined, get, idText, occurredAt, text, WHATSAPP_SOURCE, type Place, type Read } from './payload.ts'

/** The fields whose changes this file reads. Changes of a template's components are read in `accountNews.ts`: they name no state. */
export const TEMPLATE_FIELDS: ReadonlySet<string> = new Set([
  'message_template_status_update',
  'message_template_quality_update',
  'template_category_update',
])

/**
 * Reads a change of a template's status, quality or category. By shape, not by field: Meta's own example prints a
 * quality change under the status field.
 *
 * The status is passed on as it is written. Some exist only here (`REINSTATED`, `UNARCHIVED`, `FLAGGED`); they do not
 * say what the REST API would, so they are not sendable until the account has been read again.
 * Source: Meta, WhatsApp Business Management API, "Webhooks".
 */
export function readTemplateUpdate(value: unknown, place: Place): Read<{ event: TemplateEvent; doubt?: string }> {
  const name = text(get(value, 'message_template_name'))
  const language = text(get(value, 'message_template_language'))
  if (name === undefined || language === undefined) return { problem: 'the template update names no template' }
  const changes = defined({
    status: text(get(value, 'event'))?.toUpperCase(),
    // While a new category is only announced (`correct_category`), `new_category` is still the one in force.
    category: text(get(value, 'new_category')) ?? text(get(value, 'message_template_category')),
    quality: text(get(value, 'new_quality_score')),
  })
  if (Object.keys(changes).length === 0) return { problem: 'the template update changes nothing that is known' }
  const { at, doubt } = occurredAt(place.entryTime, place)
  const pauseMs = changes['status'] === 'PAUSED' ? PAUSES_MS[text(get(value, 'other_info', 'title')) ?? ''] : undefined
  return {
    event: {
      kind: 'template',
      source: WHATSAPP_SOURCE,
      sourceId: `template:${fingerprint(place.field, place.accountId, place.entryTime, value as Json)}`,
      occurredAt: at,
      accountId: place.accountId,
      name,
      // `en-US` here, `en_US` in the REST API.
      language: language.replace('-', '_'),
      ...changes,
      ...defined({
        metaId: idText(get(value, 'message_template_id')),
        reason: reasonOf(value),
        pausedUntil: pauseMs === undefined ? undefined : at + pauseMs,
        nextCategory: nextCategoryOf(value),
      }),
      raw: value as Json,
    },
    ...(doubt === undefined ? {} : { doubt }),
  }
}

/** Low quality pauses for 3 hours, then for 6; a pause for pacing ends by hand alone. Source: Meta, "Template pausing". */
const PAUSES_MS: Readonly<Record<string, number>> = { FIRST_PAUSE: 3 * 3_600_000, SECOND_PAUSE: 6 * 3_600_000 }

function nextCategoryOf(value: unknown): TemplateEvent['nextCategory'] {
  const category = text(get(value, 'correct_category'))
  const at = webhookInstant(get(value, 'category_update_timestamp'))
  return category === undefined || at === undefined ? undefined : { category, at }
}

function reasonOf(value: unknown): string | undefined {
  const reason = text(get(value, 'reason'))
  if (reason !== undefined && reason !== 'NONE') return reason
  return text(get(value, 'rejection_info', 'reason')) ?? text(get(value, 'other_info', 'title'))
}
