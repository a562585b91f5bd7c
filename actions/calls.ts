import { setMaxListeners } from 'node:events'
import type { Clock, Instant } from '#engine/clock.ts'
import type { SendIntent, WorkIntent } from '#engine/message.ts'
import type { Claimed, Settlement } from '#engine/claim.ts'
import type { WorldEvent } from '#engine/trigger.ts'
import type { Breaker } from './breaker.ts'
import type { Crowding } from './crowding.ts'
import { laneFine, pauseLane, type InHand, type Lane } from './lane.ts'
import type { SendLimiter } from './limiter.ts'
import type { DispatchObserver } from './observer.ts'
import type { Performer } from './performer.ts'
import { settlementOf, type LaneEffect } from './settlementOf.ts'
import { ruleOf } from './whatsappErrors.ts'
import { createTries } from './tries.ts'
import type { CloudClient, SendAnswer } from './whatsapp/client.ts'
import { perform, workSettlement } from './workRun.ts'

/** The calls under way: each claimed row becomes one call, and each call one settlement. */
export interface Calls {
  launch(lane: Lane, one: InHand): void
  count(): number
  /** Resolves when none is under way. */
  idle(): Promise<void>
  /** Tells performers to end; sends end by their own deadline. */
  abort(): void
}

interface CallsDeps {
  clock: Clock
  client: Pick<CloudClient, 'send'>
  performers: readonly Performer[]
  /** All that the dispatcher knows, to pause those of one account together. */
  lanes: ReadonlyMap<string, Lane>
  limiter: SendLimiter
  breaker: Breaker
  crowding: Crowding
  random: () => number
  accept: (events: WorldEvent[]) => Promise<unknown>
  unknownWaitMs: () => number
  observer: DispatchObserver
  settle: (settlement: Settlement) => void
  /** A call ended without a settlement. */
  onLeft: () => void
  workTimeoutMs: number
}

export function createCalls(deps: CallsDeps): Calls {
  const { clock, client, limiter, breaker, random, observer } = deps
  const performers = new Map(deps.performers.map((performer) => [performer.type, performer]))
  const tries = createTries()
  const stopping = new AbortController()
  setMaxListeners(0, stopping.signal)
  let inFlight = 0
  let waiters: (() => void)[] = []

  async function send(lane: Lane, { claimed, isMarketing }: InHand, intent: SendIntent): Promise<void> {
    const startedAt = performance.now()
    const leftAt = clock.now()
    const departure = limiter.leave(lane.name, leftAt, isMarketing)
    const call = breaker.begin(leftAt)
    let answer: SendAnswer
    try {
      answer = await client.send(intent, claimed.message.form ?? 'template', () => departure.written(clock.now()))
    } catch (error) {
      // A bug of the client: nobody knows how far it came, so the message may have left.
      observer.faltered('dispatch', error)
      answer = { kind: 'lost', why: error instanceof Error ? error.message : String(error), written: true }
    }
    const now = clock.now()
    if (surelyNotSent(answer)) departure.cancelled()
    else departure.written(leftAt)
    if (answer.kind === 'refused' && answer.httpStatus === 0) call.dropped()
    else if (isDown(answer)) call.failed(now)
    else call.answered(now)
    const { attempts } = claimed.message
    const end = settlementOf(claimed, answer, {
      now,
      random,
      triesOf: (kind) => tries.of(intent.id, kind, attempts),
      unknownWaitMs: deps.unknownWaitMs(),
      accountId: lane.accountId,
    })
    affect(lane, end.lane, intent.to.phone ?? intent.to.bsuid ?? '', now)
    const { kind } = end.settlement
    if (kind === 'accepted' || kind === 'failed') tries.forget(intent.id)
    observer.attempted('sendTemplate', kind, performance.now() - startedAt)
    if (end.events.length > 0) await tell(end.events)
    deps.settle(end.settlement)
  }

  /** Before the settlement is written: after a crash in between, WhatsApp says the same thing again. */
  async function tell(events: WorldEvent[]): Promise<void> {
    try {
      await deps.accept(events)
    } catch (error) {
      observer.faltered('dispatch', error)
    }
  }

  async function work(claimed: Claimed, intent: WorkIntent): Promise<void> {
    const startedAt = performance.now()
    const leave = deps.crowding.enter(intent)
    const outcome = await perform(performers.get(intent.type), intent, deps.workTimeoutMs, stopping.signal)
    leave()
    if (outcome.kind === 'threw') observer.faltered('dispatch', outcome.error)
    const settlement = workSettlement(claimed, outcome, clock.now(), random)
    observer.attempted(intent.type, settlement.kind, performance.now() - startedAt)
    deps.settle(settlement)
  }

  function affect(lane: Lane, effect: LaneEffect, recipient: string, now: Instant): void {
    switch (effect.kind) {
      case 'fine':
        return laneFine(lane)
      case 'lost':
        return
      case 'slow_number':
        laneFine(lane)
        return limiter.slowDownNumber(lane.name, effect.until, now)
      case 'slow_pair':
        laneFine(lane)
        return limiter.slowDownPair(lane.name, recipient, effect.until)
      case 'pause':
        pauseLane(lane, effect.backoff, now, random)
        if (effect.scope === 'number' || lane.accountId === null) return
        for (const other of deps.lanes.values()) {
          if (other !== lane && other.accountId === lane.accountId) pauseLane(other, effect.backoff, now, random)
        }
    }
  }

  function ended(lane: Lane): void {
    lane.inFlight--
    inFlight--
    if (inFlight > 0) return
    const free = waiters
    waiters = []
    for (const resolve of free) resolve()
  }

  return {
    launch(lane, one) {
      lane.inFlight++
      inFlight++
      const { intent } = one.claimed.message
      const call = intent.kind === 'work' ? work(one.claimed, intent) : send(lane, one, intent)
      call.then(
        () => ended(lane),
        (error: unknown) => {
          // Not by anything the world does. Its row stays leased until it is recovered; all others go on.
          observer.faltered('dispatch', error)
          ended(lane)
          deps.onLeft()
        },
      )
    },
    count: () => inFlight,
    idle: () => (inFlight === 0 ? Promise.resolve() : new Promise((resolve) => waiters.push(resolve))),
    abort: () => stopping.abort(new Error('the server stops')),
  }
}

/** Nothing of it reached the wire. */
const surelyNotSent = (answer: SendAnswer): boolean =>
  (answer.kind === 'lost' && !answer.written) || (answer.kind === 'refused' && answer.httpStatus === 0)

/** One number is in maintenance: a fault of WhatsApp's own, but not of all of it. */
const MAINTENANCE = 131057

/** WhatsApp as a whole may be down: no answer, or a fault that it calls its own. What it says of this number or message is an answer. */
function isDown(answer: SendAnswer): boolean {
  if (answer.kind !== 'refused') return answer.kind === 'lost'
  return answer.httpStatus >= 500 && answer.code !== MAINTENANCE && ruleOf(answer).class === 'retry_later'
}
