import type { GraphRefused } from './whatsapp/graph.ts'

/** What to do about a refusal. Each class is handled in `settlementOf.ts`. */
export type ErrorClass =
  /** The same message again, later. */
  | 'retry_later'
  /** Too fast for this number or account: slow its lane down, then again. */
  | 'slow_down_number'
  /** Too fast for this pair of number and contact. */
  | 'slow_down_pair'
  /** This message is wrong; no retry helps. */
  | 'fix_message'
  /** Free text outside the customer service window: as the template instead, when there is one. */
  | 'window_closed'
  /** The template cannot be sent as it is. */
  | 'fix_template'
  /** The number cannot send until a person does something. */
  | 'fix_number'
  /** The whole account, the token, or what of it is refused stays so until a person does something. */
  | 'fix_account'
  /** This person cannot be reached. */
  | 'contact_unreachable'
  /** This person stopped our marketing. */
  | 'opted_out'
  /** Not now, perhaps tomorrow. */
  | 'later'

export interface ErrorRule {
  class: ErrorClass
  /** Calls in all, the first included; then it has failed. */
  attemptsMax: number
  /** Pause before the second call; grows by `factor` with each further one. */
  baseMs: number
  factor: number
  maxMs: number
}

const SECOND = 1000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE

const rule = (kind: ErrorClass, attemptsMax: number, baseMs: number, factor: number, maxMs: number): ErrorRule => ({
  class: kind,
  attemptsMax,
  baseMs,
  factor,
  maxMs,
})
const final = (kind: ErrorClass): ErrorRule => rule(kind, 1, 0, 1, 0)

const retryLater = rule('retry_later', 5, 2 * SECOND, 4, 10 * MINUTE)
const retryOnce = { ...retryLater, attemptsMax: 2 }
const retryAfterMinutes = rule('retry_later', 6, 2 * MINUTE, 2, 30 * MINUTE)
const slowDownNumber = rule('slow_down_number', 30, 2 * SECOND, 2, 5 * MINUTE)
const slowDownAccount = rule('slow_down_number', 30, MINUTE, 2, HOUR)
/** "Wait 4^X seconds." Source: Meta, Cloud API, "Pair rate limits". */
const slowDownPair = rule('slow_down_pair', 10, 4 * SECOND, 4, HOUR)
const fixMessage = final('fix_message')
const fixTemplate = final('fix_template')
const contact = final('contact_unreachable')
/** The pauses of a lane whose number or account is refused: probed again ever more rarely, for it may be mended. */
const fixNumber = rule('fix_number', Infinity, 5 * MINUTE, 2, HOUR)
const fixAccount = rule('fix_account', Infinity, MINUTE, 2, 15 * MINUTE)
const later = rule('later', 3, 24 * HOUR, 2, 96 * HOUR)

/**
 * Every error code of the Cloud API that a send or a template call may meet.
 *
 * Source: Meta, Cloud API, "Error codes"; what to do where Meta does not say is our reading of its descriptions.
 */
const byCode: Readonly<Record<number, ErrorRule>> = {
  0: fixAccount, // the token cannot be authenticated
  1: retryOnce, // unknown, or malformed
  2: retryLater, // service down or overloaded
  3: fixAccount, // capability or permission
  4: slowDownAccount, // calls of the app
  10: fixAccount, // permission denied
  33: fixNumber, // number deleted, or a wrong id
  100: fixMessage, // invalid parameter
  190: fixAccount, // token expired or invalid
  368: fixAccount, // blocked for a policy violation
  80007: slowDownAccount, // calls of the WhatsApp Business Account
  80008: slowDownAccount, // template calls
  130429: slowDownNumber, // throughput
  130472: contact, // in an experiment that gets no marketing
  130497: contact, // not allowed in that country
  131000: { ...retryLater, attemptsMax: 3 }, // something went wrong
  131005: fixAccount, // access denied
  131008: fixMessage, // parameter missing
  131009: fixMessage, // parameter value invalid
  131016: retryLater, // service unavailable
  131021: contact, // recipient is the sender
  131026: contact, // undeliverable
  131030: contact, // not on the test number's list
  131031: fixAccount, // account locked
  131037: fixNumber, // display name not approved
  131042: fixAccount, // payment
  131045: fixNumber, // number not registered properly
  131047: final('window_closed'), // outside the customer service window
  131048: fixNumber, // spam limit of the number
  131049: later, // not delivered to keep the ecosystem healthy
  131050: final('opted_out'), // the person stopped our marketing
  131051: fixMessage, // unsupported message type
  131052: fixMessage, // media download
  131053: fixMessage, // media upload or type
  131055: fixMessage, // not on this API
  131056: slowDownPair, // pair rate
  131057: retryAfterMinutes, // maintenance
  131060: fixMessage, // message not available
  131062: fixMessage, // BSUID not allowed here
  131063: fixMessage, // marketing is off on this API
  131064: fixAccount, // utility limited for misclassified templates
  132000: fixMessage, // number of parameters
  132001: fixTemplate, // template not found in that language
  132005: fixMessage, // rendered text too long
  132007: fixMessage, // content violates a policy
  132008: fixMessage, // parameter value
  132012: fixMessage, // parameter format
  132015: fixTemplate, // template paused
  132016: fixTemplate, // template disabled
  132018: fixMessage, // template parameter
  132068: fixTemplate, // Flow blocked
  132069: rule('retry_later', 3, HOUR, 2, 4 * HOUR), // Flow throttled, 10 an hour
  133000: fixNumber, // deregistration incomplete
  133001: fixNumber,
  133002: fixNumber,
  133003: fixNumber,
  133004: retryLater, // server temporarily unavailable
  133005: fixNumber, // wrong PIN
  133006: fixNumber, // verify first
  133007: fixNumber,
  133008: fixNumber, // too many PIN tries
  133009: fixNumber, // PIN tried too fast
  133010: fixNumber, // not registered
  133015: { ...retryAfterMinutes, baseMs: 5 * MINUTE }, // wait before registering
  133016: fixNumber, // 10 registrations in 72 hours
  134011: fixAccount, // payments terms
  134100: fixMessage, // not a marketing message
  134101: rule('retry_later', 4, 10 * MINUTE, 2, HOUR), // template still syncing
  134102: fixMessage, // template not onboarded
  135000: retryOnce, // generic, usually a bad parameter
  137000: contact, // identity hash
  139000: fixAccount, // blocked by integrity
  139100: fixMessage, // block list
  139101: fixMessage,
  139102: retryLater,
  139103: retryLater,
  2388019: fixTemplate, // template creation: cap and content
  2388039: fixTemplate,
  2388040: fixTemplate,
  2388047: fixTemplate,
  2388072: fixTemplate,
  2388073: fixTemplate,
  2388293: fixTemplate,
  2388299: fixTemplate,
  2494100: retryAfterMinutes, // number in maintenance
  2593107: fixNumber, // coexistence sync
  2593108: fixNumber,
  2593109: fixNumber,
}

/** What to do about a refusal: by its code; for a code nobody listed, by the HTTP status. */
export function ruleOf(refused: Pick<GraphRefused, 'code' | 'httpStatus' | 'transient'>): ErrorRule {
  const { code } = refused
  if (code !== null) {
    const known = byCode[code]
    if (known !== undefined) return known
    // 200 to 299 are all permissions that are missing. 138xxx (calling) and 200005 to 200007 (insights) fall through.
    if (code >= 200 && code <= 299) return fixAccount
  }
  return ruleOfStatus(refused)
}

function ruleOfStatus({ httpStatus, transient }: Pick<GraphRefused, 'httpStatus' | 'transient'>): ErrorRule {
  if (httpStatus === 429) return slowDownNumber
  if (transient || httpStatus >= 500 || httpStatus === 408) return retryLater
  if (httpStatus === 401 || httpStatus === 403) return fixAccount
  // A redirect, or a 404 without a Graph error, is what a wrong base URL or API version gives: every send meets it.
  if (httpStatus >= 300 && httpStatus < 400) return fixAccount
  return fixMessage
}

/** The codes of the table, for its test and for docs/errors.md. */
export const knownCodes: readonly number[] = Object.keys(byCode).map(Number)

/** The reason a failed message is recorded with: `whatsapp_131026`, `whatsapp_http_404`, `unsendable`. */
export function reasonOf({ code, httpStatus }: Pick<GraphRefused, 'code' | 'httpStatus'>): string {
  if (code !== null) return `whatsapp_${code}`
  return httpStatus === 0 ? 'unsendable' : `whatsapp_http_${httpStatus}`
}
