import { z } from 'zod'
import type { Json } from '#definitions/json.ts'
import { InvalidInput } from '#engine/errors.ts'
import type { RecordEvent } from '#engine/trigger.ts'
import {
  eventId,
  moduleInput,
  recordIdInput,
  toRecordEvent,
  valuesInput,
  type EventScope,
  type Places,
} from './recordEvent.ts'
import { fingerprint } from './fingerprint.ts'
import { problemsOf, refusal, type InputProblem } from './inputProblem.ts'
import { instantInput } from './instant.ts'
import { isPlainObject } from './jsonSize.ts'
import { ZOHO_SOURCE } from './zoho.ts'

/**
 * What an admin lets a Zoho workflow send, as JSON or as a form: the module, the record's id (`${!Leads.Lead Id}`), and
 * any fields beside them or under `values`.
 */
export const zohoWorkflowBody = z
  .object({
    module: moduleInput,
    recordId: recordIdInput,
    operation: z
      .enum(['created', 'updated', 'saved', 'deleted'], 'Use created, updated, saved or deleted.')
      .default('saved')
      .describe('`saved` when left out: created or updated, as we know the record or not.'),
    eventId: eventId.max(480).optional().describe('Makes posting the same event again safe.'),
    occurredAt: instantInput.optional(),
    values: valuesInput.optional(),
  })
  .catchall(z.unknown())

/**
 * Reads a webhook that a Zoho workflow rule posts. The route has checked its secret (`verifySecret`).
 *
 * Zoho gives no event id. With `eventId`, or with a `Modified_Time` among the fields, posting the same again is
 * recognised; without either each post is an event of its own, because the same values may well be saved twice.
 * Source: Zoho, CRM help, "Configuring webhooks".
 *
 * @param body what JSON.parse or the form parser gave; a form field given several times is an array
 * @throws InvalidInput with every problem in `details.problems`
 */
export function parseZohoWorkflow(body: unknown, context: EventScope): RecordEvent[] {
  // A form parser's object has no prototype, and that is plain too.
  if (!isPlainObject(body)) throw new InvalidInput('Send a JSON object or a form.', { pointer: '' })
  const parsed = zohoWorkflowBody.safeParse(withRecordId(body), { reportInput: true })
  if (!parsed.success) throw refusal(problemsOf(parsed.error, 0), 1)
  const { module, recordId, operation, eventId: id, occurredAt, values: nested, ...beside } = parsed.data
  const values = { ...beside, ...nested }
  const problems: InputProblem[] = []
  const event = toRecordEvent(
    { id: id ?? 'not yet', type: `record.${operation}`, module, recordId, occurredAt, values },
    places,
    0,
    { ...context, defaultSource: ZOHO_SOURCE },
    problems,
  )
  if (problems.length > 0) throw refusal(problems, 1)
  return [{ ...event, sourceId: `workflow:${id ?? ownId(event, context)}` }]
}

function ownId(event: RecordEvent, { now }: EventScope): string {
  const when: Json = event.values.Modified_Time ?? event.values.modified_time ?? now
  return fingerprint(event.module, event.recordId, event.op, event.values, when)
}

/** Forms and older rules say `record_id` or `id`. */
function withRecordId(body: Record<string, unknown>): Record<string, unknown> {
  const { id, record_id: underscored, recordId, ...rest } = body
  const given = recordId ?? underscored ?? id
  return given === undefined ? rest : { ...rest, recordId: given }
}

const places: Places = {
  source: '/source',
  module: '/module',
  occurredAt: '/occurredAt',
  values: '/values',
  previous: '/previous',
}
