import type { Clock } from '#engine/clock.ts'
import type { WorkIntent } from '#engine/message.ts'

/** A call under way for longer than this is slow. */
const SLOW_MS = 2000
/** How long a row of a crowding definition steps aside. */
export const ASIDE_MS = 5000

/**
 * Keeps one definition's slow work (a webhook whose host hangs) from taking all places: when a quarter of them are held by
 * its slow calls, its further rows step aside for a while. Work that is quick is never held back.
 */
export interface Crowding {
  /** @returns to be called when the call has ended */
  enter(intent: WorkIntent): () => void
  crowds(intent: WorkIntent): boolean
}

export function createCrowding(clock: Clock, slots: number): Crowding {
  const underWay = new Map<string, Set<{ startedAt: number }>>()
  return {
    enter(intent) {
      const key = keyOf(intent)
      const calls = underWay.get(key) ?? new Set()
      underWay.set(key, calls)
      const call = { startedAt: clock.now() }
      calls.add(call)
      return () => {
        calls.delete(call)
        if (calls.size === 0) underWay.delete(key)
      }
    },
    crowds(intent) {
      const slowBefore = clock.now() - SLOW_MS
      let slow = 0
      for (const { startedAt } of underWay.get(keyOf(intent)) ?? []) if (startedAt <= slowBefore) slow++
      return slow >= Math.max(1, slots / 4)
    },
  }
}

/** A new version of a definition most likely calls the same host. */
const keyOf = ({ type, definition }: WorkIntent) => `${type} ${definition.replace(/@\d+$/, '')}`
