import type { Instant } from './clock.ts'
import type { SendFacts } from './facts.ts'
import { checkGuards } from './guards/guards.ts'
import type { Outlook } from './guards/verdict.ts'
import type { Category, Message, SendIntent } from './message.ts'
import type { Candidate, Judgement } from './claim.ts'

/** The limiter's word on a message that the guards allow: not before this instant, or null to go now. */
export type DeferUntil = (candidate: Candidate, category: Category) => Instant | null

/**
 * Judges a batch of claimed rows in the order given, as if they were claimed one by one: what an earlier row takes
 * (credits, a new person within the reach limit, a place under the frequency cap) the later ones find taken.
 * Work rows always go.
 *
 * @param deferUntil asked once for each message the guards allow. A deferred message takes nothing.
 */
export function judge(candidates: Candidate[], deferUntil: DeferUntil = () => null): Judgement[] {
  const taken: Taken = {
    micros: 0,
    reached: new Map(),
    marketingAt: new Map(),
    journeyAt: new Map(),
    service: new Map(),
    conversations: new Map(),
  }
  return candidates.map((candidate) => judgeOne(candidate, taken, deferUntil))
}

interface Taken {
  micros: number
  /** People newly reached, and when the first of them was. */
  reached: Map<string, Instant>
  marketingAt: Map<string, Instant[]>
  journeyAt: Map<string, Instant[]>
  /** Free text, by number. */
  service: Map<string | null, number>
  /** Conversations that begin with one of the batch, by number and person: the next message of theirs costs nothing. */
  conversations: Map<string, Set<Category>>
}

function judgeOne(candidate: Candidate, taken: Taken, deferUntil: DeferUntil): Judgement {
  const { message } = candidate
  const { intent } = message
  const { id } = intent
  if (intent.kind === 'work')
    return { id, kind: 'send', priceMicros: 0, market: null, category: null, form: null, inWindow: false, guards: [] }
  const person = personOf(message, intent)
  const facts = without(taken, candidate.facts, person, intent)
  const { verdict, guards, ...outlook } = checkGuards(intent, facts, message.form)
  if (verdict.kind !== 'allow') return { id, kind: 'stop', verdict, guards, priceMicros: outlook.priceMicros }
  const until = deferUntil(candidate, outlook.category)
  if (until !== null) return { id, kind: 'defer', until }
  take(taken, facts, person, intent, outlook)
  return { id, kind: 'send', guards, ...outlook }
}

/** The facts as the earlier rows of the batch leave them. */
function without(taken: Taken, facts: SendFacts, person: string, { numberId }: SendIntent): SendFacts {
  const [firstReachedAt] = taken.reached.values()
  const begun = taken.conversations.get(pairKey(numberId, person))
  return {
    ...facts,
    availableMicros: facts.availableMicros - taken.micros,
    reached: facts.reached + taken.reached.size,
    reachedAlready: facts.reachedAlready || taken.reached.has(person),
    oldestReachedAt: facts.oldestReachedAt ?? firstReachedAt ?? null,
    recentMarketingAt: [...(taken.marketingAt.get(person) ?? []), ...facts.recentMarketingAt],
    recentJourneyAt: [...(taken.journeyAt.get(person) ?? []), ...facts.recentJourneyAt],
    serviceThisMonth: facts.serviceThisMonth + (taken.service.get(numberId) ?? 0),
    conversationOpen:
      facts.conversationOpen === null || begun === undefined
        ? facts.conversationOpen
        : { ...facts.conversationOpen, ...Object.fromEntries([...begun].map((category) => [category, true])) },
  }
}

function take(
  taken: Taken,
  facts: SendFacts,
  person: string,
  { instanceId, numberId }: SendIntent,
  { priceMicros, category, inWindow }: Outlook,
): void {
  taken.micros += priceMicros
  if (!inWindow && !facts.reachedAlready) taken.reached.set(person, facts.now)
  if (category === 'MARKETING') note(taken.marketingAt, person, facts.now)
  if (instanceId !== undefined) note(taken.journeyAt, person, facts.now)
  if (category === 'SERVICE') taken.service.set(numberId, (taken.service.get(numberId) ?? 0) + 1)
  if (facts.conversationOpen === null) return
  const pair = pairKey(numberId, person)
  taken.conversations.set(pair, new Set(taken.conversations.get(pair)).add(category))
}

function pairKey(numberId: string | null, person: string): string {
  return `${numberId}/${person}`
}

function note(times: Map<string, Instant[]>, person: string, at: Instant): void {
  times.set(person, [at, ...(times.get(person) ?? [])])
}

/** Two rows of one person may differ in what they know: the contact's id says most. */
function personOf(message: Message, intent: SendIntent): string {
  return message.contactId ?? intent.to.bsuid ?? intent.to.phone ?? intent.to.raw
}
