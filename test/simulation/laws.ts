import type { SentMessage } from '#emulator/messages.ts'
import type { SendIntent } from '#engine/message.ts'
import {
  beliefsAreTrue,
  erasedAreForgotten,
  erasedGetNothing,
  heldHasAnEnd,
  limitsAreKept,
  troublesEnd,
  versionsFit,
} from './accountLaws.ts'
import { broadcastsAddUp, broadcastsEnd, commandsAreAnswered, transitionsAreWhole } from './commandLaws.ts'
import {
  aDateComesOnce,
  countsAgree,
  endsAreFinal,
  entriesAreKept,
  everyPlaceExists,
  historyIsAChain,
  journeysEnd,
  oneBlueprintEach,
  repliesAreHeard,
  stepsSendOnce,
} from './instanceLaws.ts'
import { rowsOf, SLACK_MS, type Law } from './law.ts'
import {
  holdsEnd,
  moneyIsWhereStripeSays,
  neverBelowZero,
  nobodyPaysTwice,
  purchasesAreBookedOnce,
  rechargesKeepTheirCap,
  spendingAddsUp,
} from './moneyLaws.ts'
import {
  datesAreKept,
  everyWaitHasItsTimer,
  officeHoursAreKept,
  schedulesFireOnceAMinute,
  timersAreNotLate,
  timersFireOnce,
} from './timerLaws.ts'
import type { World } from './world.ts'

interface Row {
  id: string
  kind: string
  state: string
  reason: string | null
  detail: string | null
  dueAt: number
  waitsFor: string | null
  intent: string
  wamid: string | null
  priceMicros: number
  holdState: string
  claimedAt: number | null
  acceptedAt: number | null
  sentAt: number | null
}
interface Step {
  messageId: string
  at: number
  state: string
  detail: string | null
}

/** What WhatsApp took, by our id. A text that it refused afterwards, and whose template went in its place, is not among them. */
function sendsById(world: World): Map<string, SentMessage[]> {
  const fallenBack = new Set(
    rowsOf<{ id: string }>(world, "SELECT id FROM outbox WHERE form = 'fallback'").map(({ id }) => id),
  )
  const sends = world.account.messages
    .list()
    .filter((message) => !(isRefusedText(message) && fallenBack.has(message.opaqueId ?? '')))
  return Map.groupBy(sends, ({ opaqueId }) => opaqueId ?? '')
}

/** Outside the window, as WhatsApp sees it. */
function isRefusedText({ type, errorCode }: SentMessage): boolean {
  return type === 'text' && errorCode === 131047
}

/** All money is somewhere, and none of it twice. Holds in every moment. */
export const ledgerAddsUp: Law = (world) => {
  const unbalanced = rowsOf<object>(
    world,
    'SELECT txId, sum(amountMicros) AS sum FROM ledgerPosting GROUP BY txId HAVING sum(amountMicros) <> 0',
  )
  const sums = new Map(
    rowsOf<{ account: string; sum: number }>(
      world,
      'SELECT account, sum(amountMicros) AS sum FROM ledgerPosting GROUP BY account',
    ).map(({ account, sum }) => [account, sum]),
  )
  const [available, held, spent, purchases, owed] = ['available', 'held', 'spent', 'purchases', 'owed'].map(
    (one) => sums.get(one) ?? 0,
  )
  const [open] = rowsOf<{ sum: number }>(
    world,
    "SELECT coalesce(sum(priceMicros), 0) AS sum FROM outbox WHERE holdState = 'held'",
  )
  const captured = rowsOf<{ sum: number }>(
    world,
    "SELECT coalesce(sum(priceMicros), 0) AS sum FROM outbox WHERE holdState = 'captured'",
  )[0]
  const kept = rowsOf<{ account: string; amountMicros: number }>(world, 'SELECT * FROM ledgerBalance')
  return [
    ...unbalanced,
    ...((available ?? 0) < 0 ? [{ available }] : []),
    ...(held === open?.sum ? [] : [{ held, open: open?.sum }]),
    ...(spent === captured?.sum ? [] : [{ spent, captured: captured?.sum }]),
    ...(-(purchases ?? 0) === (available ?? 0) + (held ?? 0) + (spent ?? 0) + (owed ?? 0)
      ? []
      : [{ purchases, available, held, spent, owed }]),
    ...((owed ?? 0) > 0 || ((owed ?? 0) < 0 && (available ?? 0) > 0) ? [{ owed, available }] : []),
    ...kept.filter(({ account, amountMicros }) => (sums.get(account) ?? 0) !== amountMicros),
  ]
}

/**
 * WhatsApp accepts a message once. Only one that is to be sent at least once may be accepted again, each time after its
 * steps said that the answer was lost, only while no status of it had come, and only after we had listened for one as long
 * as the settings say.
 */
export const nothingSentTwice: Law = (world) => {
  const broken: object[] = []
  for (const [id, sends] of sendsById(world)) {
    const [row] = rowsOf<Row>(world, 'SELECT * FROM outbox WHERE id = ?', id)
    if (row === undefined) {
      broken.push({ id, problem: 'not in the outbox' })
      continue
    }
    if (sends.length < 2) continue
    const requeues = rowsOf<Step>(
      world,
      "SELECT * FROM messageStep WHERE messageId = ? AND state = 'queued' AND detail = 'answer_lost' ORDER BY seq",
      id,
    )
    const { delivery, recordId } = JSON.parse(row.intent) as SendIntent
    const counted = new Set(sends.map(({ wamid }) => wamid))
    const told = world.told.filter(({ messageId, wamid }) => messageId === id && counted.has(wamid))
    const heardBefore = requeues.filter(({ at }) => told.some((one) => one.at < at))
    const hasty = requeues.filter(({ at }) => !hasListened(world, at))
    if (delivery === 'at-most-once') broken.push({ id, delivery, sends: sends.length })
    // Of who is erased nobody remembers the steps.
    else if (recordId === '') continue
    else if (requeues.length < sends.length - 1) broken.push({ id, sends: sends.length, requeues: requeues.length })
    else if (hasty.length > 0)
      broken.push({ id, problem: 'sent again before anybody had listened for long enough', hasty })
    else if (heardBefore.length > 0)
      broken.push({ id, problem: 'sent again although a status had come', told, heardBefore })
  }
  return broken
}

/** While the process is down nobody hears of a status, so that is no waiting. A clock that steps measures no wait. */
function hasListened({ starts, chaos }: World, at: number): boolean {
  const since = starts.findLast((start) => start <= at) ?? at
  return chaos.clockStepsMs > 0 || at - since >= (chaos.settings.unknownWaitMs ?? 0)
}

/** Every event that was answered with success is in the inbox and decided, and so is what we told ourselves. */
export const noEventLost: Law = (world) => {
  const rows = rowsOf<{ id: string; state: string; source: string; acceptedAt: number }>(
    world,
    'SELECT id, state, source, acceptedAt FROM inbox',
  )
  const known = new Set(rows.map(({ id }) => id))
  const lost = [...world.accepted].filter(([, id]) => !known.has(id)).map(([source, id]) => ({ source, id }))
  // What came this very minute may wait for the next look into the inbox.
  const since = world.time.server.now() - SLACK_MS
  return [...lost, ...rows.filter(({ state, acceptedAt }) => state !== 'done' && acceptedAt < since)]
}

/** Whatever was to be sent has come to an end, or waits for something that has a name and has not come. */
export const everyIntentSettled: Law = (world) => {
  const now = world.time.server.now()
  const settings = JSON.parse(
    rowsOf<{ value: string }>(world, "SELECT value FROM setting WHERE key = 'settings'")[0]?.value ?? '{}',
  ) as { integration?: { active?: boolean } }
  const [balance] = rowsOf<{ amountMicros: number }>(
    world,
    "SELECT amountMicros FROM ledgerBalance WHERE account = 'available'",
  )
  const open = rowsOf<Row & { template: string; language: string; steps: string }>(
    world,
    `SELECT outbox.*, templateState.status AS templateStatus FROM outbox LEFT JOIN templateState
       ON templateState.name = template AND templateState.language = outbox.language
     WHERE outbox.state IN ('queued', 'held', 'sending', 'unknown')`,
  )
  const told = ({ id, state, reason, detail, waitsFor, dueAt }: Row) => ({
    id,
    state,
    reason,
    detail,
    waitsFor,
    due: dueAt > 8e15 ? null : new Date(dueAt).toISOString(),
    now: new Date(now).toISOString(),
  })
  return open
    .filter((row) => {
      // Woken or due this very minute, perhaps by credits that another message has just given back.
      if (row.state === 'sending') return (row.claimedAt ?? 0) < now - SLACK_MS
      if (row.state === 'queued') return row.dueAt < now - SLACK_MS
      if (row.state !== 'held') return true
      switch (row.waitsFor) {
        case null:
          return row.dueAt <= now
        case 'integration_active':
          return settings.integration?.active !== false
        case 'template_approved':
          return (row as unknown as { templateStatus: string }).templateStatus === 'APPROVED'
        case 'credits_added':
          // The guard wrote what it lacked: `price > available`, in credits.
          return Math.round(Number(row.detail?.split(' > ')[0]) * 1e6) <= (balance?.amountMicros ?? 0)
        default:
          return true
      }
    })
    .map(told)
}

const RUNGS: Record<string, number> = { accepted: 1, sent: 2, failed: 3, delivered: 4, read: 5 }

/** Each message stands where WhatsApp said it stands. */
export const statesAsTold: Law = (world) => {
  const sends = sendsById(world)
  const unknown = rowsOf<Step>(world, "SELECT * FROM messageStep WHERE state = 'unknown'")
  const wasUnknown = new Set(unknown.map(({ messageId }) => messageId))
  return rowsOf<Row>(world, "SELECT * FROM outbox WHERE kind = 'sendTemplate'").flatMap((row): object[] => {
    const attempts = sends.get(row.id) ?? []
    if (attempts.length === 0) {
      return ['accepted', 'sent', 'delivered', 'read'].includes(row.state)
        ? [{ id: row.id, state: row.state, sent: 'never' }]
        : []
    }
    const told = attempts.flatMap(({ wamid, history }) =>
      history
        .map(({ status }) => status)
        .filter((status) => status !== 'failed' || attempts.length === 1 || row.wamid === wamid),
    )
    const best = told.reduce((a, b) => ((RUNGS[b] ?? 0) > (RUNGS[a] ?? 0) ? b : a), 'accepted')
    if (row.state === best) return []
    // Nothing but an answer that was lost spoke of it.
    if (best === 'accepted' && wasUnknown.has(row.id)) return []
    return [{ id: row.id, state: row.state, reason: row.reason, told, wamid: row.wamid, sends: attempts.length }]
  })
}

/** WhatsApp keeps a message that it cannot deliver for thirty days at most; no credits are held longer for it. */
export const noHoldForEver: Law = (world) => {
  const long = world.time.server.now() - 31 * 86_400_000
  return rowsOf<Row>(world, "SELECT * FROM outbox WHERE holdState = 'held' AND coalesce(claimedAt, 0) < ?", long).map(
    ({ id, state, priceMicros }) => ({ id, state, priceMicros }),
  )
}

/** The window may be closed for a text; a message that has a template goes out as that. */
export const textsFallBack: Law = (world) =>
  rowsOf<Row>(world, "SELECT * FROM outbox WHERE reason = 'window_closed' AND template <> ''").map(
    ({ id, state, reason, detail }) => ({ id, state, reason, detail }),
  )

/** The counts that metrics and the demo read agree with the rows they count. */
export const talliesAgree: Law = (world) => {
  const kept = rowsOf<{ name: string; count: number }>(
    world,
    "SELECT name, count FROM tally WHERE count <> 0 AND name LIKE 'message/%'",
  )
  const counted = rowsOf<{ name: string; count: number }>(
    world,
    "SELECT 'message/' || state || '/' || coalesce(reason, '') AS name, count(*) AS count FROM outbox GROUP BY 1",
  )
  const differs = (a: typeof kept, b: typeof kept) =>
    a.filter((one) => !b.some((o) => o.name === one.name && o.count === one.count))
  return [...differs(kept, counted), ...differs(counted, kept)]
}

/** What holds in every moment, also while the process is down. */
export const ALWAYS = {
  ledgerAddsUp,
  talliesAgree,
  neverBelowZero,
  purchasesAreBookedOnce,
  rechargesKeepTheirCap,
  nobodyPaysTwice,
  spendingAddsUp,
  holdsEnd,
  heldHasAnEnd,
  limitsAreKept,
  versionsFit,
  erasedAreForgotten,
  erasedGetNothing,
  everyPlaceExists,
  endsAreFinal,
  historyIsAChain,
  countsAgree,
  oneBlueprintEach,
  entriesAreKept,
  aDateComesOnce,
  stepsSendOnce,
  repliesAreHeard,
  textsFallBack,
  timersFireOnce,
  everyWaitHasItsTimer,
  officeHoursAreKept,
  datesAreKept,
  commandsAreAnswered,
  transitionsAreWhole,
  broadcastsAddUp,
}

/** What holds as well when everything has come to rest. */
export const LAWS = {
  ...ALWAYS,
  nothingSentTwice,
  noEventLost,
  everyIntentSettled,
  statesAsTold,
  noHoldForEver,
  moneyIsWhereStripeSays,
  troublesEnd,
  beliefsAreTrue,
  timersAreNotLate,
  schedulesFireOnceAMinute,
  journeysEnd,
  broadcastsEnd,
}
