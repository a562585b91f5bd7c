import type { Decision } from '#engine/decision.ts'
import type { InstanceTimer } from '#engine/trigger.ts'
import type { World } from './world.ts'

/**
 * Paused definitions move nothing by time: no timer of an instance fires while its definition is paused, and no paused journey
 * wants a message. Asked around each call of the store, so that not even a moment is missed.
 */
export function watchPauses(world: World) {
  const prepared = <T>(sql: string) => world.database.prepare<unknown[], T>(sql)
  const paused = prepared<string>('SELECT definition FROM pausedDefinition').pluck()
  const lastTrigger = prepared<number>('SELECT coalesce(max(seq), 0) FROM inbox').pluck()
  const firedSince = prepared<string>("SELECT event FROM inbox WHERE seq > ? AND source = 'denrei:timer'").pluck()
  let before = 0

  return {
    beforeTimers(): void {
      before = lastTrigger.get() ?? 0
    },
    afterTimers(): void {
      const still = new Set(paused.all())
      if (still.size === 0) return
      for (const event of firedSince.all(before)) {
        const { timer } = JSON.parse(event) as { timer: InstanceTimer }
        if (timer.kind === 'instance' && still.has(keyOf(timer.definition)))
          world.violate('no timer of a paused definition fires', { timer })
      }
    },
    beforeCommit(decisions: Decision[]): void {
      const still = new Set(paused.all())
      for (const { triggerId, changes } of decisions) {
        for (const change of changes) {
          if (change.kind === 'pause') still.add(change.definition)
          if (change.kind === 'resume') still.delete(change.definition)
          if (change.kind !== 'enqueue' || change.intent.kind !== 'sendTemplate') continue
          const { instanceId, definition } = change.intent
          if (instanceId !== undefined && still.has(keyOf(definition)))
            world.violate('a paused journey wants no message', { triggerId, instanceId, definition })
        }
      }
    },
  }
}

const keyOf = (versioned: string): string => versioned.replace(/@\d+$/, '')
