import { LRUCache } from 'lru-cache'
import { WhatsAppAnswerInvalid, WhatsAppRefused, WhatsAppUnreachable } from '#actions/whatsapp/faults.ts'
import type { HistoryEvent } from '#actions/whatsapp/history.ts'
import type { Instant } from '#engine/clock.ts'
import type { StatusEvent } from '#engine/trigger.ts'
import type { DutyParts } from './duties.ts'
import type { Duty } from './upkeep.ts'

const MINUTE_MS = 60_000
const EVERY_MS = 10 * MINUTE_MS
/** WhatsApp repeats a webhook for days, but most come within seconds: after this a status is missed. */
const MISSED_AFTER_MS = 15 * MINUTE_MS
/** A telephone that is switched off has no more statuses tomorrow than today: each question is later than the one before. */
const AGAIN_MS = 60 * MINUTE_MS
const AGAIN_FACTOR = 4
const AGAIN_MOST_MS = 24 * 60 * MINUTE_MS
/** Questions in one round: at most 120 an hour of the 5,000 that an account with a number has. */
const CALLS_MAX = 20
const LOOKED_AT_MAX = 2000
const REMEMBERED_MAX = 20_000
/** WhatsApp does not let us ask: another day perhaps. */
const FORBIDDEN_MS = 24 * 60 * MINUTE_MS

interface Asked {
  againAt: Instant
  afterMs: number
}

/**
 * Asks WhatsApp what became of messages it accepted and told nothing more of: a webhook may be lost while nobody listens. What it
 * answers is accepted as the same statuses that webhooks bring, so the ladder, the money and the rules follow as ever; one that comes by
 * webhook after all tells nothing new, except its price.
 *
 * Messages of unknown fate cannot be settled so. The history is asked by WhatsApp's id of a message, which a lost answer would have
 * brought, and tells neither the recipient nor what we sent along; there is nothing to know one by. They wait for a status, which names
 * our id, and then for their policy.
 *
 * Source: Meta, Cloud API, "Message history".
 */
export function askHistory({ store, clock, accounts, accept }: DutyParts): Duty {
  const asked = new LRUCache<string, Asked>({ max: REMEMBERED_MAX })
  const forbiddenUntil = new Map<string, Instant>()

  /** @returns false when no more is to be asked of this account in this round */
  async function ask(message: Unheard, accountId: string, now: Instant): Promise<boolean> {
    const client = accounts.clientOf(accountId)
    if (client === null) return false
    try {
      const history = await client.history(message.numberId, message.wamid)
      await accept(history.map((event) => statusOf(message, event)))
    } catch (error) {
      // An aid, not a need: what cannot be answered or read now is asked for in a later round.
      if (error instanceof WhatsAppUnreachable || error instanceof WhatsAppAnswerInvalid) return false
      if (!(error instanceof WhatsAppRefused)) throw error
      if (error.retryable) return false
      // That it knows nothing of this one message says nothing of the others.
      if (error.details.code !== NOT_FOUND) {
        forbiddenUntil.set(accountId, now + FORBIDDEN_MS)
        return false
      }
    }
    const before = asked.get(message.wamid)
    const afterMs = before === undefined ? AGAIN_MS : Math.min(before.afterMs * AGAIN_FACTOR, AGAIN_MOST_MS)
    asked.set(message.wamid, { againAt: now + afterMs, afterMs })
    return true
  }

  return {
    name: 'history',
    everyMs: EVERY_MS,
    async run(now) {
      const unheard = await store.unheard(now - MISSED_AFTER_MS, LOOKED_AT_MAX)
      const due = unheard.filter(({ wamid }) => (asked.get(wamid)?.againAt ?? -Infinity) <= now)
      if (due.length === 0) return
      const owners = new Map((await store.numbers()).map(({ id, accountId }) => [id, accountId]))
      const closed = new Set<string>()
      let calls = 0
      for (const message of due) {
        const accountId = owners.get(message.numberId) ?? accounts.defaultId()
        if (accountId === null || closed.has(accountId) || now < (forbiddenUntil.get(accountId) ?? -Infinity)) continue
        if (calls++ >= CALLS_MAX) break
        if (!(await ask(message, accountId, clock.now()))) closed.add(accountId)
      }
    },
  }
}

type Unheard = Awaited<ReturnType<DutyParts['store']['unheard']>>[number]

/** Invalid parameter, here: the message is not in the history. Source: Meta, Cloud API, "Message history". */
const NOT_FOUND = 100

function statusOf({ id, wamid }: Unheard, { status, at, error }: HistoryEvent): StatusEvent {
  return {
    kind: 'status',
    source: 'whatsapp',
    // Not the webhook's id: the webhook tells more (the price), and must not be taken for a repetition when it comes.
    sourceId: `history:${wamid}:${status}`,
    occurredAt: at,
    messageId: id,
    wamid,
    status,
    recipient: {},
    ...(status === 'failed' ? { errors: [{ code: codeIn(error), title: error ?? '' }] } : {}),
  }
}

/** `131026`, or `(#131026) ...`; 0 when it names none: that is in no table, so it counts as unknown. */
const codeIn = (error: string | null): number => Number(/^\(?#?(\d{1,7})\b/.exec(error ?? '')?.[1] ?? 0)
