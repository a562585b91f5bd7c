import { addDuration } from '../duration.ts'
import type { SendFacts } from '../facts.ts'
import type { SendIntent, Verdict } from '../message.ts'
import { quietUntil } from '../quietHours.ts'
import { isZone } from '../calendar.ts'
import { allow, block, holdUntil, type Outlook } from './verdict.ts'

/** Is it a time of day, and often enough since the last message, to write to this person? */
export function checkTiming(intent: SendIntent, facts: SendFacts, outlook: Outlook): Verdict {
  const quiet = checkQuietHours(intent, facts, outlook)
  return quiet.kind === 'allow' ? checkFrequency(facts, outlook) : quiet
}

/**
 * @param intent.zone the contact's; the settings' zone serves when it is unknown or is no zone at all
 * @returns a hold until the very instant the quiet hours end there
 */
export function checkQuietHours(
  { zone }: Pick<SendIntent, 'zone'>,
  { now, settings }: Pick<SendFacts, 'now' | 'settings'>,
  { category }: Pick<Outlook, 'category'>,
): Verdict {
  const quiet = settings.quietHours
  if (quiet === null || !settings.quietCategories.includes(category)) return allow
  const wanted = quiet.timezone === 'contact' ? zone : quiet.timezone
  const there = wanted !== null && isZone(wanted) ? wanted : settings.timezone
  const until = quietUntil(now, quiet.from, quiet.to, there)
  if (until === null) return allow
  return quiet.otherwise === 'block' ? block('quiet_hours', there) : holdUntil('quiet_hours', until, there)
}

/**
 * At most so many marketing messages to one contact in a length of time, counted back from now.
 *
 * @param facts.recentMarketingAt newest first
 * @returns a hold until the message that fills the cap has aged out of it
 */
export function checkFrequency(
  { now, settings, recentMarketingAt }: Pick<SendFacts, 'now' | 'settings' | 'recentMarketingAt'>,
  { category }: Pick<Outlook, 'category'>,
): Verdict {
  const cap = settings.frequencyCap
  if (cap === null || category !== 'MARKETING') return allow
  const filling = recentMarketingAt[cap.max - 1]
  if (filling === undefined) return allow
  const freeAt = addDuration(filling, cap.per, settings.timezone)
  if (freeAt <= now) return allow
  const detail = `${cap.max}/${cap.per}`
  return cap.otherwise === 'block' ? block('frequency_capped', detail) : holdUntil('frequency_capped', freeAt, detail)
}
