import type { JourneyTrigger } from '#definitions/definitions.ts'

/** What can happen to a record that definitions look at. */
export type OccasionKind =
  'record.created' | 'record.updated' | 'record.deleted' | 'message.received' | 'message.status'

/** Something that a trigger sets off. */
export interface Triggered<T> {
  one: T
  module: string
  trigger: JourneyTrigger
  /** Of a `condition`: the fields without whose change a record cannot come to match; null: anything may do it. */
  fields?: readonly string[] | null
}

interface Bucket<T> {
  /** Those that every such event could meet. */
  always: Place<T>[]
  /** Those that wait for a change of a field. */
  byField: Map<string, Place<T>[]>
}

interface Place<T> {
  order: number
  one: T
  /** Fields that must all have changed. */
  needs: readonly string[]
}

/**
 * Finds what an event could set off without looking at the others: by kind, module and changed field.
 * `field.changed` is about updates: what a new record is born with has not changed.
 *
 * @param all in the order in which they run
 */
export function indexTriggers<T>(
  all: readonly Triggered<T>[],
): (kind: OccasionKind, module: string, changed: readonly string[]) => T[] {
  const buckets = new Map<string, Bucket<T>>()
  for (const [order, triggered] of all.entries()) {
    for (const kind of kindsOf(triggered.trigger)) {
      const key = `${kind}/${triggered.module}`
      let bucket = buckets.get(key)
      if (bucket === undefined) buckets.set(key, (bucket = { always: [], byField: new Map() }))
      place(bucket, triggered, kind, order)
    }
  }
  return (kind, module, changed) => {
    const bucket = buckets.get(`${kind}/${module}`)
    return bucket === undefined ? [] : found(bucket, changed).map(({ one }) => one)
  }
}

function kindsOf(trigger: JourneyTrigger): OccasionKind[] {
  switch (trigger.on) {
    case 'record.saved':
    case 'condition':
      return ['record.created', 'record.updated']
    case 'field.changed':
      return ['record.updated']
    case 'date':
    case 'schedule':
    case 'manual':
      return []
    case 'record.created':
    case 'record.updated':
    case 'record.deleted':
    case 'message.received':
    case 'message.status':
      return [trigger.on]
  }
}

function place<T>(bucket: Bucket<T>, triggered: Triggered<T>, kind: OccasionKind, order: number): void {
  const { one, trigger } = triggered
  const fields = fieldsOf(triggered, kind)
  if (fields === null) {
    bucket.always.push({ order, one, needs: [] })
    return
  }
  // When all must change, finding it by one of them is enough.
  const all = trigger.on === 'field.changed' && trigger.match === 'all'
  const [keys, needs] = all ? [fields.slice(0, 1), fields] : [fields, []]
  for (const field of keys) {
    const there = bucket.byField.get(field)
    if (there === undefined) bucket.byField.set(field, [{ order, one, needs }])
    else there.push({ order, one, needs })
  }
}

/** The fields whose change it waits for; null when it waits for none. */
function fieldsOf<T>({ trigger, fields = null }: Triggered<T>, kind: OccasionKind): readonly string[] | null {
  if (trigger.on === 'field.changed') return [...new Set(trigger.fields.map(({ field }) => field))]
  return trigger.on === 'condition' && kind === 'record.updated' ? fields : null
}

function found<T>({ always, byField }: Bucket<T>, changed: readonly string[]): Place<T>[] {
  if (byField.size === 0) return always
  const waiting = new Map<number, Place<T>>()
  for (const field of changed) {
    for (const place of byField.get(field) ?? []) {
      if (place.needs.every((need) => changed.includes(need))) waiting.set(place.order, place)
    }
  }
  if (waiting.size === 0) return always
  return [...always, ...waiting.values()].sort((a, b) => a.order - b.order)
}
