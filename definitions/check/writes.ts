import { canonicalJson } from '../canonical.ts'
import type { Action, BuiltinAction } from '../definitions.ts'
import type { Json } from '../json.ts'
import { mergeFieldsIn } from '../mergeField.ts'
import type { Place } from '../report.ts'

/** A value known before anything runs, or one that is only known then. */
export type Known = { constant: Json } | 'unknown'

/** What an action does that can set off a rule. */
export interface Write {
  kind: 'update' | 'create' | 'send'
  module: string
  /** By API name. For `send`: what a condition sees at a path of the fact `message`. */
  values: ReadonlyMap<string, Known>
  /** Whether a field that is not listed is surely empty: a new record has only what it was made with. */
  complete: boolean
  /** Tags put on (`+vip`) or taken off (`-vip`). */
  tags: readonly string[]
  place: Place
}

/** What a list of actions writes. */
export function writesOf(module: string, actions: readonly Action[] | undefined, place: Place): Write[] {
  return (actions ?? []).flatMap((action, index) => writeOf(module, action, [...place, index]))
}

/** That a template is sent. */
export function sendingOf(module: string, template: string, place: Place): Write {
  const values = new Map([['$.template', { constant: template }]])
  return { kind: 'send', module, values, complete: false, tags: [], place }
}

function writeOf(module: string, someAction: Action, place: Place): Write[] {
  const action = someAction as BuiltinAction
  const update = { kind: 'update' as const, module, complete: false, tags: [], place }
  switch (action.type) {
    case 'updateRecord':
      return [{ ...update, values: knownValues(action.set) }]
    case 'createRecord':
      return [{ ...update, kind: 'create', module: action.module, values: knownValues(action.set), complete: true }]
    case 'createTask':
      return [{ ...update, kind: 'create', module: 'Tasks', values: new Map() }]
    case 'addTags':
    case 'removeTags': {
      const sign = action.type === 'addTags' ? '+' : '-'
      const tags = action.tags.map((tag) => `${sign}${tag}`)
      return [{ ...update, values: new Map([['Tag', 'unknown' as const]]), tags }]
    }
    case 'assignOwner': {
      const [user, another] = action.users
      const owner: Known = user === undefined || another !== undefined ? 'unknown' : { constant: user }
      return [{ ...update, values: new Map([['Owner', owner]]) }]
    }
    case 'sendTemplate':
      return [sendingOf(module, action.template, place)]
    case 'callWebhook':
    case 'notify':
    default:
      return [] // Nothing that comes back to us as a change of a record or a status of a message.
  }
}

function knownValues(set: Record<string, Json>): Map<string, Known> {
  return new Map(
    Object.entries(set).map(([name, value]) => [
      name,
      mergeFieldsIn(value).fields.length > 0 ? 'unknown' : { constant: value },
    ]),
  )
}

/**
 * Whether doing all these writes again and again changes a field only once: they all put the same constant into it, or
 * none takes off a tag that another puts on.
 */
export function settles(writes: readonly Write[], module: string, field: string): boolean {
  const own = writes.filter((write) => write.kind === 'update' && write.module === module && write.values.has(field))
  if (own.length > 0 && own.every((write) => write.tags.length > 0)) {
    const tags = new Set(own.flatMap((write) => write.tags))
    return [...tags].every((tag) => !tags.has(`${tag.startsWith('+') ? '-' : '+'}${tag.slice(1)}`))
  }
  const values = own.map((write) => write.values.get(field)!)
  const texts = new Set(values.map((known) => (known === 'unknown' ? null : canonicalJson(known.constant))))
  return texts.size === 1 && !texts.has(null)
}
