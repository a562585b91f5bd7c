import type { Clock, Instant } from '#engine/clock.ts'
import type { Store } from '#engine/store.ts'
import { freeSlots, type Lane } from './lane.ts'
import type { DispatchObserver } from './observer.ts'

/** A lane with few free places waits this long for more of them, since a claim of few rows costs as much as one of many. */
const GATHER_MS = 15
/** A store in trouble must not spin the loop. */
const STORE_PAUSE_MS = 1000

interface RoundsDeps {
  store: Pick<Store, 'nextDueAt' | 'dueLanes'>
  clock: Clock
  lanes: ReadonlyMap<string, Lane>
  laneOf: (name: string) => Lane
  /** What may be claimed of a lane now. */
  roomOf: (lane: Lane, now: Instant) => number
  /** When a lane without room may have some, as far as time alone gives it. */
  openAt: (lane: Lane, now: Instant) => Instant
  slotsOf: (lane: Lane) => number
  workLane: (lane: Lane, now: Instant) => Promise<number>
  recover: (now: Instant) => Promise<void>
  /** Nothing is under way: the next due row is worth asking for. */
  isIdle: () => boolean
  observer: DispatchObserver
  pollMs: number
  recoverEveryMs: number
}

/** The dispatcher in the background: it looks for what is due, claims for all lanes in one turn, and rests until there is more to do. */
export interface Rounds {
  start(): void
  isRunning(): boolean
  /** Look soon, at what is known to wait. */
  kick(): void
  /** Look in this very turn of the event loop. */
  now(): void
  /** Look at everything: rows were put in that no one told of. */
  wake(): void
  scanAt(at: Instant): void
  /** What a round has just claimed is in hand or under way when this resolves. */
  stop(): Promise<void>
}

export function createRounds(deps: RoundsDeps): Rounds {
  const { store, clock, lanes, laneOf, roomOf, openAt, slotsOf, workLane, observer } = deps
  let running = false
  let planned: NodeJS.Immediate | null = null
  let rounding = false
  /** Begun and not ended; more than one while the last of them only looks when to come back. */
  const rounds = new Set<Promise<void>>()
  let restTimer: NodeJS.Timeout | null = null
  /** From this instant on, lanes that no one told of may have rows due. */
  let scanAt: Instant = -Infinity
  let recoverAt: Instant = -Infinity

  function kick(): void {
    if (!running || rounding || planned !== null) return
    planned = setImmediate(begin)
  }

  function begin(): void {
    unplan()
    rounding = true
    const mine = oneRound().finally(() => rounds.delete(mine))
    rounds.add(mine)
  }

  function unplan(): void {
    if (planned !== null) clearImmediate(planned)
    if (restTimer !== null) clearTimeout(restTimer)
    planned = restTimer = null
  }

  async function oneRound(): Promise<void> {
    const now = clock.now()
    try {
      if (now >= recoverAt) {
        recoverAt = now + deps.recoverEveryMs
        await deps.recover(now)
      }
      if (now >= scanAt) {
        scanAt = now + deps.pollMs
        for (const name of await store.dueLanes(now)) {
          const lane = laneOf(name)
          lane.full = true
          lane.notBefore = -Infinity
        }
      }
      const ready = running ? [...lanes.values()].filter((lane) => readyAt(lane, now) <= now) : []
      await Promise.all(ready.map((lane) => workLane(lane, now)))
      observer.beat('dispatch', now)
    } catch (error) {
      observer.faltered('dispatch', error)
      scanAt = now + STORE_PAUSE_MS
    }
    rounding = false
    if (running) await rest()
  }

  /** When a claim is worth its cost; without end when something else will wake us. */
  function readyAt(lane: Lane, now: Instant): Instant {
    if (!lane.full || lane.claiming) return Infinity
    const room = roomOf(lane, now)
    if (room > 0) {
      const isMuch = room >= slotsOf(lane) / 4 || lane.inFlight + lane.hand.length === 0
      return Math.max(lane.notBefore, isMuch ? now : lane.claimedAt + GATHER_MS)
    }
    // When its calls take all its places, or messages are in hand, time gives it none: an answer or a departure wakes us.
    if (lane.hand.length > 0 || freeSlots(lane, slotsOf(lane), Math.max(now, lane.pausedUntil)) === 0) return Infinity
    return Math.max(lane.notBefore, openAt(lane, now), now + 1)
  }

  /** Until a limit lets go, a row comes due or the poll; a settlement, a departure or `wake` cuts it short. */
  async function rest(): Promise<void> {
    const now = clock.now()
    let until = Math.min(scanAt, recoverAt)
    for (const lane of lanes.values()) until = Math.min(until, readyAt(lane, now))
    if (until > now && deps.isIdle()) {
      try {
        const due = await store.nextDueAt()
        // What is due already was seen by the last scan: another worker has its lane, or a limit keeps it.
        if (due !== null && due > now) until = scanAt = Math.min(until, due)
      } catch (error) {
        observer.faltered('dispatch', error)
      }
    }
    if (!running || rounding || planned !== null) return
    if (until <= now) return kick()
    if (restTimer !== null) clearTimeout(restTimer)
    restTimer = setTimeout(kick, until - now)
  }

  return {
    start() {
      running = true
      scanAt = -Infinity
      kick()
    },
    isRunning: () => running,
    kick,
    now() {
      if (running && !rounding) begin()
    },
    wake() {
      scanAt = -Infinity
      kick()
    },
    scanAt: (at) => void (scanAt = at),
    async stop() {
      running = false
      unplan()
      // A round that goes on would find the store closed.
      await Promise.all(rounds)
    },
  }
}
