import type { Draft } from '../decide/draft.ts'
import { runningOf } from '../decide/instances.ts'
import { versionedKey } from '../instance.ts'
import type { Cause, RecordEvent, Trigger } from '../trigger.ts'

/** Where the events come from by which a blueprint tells the record its own moves. */
export const BLUEPRINT_SOURCE = 'denrei:blueprint'

/** Whether this blueprint itself told the record so. It has been looked at when it was decided. @param key `blueprint/deal-desk` */
export function isEchoOf({ source, causedBy }: Pick<Trigger, 'source' | 'causedBy'>, key: string): boolean {
  const last = causedBy?.at(-1)
  return source === BLUEPRINT_SOURCE && last !== undefined && isOf(last, key)
}

/** Of any version. @param key `blueprint/deal-desk` */
export function isOf({ definition }: Cause, key: string): boolean {
  return definition.startsWith(`${key}@`)
}

/**
 * A record event without what is old news in it. When a blueprint has told the record a state, the record may have moved on before
 * that is decided: by the next transition, or because the CRM wrote the field meanwhile. Then the instance knows better, and the
 * record would else say for ever what is no longer so.
 */
export function withoutOldNews(draft: Draft<RecordEvent & Trigger>): RecordEvent & Trigger {
  const { trigger, definitions } = draft
  if (trigger.source !== BLUEPRINT_SOURCE) return trigger
  const [instance] = runningOf(draft, trigger.module, trigger.recordId, 'blueprint')
  if (instance === undefined || !isEchoOf(trigger, instance.definition)) return trigger
  const field = definitions.blueprints.get(versionedKey(instance))?.blueprint.field
  if (field === undefined || !Object.hasOwn(trigger.values, field)) return trigger
  if (trigger.values[field] === instance.position) return trigger
  const values = Object.fromEntries(Object.entries(trigger.values).filter(([name]) => name !== field))
  return { ...trigger, values }
}
