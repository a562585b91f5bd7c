import type { Instant } from '#engine/clock.ts'

const SECOND_MS = 1000
const DAY_MS = 86_400_000
/** One message in 6 s to the same person. Source: Meta, Cloud API, "Pair rate limits". */
const PAIR_MS = 6000

export interface Peak {
  most: number
  /** Null when there was none. */
  at: Instant | null
}

/** How close sending came to the limits of the numbers, of each pair and of the portfolio. */
export function createPeaks() {
  const rates = new Map<string, { second: number; count: number; peak: Peak }>()
  const repaidAt = new Map<string, Instant>()
  const pair: Peak = { most: 0, at: null }
  /** In order of the latest message. */
  const reached = new Map<string, Instant>()
  const reach: Peak = { most: 0, at: null }

  function raise(peak: Peak, value: number, at: Instant): void {
    if (value <= peak.most) return
    peak.most = value
    peak.at = at
  }

  return {
    sent(numberId: string, person: string, inWindow: boolean, at: Instant): void {
      const second = Math.floor(at / SECOND_MS)
      let rate = rates.get(numberId)
      if (rate === undefined) rates.set(numberId, (rate = { second, count: 0, peak: { most: 0, at: null } }))
      rate.count = rate.second === second ? rate.count + 1 : 1
      rate.second = second
      raise(rate.peak, rate.count, second * SECOND_MS)

      const key = `${numberId} ${person}`
      const repaid = Math.max(at, repaidAt.get(key) ?? at) + PAIR_MS
      repaidAt.set(key, repaid)
      raise(pair, Math.ceil((repaid - at) / PAIR_MS), at)

      if (inWindow) return
      for (const [known, when] of reached) {
        if (when > at - DAY_MS) break
        reached.delete(known)
      }
      reached.delete(person)
      reached.set(person, at)
      raise(reach, reached.size, at)
    },
    rateOf: (numberId: string): Peak => rates.get(numberId)?.peak ?? { most: 0, at: null },
    pair,
    reach,
  }
}
export type Peaks = ReturnType<typeof createPeaks>
