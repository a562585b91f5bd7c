import type { Instant } from './clock.ts'
import type { Category, Form, SendIntent } from './message.ts'

const MINUTE_MS = 60_000
const DAY_MS = 24 * 60 * MINUTE_MS
/** Without a time to live of the template's own. */
const DEFAULTS: Record<Category, number> = {
  AUTHENTICATION: 10 * MINUTE_MS,
  UTILITY: 30 * DAY_MS,
  MARKETING: 30 * DAY_MS,
  SERVICE: 30 * DAY_MS,
}
/** A delivery of the last moment is told a little later. */
const GRACE_MS = 60 * MINUTE_MS

/**
 * From when on WhatsApp has surely given up a message that it accepted and did not deliver. It tells nothing of that.
 *
 * Source: Meta, Cloud API, "Time-to-live": 10 minutes for authentication, 30 days for the others, or as the template says.
 *
 * @param form as what it went out: a template's time to live is not that of the text sent in its stead
 */
export function givenUpAt(
  { category, timeToLiveMs }: Pick<SendIntent, 'category' | 'timeToLiveMs'>,
  acceptedAt: Instant,
  form: Form | null = 'template',
): Instant {
  const ttlMs = form === 'text' ? DEFAULTS.SERVICE : (timeToLiveMs ?? DEFAULTS[category])
  return acceptedAt + ttlMs + GRACE_MS
}
