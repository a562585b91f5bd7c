import type { Emulator } from '#emulator/emulator.ts'
import type { Message } from '#engine/message.ts'
import type { Store } from '#engine/store.ts'

/** What became of everything, read back from the store. Money in micro-credits. */
export interface Outcome {
  /** Record events that came in, those that came twice included. */
  events: number
  duplicates: number
  messages: {
    delivered: number
    read: number
    failed: number
    blocked: Record<string, number>
    /** Messages that waited, by what for; all that could go on did. */
    held: Record<string, number>
  }
  credits: { bought: number; spent: number; held: number; available: number }
  timersCancelled: number
}

export async function readOutcome(store: Store): Promise<{ outcome: Outcome; all: Message[] }> {
  const all = await allMessages(store)
  const totals = await store.totals()
  const duplicates = totals.duplicates.record ?? 0
  const { bought, spent, held, available } = await store.balance()
  const blocked: Record<string, number> = {}
  const waited: Record<string, number> = {}
  for (const message of all) {
    if (message.state === 'blocked') add(blocked, message.reason)
    const reasons = (await store.messageSteps(message.intent.id))
      .filter(({ state }) => state === 'held')
      .map(({ reason }) => reason)
    for (const reason of new Set(reasons)) add(waited, reason)
  }
  const count = (state: Message['state']) => all.filter((message) => message.state === state).length
  const cancelled = await store.timers({ state: 'cancelled' })
  return {
    all,
    outcome: {
      events: (totals.accepted.record ?? 0) + duplicates,
      duplicates,
      messages: { delivered: count('delivered'), read: count('read'), failed: count('failed'), blocked, held: waited },
      credits: { bought, spent, held, available },
      timersCancelled: cancelled.length,
    },
  }
}

function add(counts: Record<string, number>, reason: string | null): void {
  const key = reason ?? 'unknown'
  counts[key] = (counts[key] ?? 0) + 1
}

/** Every message, oldest first; other work of the outbox is left out. */
async function allMessages(store: Store): Promise<Message[]> {
  const all: Message[] = []
  for (let after: string | undefined; ;) {
    const page = await store.messages({}, { limit: 200, ...(after === undefined ? {} : { after }) })
    all.push(...page.items)
    if (page.next === null) return all.filter(({ intent }) => intent.kind === 'sendTemplate').reverse()
    after = page.next
  }
}

/**
 * Holds what we believe against what the emulator saw: every message it accepted once and only once, in the same state, and
 * refusals and credits that add up.
 *
 * @returns disagreements in words; empty when all agree
 */
export function compare(all: Message[], outcome: Outcome, emulator: Emulator): string[] {
  const wrong: string[] = []
  const theirs = new Map(emulator.messages().map((message) => [message.opaqueId, message]))
  const counts = emulator.counts()
  for (const [id, times] of counts.byOpaqueId) if (times > 1) wrong.push(`${id} was sent ${times} times`)
  for (const { intent, state, wamid } of all) {
    const seen = theirs.get(intent.id)
    if (wamid === null && seen !== undefined) wrong.push(`${intent.id} is ${state} here, but the emulator accepted it`)
    if (wamid !== null && seen?.wamid !== wamid)
      wrong.push(`${intent.id} has ${wamid} here, ${seen?.wamid ?? 'nothing'} at the emulator`)
    if (seen !== undefined && expectedState(seen.history.map(({ status }) => status)) !== state)
      wrong.push(`${intent.id} is ${state} here, ${seen.status} at the emulator`)
  }
  if (theirs.size !== all.filter(({ wamid }) => wamid !== null).length)
    wrong.push(`${theirs.size} messages at the emulator, not as many here`)
  const refused = Object.values(counts.refused).reduce((sum, one) => sum + one, 0)
  const failedAtOnce = all.filter(({ state, wamid }) => state === 'failed' && wamid === null).length
  if (refused !== failedAtOnce) wrong.push(`${refused} refusals at the emulator, ${failedAtOnce} here`)
  const { bought, spent, held, available } = outcome.credits
  if (bought !== spent + held + available) wrong.push('the credits do not add up')
  return wrong
}

/** Delivered stands when a failure is told afterwards; both are kept, for the record. */
function expectedState(statuses: readonly string[]): string {
  for (const state of ['read', 'delivered', 'failed', 'sent']) if (statuses.includes(state)) return state
  return 'accepted'
}
