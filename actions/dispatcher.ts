import type { Clock, Instant } from '#engine/clock.ts'
import type { Store } from '#engine/store.ts'
import type { WorldEvent } from '#engine/trigger.ts'
import { createBreaker } from './breaker.ts'
import { createCalls } from './calls.ts'
import { createClaims, type Judge, type View } from './claims.ts'
import { createCrowding } from './crowding.ts'
import { createDepartures } from './departures.ts'
import { drain } from './drain.ts'
import { createLane, freeSlots, pauseLane, WORK_LANE, type Lane } from './lane.ts'
import { createLimiter } from './limiter.ts'
import { silentObserver, type DispatchObserver } from './observer.ts'
import type { Performer } from './performer.ts'
import { outage } from './outage.ts'
import { createRounds } from './rounds.ts'
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
  /** Calls under way at once, for each number. Default: what it may send in three quarters of a second, 128 at least. */
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
  /** So many messages came in on a number: they count towards its throughput. */
  heard(number: string, count: number): void
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
  /** Claimed, and not yet called. */
  inHand: number
  /** WhatsApp does not answer: nothing is called but a probe now and then. */
  unreachable: boolean
  /** Settlements not written yet. */
  unsettled: number
  lanes: { lane: string; inFlight: number; pausedUntil: Instant | null }[]
}

const defaults = {
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
/** So much work is claimed before its time. What is in hand when the process dies is of unknown fate, so it is little. */
const AHEAD_MS = 20
/** Answers take less than this, so a number that may send 1,000 a second needs 750 calls under way at once. */
const ANSWER_SECONDS = 0.75
const SLOTS_LEAST = 128
/** When a number may do no marketing at all, so many rows are looked at in one claim, because none of those takes a place. */
const LOOK_MAX = 200

export function createDispatcher(deps: DispatcherDeps): Dispatcher {
  const { store, clock, random, newId } = deps
  const observer: DispatchObserver = { ...silentObserver, ...deps.observer }
  const options = { ...defaults, worker: newId(), ...deps.options }
  const limiter = createLimiter()
  const lanes = new Map<string, Lane>()
  const crowding = createCrowding(clock, options.workSlots)
  const claims = createClaims({ store, judge: deps.judge, limiter, crowding, observer, newId, options })
  const breaker = createBreaker({ random, ...outage({ accept: deps.accept, observer }) })
  const settler = createSettler({
    store,
    newId,
    underWay: () => calls.count(),
    // The places of these messages are free already. Claiming the next ones now shares one wait for the disk.
    onWriting: () => rounds.now(),
    onWritten(written, fenced) {
      observer.settled(written, fenced)
      rounds.kick()
    },
    onLost(settlement, error) {
      observer.unsettled(settlement, error)
      rounds.kick()
    },
  })
  const calls = createCalls({
    ...deps,
    observer,
    limiter,
    breaker,
    crowding,
    lanes,
    settle: (settlement) => settler.push(settlement),
    onLeft: () => rounds.kick(),
    workTimeoutMs: Math.max(1, options.leaseMs - LEASE_MARGIN_MS),
  })
  const departures = createDepartures({
    clock,
    lanes,
    limiter,
    breaker,
    launch: (lane, one) => calls.launch(lane, one),
    settle: (settlement) => settler.push(settlement),
    onLeft: () => rounds.kick(),
  })
  const rounds = createRounds({
    store,
    clock,
    lanes,
    laneOf,
    roomOf: (lane, now) => roomOf(lane, evenly(lane, now), now),
    openAt: (lane, now) => Math.max(blockedUntil(lane, now), lane.name === WORK_LANE ? now : nextPlaceAt(lane, now)),
    slotsOf,
    workLane: (lane, now) => workLane(lane, evenly(lane, now), now),
    recover,
    isIdle: () => calls.count() === 0 && departures.count() === 0,
    observer,
    pollMs: options.pollMs,
    recoverEveryMs: options.recoverEveryMs,
  })

  /** The first look at what another process left behind: it may have sent until a moment ago. */
  let hasRecovered = false

  function slotsOf(lane: Lane): number {
    if (lane.name === WORK_LANE) return options.workSlots
    return options.sendSlots ?? Math.max(SLOTS_LEAST, Math.ceil(limiter.rate(lane.name, clock.now()) * ANSWER_SECONDS))
  }

  function laneOf(name: string): Lane {
    let lane = lanes.get(name)
    if (lane === undefined) lanes.set(name, (lane = createLane(name)))
    return lane
  }

  /** As the background works: a little ahead, and evenly. */
  function evenly(lane: Lane, now: Instant): View | null {
    if (lane.name === WORK_LANE) return null
    const { name, hand } = lane
    return {
      room: () => limiter.places(name, now, now + AHEAD_MS) - hand.length,
      placeAt: (ahead) => limiter.nextAt(name, now, hand.length + ahead),
      marketing: () =>
        Math.max(
          0,
          limiter.marketing(name).places(now, now + AHEAD_MS) - hand.filter(({ isMarketing }) => isMarketing).length,
        ),
      mayStayDue: true,
    }
  }

  /** As a clock that stands still is worked: all that the limit lets go at one instant. */
  function atOnce({ name }: Lane, now: Instant): View | null {
    if (name === WORK_LANE) return null
    return {
      room: () => limiter.room(name, now),
      placeAt: (ahead) => limiter.placeAt(name, now, ahead),
      marketing: () => limiter.marketing(name).room(now),
      mayStayDue: false,
    }
  }

  /** What may be claimed of a lane now, all limits together. */
  function roomOf(lane: Lane, view: View | null, now: Instant): number {
    const free = freeSlots(lane, slotsOf(lane), now)
    return view === null || free === 0 ? free : Math.max(0, Math.min(free, breaker.room(now), view.room()))
  }

  function blockedUntil(lane: Lane, now: Instant): Instant {
    return Math.max(lane.pausedUntil, lane.name === WORK_LANE ? now : breaker.openAt(now), now + 1)
  }

  const nextPlaceAt = ({ name }: Lane, now: Instant) => limiter.nextAt(name, now) - AHEAD_MS

  /** Claims what one lane has room for and sets it going. @returns how many rows were looked at */
  async function workLane(lane: Lane, view: View | null, now: Instant): Promise<number> {
    const room = roomOf(lane, view, now)
    if (room <= 0 || lane.claiming) return 0
    lane.claiming = true
    lane.claimedAt = now
    const isProbe = view !== null && breaker.isOpen()
    if (isProbe) breaker.reserve()
    let probes = 0
    try {
      const limit = limiter.marketing(lane.name).share > 0 || isProbe ? room : Math.max(room, LOOK_MAX)
      const { claimed, marketing, seen, isMarketingFull } = await claims.claim(lane, limit, now, view)
      lane.full = seen >= limit || isMarketingFull
      lane.notBefore = isMarketingFull && seen < limit ? limiter.marketing(lane.name).nextAt(now) : -Infinity
      probes = isProbe ? claimed.length : 0
      const hand = claimed.map((one) => ({ claimed: one, isMarketing: marketing.has(one.message.intent.id), isProbe }))
      if (rounds.isRunning() && view !== null) lane.hand.push(...hand)
      else for (const one of hand) calls.launch(lane, one)
      departures.work()
      return seen
    } catch (error) {
      observer.faltered('dispatch', error)
      pauseLane(lane, STORE_PAUSE, now, random)
      return 0
    } finally {
      if (isProbe && probes === 0) breaker.unreserve()
      lane.claiming = false
    }
  }

  async function recover(now: Instant): Promise<void> {
    const expired = await store.expireLeases(now, deps.unknownWaitMs())
    // Somebody died while it sent. What it sent in its last second counts at WhatsApp, and only WhatsApp knows how much that was.
    if (!hasRecovered && expired > 0) limiter.presume(now, 'burst')
    hasRecovered = true
    const { requeued, gaveUp } = await store.resolveUnknown(now, newId)
    observer.recovered(expired, requeued, gaveUp)
    await store.expireHolds(now)
    const woken = await store.wakeHeld(now)
    if (expired + requeued + woken > 0) rounds.scanAt(now)
    observer.beat('recover', now)
  }

  async function quiet(): Promise<void> {
    do {
      await calls.idle()
      await settler.flushed()
    } while (calls.count() > 0)
  }

  return {
    start() {
      if (rounds.isRunning()) return
      limiter.presume(clock.now(), 'evenly')
      rounds.start()
    },
    wake: () => rounds.wake(),
    heard(number, count) {
      limiter.heard(number, count, clock.now())
    },
    drain: () =>
      drain(
        {
          store,
          claims,
          laneOf,
          roomOf: (lane, now) => roomOf(lane, atOnce(lane, now), now),
          openAt: (lane, now, ahead) =>
            Math.max(blockedUntil(lane, now), lane.name === WORK_LANE ? now : limiter.placeAt(lane.name, now, ahead)),
          workLane: (lane, now) => workLane(lane, atOnce(lane, now), now),
          recover,
          quiet,
        },
        clock.now(),
      ),
    async stop() {
      await rounds.stop()
      departures.putBack('The server stops.')
      const abort = setTimeout(() => calls.abort(), options.stopMs / 2)
      let bound: NodeJS.Timeout | undefined
      await Promise.race([quiet(), new Promise((resolve) => (bound = setTimeout(resolve, options.stopMs)))])
      clearTimeout(abort)
      clearTimeout(bound)
      await settler.flushed()
    },
    stats: () => ({
      inFlight: calls.count(),
      inHand: departures.count(),
      unreachable: breaker.isOpen(),
      unsettled: settler.waiting(),
      lanes: [...lanes.values()].map(({ name, inFlight, pausedUntil }) => ({
        lane: name,
        inFlight,
        pausedUntil: pausedUntil > clock.now() ? pausedUntil : null,
      })),
    }),
  }
}
