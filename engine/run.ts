import type { Clock, Instant } from './clock.ts'
import { decide } from './decide.ts'
import type { Decision } from './decision.ts'
import type { DefinitionSet } from './definitionSet.ts'
import { AppError, StoreBusy } from './errors.ts'
import { PAGE_MAX, type WorkingSet } from './facts.ts'
import { forecast } from './forecast.ts'
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
    if (triggers.length > 1) return runApart(shell, triggers)
    const [trigger] = triggers
    if (trigger === undefined) throw error
    return setAside(shell, trigger, error)
  }
}

/** One of them made the commit fail. Halves find it in a few steps, and only it is set aside. */
async function runApart(shell: Shell, triggers: Trigger[]): Promise<BatchOutcome> {
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
    const known = await store.load({ triggers, lookups, lookupModules, phoneModules, pageMax: PAGE_MAX }, now)
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

async function setAside({ store }: Shell, trigger: Trigger, error: unknown): Promise<BatchOutcome> {
  const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error)
  await store.setAside(trigger.id, text, null)
  return { decisions: [], setAside: [{ triggerId: trigger.id, error: text }] }
}
