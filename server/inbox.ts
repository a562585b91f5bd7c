import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Clock } from '#engine/clock.ts'
import { Overloaded } from '#engine/errors.ts'
import { runBatch, type Shell } from '#engine/run.ts'
import type { AcceptOutcome, Store } from '#engine/store.ts'
import type { WorldEvent } from '#engine/trigger.ts'
import { createBacklog } from './backlog.ts'
import type { Observer } from './observer.ts'

export interface InboxOptions {
  store: Store
  clock: Clock
  newId: () => string
  shell: Shell
  observer: Observer
  /** Triggers that share one transaction. */
  batchMax: number
  /** Undecided triggers beyond which new ones are refused with Overloaded. */
  pendingMax: number
  /** Age of the oldest undecided event beyond which new ones are refused. */
  lagMaxMs: number
  /** Called after a commit that may have put something into the outbox. */
  onCommitted: () => void
}

/** The way in: events to disk in shared transactions, then decided in batches, in order. */
export interface Inbox {
  /** @param whose `ours`: events of the house itself are never refused for load. @throws Overloaded */
  accept(events: WorldEvent[], whose?: 'ours'): Promise<AcceptOutcome[]>
  whenDecided(triggerId: string, timeoutMs: number): Promise<boolean>
  /** Runs `work` while no batch is decided. */
  alone<T>(work: () => Promise<T>): Promise<T>
  /** Something waits; decides it soon unless the loop is not started. */
  wake(): void
  start(): Promise<void>
  /** Decides until nothing waits and no timer is due. @returns whether there was anything */
  drain(): Promise<boolean>
  /** Finishes the batch in hand and every accept under way. */
  stop(): Promise<void>
}

/** Timers are looked for this often; a later action may be late by as much. */
const TIMERS_EVERY_MS = 500
const TIMERS_MAX = 500
/** How long the loop rests after a round that threw, before it tries again. */
const FALTER_MS = 1000

export function createInbox(options: InboxOptions): Inbox {
  const { store, clock, newId, observer } = options
  const accepting = new Set<Promise<unknown>>()
  const backlog = createBacklog()
  let running: Promise<void> | null = null
  let wanted = false
  let started = false
  let ticker: NodeJS.Timeout | undefined
  const watchers = new Map<string, Set<(decided: boolean) => void>>()
  /** Ends when whoever is alone now is done. */
  let turn: Promise<unknown> = Promise.resolve()

  async function accept(events: WorldEvent[], whose?: 'ours'): Promise<AcceptOutcome[]> {
    if (events.length === 0) return []
    const now = clock.now()
    const lagMs = backlog.ageMs(now)
    if (whose !== 'ours' && (backlog.count() > options.pendingMax || lagMs > options.lagMaxMs)) {
      const details = { pending: backlog.count(), lagMs, retryAfterSeconds: 5 }
      throw new Overloaded(`${details.pending} events wait to be decided. Send again a little later.`, details)
    }
    const began = performance.now()
    const writing = store.accept(
      events.map((event) => ({ id: newId(), event })),
      now,
    )
    accepting.add(writing)
    try {
      const outcomes = await writing
      observer.accepted(outcomes, performance.now() - began)
      backlog.add(outcomes.filter(({ kind }) => kind === 'accepted').length, now)
      wake()
      return outcomes
    } finally {
      accepting.delete(writing)
    }
  }

  function alone<T>(work: () => Promise<T>): Promise<T> {
    const mine = turn.then(work)
    // Whoever waits hears of the end, not of how it ended.
    turn = mine.catch(() => undefined)
    return mine
  }

  /** One round: timers that are due, then batches until nothing waits. */
  async function round(): Promise<boolean> {
    let worked = false
    for (;;) {
      const fired = await store.fireTimers(clock.now(), TIMERS_MAX, newId)
      if (fired > 0) observer.timersFired(fired)
      const began = performance.now()
      const { decisions, setAside } = await alone(() => runBatch(options.shell, options.batchMax))
      const count = decisions.length + setAside.length
      observer.beat('decide', clock.now())
      if (count > 0) {
        observer.decided(count, performance.now() - began)
        for (const one of setAside) observer.setAside(one.triggerId, one.error, null)
        for (const { triggerId } of decisions) tell(triggerId)
        for (const { triggerId } of setAside) tell(triggerId)
        options.onCommitted()
      } else {
        backlog.clear()
        if (fired === 0) return worked
      }
      backlog.take(count)
      worked = true
      await nextTurn() // Lets requests in: the store answers at once, so nothing else would.
    }
  }

  function tell(triggerId: string): void {
    const set = watchers.get(triggerId)
    if (set === undefined) return
    watchers.delete(triggerId)
    for (const resolve of set) resolve(true)
  }

  function wake(): void {
    wanted = true
    if (!started || running !== null) return
    running = loop().finally(() => {
      running = null
      if (wanted && started) wake()
    })
  }

  async function loop(): Promise<void> {
    while (wanted && started) {
      wanted = false
      try {
        await round()
      } catch (error) {
        observer.faltered('decide', error)
        wanted = true
        await new Promise((resolve) => setTimeout(resolve, FALTER_MS).unref())
      }
    }
  }

  return {
    accept,
    alone,
    wake,
    async whenDecided(triggerId, timeoutMs) {
      const decided = new Promise<boolean>((resolve) => {
        const set = watchers.get(triggerId) ?? new Set()
        watchers.set(triggerId, set.add(resolve))
        setTimeout(() => {
          set.delete(resolve)
          if (set.size === 0) watchers.delete(triggerId)
          resolve(false)
        }, timeoutMs).unref()
      })
      const entry = await store.trigger(triggerId)
      if (entry !== null && entry.state !== 'pending') tell(triggerId)
      return decided
    },
    async start() {
      const depths = await store.depths(clock.now())
      backlog.add(depths.inboxPending, depths.oldestPendingAt ?? clock.now())
      started = true
      ticker = setInterval(() => {
        observer.beat('timers', clock.now())
        wake()
      }, TIMERS_EVERY_MS)
      wake()
    },
    async drain() {
      await Promise.allSettled(accepting)
      if (started) {
        wake()
        await running
        return false
      }
      return round()
    },
    async stop() {
      clearInterval(ticker)
      started = false
      await Promise.allSettled(accepting)
      await running
    },
  }
}
