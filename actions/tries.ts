/**
 * How often each message was refused in a row for one class of reasons. The outbox row counts all calls, and a call
 * that met a dead network, or a wait for a limit, must not use up the tries of a message that later meets a real fault.
 *
 * In memory and bounded: what is forgotten (a restart) falls back to the row's own count, which is never lower.
 */
export interface Tries {
  /** Counts this time. @param attempts of the outbox row, this one included */
  of(id: string, kind: string, attempts: number): number
  forget(id: string): void
}

export function createTries(max = 50_000): Tries {
  const known = new Map<string, { kind: string; count: number }>()
  return {
    of(id, kind, attempts) {
      const before = known.get(id)
      const count = before === undefined ? Math.max(1, attempts) : before.kind === kind ? before.count + 1 : 1
      known.delete(id)
      known.set(id, { kind, count })
      if (known.size > max) {
        const [oldest] = known.keys()
        if (oldest !== undefined) known.delete(oldest)
      }
      return count
    },
    forget: (id) => known.delete(id),
  }
}
