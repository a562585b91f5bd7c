import type { Clock, Instant } from '#engine/clock.ts'
import type { Store } from '#engine/store.ts'
import type { WorldEvent } from '#engine/trigger.ts'
import { createCalls } from './calls.ts'
import { createClaims, type Judge } from './claims.ts'
import { createCrowding } from './crowding.ts'
import { drain } from './drain.ts'
import { createLane, freeSlots, pauseLane, WORK_LANE, type Lane } from './lane.ts'
import { createLimiter } from './limiter.ts'
import { silentObserver, type DispatchObserver } from './observer.ts'
import type { Performer } from './performer.ts'
import { createSettler } from './settler.ts'
import type { CloudClient } from './whatsapp/client.ts'

export interface DispatcherDeps {
  store: Pick<
    Store,
    'claim' | 'settle' | 'expireLeases' | 'resolveUnknown' | 'wakeHeld' | 'expireHolds' | 'nextDueAt' | 'dueLanes'
  >
  clock: Clock
  client: Pick<CloudClient, 'send'>
  performers: readonly Performer[]
  /** The guards: `judge` of engine/judge.ts. */
  judge: Judge
  /** In [0, 1), for the jitter. */
  random: () => number
  /** A UUIDv7 for each trigger that a settlement makes. */
  newId: () => string
  /** Where opt-outs, paused templates and the like go; resolves when they are on disk. */
  accept: (events: WorldEvent[]) => Promise<unknown>
  /** From the settings: how long a message of unknown fate waits for a status. */
  unknownWaitMs: () => number
  observer?: Partial<DispatchObserver>
  options?: DispatcherOptions
}

export interface DispatcherOptions {
  /** Unique among the processes of one store. Default: a new id. */
  worker?: string
  /** Calls under way at once, for each number. Default 128. */
  sendSlots?: number
  /** Pieces of work under way at once. Default 32. */
  workSlots?: number
  /** Above the client's timeout, or answers come when the row is somebody else's. Default 60 s. */
  leaseMs?: number
  /** How often leases and messages of unknown fate are looked at. Default 5 s. */
  recoverEveryMs?: number
  /** How often the outbox is looked at when nothing wakes the dispatcher. Default 1 s. */
  pollMs?: number
  /** How long `stop` waits for calls under way. Default 40 s. */
  stopMs?: number
}

/** Works the outbox: claims what is due, guards it again, sends or performs it, settles it. */
export interface Dispatcher {
  /** Works in the background until `stop`. */
  start(): void
  /** Something was put into the outbox, or released: look now. */
  wake(): void
  /**
   * Works until nothing is due at the clock's now and nothing is under way. Never waits for time to pass: what a limit or a
   * pause keeps back gets a due time, so that a virtual clock can be moved there.
   */
  drain(): Promise<void>
  /** Claims no more, lets calls under way end within a bound, settles them. */
  stop(): Promise<void>
  stats(): DispatcherStats
}

export interface DispatcherStats {
  inFlight: number
  /** Settlements not written yet. */
  unsettled: number
  lanes: { lane: string; inFlight: number; pausedUntil: Instant | null }[]
}

const defaults = {
  sendSlots: 128,
  workSlots: 32,
  leaseMs: 60_000,
  recoverEveryMs: 5000,
  pollMs: 1000,
  stopMs: 40_000,
}
/** A performer is told to end this long before its lease. */
const LEASE_MARGIN_MS = 5000
/** A store in trouble must not spin the loop. */
const STORE_PAUSE = { baseMs: 1000, maxMs: 30_000 }
/** A lane with few free slots waits this long for more of them, since a claim of few rows costs as much as one of many. */
const GATHER_MS = 20

export function createDispatcher(deps: DispatcherDeps): Dispatcher {
  const { store, clock, random, newId } = deps
  const observer: DispatchObserver = { ...silentObserver, ...deps.observer }
  const options = { ...defaults, worker: newId(), ...deps.options }
  const limiter = createLimiter()
  const lanes = new Map<string, Lane>()
  const crowding = createCrowding(clock, options.workSlots)
  const claims = createClaims({ store, judge: deps.judge, limiter, crowding, observer, newId, options })
  const settler = createSettler({
    store,
    newId,
    underWay: () => calls.count(),
    // The places of these messages are free already. Claiming the next ones now shares one wait for the disk.
    onWriting() {
      if (running && !rounding) beginRound()
    },
    onWritten(written, fenced) {
      observer.settled(written, fenced)
      kick()
    },
    onLost(settlement, error) {
      observer.unsettled(settlement, error)
      kick()
    },
  })
  const calls = createCalls({
    ...deps,
    observer,
    limiter,
    crowding,
    lanes,
    settle: (settlement) => settler.push(settlement),
    onLeft: () => kick(),
    workTimeoutMs: Math.max(1, options.leaseMs - LEASE_MARGIN_MS),
  })

  let running = false
  let round: NodeJS.Immediate | null = null
  let rounding = false
  /** Begun and not ended; more than one while the last of them only looks when to come back. */
  const rounds = new Set<Promise<void>>()
  let restTimer: NodeJS.Timeout | null = null
  /** From this instant on, lanes that no one told of may have rows due. */
  let scanAt: Instant = -Infinity
  let recoverAt: Instant = -Infinity

  const slotsOf = (lane: Lane) => (lane.name === WORK_LANE ? options.workSlots : options.sendSlots)

  function laneOf(name: string): Lane {
    let lane = lanes.get(name)
    if (lane === undefined) lanes.set(name, (lane = createLane(name)))
    return lane
  }

  /** What may be claimed of a lane now, all limits together. */
  function roomOf(lane: Lane, now: Instant): number {
    const free = freeSlots(lane, slotsOf(lane), now)
    return lane.name === WORK_LANE ? free : Math.min(free, limiter.available(lane.name, now))
  }

  /** When a lane without room may have some, as far as time alone gives it. */
  function openAt(lane: Lane, now: Instant, ahead = 0): Instant {
    const limit = lane.name === WORK_LANE ? now : limiter.placeAt(lane.name, ahead, now)
    return Math.max(lane.pausedUntil, limit, now + 1)
  }

  /** Claims what one lane has room for and sets it going. @returns how many rows were looked at */
  async function workLane(lane: Lane, now: Instant): Promise<number> {
    const room = roomOf(lane, now)
    if (room <= 0 || lane.claiming) return 0
    lane.claiming = true
    lane.claimedAt = now
    try {
      const { claimed, seen } = await claims.claim(lane, room, now)
      lane.full = seen >= room
      if (lane.name !== WORK_LANE) limiter.take(lane.name, claimed.length, now)
      for (const one of claimed) calls.launch(lane, one)
      return seen
    } catch (error) {
      observer.faltered('dispatch', error)
      pauseLane(lane, STORE_PAUSE, now, random)
      return 0
    } finally {
      lane.claiming = false
    }
  }

  async function recover(now: Instant): Promise<void> {
    recoverAt = now + options.recoverEveryMs
    const expired = await store.expireLeases(now, deps.unknownWaitMs())
    const { requeued, gaveUp } = await store.resolveUnknown(now, newId)
    observer.recovered(expired, requeued, gaveUp)
    await store.expireHolds(now)
    const woken = await store.wakeHeld(now)
    if (expired + requeued + woken > 0) scanAt = now
    observer.beat('recover', now)
  }

  // in the background

  function kick(): void {
    if (!running || rounding || round !== null) return
    round = setImmediate(beginRound)
  }

  function beginRound(): void {
    unplan()
    rounding = true
    const mine = oneRound().finally(() => rounds.delete(mine))
    rounds.add(mine)
  }

  function unplan(): void {
    if (round !== null) clearImmediate(round)
    if (restTimer !== null) clearTimeout(restTimer)
    round = restTimer = null
  }

  async function oneRound(): Promise<void> {
    const now = clock.now()
    try {
      if (now >= recoverAt) await recover(now)
      if (now >= scanAt) {
        scanAt = now + options.pollMs
        for (const name of await store.dueLanes(now)) laneOf(name).full = true
      }
      const ready = running ? [...lanes.values()].filter((lane) => lane.full && gathered(lane, now)) : []
      await Promise.all(ready.map((lane) => workLane(lane, now)))
      observer.beat('dispatch', now)
    } catch (error) {
      observer.faltered('dispatch', error)
      scanAt = now + STORE_PAUSE.baseMs
    }
    rounding = false
    if (running) await rest()
  }

  const gathered = (lane: Lane, now: Instant) =>
    freeSlots(lane, slotsOf(lane), now) >= slotsOf(lane) / 4 || now - lane.claimedAt >= GATHER_MS || lane.inFlight === 0

  /** Until a limit lets go, a row comes due or the poll; a settlement or `wake` cuts it short. */
  async function rest(): Promise<void> {
    const now = clock.now()
    let until = Math.min(scanAt, recoverAt)
    for (const lane of lanes.values()) {
      if (!lane.full) continue
      if (roomOf(lane, now) > 0) until = Math.min(until, restOf(lane, now))
      // When calls under way take all its places, time gives it none: the next answer wakes us.
      else if (freeSlots(lane, slotsOf(lane), Math.max(now, lane.pausedUntil)) > 0) {
        until = Math.min(until, openAt(lane, now))
      }
    }
    if (until > now && calls.count() === 0) {
      try {
        const due = await store.nextDueAt()
        // What is due already was seen by the last scan: another worker has its lane, or a limit keeps it.
        if (due !== null && due > now) until = scanAt = Math.min(until, due)
      } catch (error) {
        observer.faltered('dispatch', error)
      }
    }
    if (!running || rounding || round !== null) return
    if (until <= now) return kick()
    if (restTimer !== null) clearTimeout(restTimer)
    restTimer = setTimeout(kick, until - now)
  }

  const restOf = (lane: Lane, now: Instant) => (gathered(lane, now) ? now : lane.claimedAt + GATHER_MS)

  async function quiet(): Promise<void> {
    do {
      await calls.idle()
      await settler.flushed()
    } while (calls.count() > 0)
  }

  return {
    start() {
      if (running) return
      running = true
      scanAt = -Infinity
      kick()
    },
    wake() {
      scanAt = -Infinity
      kick()
    },
    drain: () => drain({ store, claims, laneOf, roomOf, openAt, workLane, recover, quiet }, clock.now()),
    async stop() {
      running = false
      unplan()
      // What a round has just claimed is under way when it has ended; a round that goes on would find the store closed.
      await Promise.all(rounds)
      const abort = setTimeout(() => calls.abort(), options.stopMs / 2)
      let bound: NodeJS.Timeout | undefined
      await Promise.race([quiet(), new Promise((resolve) => (bound = setTimeout(resolve, options.stopMs)))])
      clearTimeout(abort)
      clearTimeout(bound)
      await settler.flushed()
    },
    stats: () => ({
      inFlight: calls.count(),
      unsettled: settler.waiting(),
      lanes: [...lanes.values()].map(({ name, inFlight, pausedUntil }) => ({
        lane: name,
        inFlight,
        pausedUntil: pausedUntil > clock.now() ? pausedUntil : null,
      })),
    }),
  }
}
