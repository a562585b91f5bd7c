import { isZone } from '../calendar.ts'
import type { Instant } from '../clock.ts'
import { addDuration } from '../duration.ts'
import type { SendFacts } from '../facts.ts'
import type { SendIntent, Verdict } from '../message.ts'
import { quietUntil } from '../quietHours.ts'
import { allow, block, holdUntil, type Outlook } from './verdict.ts'

/** Is it a time of day, and often enough since the last message, to write to this person? */
export function checkTiming(intent: SendIntent, facts: SendFacts, outlook: Outlook): Verdict {
  const quiet = checkQuietHours(intent, facts, outlook)
  if (quiet.kind !== 'allow') return quiet
  const often = checkFrequency(intent, facts, outlook)
  return often.kind === 'allow' ? checkCap(facts, outlook) : often
}

/**
 * WhatsApp itself keeps marketing back from this person for a while. What goes out in an open window does not count there, so it
 * is not kept back here either.
 *
 * Source: Meta, Cloud API, "Per-user marketing template message limits" (error 131049).
 */
function checkCap(
  { contact, now }: Pick<SendFacts, 'contact' | 'now'>,
  { category, inWindow }: Pick<Outlook, 'category' | 'inWindow'>,
): Verdict {
  const until = contact?.cappedUntil ?? null
  if (category !== 'MARKETING' || inWindow || until === null || until <= now) return allow
  return holdUntil('marketing_capped', until)
}

type Timed = Pick<SendIntent, 'definition' | 'quietHours' | 'frequencyCap'>

/**
 * The quiet hours of the settings, for the categories they name, and those of the journey that sends, for everything but
 * one-time codes. Where both hold, the stricter answer stands: a block, else the later end.
 *
 * @param intent.zone the contact's; the settings' zone serves when it is unknown or is no zone at all
 * @returns a hold until the very instant the quiet hours end there. The detail is the zone; before it stands the journey when
 *   it is the journey that asks for quiet
 */
export function checkQuietHours(
  intent: Pick<SendIntent, 'zone'> & Timed,
  { now, settings }: Pick<SendFacts, 'now' | 'settings'>,
  { category }: Pick<Outlook, 'category'>,
): Verdict {
  const ours = category === 'SERVICE' || !settings.quietCategories.includes(category) ? null : settings.quietHours
  const asks = (quiet: SendIntent['quietHours'] | null, of = ''): Verdict => {
    if (quiet === null || quiet === undefined) return allow
    const wanted = quiet.timezone === 'contact' ? intent.zone : quiet.timezone
    const there = wanted !== null && isZone(wanted) ? wanted : settings.timezone
    const until = quietUntil(now, quiet.from, quiet.to, there)
    if (until === null) return allow
    const detail = `${of}${there}`
    return quiet.otherwise === 'block' ? block('quiet_hours', detail) : holdUntil('quiet_hours', until, detail)
  }
  return stricter(asks(ours), isCode(category) ? allow : asks(intent.quietHours, `${intent.definition} `))
}

/**
 * At most so many messages to one contact in a length of time, counted back from now: of marketing, as the settings say; of
 * all journeys together, as the journey says that sends. One-time codes are counted there too, but never kept back.
 *
 * @param facts.recentMarketingAt newest first, as is `recentJourneyAt`
 * @returns a hold until the message that fills the cap has aged out of it. The detail is the cap, `3/P7D`; before it stands
 *   the journey when it is the journey's
 */
export function checkFrequency(
  intent: Timed,
  { now, settings, recentMarketingAt, recentJourneyAt }: FrequencyFacts,
  { category }: Pick<Outlook, 'category'>,
): Verdict {
  const asks = (cap: SendIntent['frequencyCap'] | null, recentAt: Instant[], of = ''): Verdict => {
    if (cap === null || cap === undefined) return allow
    const filling = recentAt[cap.max - 1]
    if (filling === undefined) return allow
    const freeAt = addDuration(filling, cap.per, settings.timezone)
    if (freeAt <= now) return allow
    const detail = `${of}${cap.max}/${cap.per}`
    return cap.otherwise === 'block' ? block('frequency_capped', detail) : holdUntil('frequency_capped', freeAt, detail)
  }
  return stricter(
    category === 'MARKETING' ? asks(settings.frequencyCap, recentMarketingAt) : allow,
    isCode(category) ? allow : asks(intent.frequencyCap, recentJourneyAt, `${intent.definition} `),
  )
}

type FrequencyFacts = Pick<SendFacts, 'now' | 'settings' | 'recentMarketingAt' | 'recentJourneyAt'>

/** Somebody stands at a door and waits for it. */
function isCode(category: Outlook['category']): boolean {
  return category === 'AUTHENTICATION'
}

/** A block before a hold, the later of two holds; of equals the first. */
function stricter(one: Verdict, other: Verdict): Verdict {
  return strictness(other) > strictness(one) ? other : one
}

function strictness(verdict: Verdict): number {
  switch (verdict.kind) {
    case 'allow':
      return -Infinity
    case 'hold':
      return verdict.until ?? -Infinity
    case 'block':
      return Infinity
  }
}
