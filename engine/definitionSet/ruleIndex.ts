import type { CompiledRule } from '../definitionSet.ts'

/** What can happen to a record that rules look at. */
export type OccasionKind =
  'record.created' | 'record.updated' | 'record.deleted' | 'message.received' | 'message.status'

interface Bucket {
  /** Rules that every such event could meet. */
  always: Place[]
  /** Rules that wait for a change of a field. */
  byField: Map<string, Place[]>
}

interface Place {
  order: number
  rule: CompiledRule
  /** Fields that must all have changed. */
  needs: string[]
}

/**
 * Finds the rules that an event could meet without looking at the others: by kind, module and changed field.
 * `field.changed` is about updates: what a new record is born with has not changed.
 *
 * @param rules in the order in which they run
 */
export function indexRules(
  rules: readonly CompiledRule[],
): (kind: OccasionKind, module: string, changed: readonly string[]) => CompiledRule[] {
  const buckets = new Map<string, Bucket>()
  for (const [order, rule] of rules.entries()) {
    for (const kind of kindsOf(rule)) {
      const key = `${kind}/${rule.workflow.module}`
      let bucket = buckets.get(key)
      if (bucket === undefined) buckets.set(key, (bucket = { always: [], byField: new Map() }))
      place(bucket, rule, order)
    }
  }
  return (kind, module, changed) => {
    const bucket = buckets.get(`${kind}/${module}`)
    return bucket === undefined ? [] : found(bucket, changed).map(({ rule }) => rule)
  }
}

function kindsOf({ workflow: { trigger } }: CompiledRule): OccasionKind[] {
  switch (trigger.on) {
    case 'record.saved':
      return ['record.created', 'record.updated']
    case 'field.changed':
      return ['record.updated']
    case 'date':
    case 'schedule':
      return []
    case 'record.created':
    case 'record.updated':
    case 'record.deleted':
    case 'message.received':
    case 'message.status':
      return [trigger.on]
  }
}

function place(bucket: Bucket, rule: CompiledRule, order: number): void {
  const { trigger } = rule.workflow
  if (trigger.on !== 'field.changed') {
    bucket.always.push({ order, rule, needs: [] })
    return
  }
  const fields = [...new Set(trigger.fields.map(({ field }) => field))]
  // When all must change, finding it by one of them is enough.
  const [keys, needs] = trigger.match === 'all' ? [fields.slice(0, 1), fields] : [fields, []]
  for (const field of keys) {
    const there = bucket.byField.get(field)
    if (there === undefined) bucket.byField.set(field, [{ order, rule, needs }])
    else there.push({ order, rule, needs })
  }
}

function found({ always, byField }: Bucket, changed: readonly string[]): Place[] {
  if (byField.size === 0) return always
  const waiting = new Map<number, Place>()
  for (const field of changed) {
    for (const place of byField.get(field) ?? []) {
      if (place.needs.every((need) => changed.includes(need))) waiting.set(place.order, place)
    }
  }
  if (waiting.size === 0) return always
  return [...always, ...waiting.values()].sort((a, b) => a.order - b.order)
}
