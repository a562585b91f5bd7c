import type { Instant } from '#engine/clock.ts'
import type { DeferUntil } from '#engine/judge.ts'
import type { Candidate, Claimed, ClaimRequest, Judgement } from '#engine/claim.ts'
import type { Store } from '#engine/store.ts'
import { ASIDE_MS, type Crowding } from './crowding.ts'
import type { Lane } from './lane.ts'
import type { SendLimiter } from './limiter.ts'
import type { DispatchObserver } from './observer.ts'

export type Judge = (candidates: Candidate[], deferUntil?: DeferUntil) => Judgement[]

/** A row the guards cannot judge is a bug of ours. It is looked at again this much later; the others go out. */
const POISONED_MS = 600_000
/** Rows put off in one transaction. */
const PUT_OFF_MAX = 500
/**
 * Marketing that a number's quality holds back is looked at again within this, because the quality may have risen.
 */
const QUALITY_LOOK_MS = 600_000

interface ClaimsDeps {
  store: Pick<Store, 'claim'>
  judge: Judge
  limiter: SendLimiter
  crowding: Crowding
  observer: DispatchObserver
  newId: () => string
  options: { worker: string; leaseMs: number }
}

/** How a claim looks at the limit of its number: evenly in time, or in bursts when the clock stands still. */
export interface View {
  /** How many messages of the number may be claimed now. Asked again when its rate has just been learned. */
  room: () => number
  /** When the message with so many of the queue ahead of it may go. */
  placeAt: (ahead: number) => Instant
  /** How many of them may be marketing; without end when it has no limit of its own. */
  marketing: () => number
  /** More marketing than its share may stay due, for the claims that follow. Else it is given times. */
  mayStayDue: boolean
}

export interface ClaimOutcome {
  /** What to send now. */
  claimed: Claimed[]
  /** Those of them that are marketing, by id. */
  marketing: ReadonlySet<string>
  /** How many rows were looked at for it. */
  seen: number
  /** The share of marketing was all taken: more of it may wait. */
  isMarketingFull: boolean
}

export type Claims = ReturnType<typeof createClaims>

/** Takes rows out of the outbox, through the guards and the limits of the number, of its marketing and of each pair. */
export function createClaims({ store, judge, limiter, crowding, observer, newId, options }: ClaimsDeps) {
  const { worker, leaseMs } = options

  /** What the guards looked at also tells the limiter the number's throughput, and the lane its account. */
  function learn(lane: Lane, { facts: { number, settings } }: Candidate): void {
    if (number === null || number === undefined) return
    lane.accountId = number.accountId
    const { YELLOW, RED } = settings.marketingPace
    limiter.setRate(
      lane.name,
      number.throughput,
      number.quality === 'YELLOW' ? YELLOW : number.quality === 'RED' ? RED : 1,
    )
  }

  /**
   * The limiter's word on each message the guards allow. The number's limits are asked again here, because the facts of this
   * very claim may have told that they are lower than was thought when the rows were asked for.
   */
  function limits(lane: Lane, now: Instant, view: View, marketing: Set<string>): DeferUntil {
    let room = view.room()
    let over = 0
    const marketingLimit = limiter.marketing(lane.name)
    let marketingRoom = view.marketing()
    const ask: DeferUntil = ({ message: { intent }, facts: { writtenAt = null } }, category) => {
      if (intent.kind !== 'sendTemplate') return null
      const recipient = intent.to.phone ?? intent.to.bsuid ?? ''
      if (writtenAt !== null) limiter.recallPair(lane.name, recipient, writtenAt)
      const isMarketing = category === 'MARKETING'
      if (isMarketing && marketingLimit.share <= 0) return now + QUALITY_LOOK_MS
      if (isMarketing && marketingRoom <= 0) return marketingPlace(lane, now)
      if (room <= 0) return Math.max(view.placeAt(over++), now + 1)
      const until = limiter.takePair(lane.name, recipient, now)
      if (until !== null) return Math.max(until, now + 1)
      room--
      if (isMarketing) {
        marketingRoom--
        marketing.add(intent.id)
      }
      return null
    }
    // A place is taken once for each message, however often the guards are asked about the batch.
    const answers = new Map<string, Instant | null>()
    return (candidate, category) => {
      const { id } = candidate.message.intent
      const known = answers.get(id)
      if (known !== undefined) return known
      const until = ask(candidate, category)
      answers.set(id, until)
      return until
    }
  }

  /** One after the other, also over several claims, so that they do not all come back at once. */
  function marketingPlace(lane: Lane, now: Instant): Instant {
    const limit = limiter.marketing(lane.name)
    const place = Math.max(limit.placeAt(now, 0), now + 1, lane.marketingUntil + limit.intervalMs(now))
    lane.marketingUntil = place > now + QUALITY_LOOK_MS ? now : place
    return Math.min(Math.ceil(place), now + QUALITY_LOOK_MS)
  }

  function judgeAll(candidates: Candidate[], now: Instant, deferUntil: DeferUntil): Judgement[] {
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

  /** No limit of its own is no bound; a share of nothing is not asked for, so that each message gets a time. */
  function marketingMax(lane: Lane, view: View): Pick<ClaimRequest, 'marketingMax'> {
    const max = !view.mayStayDue || limiter.marketing(lane.name).share <= 0 ? Infinity : view.marketing()
    return Number.isFinite(max) ? { marketingMax: max } : {}
  }

  return {
    /** @param view null for the lane of all work */
    async claim(lane: Lane, limit: number, now: Instant, view: View | null): Promise<ClaimOutcome> {
      let seen = 0
      let judgements: Judgement[] = []
      const marketing = new Set<string>()
      const asked = view === null ? {} : marketingMax(lane, view)
      const writtenSince = view === null ? null : limiter.writtenSince(now)
      const claimed = await store.claim(
        { lane: lane.name, worker, now, leaseMs, limit, ...asked, ...(writtenSince !== null && { writtenSince }) },
        (candidates) => {
          seen = candidates.length
          marketing.clear()
          const [first] = candidates
          if (first !== undefined) learn(lane, first)
          judgements =
            view === null ? judgeWork(candidates, now) : judgeAll(candidates, now, limits(lane, now, view, marketing))
          return judgements
        },
        newId,
      )
      for (const judgement of judgements) {
        if (judgement.kind === 'stop') observer.verdict(judgement.verdict, 'claim')
        else if (judgement.kind === 'send' && judgement.guards.length > 0) observer.verdict({ kind: 'allow' }, 'claim')
      }
      const isMarketingFull = asked.marketingMax !== undefined && marketing.size >= asked.marketingMax
      return { claimed, marketing, seen, isMarketingFull }
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
