import type { Instant } from './clock.ts'
import type { SendFacts } from './facts.ts'
import { checkGuards } from './guards/guards.ts'
import type { Outlook } from './guards/verdict.ts'
import type { Message, SendIntent } from './message.ts'
import type { Candidate, Judgement } from './store.ts'

/**
 * Judges a batch of claimed rows in the order given, as if they were claimed one by one: what an earlier row takes
 * (credits, a new person within the reach limit, a place under the frequency cap) the later ones find taken.
 * Work rows always go.
 *
 * @param deferUntil the limiter's word on a message the guards allow, asked once for each: not before this instant, or
 *   null to go now. A deferred message takes nothing.
 */
export function judge(
  candidates: Candidate[],
  deferUntil: (candidate: Candidate) => Instant | null = () => null,
): Judgement[] {
  const taken: Taken = { micros: 0, reached: new Map(), marketingAt: new Map(), journeyAt: new Map() }
  return candidates.map((candidate) => judgeOne(candidate, taken, deferUntil))
}

interface Taken {
  micros: number
  /** People newly reached, and when the first of them was. */
  reached: Map<string, Instant>
  marketingAt: Map<string, Instant[]>
  journeyAt: Map<string, Instant[]>
}

function judgeOne(candidate: Candidate, taken: Taken, deferUntil: (candidate: Candidate) => Instant | null): Judgement {
  const { message } = candidate
  const { intent } = message
  const { id } = intent
  if (intent.kind === 'work')
    return { id, kind: 'send', priceMicros: 0, market: null, category: null, form: null, inWindow: false, guards: [] }
  const person = personOf(message, intent)
  const facts = without(taken, candidate.facts, person)
  const { verdict, guards, ...outlook } = checkGuards(intent, facts, message.form)
  if (verdict.kind !== 'allow') return { id, kind: 'stop', verdict, guards, priceMicros: outlook.priceMicros }
  const until = deferUntil(candidate)
  if (until !== null) return { id, kind: 'defer', until }
  take(taken, facts, person, intent, outlook)
  return { id, kind: 'send', guards, ...outlook }
}

/** The facts as the earlier rows of the batch leave them. */
function without(taken: Taken, facts: SendFacts, person: string): SendFacts {
  const [firstReachedAt] = taken.reached.values()
  return {
    ...facts,
    availableMicros: facts.availableMicros - taken.micros,
    reached: facts.reached + taken.reached.size,
    reachedAlready: facts.reachedAlready || taken.reached.has(person),
    oldestReachedAt: facts.oldestReachedAt ?? firstReachedAt ?? null,
    recentMarketingAt: [...(taken.marketingAt.get(person) ?? []), ...facts.recentMarketingAt],
    recentJourneyAt: [...(taken.journeyAt.get(person) ?? []), ...facts.recentJourneyAt],
  }
}

function take(
  taken: Taken,
  facts: SendFacts,
  person: string,
  { instanceId }: SendIntent,
  { priceMicros, category, inWindow }: Outlook,
): void {
  taken.micros += priceMicros
  if (!inWindow && !facts.reachedAlready) taken.reached.set(person, facts.now)
  if (category === 'MARKETING') note(taken.marketingAt, person, facts.now)
  if (instanceId !== undefined) note(taken.journeyAt, person, facts.now)
}

function note(times: Map<string, Instant[]>, person: string, at: Instant): void {
  times.set(person, [at, ...(times.get(person) ?? [])])
}

/** Two rows of one person may differ in what they know: the contact's id says most. */
function personOf(message: Message, intent: SendIntent): string {
  return message.contactId ?? intent.to.bsuid ?? intent.to.phone ?? intent.to.raw
}
