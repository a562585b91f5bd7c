import type { Instant } from '#engine/clock.ts'
import type { SendIntent } from '#engine/message.ts'
import type { WorldEvent } from '#engine/trigger.ts'
import { troubleAt, troubleOfError, type ErrorTrouble } from '#engine/troubles.ts'
import type { GraphRefused } from './whatsapp/graph.ts'
import { reasonOf, ruleOf } from './whatsappErrors.ts'

/** Where and when a message was refused. */
export interface RefusedWhere {
  now: Instant
  /** The WhatsApp Business Account of the number; null when it is not known. */
  accountId: string | null
}

/** Source: Meta, Cloud API, error 131050: the person chose to get no more marketing from this business. */
export function optOut(intent: SendIntent, now: Instant): WorldEvent {
  return {
    kind: 'consent',
    source: 'whatsapp',
    sourceId: `opt-out:${intent.id}`,
    occurredAt: now,
    who: {
      ...(intent.to.phone === undefined ? {} : { phone: intent.to.phone }),
      ...(intent.to.bsuid === undefined ? {} : { bsuid: intent.to.bsuid }),
    },
    scope: 'marketing',
    direction: 'out',
    by: 'error',
    proof: 'whatsapp_131050',
  }
}

/** The state of the template that the refusal gives away. */
export function templateEvent(
  id: string,
  { name, as = name, language }: NonNullable<SendIntent['template']>,
  status: string,
  refused: GraphRefused,
  accountId: string,
  now: Instant,
): WorldEvent {
  return {
    kind: 'template',
    source: 'whatsapp',
    sourceId: `template-refused:${id}:${now}`,
    occurredAt: now,
    accountId,
    name: as,
    language,
    status,
    reason: `${reasonOf(refused)}: ${refused.details}`,
  }
}

const MINUTE_MS = 60_000

/**
 * What a refusal says about the account or the number. Once a minute for each number, code and wording: a thousand refusals say it
 * no better, and the minute also dates it, because the same id must have the same content.
 */
export function troubleEvents(
  intent: SendIntent,
  refused: GraphRefused,
  { accountId, now }: RefusedWhere,
): WorldEvent[] {
  const { class: kind } = ruleOf(refused)
  const told = refused.code === null ? null : troubleOfError(refused.code)
  // A code nobody listed, or none at all, that is about the account or the number all the same: an admin is told of that.
  const trouble = told ?? (kind === 'fix_account' ? PERMISSION : kind === 'fix_number' ? UNREADY : null)
  if (accountId === null || trouble === null) return []
  const at = Math.floor(now / MINUTE_MS) * MINUTE_MS
  const detail = refused.details.slice(0, WORDS_MAX)
  const { numberId } = intent
  return [
    {
      kind: 'account',
      source: 'whatsapp',
      sourceId: `send-refused:${numberId ?? ''}:${reasonOf(refused)}:${at}:${detail}`,
      occurredAt: at,
      accountId,
      field: 'send_refused',
      value: { numberId, reason: reasonOf(refused) },
      says: [
        {
          about: 'trouble',
          ...(trouble.of === 'number' && numberId !== null && { numberId }),
          trouble: troubleAt(trouble, at, `${reasonOf(refused)}: ${detail}`),
        },
      ],
    },
  ]
}

/** The words of a refusal are part of an event's id, which has a bound. */
const WORDS_MAX = 200
const PERMISSION: ErrorTrouble = { of: 'account', code: 'permission_missing', stops: 'all', againMs: 15 * MINUTE_MS }
const UNREADY: ErrorTrouble = { of: 'number', code: 'number_restricted', stops: 'all', againMs: 15 * MINUTE_MS }

/** WhatsApp gives this person no more marketing for now: other messages to them need not be tried. */
export function withheld(intent: SendIntent, refused: GraphRefused, { accountId, now }: RefusedWhere): WorldEvent {
  const { phone, bsuid } = intent.to
  return {
    kind: 'account',
    source: 'whatsapp',
    sourceId: `withheld:${intent.id}:${now}`,
    occurredAt: now,
    accountId: accountId ?? '',
    field: 'send_refused',
    value: { numberId: intent.numberId, reason: reasonOf(refused) },
    says:
      refused.code === null
        ? []
        : [
            {
              about: 'person',
              who: { ...(phone !== undefined && { phone }), ...(bsuid !== undefined && { bsuid }) },
              error: refused.code,
            },
          ],
  }
}

/** WhatsApp knows the template otherwise than we do. Source: Meta, Cloud API, errors 132000 (parameters) and 132001 (not found). */
const STALE_TEMPLATE: ReadonlySet<number | null> = new Set([132000, 132001])

/** Asks for the template to be read again: field `template_stale`, once a minute for each. */
export function staleTemplate(
  { template }: SendIntent,
  refused: GraphRefused,
  { accountId, now }: RefusedWhere,
): WorldEvent[] {
  if (template === null || !STALE_TEMPLATE.has(refused.code)) return []
  const { name, as = name, language } = template
  const at = Math.floor(now / MINUTE_MS) * MINUTE_MS
  return [
    {
      kind: 'account',
      source: 'whatsapp',
      sourceId: `template-stale:${as}/${language}:${reasonOf(refused)}:${at}`,
      occurredAt: at,
      accountId: accountId ?? '',
      field: 'template_stale',
      value: { name: as, language, reason: reasonOf(refused) },
      says: [{ about: 'template', name: as, language }],
    },
  ]
}
