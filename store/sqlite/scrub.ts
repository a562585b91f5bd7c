import type { Json } from '#definitions/json.ts'
import type { Instant } from '#engine/clock.ts'
import type { Trace } from '#engine/decision.ts'
import type { Intent } from '#engine/message.ts'
import type { Timer } from '#engine/parkedTimer.ts'

/** Who is to be forgotten. */
export interface Forgotten {
  /** Every spelling: E.164, WhatsApp's digits, BSUID. */
  addresses: ReadonlySet<string>
  records: { module: string; recordId: string }[]
  /** Ids of the places of those records in blueprints and journeys. */
  instances: ReadonlySet<string>
}

/** What stays of an event about a person who was erased: enough to know it when it comes again. */
export interface Stub {
  kind: string
  source: string
  sourceId: string
  occurredAt: Instant
  /** That a timer came due, and of which definition. */
  timer?: object
  erased: true
}

type Fields = Record<string, Json>

/**
 * Texts of which at least one stands in every JSON that names the person. Short ones first: what contains another adds nothing.
 * @param also further ids to look for
 */
export function needlesOf({ addresses, records }: Forgotten, also: Iterable<string> = []): string[] {
  const quoted = [...records.map(({ recordId }) => recordId), ...also].map((id) => JSON.stringify(id))
  const all = [...new Set([...[...addresses].map((one) => one.replace(/^\+/, '')), ...quoted])].filter(
    (one) => one !== '',
  )
  return all.filter((one) => !all.some((other) => other !== one && one.includes(other)))
}

export function isStub(event: object): event is Stub {
  return 'erased' in event && event.erased === true
}

/** @returns the event as it may stay: a stub when it is about the person, without the person where it only names them; null: as it is */
export function scrubEvent(event: Fields, who: Forgotten): { event: Fields; about: boolean } | null {
  if (isStub(event)) return null
  if (isAbout(event, who)) return { event: stubOf(event) as unknown as Fields, about: true }
  const scrubbed = without(event, who)
  return scrubbed === event ? null : { event: scrubbed as Fields, about: false }
}

export function stubOf(event: Fields): Stub {
  const { kind, source, sourceId, occurredAt } = event as unknown as Stub
  const timer = isFields(event['timer']) ? { timer: scrubTimer(event['timer'] as unknown as Timer) } : {}
  return { kind, source, sourceId, occurredAt, ...timer, erased: true }
}

function isAbout(event: Fields, who: Forgotten): boolean {
  const parts = [event, event['timer'], event['command'], event['from'], event['recipient'], event['who']]
  return parts.filter(isFields).some((part) => isOfRecord(part, who) || isOfAddress(part, who))
}

function isOfRecord({ module, recordId }: Fields, { records }: Forgotten): boolean {
  return records.some((one) => one.module === module && one.recordId === recordId)
}

function isOfAddress({ phone, waId, bsuid }: Fields, { addresses }: Forgotten): boolean {
  return [phone, waId, bsuid].some((one) => typeof one === 'string' && addresses.has(one))
}

/** Whether a text somewhere in it is an address of the person. */
export function names(value: Json, who: Forgotten): boolean {
  return without(value, who) !== value
}

/** The trace without what was seen of the person; the same one when it holds nothing of that. */
export function scrubTrace(trace: Trace, who: Forgotten): Trace {
  const ids = new Set(who.records.map(({ recordId }) => recordId))
  const rules = trace.rules.map((rule) =>
    rule.recordId !== undefined && ids.has(rule.recordId) ? { ...rule, recordId: '', leaves: [] } : rule,
  )
  const instances = trace.instances?.map((one) =>
    one.instanceId !== null && who.instances.has(one.instanceId) ? { ...one, leaves: [] } : one,
  )
  const same = rules.every((rule, index) => rule === trace.rules[index])
  const sameInstances = instances?.every((one, index) => one === trace.instances?.[index]) ?? true
  const rest = same && sameInstances ? trace : { ...trace, rules, ...(instances && { instances }) }
  return without(rest as unknown as Json, who) as unknown as Trace
}

/** An intent of which only stays what money and counting need. */
export function scrubIntent(intent: Intent): Intent {
  if (intent.kind === 'work') return { ...intent, recordId: '', payload: {} }
  const { text, ...rest } = intent
  return {
    ...rest,
    recordId: '',
    to: { raw: '' },
    parameters: null,
    zone: null,
    consent: null,
    ...(text !== undefined && { text: { body: null } }),
  }
}

/** A timer that tells no more than what it was. */
export function scrubTimer(timer: Timer): Timer {
  const scrubbed = { ...timer, recordId: '', causedBy: [] }
  if (scrubbed.kind === 'later') return { ...scrubbed, later: {} }
  return scrubbed.kind === 'date' ? { ...scrubbed, anchor: '' } : scrubbed
}

/** Addresses become empty texts, and ids of the records leave the lists they are in; the same value when there are none. */
function without(value: Json, who: Forgotten): Json {
  if (typeof value === 'string') return who.addresses.has(value) ? '' : value
  if (Array.isArray(value)) {
    const parts = value.map((one) => without(one, who))
    return parts.every((part, index) => part === value[index]) ? value : parts
  }
  if (!isFields(value)) return value
  let changed = false
  const fields: Fields = {}
  for (const [name, one] of Object.entries(value)) {
    const isList = (name === 'recordIds' || name === 'ids') && Array.isArray(one)
    const part = isList ? withoutRecords(one, who) : without(one, who)
    changed ||= part !== one
    fields[name] = part
  }
  return changed ? fields : value
}

function withoutRecords(ids: Json[], { records }: Forgotten): Json[] {
  const kept = ids.filter((id) => !records.some(({ recordId }) => recordId === id))
  return kept.length === ids.length ? ids : kept
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
