import type { Values } from '#definitions/json.ts'
import type { RecordEvent } from '#engine/trigger.ts'
import type { World } from './world.ts'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS

/** Writes a record as the CRM does: now and then late, or twice. */
export type PostRecord = (op: RecordEvent['op'], module: string, recordId: string, values: Values) => void

export function crmOf(world: World): PostRecord {
  const random = world.desk
  let count = 0
  return (op, module, recordId, values) => {
    const late = random.chance(0.1) ? random.next() * 2 * HOUR_MS : 0
    const event: RecordEvent = {
      kind: 'record',
      source: 'crm',
      sourceId: `desk-${count++}`,
      occurredAt: Math.round(world.time.now - late),
      op,
      module,
      recordId,
      values,
      mode: 'merge',
      actor: 'crm-sync',
    }
    world.post(event)
    if (random.chance(0.1)) world.time.after(random.next() * HOUR_MS, () => world.post(event))
  }
}

/** From yesterday to a week from now, in Tokyo. */
export function someDate(world: World): string {
  const days = Math.floor(world.desk.next() * 9) - 1
  return new Date(world.time.now + 9 * HOUR_MS + days * DAY_MS).toISOString().slice(0, 10)
}
