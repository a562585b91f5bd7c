import type { Settlement, Store } from '#engine/store.ts'

export interface Settler {
  /** Written with all others of this turn of the event loop. */
  push(settlement: Settlement): void
  /** Everything pushed so far is written, or was given up and told. */
  flushed(): Promise<void>
  /** Settlements not written yet. */
  waiting(): number
}

export interface SettlerDeps {
  store: Pick<Store, 'settle'>
  newId: () => string
  /** A group was written; `fenced` of them were refused, because somebody else has the row by now. */
  onWritten: (written: number, fenced: number) => void
  /** A settlement could not be written. Its row stays leased until the lease runs out, and is then recovered. */
  onLost: (settlement: Settlement, error: unknown) => void
}

/** Writes at most this many in one transaction, so that one does not keep the event loop for long. */
const GROUP_MAX = 500

/**
 * Settles answers in groups: what arrives while one transaction runs, or in one turn of the event loop, is one
 * transaction. A group that cannot be written is tried one by one, so a poisoned row harms only itself.
 */
export function createSettler({ store, newId, onWritten, onLost }: SettlerDeps): Settler {
  let buffer: Settlement[] = []
  let running: Promise<void> | null = null

  async function write(): Promise<void> {
    // One turn later, when the other answers of this turn are in the buffer too.
    await new Promise((resolve) => setImmediate(resolve))
    while (buffer.length > 0) {
      const group = buffer.slice(0, GROUP_MAX)
      buffer = buffer.slice(GROUP_MAX)
      await writeGroup(group)
    }
    running = null
  }

  async function writeGroup(group: Settlement[]): Promise<void> {
    let written: boolean[]
    try {
      written = await store.settle(group, newId)
    } catch (error) {
      const [only] = group
      if (group.length === 1 && only !== undefined) return onLost(only, error)
      for (const settlement of group) await writeGroup([settlement])
      return
    }
    onWritten(group.length, written.filter((done) => !done).length)
  }

  return {
    push(settlement) {
      buffer.push(settlement)
      running ??= write()
    },
    async flushed() {
      while (running !== null) await running
    },
    waiting: () => buffer.length,
  }
}
