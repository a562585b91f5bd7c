import { Temporal } from 'temporal-polyfill'
import type { Instant } from '#engine/clock.ts'
import type { Balance } from '#engine/state.ts'

export interface Day {
  /** `2026-11-22`, in the zone of the settings. */
  date: string
  fromAt: Instant
  /** As the day ends, or the simulation. */
  balance: Balance | null
}

/** The days of a simulation in a zone, and the balance at the end of each. */
export interface Days {
  list: readonly Day[]
  /** Which of the list an instant is in. */
  indexOf(at: Instant): number
  /** Time moves on: days that end before `to` end with this balance. */
  pass(to: Instant, balance: () => Promise<Balance>): Promise<void>
  end(balance: Balance): void
}

export function createDays(startAt: Instant, endAt: Instant, zone: string): Days {
  const list: Day[] = []
  const first = Temporal.Instant.fromEpochMilliseconds(startAt).toZonedDateTimeISO(zone)
  for (let day = first.toPlainDate(), fromAt = startAt; fromAt < endAt;) {
    list.push({ date: day.toString(), fromAt, balance: null })
    day = day.add({ days: 1 })
    fromAt = day.toZonedDateTime(zone).epochMilliseconds
  }
  let current = 0
  return {
    list,
    indexOf(at) {
      let [from, to] = [0, list.length - 1]
      while (from < to) {
        const middle = Math.ceil((from + to) / 2)
        if (list[middle]!.fromAt <= at) from = middle
        else to = middle - 1
      }
      return from
    },
    async pass(to, balance) {
      const isOver = () => (list[current + 1]?.fromAt ?? Infinity) <= to
      if (!isOver()) return
      const closing = await balance()
      for (; isOver(); current++) list[current]!.balance = closing
    },
    end(balance) {
      for (const day of list.slice(current)) day.balance = balance
    },
  }
}
