import type { Instant } from '#engine/clock.ts'
import type { Message } from '#engine/message.ts'
import type { Candidate, Claimed, Judgement, Store } from '#engine/store.ts'
import { ASIDE_MS, type Crowding } from './crowding.ts'
import { WORK_LANE, type Lane } from './lane.ts'
import type { SendLimiter } from './limiter.ts'
import type { DispatchObserver } from './observer.ts'

export type Judge = (candidates: Candidate[], deferUntil?: (candidate: Candidate) => Instant | null) => Judgement[]

/** A row the guards cannot judge is a bug of ours. It is looked at again this much later; the others go out. */
const POISONED_MS = 600_000
/** Rows put off in one transaction. */
const PUT_OFF_MAX = 500

interface ClaimsDeps {
  store: Pick<Store, 'claim'>
  judge: Judge
  limiter: SendLimiter
  crowding: Crowding
  observer: DispatchObserver
  newId: () => string
  options: { worker: string; leaseMs: number }
}

export type Claims = ReturnType<typeof createClaims>

/** Takes rows out of the outbox, through the guards and the limit of each pair. */
export function createClaims({ store, judge, limiter, crowding, observer, newId, options }: ClaimsDeps) {
  const { worker, leaseMs } = options

  /** What the guards looked at also tells the limiter the number's throughput, and the lane its account. */
  function learn(lane: Lane, { facts }: Candidate): void {
    if (facts.number === null || facts.number === undefined) return
    lane.accountId = facts.number.accountId
    limiter.setRate(lane.name, facts.number.throughput)
  }

  /**
   * The limiter's word on each message the guards allow. The number's limit is asked again here, because the facts of this
   * very claim may have told that it is lower than was thought when the rows were asked for.
   */
  function limits(lane: Lane, now: Instant): (candidate: Candidate) => Instant | null {
    let room = limiter.available(lane.name, now)
    let over = 0
    // A place is taken once for each message, however often the guards are asked about the batch.
    const answers = new Map<string, Instant | null>()
    const ask = ({ intent }: Message): Instant | null => {
      if (intent.kind !== 'sendTemplate') return null
      if (room <= 0) return Math.max(limiter.placeAt(lane.name, over++, now), now + 1)
      const until = limiter.takePair(lane.name, intent.to.phone ?? intent.to.bsuid ?? '', now)
      if (until !== null) return Math.max(until, now + 1)
      room--
      return null
    }
    return ({ message }) => {
      const known = answers.get(message.intent.id)
      if (known !== undefined) return known
      const until = ask(message)
      answers.set(message.intent.id, until)
      return until
    }
  }

  function judgeAll(lane: Lane, candidates: Candidate[], now: Instant): Judgement[] {
    const deferUntil = limits(lane, now)
    try {
      return judge(candidates, deferUntil)
    } catch {
      // One of them makes the guards throw. Each alone shows which; the rest are judged together, as they should be.
      const judged = new Map<string, Judgement>()
      const sound = candidates.filter((candidate) => {
        try {
          judge([candidate])
          return true
        } catch (error) {
          observer.faltered('dispatch', error)
          const { id } = candidate.message.intent
          judged.set(id, { id, kind: 'defer', until: now + POISONED_MS })
          return false
        }
      })
      for (const judgement of judge(sound, deferUntil)) judged.set(judgement.id, judgement)
      return candidates.flatMap(({ message }) => judged.get(message.intent.id) ?? [])
    }
  }

  /** Guards are for messages; work only has to leave places to the others. */
  function judgeWork(candidates: Candidate[], now: Instant): Judgement[] {
    const aside = new Set(
      candidates.flatMap(({ message: { intent } }) =>
        intent.kind === 'work' && crowding.crowds(intent) ? [intent.id] : [],
      ),
    )
    return judge(candidates).map((one) =>
      aside.has(one.id) ? { id: one.id, kind: 'defer', until: now + ASIDE_MS } : one,
    )
  }

  return {
    /** @returns what to send now, and how many rows were looked at for it */
    async claim(lane: Lane, limit: number, now: Instant): Promise<{ claimed: Claimed[]; seen: number }> {
      let seen = 0
      let judgements: Judgement[] = []
      const claimed = await store.claim(
        { lane: lane.name, worker, now, leaseMs, limit },
        (candidates) => {
          seen = candidates.length
          const [first] = candidates
          if (first !== undefined) learn(lane, first)
          judgements = lane.name === WORK_LANE ? judgeWork(candidates, now) : judgeAll(lane, candidates, now)
          return judgements
        },
        newId,
      )
      for (const judgement of judgements) {
        if (judgement.kind === 'stop') observer.verdict(judgement.verdict, 'claim')
        else if (judgement.kind === 'send' && judgement.guards.length > 0) observer.verdict({ kind: 'allow' }, 'claim')
      }
      return { claimed, seen }
    },
    /** Gives due rows a later time without judging them. @param placeAt for the row with so many ahead of it */
    async putOff(lane: Lane, now: Instant, placeAt: (ahead: number) => Instant): Promise<number> {
      let seen = 0
      await store.claim(
        { lane: lane.name, worker, now, leaseMs, limit: PUT_OFF_MAX },
        (candidates) => {
          seen = candidates.length
          return candidates.map(({ message }, ahead) => ({
            id: message.intent.id,
            kind: 'defer',
            until: placeAt(ahead),
          }))
        },
        newId,
      )
      return seen
    },
  }
}
