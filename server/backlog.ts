import type { Instant } from '#engine/clock.ts'

/** How much waits to be decided, and since when, without asking the store at each request. */
export interface Backlog {
  /** `count` events were accepted at `at`; calls come in order of time. */
  add(count: number, at: Instant): void
  /** `count` triggers were decided, the oldest first. */
  take(count: number): void
  /** Nothing waits: whatever was miscounted (follow-up triggers are decided, not accepted) ends here. */
  clear(): void
  count(): number
  /** Of the oldest that waits; 0 when nothing does. */
  ageMs(now: Instant): number
}

export function createBacklog(): Backlog {
  let marks: { count: number; at: Instant }[] = []
  let first = 0
  let total = 0
  return {
    add(count, at) {
      if (count === 0) return
      total += count
      const last = marks.at(-1)
      if (last?.at === at) last.count += count
      else marks.push({ count, at })
    },
    take(count) {
      let left = Math.min(count, total)
      total -= left
      for (let mark = marks[first]; mark !== undefined && left > 0; mark = marks[first]) {
        const taken = Math.min(left, mark.count)
        mark.count -= taken
        left -= taken
        if (mark.count === 0) first++
      }
      if (first > 1000) {
        marks = marks.slice(first)
        first = 0
      }
    },
    clear() {
      marks = []
      first = total = 0
    },
    count: () => total,
    ageMs: (now) => Math.max(0, now - (marks[first]?.at ?? now)),
  }
}
