/** One measured figure next to the limit measured in the same run, on the same machine. */
export interface BenchResult {
  name: string
  ours: number
  limit: number
  /** What counts: `ours / limit`. */
  ratio: number
  /** The least ratio we promise. */
  target: number
  /** Of `ours` and `limit`. */
  unit: string
  note?: string
}

export interface BenchOptions {
  /** Short rounds, to see that it works; the figures mean little. */
  quick?: boolean
}

/** The middle of several rounds: one that the machine disturbed does not count. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  const upper = sorted[middle] ?? NaN
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? NaN) + upper) / 2
}
