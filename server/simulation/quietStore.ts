import type { Instant } from '#engine/clock.ts'
import type { Store } from '#engine/store.ts'

/** A message that WhatsApp never told the end of keeps its credits for days; some hours more are nothing. */
const HOLDS_EVERY_MS = 6 * 3_600_000

/**
 * The same store, that is not asked again what it has just answered. A server asks all the time whether something is due,
 * since another process or a crash may have made it so. Here nobody else writes and nothing dies: until something was
 * written, or time moves on, nothing is due that was not before; leases are settled in the instant in which they are taken.
 *
 * @param waiting how many messages are held or of unknown fate
 */
export function quietStore(store: Store, waiting: () => { held: number; unknown: number }): Store {
  /** Grows with each write. */
  let version = 0
  let holdsAt: Instant = -Infinity

  /** Runs a write, before and after which all that was known may be otherwise. */
  async function writing<T>(write: () => Promise<T>): Promise<T> {
    version++
    try {
      return await write()
    } finally {
      version++
    }
  }

  /** Remembers an answer until something is written. */
  function remembered<T>(ask: () => Promise<T>): () => Promise<T> {
    let known: { version: number; answer: T } | null = null
    return async () => {
      if (known?.version === version) return known.answer
      const asked = version
      const answer = await ask()
      if (asked === version) known = { version, answer }
      return answer
    }
  }

  const nextTimerAt = remembered(() => store.nextTimerAt())
  const nextDueAt = remembered(() => store.nextDueAt())
  /** At which version and instant nothing was pending. */
  let empty = { version: -1, at: -Infinity }

  return {
    ...store,
    nextTimerAt,
    nextDueAt,
    async pending(limit, now) {
      if (empty.version === version && empty.at === now) return []
      const asked = version
      const triggers = await store.pending(limit, now)
      if (triggers.length === 0 && asked === version) empty = { version, at: now }
      return triggers
    },
    async dueLanes(now) {
      const dueAt = await nextDueAt()
      return dueAt === null || dueAt > now ? [] : store.dueLanes(now)
    },
    async fireTimers(now, limit, newId) {
      const dueAt = await nextTimerAt()
      return dueAt === null || dueAt > now ? 0 : writing(() => store.fireTimers(now, limit, newId))
    },
    expireLeases: () => Promise.resolve(0),
    resolveUnknown: (now, newId) =>
      waiting().unknown === 0
        ? Promise.resolve({ requeued: 0, gaveUp: 0 })
        : writing(() => store.resolveUnknown(now, newId)),
    async expireHolds(now) {
      if (now < holdsAt) return 0
      holdsAt = now + HOLDS_EVERY_MS
      return writing(() => store.expireHolds(now))
    },
    wakeHeld: (now) => (waiting().held === 0 ? Promise.resolve(0) : writing(() => store.wakeHeld(now))),

    accept: (events, now) => writing(() => store.accept(events, now)),
    commit: (...args) => writing(() => store.commit(...args)),
    setAside: (...args) => writing(() => store.setAside(...args)),
    requeue: (triggerId) => writing(() => store.requeue(triggerId)),
    claim: (...args) => writing(() => store.claim(...args)),
    settle: (...args) => writing(() => store.settle(...args)),
    saveDefinitions: (...args) => writing(() => store.saveDefinitions(...args)),
    setActive: (...args) => writing(() => store.setActive(...args)),
    saveSettings: (...args) => writing(() => store.saveSettings(...args)),
    saveTemplates: (...args) => writing(() => store.saveTemplates(...args)),
    saveNumbers: (...args) => writing(() => store.saveNumbers(...args)),
  }
}
