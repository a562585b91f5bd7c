import type { Settlement } from '#engine/claim.ts'
import type { Store } from '#engine/store.ts'

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
  /** How many calls are under way, whose answers a group may wait for. */
  underWay: () => number
  /** A group was just handed to the store. What is asked of the store in this very moment may share its transaction. */
  onWriting: () => void
  /** A group was written; `fenced` of them were refused, because somebody else has the row by now. */
  onWritten: (written: number, fenced: number) => void
  /** A settlement could not be written. Its row stays leased until the lease runs out, and is then recovered. */
  onLost: (settlement: Settlement, error: unknown) => void
}

/** Writes at most this many in one transaction, so that one does not keep the event loop for long. */
const GROUP_MAX = 500

/** A group this large need not wait for more. */
const GROUP_MIN = 64
/** How long a smaller one waits while many calls are under way. */
const GATHER_MS = 5

/**
 * Settles answers in groups: what arrives in one turn of the event loop is one transaction, and while many calls are under way,
 * what arrives in a few milliseconds, because the wait for the disk is the dear part. A group that cannot be written is
 * tried one by one, so a poisoned row harms only itself.
 */
export function createSettler({ store, newId, underWay, onWriting, onWritten, onLost }: SettlerDeps): Settler {
  let buffer: Settlement[] = []
  let running: Promise<void> | null = null
  let gathered: (() => void) | null = null

  const enough = () => buffer.length >= GROUP_MIN || underWay() < GROUP_MIN

  /** One turn later, when the other answers of this turn are in the buffer too, or a few milliseconds. */
  async function gather(): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve))
    if (enough()) return
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, GATHER_MS)
      gathered = () => {
        clearTimeout(timer)
        resolve()
      }
    })
    gathered = null
  }

  async function write(): Promise<void> {
    while (buffer.length > 0) {
      await gather()
      const group = buffer.slice(0, GROUP_MAX)
      buffer = buffer.slice(GROUP_MAX)
      await writeGroup(group)
    }
    running = null
  }

  async function writeGroup(group: Settlement[]): Promise<void> {
    let written: boolean[]
    try {
      const settling = store.settle(group, newId)
      onWriting()
      written = await settling
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
      if (gathered !== null && enough()) gathered()
    },
    async flushed() {
      while (running !== null) await running
    },
    waiting: () => buffer.length,
  }
}
