import { z } from 'zod'
import type { Json, Values } from '#definitions/json.ts'
import { InvalidInput, NotAuthentic } from '#engine/errors.ts'
import type { RecordEvent } from '#engine/trigger.ts'
import { sameSecret } from './constantTime.ts'
import { adder, checkMeaning, type EventScope } from './recordEvent.ts'
import { fingerprint } from './fingerprint.ts'
import { problemsOf, refusal, type InputProblem } from './inputProblem.ts'
import { webhookInstant } from './instant.ts'
import { isPlainObject } from './jsonSize.ts'

export const ZOHO_SOURCE = 'zoho'
/** Most records of one notification. */
export const IDS_MAX = 10_000

/** The secret that was given to Zoho when the channel was opened. Without a channel it is good for all of them. */
export interface ZohoToken {
  channelId?: string
  token: string
}

/** Zoho writes record ids as strings of 18 or 19 digits; as JSON numbers they would have lost digits already. */
const recordId = z.string('Record ids must be strings: numbers of this length lose digits.').min(1).max(200)

const notification = z.looseObject({
  server_time: z
    .union([z.number(), z.string()])
    .transform((value) => webhookInstant(value))
    .pipe(z.number('Must be epoch milliseconds.')),
  module: z.string().min(1).max(100),
  operation: z.string().max(50),
  channel_id: z.union([z.string(), z.int()]).transform(String),
  ids: z.array(recordId).max(IDS_MAX).optional(),
  affected_values: z
    .array(z.looseObject({ record_id: recordId, values: z.record(z.string(), z.unknown()).nullish() }))
    .max(IDS_MAX)
    .nullish(),
})

/** The model of the API lists create, edit and delete; real callbacks say insert and update. */
const OPS = new Map<string, RecordEvent['op']>([
  ['insert', 'created'],
  ['create', 'created'],
  ['update', 'updated'],
  ['edit', 'updated'],
  ['delete', 'deleted'],
])

/**
 * Reads a callback of Zoho CRM's notification API ("watch"): one event for each record it names. It is not signed; the
 * channel's token in the body is all that proves where it comes from, so that is looked at before anything else.
 *
 * New values only, and only of watched fields: `merge`, and our last known copy gives the old ones.
 * Source: Zoho, CRM API v8, "Notification APIs".
 *
 * @param tokens of the open channels; several while a channel is being renewed
 * @throws NotAuthentic; InvalidInput with every problem in `details.problems`. Neither repeats the token.
 */
export function parseZohoNotification(body: unknown, tokens: readonly ZohoToken[], context: EventScope): RecordEvent[] {
  verifyToken(body, tokens)
  const parsed = notification.safeParse(body, { reportInput: true })
  if (!parsed.success) throw refusal(problemsOf(parsed.error, 0), 1)
  const { server_time: occurredAt, module, operation, channel_id: channelId } = parsed.data
  const values = valuesById(parsed.data)
  const op = OPS.get(operation.toLowerCase())

  const problems: InputProblem[] = []
  const add = adder(0, problems)
  if (op === undefined) add('/operation', 'invalid', 'Use insert, create, update, edit or delete.')
  if (values.size === 0) add('/ids', 'missing', 'Names no record.')
  checkMeaning({ module, occurredAt }, places, context, add)
  for (const one of values.values()) checkMeaning({ values: one }, places, context, add)
  if (op === undefined || problems.length > 0) throw refusal(problems, 1)

  return [...values].map(([id, fields]) => ({
    kind: 'record',
    source: ZOHO_SOURCE,
    // Zoho gives no event id. The values are part of ours: two edits can fall into one millisecond.
    sourceId: `notification:${fingerprint(channelId, occurredAt, module, id, op, fields as Json)}`,
    occurredAt,
    op,
    module,
    recordId: id,
    values: fields as Values,
    mode: 'merge',
  }))
}

const places = {
  source: '',
  module: '/module',
  occurredAt: '/server_time',
  values: '/affected_values',
  previous: '',
}

/** @throws NotAuthentic */
function verifyToken(body: unknown, tokens: readonly ZohoToken[]): void {
  if (tokens.length === 0) {
    throw new NotAuthentic(
      'No Zoho channel token is configured. Configure the token given when the channel was opened.',
    )
  }
  if (!isPlainObject(body)) throw new InvalidInput('A Zoho notification is a JSON object.', { pointer: '' })
  const { token } = body
  const channelId = typeof body.channel_id === 'number' ? String(body.channel_id) : body.channel_id
  if (typeof token !== 'string' || token === '') {
    throw new NotAuthentic('The Zoho notification carries no token. Open the channel with one.', { pointer: '/token' })
  }
  const known = tokens.reduce((found, expected) => {
    const sameChannel = expected.channelId === undefined || expected.channelId === channelId
    return (sameSecret(token, expected.token) && sameChannel) || found
  }, false)
  if (!known) {
    throw new NotAuthentic('The token of the Zoho notification is not the one configured for its channel.', {
      pointer: '/token',
    })
  }
}

/** Every record of the notification once, in its order, with what is told of its fields. */
function valuesById({ ids, affected_values: affected }: z.infer<typeof notification>) {
  const values = new Map<string, Record<string, unknown>>((ids ?? []).map((id) => [id, {}]))
  for (const { record_id: id, values: fields } of affected ?? []) values.set(id, { ...values.get(id), ...fields })
  return values
}
