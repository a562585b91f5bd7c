import { PACE } from '#actions/pace.ts'
import type { Settings } from '#definitions/settings.ts'
import type { Instant } from '#engine/clock.ts'
import type { Message } from '#engine/message.ts'
import type { NumberState } from '#engine/state.ts'
import type { Ahead } from '#engine/claim.ts'
import type { Store } from '#engine/store.ts'
import { waitsForText, type Language } from './texts.ts'

/** When a message that waits is likely to go out, if nothing else comes between. */
export interface Expectation {
  /** Null when no time can be told: it waits for an event, or it does not wait. */
  at: Instant | null
  /** How many of its number go before it. */
  ahead: number
  /** There are more before it than were counted, so it is later than that. */
  isBounded: boolean
}

const NONE: Expectation = { at: null, ahead: 0, isBounded: false }

/** What is in the queue before it, at the speed of its number; and what holds it, as far as that has an end. */
export async function expectationOf(
  store: Pick<Store, 'ahead' | 'settings' | 'numbers'>,
  message: Message,
  now: Instant,
): Promise<Expectation> {
  const { intent } = message
  const ahead = await store.ahead(intent.id, now)
  if (ahead === null) return NONE
  const count = { ahead: ahead.before.all, isBounded: ahead.isBounded }
  // Work has no speed of its own.
  if (intent.kind === 'work') return { at: Math.max(now, message.dueAt), ...count }
  const [settings, numbers] = await Promise.all([store.settings(), store.numbers()])
  const number = numbers.find(({ id }) => id === (intent.numberId ?? settings.defaultNumberId))
  if (number === undefined) return { ...NONE, ...count }
  const at = turnOf(ahead, message.dueAt, now, speedsOf(number, settings))
  if (at === null) return { ...NONE, ...count }
  return { at: Math.max(at, ahead.reachableAt ?? at), ...count }
}

/** Messages a second. */
interface Speeds {
  all: number
  marketing: number
}

function speedsOf({ throughput, quality }: NumberState, { marketingPace }: Settings): Speeds {
  const all = throughput * PACE
  const share = quality === 'YELLOW' ? marketingPace.YELLOW : quality === 'RED' ? marketingPace.RED : 1
  return { all, marketing: all * share }
}

/**
 * Not before all that is before it has left from now on, and not before those that come due together with it have left from then on.
 * Marketing has its own speed besides. Null when that is none.
 */
function turnOf(
  { isMarketing, before, together }: Ahead,
  dueAt: Instant,
  now: Instant,
  speeds: Speeds,
): Instant | null {
  if (isMarketing && speeds.marketing <= 0) return null
  const after = (from: Instant, { all, ofClass }: Ahead['before']): Instant =>
    from + 1000 * Math.max(all / speeds.all, isMarketing ? ofClass / speeds.marketing : 0)
  return Math.ceil(Math.max(after(now, before), after(Math.max(now, dueAt), together)))
}

/** The same in words; none when the message does not wait. */
export function expectationLine(
  { state, waitsFor, reason }: Message,
  { at, ahead, isBounded }: Expectation,
  language: Language,
): string[] {
  if (state !== 'queued' && state !== 'held') return []
  const ja = language === 'ja'
  if (at === null) {
    if (state === 'held' && waitsFor !== null) {
      const event = waitsForText(waitsFor, language)
      return [ja ? `${event}を待っています。時刻は未定です。` : `It waits for ${event}; no time can be told.`]
    }
    return [ja ? '送信の見込み時刻はわかりません。' : 'No time can be told.']
  }
  const time = new Date(at).toISOString()
  const many = isBounded ? (ja ? `${ahead} 件以上` : `${ahead} or more`) : ja ? `${ahead} 件` : String(ahead)
  const behind = ahead === 0 ? '' : ja ? `(同じ番号の前に ${many})` : `, behind ${many} of its number`
  const place =
    reason !== 'reach_limit' ? '' : ja ? '24時間の人数枠が空く' : ', when a place among the people of 24 hours frees'
  return [
    ja
      ? `${time} 頃に${place === '' ? '' : `${place}ため、`}送信の見込みです${behind}。`
      : `Expected to go out at about ${time}${behind}${place}.`,
  ]
}
