import { marketOf } from '../market.ts'
import { priceOf } from '../pricing.ts'
import { cardAt } from '../rateCard.ts'
import type { SendFacts } from '../facts.ts'
import type { Form, GuardTrace, SendIntent, Verdict } from '../message.ts'
import { checkConsent } from './consent.ts'
import { checkCredits } from './credits.ts'
import { checkIntegration } from './integration.ts'
import { checkMarket } from './market.ts'
import { checkParameters } from './parameters.ts'
import { checkReach } from './reach.ts'
import { checkRecipient } from './recipient.ts'
import { checkTemplate } from './template.ts'
import { checkTiming } from './timing.ts'
import { allow, type Guard, type Outlook } from './verdict.ts'
import { checkWindow, formOf, isWindowOpen } from './window.ts'

/** With the outlook they judged by. `priceMicros` is what the message costs when it is delivered. */
export interface GuardResult extends Outlook {
  /** Of the first guard that does not allow; `allow` when all do. */
  verdict: Verdict
  /** Every guard's answer, in order of precedence. */
  guards: GuardTrace[]
}

/** In order of precedence: when several would not allow, the first one's reason is recorded. */
const guards: readonly (readonly [name: string, check: Guard])[] = [
  ['integration', checkIntegration],
  ['recipient', checkRecipient],
  ['consent', checkConsent],
  ['template', checkTemplate],
  ['parameters', checkParameters],
  ['window', checkWindow],
  ['market', checkMarket],
  ['timing', checkTiming],
  ['reach', checkReach],
  ['credits', checkCredits],
]

/**
 * May this message go out now, what would it cost, and what does each guard say? Asked when a message is decided, as a
 * forecast, and again when it is claimed, in the transaction that sets its credits aside.
 *
 * @param before as what it went out when it was claimed last; null when it never was
 */
export function checkGuards(intent: SendIntent, facts: SendFacts, before: Form | null = null): GuardResult {
  const outlook = outlookOf(intent, facts, before)
  const answers = guards.map(([guard, check]) => ({ guard, verdict: check(intent, facts, outlook) }))
  const verdict = answers.find((answer) => answer.verdict.kind !== 'allow')?.verdict ?? allow
  return { verdict, guards: answers, ...outlook }
}

function outlookOf(intent: SendIntent, facts: SendFacts, before: Form | null): Outlook {
  const { now, settings } = facts
  const isOpen = isWindowOpen(facts.conversation, now)
  const form = formOf(intent, isOpen, before)
  // WhatsApp says that it is closed, and WhatsApp counts who is reached and charges for it.
  const inWindow = isOpen && form !== 'fallback'
  const category = form === 'text' ? 'SERVICE' : (facts.template?.category ?? intent.category)
  const zone = facts.account?.zone ?? settings.timezone
  const market = marketOf({ phone: intent.to.phone, country: intent.country }, now, zone)
  const { priceMicros } = priceOf({
    category,
    market,
    at: now,
    inWindow,
    // As a status told; whether this very message opens one is told by its own.
    freeEntryPoint: (facts.conversation?.freeUntil ?? 0) > now,
    conversationOpen: facts.conversationOpen?.[category] ?? false,
    serviceThisMonth: facts.serviceThisMonth,
    card: cardAt(now, zone, facts.cards),
    markupMicros: settings.markupMicros,
    zone,
  })
  return { form, category, inWindow, market, priceMicros }
}
