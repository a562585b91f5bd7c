import type { Instant } from '#engine/clock.ts'
import type { WorldEvent } from '#engine/trigger.ts'

export interface Dated {
  at: Instant
  event: WorldEvent
}

/** Events in the order in which they happen, from a list and from people who arrive one after the other. */
export interface Feed {
  /** Null when none is left. */
  nextAt(): Instant | null
  /** All that happen until then. @param max at most so many; the rest come the next time */
  take(until: Instant, max: number): WorldEvent[]
  readonly total: number
  readonly taken: number
}

/** @param people made when their time comes, so that a hundred thousand of them cost nothing before */
export function createFeed(
  listed: readonly Dated[],
  people: { count: number; at(index: number): Instant; event(index: number): WorldEvent } | null,
): Feed {
  const events = listed.toSorted((a, b) => a.at - b.at)
  const total = events.length + (people?.count ?? 0)
  let nextEvent = 0
  let nextPerson = 0
  const eventAt = () => events[nextEvent]?.at ?? Infinity
  const personAt = () => (people !== null && nextPerson < people.count ? people.at(nextPerson) : Infinity)

  return {
    nextAt() {
      const at = Math.min(eventAt(), personAt())
      return at === Infinity ? null : at
    },
    take(until, max) {
      const taken: WorldEvent[] = []
      while (taken.length < max) {
        const [one, other] = [eventAt(), personAt()]
        if (Math.min(one, other) > until) break
        if (one <= other) taken.push(events[nextEvent++]!.event)
        else taken.push(people!.event(nextPerson++))
      }
      return taken
    },
    get total() {
      return total
    },
    get taken() {
      return nextEvent + nextPerson
    },
  }
}
