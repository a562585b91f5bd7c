import type { Clock, Instant } from './clock.ts'
import { decide } from './decide.ts'
import { knowContact } from './decide/contact.ts'
import { startDraft } from './decide/draft.ts'
import type { Change, Decision } from './decision.ts'
import type { DefinitionSet } from './definitionSet.ts'
import { AppError, StoreBusy } from './errors.ts'
import type { WorkingSet } from './facts.ts'
import { checkGuards } from './guards/guards.ts'
import type { SendIntent } from './message.ts'
import type { Store } from './store.ts'
import type { Trigger } from './trigger.ts'
import { fold } from './workingSet.ts'

/** How often a batch is decided again because another process changed a record in between. */
export const CONFLICT_ATTEMPTS_MAX = 8

export interface Shell {
  store: Store
  clock: Clock
  definitions: () => DefinitionSet
  /** A UUIDv7 for each follow-up trigger. */
  newId: () => string
  observe?: (batch: BatchOutcome) => void
}

export interface BatchOutcome {
  /** Decided and committed. */
  decisions: Decision[]
  /** Triggers that made `decide` or the commit throw, now quarantined. */
  setAside: { triggerId: string; error: string }[]
}

/**
 * Runs the oldest waiting triggers: load, decide, guard, commit. Everything or nothing of a batch is applied; when a record
 * moved meanwhile it is decided again. A trigger that cannot be decided is set aside, and the rest goes on.
 *
 * @param limit how many triggers share one transaction
 * @throws StoreBusy after CONFLICT_ATTEMPTS_MAX lost races (retryable)
 */
export async function runBatch(shell: Shell, limit: number): Promise<BatchOutcome> {
  const triggers = await shell.store.pending(limit, shell.clock.now())
  if (triggers.length === 0) return { decisions: [], setAside: [] }
  const outcome = await runTogether(shell, triggers)
  shell.observe?.(outcome)
  return outcome
}

async function runTogether(shell: Shell, triggers: Trigger[]): Promise<BatchOutcome> {
  try {
    return await attempt(shell, triggers)
  } catch (error) {
    // A full disk or a locked file is nobody's fault in the batch: everything waits.
    if (error instanceof AppError && error.retryable) throw error
    if (triggers.length > 1) return runApart(shell, triggers, error)
    const [trigger] = triggers
    if (trigger === undefined) throw error
    return setAside(shell, trigger, error)
  }
}

/** One of them made the commit fail. Halves find it in a few steps, and only it is set aside. */
async function runApart(shell: Shell, triggers: Trigger[], _cause: unknown): Promise<BatchOutcome> {
  const middle = triggers.length >> 1
  const first = await runTogether(shell, triggers.slice(0, middle))
  const second = await runTogether(shell, triggers.slice(middle))
  return { decisions: [...first.decisions, ...second.decisions], setAside: [...first.setAside, ...second.setAside] }
}

async function attempt(shell: Shell, triggers: Trigger[]): Promise<BatchOutcome> {
  const { store, clock } = shell
  for (let tries = 1; tries <= CONFLICT_ATTEMPTS_MAX; tries++) {
    const now = clock.now()
    const definitions = shell.definitions()
    const { lookups, lookupModules, phoneModules } = definitions
    const known = await store.load({ triggers, lookups, lookupModules, phoneModules }, now)
    const { decisions, failed } = decideAll(triggers, known, definitions, now)
    await forecast(store, decisions, known, definitions, triggers, now)
    const outcome = await store.commit(decisions, known.revisions, now, shell.newId)
    if (outcome.kind === 'conflict') continue
    const aside = await Promise.all(failed.map(({ trigger, error }) => setAside(shell, trigger, error)))
    return { decisions, setAside: aside.flatMap((one) => one.setAside) }
  }
  throw new StoreBusy('Another process keeps changing the same records. The events wait and are tried again.', {
    triggers: triggers.length,
  })
}

function decideAll(triggers: Trigger[], known: WorkingSet, definitions: DefinitionSet, now: Instant) {
  const decisions: Decision[] = []
  const failed: { trigger: Trigger; error: unknown }[] = []
  for (const trigger of triggers) {
    try {
      const decision = decide(trigger, known, definitions, now)
      fold(known, decision)
      decisions.push(decision)
    } catch (error) {
      failed.push({ trigger, error })
    }
  }
  return { decisions, failed }
}

type Enqueue = Extract<Change, { kind: 'enqueue' }>

/** Lets the guards say what would happen now, so that a hopeless message is blocked at once and a held one says why. */
async function forecast(
  store: Store,
  decisions: Decision[],
  known: WorkingSet,
  definitions: DefinitionSet,
  triggers: Trigger[],
  now: Instant,
) {
  const wanted: { change: Enqueue; intent: SendIntent; decision: Decision }[] = []
  for (const decision of decisions) {
    for (const change of decision.changes) {
      if (change.kind === 'enqueue' && change.intent.kind === 'sendTemplate')
        wanted.push({ change, intent: change.intent, decision })
    }
  }
  if (wanted.length === 0) return
  const facts = await store.sendFacts(
    wanted.map(({ intent }) => intent),
    now,
  )
  const byId = new Map(triggers.map((trigger) => [trigger.id, trigger]))
  for (const [index, { change, intent, decision }] of wanted.entries()) {
    const fact = facts[index]
    const trigger = byId.get(decision.triggerId)
    if (fact === undefined || trigger === undefined) throw new TypeError('The store answered facts for other messages.')
    if (fact.contact !== null && !known.contacts.has(fact.contact.id)) learn(known, intent, fact.contact)
    if (intent.to.phone !== undefined || intent.to.bsuid !== undefined) {
      const draft = { ...startDraft(trigger, known, definitions, now), nextId: () => intent.id }
      const contact = knowContact(draft, {
        ...(intent.to.phone && { phone: intent.to.phone }),
        ...(intent.to.bsuid && { bsuid: intent.to.bsuid }),
      })
      if (draft.changes.length > 0) {
        decision.changes.splice(decision.changes.indexOf(change), 0, ...draft.changes)
        fold(known, { ...decision, changes: draft.changes })
      }
      change.contactId = contact.id
      fact.contact = contact
    }
    // What this very batch changed is not in the store yet.
    fact.template = known.templates.get(`${intent.template.name}/${intent.template.language}`) ?? null
    fact.availableMicros = known.availableMicros
    const { verdict, guards } = checkGuards(intent, fact)
    change.verdict = verdict
    change.guards = guards
    if (verdict.kind === 'block') decision.changes.push(outcomeOf(intent, verdict.reason, now))
  }
}

function learn(
  known: WorkingSet,
  intent: SendIntent,
  contact: NonNullable<WorkingSet['contacts'] extends Map<string, infer C> ? C : never>,
) {
  known.contacts.set(contact.id, contact)
  for (const key of [intent.to.phone, intent.to.bsuid, contact.phone, contact.waId, contact.bsuid])
    if (key) known.contactByAddress.set(key, contact.id)
}

function outcomeOf(intent: SendIntent, reason: string, now: Instant): Change {
  return {
    kind: 'accept',
    at: now,
    event: {
      kind: 'outcome',
      source: 'denrei:outcome',
      sourceId: `${intent.id}:blocked`,
      occurredAt: now,
      messageId: intent.id,
      state: 'blocked',
      reason,
      causedBy: intent.causedBy,
    },
  }
}

async function setAside({ store }: Shell, trigger: Trigger, error: unknown): Promise<BatchOutcome> {
  const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error)
  await store.setAside(trigger.id, text, null)
  return { decisions: [], setAside: [{ triggerId: trigger.id, error: text }] }
}
