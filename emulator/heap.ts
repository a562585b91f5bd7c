/** A task and the instant it is due. Tasks due at the same instant keep the order they were added in. */
interface Entry<T> {
  at: number
  order: number
  item: T
}

/** A binary heap ordered by instant: adding and taking cost log n, so hundreds of thousands of waiting statuses are cheap. */
export class Heap<T> {
  private readonly entries: Entry<T>[] = []
  private added = 0

  get size(): number {
    return this.entries.length
  }

  /** When the earliest item is due; null when there is none. */
  get nextAt(): number | null {
    return this.entries[0]?.at ?? null
  }

  add(at: number, item: T): void {
    const entries = this.entries
    const entry = { at, order: this.added++, item }
    let index = entries.push(entry) - 1
    while (index > 0) {
      const parent = (index - 1) >> 1
      if (before(entries[parent]!, entry)) break
      entries[index] = entries[parent]!
      index = parent
    }
    entries[index] = entry
  }

  /** Takes the earliest item that is due by `now`; undefined when none is. */
  take(now: number): T | undefined {
    const entries = this.entries
    const first = entries[0]
    if (first === undefined || first.at > now) return undefined
    const last = entries.pop()!
    if (entries.length === 0) return first.item
    let index = 0
    for (;;) {
      let child = 2 * index + 1
      if (child >= entries.length) break
      if (child + 1 < entries.length && before(entries[child + 1]!, entries[child]!)) child++
      if (before(last, entries[child]!)) break
      entries[index] = entries[child]!
      index = child
    }
    entries[index] = last
    return first.item
  }

  clear(): void {
    this.entries.length = 0
  }
}

const before = (a: Entry<unknown>, b: Entry<unknown>): boolean => a.at < b.at || (a.at === b.at && a.order < b.order)
