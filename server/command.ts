import assert from 'node:assert/strict'
import type { Json } from '#definitions/json.ts'
import type { Answer } from '#engine/decision.ts'
import { transitionErrors } from '#engine/blueprint/errors.ts'
import { EventIdReused, InvalidInput, NotFound, type AppError } from '#engine/errors.ts'
import type { Store } from '#engine/store.ts'
import type { Actor, Command } from '#engine/trigger.ts'
import type { Clock } from '#engine/clock.ts'
import type { CommandOutcome, CommandOptions } from './denrei.ts'
import { SetAside } from './errors.ts'
import type { Inbox } from './inbox.ts'

/** How long a command is waited for before its answer is "not yet". */
const WAIT_MS = 10_000

interface Parts {
  store: Store
  clock: Clock
  inbox: Pick<Inbox, 'accept' | 'whenDecided'>
  newId: () => string
}

/**
 * Puts a command into the inbox and reads its answer from the trace, so that it is decided in its turn among all that
 * happens to the same record, and asking twice with one key does it once.
 *
 * @throws the fault that refuses it; EventIdReused when the key came before with another command; SetAside; Overloaded
 */
export async function ask(
  { store, clock, inbox, newId }: Parts,
  command: Command,
  actor: Actor,
  { idempotencyKey, waitMs = WAIT_MS }: CommandOptions,
): Promise<CommandOutcome> {
  const [outcome] = await inbox.accept([
    {
      kind: 'command',
      source: 'api',
      sourceId: `command:${idempotencyKey ?? newId()}`,
      occurredAt: clock.now(),
      command,
      actor,
    },
  ])
  assert(outcome !== undefined, 'one event has one outcome')
  if (outcome.kind === 'reused') {
    throw new EventIdReused('This Idempotency-Key came before with another request. Use a new key.')
  }
  const triggerId = outcome.id
  if (!(await inbox.whenDecided(triggerId, waitMs))) return { kind: 'waiting', triggerId }
  const trace = await store.trace(triggerId)
  if (trace === null) throw await setAside(store, triggerId)
  assert(trace.answer !== undefined, `the command ${triggerId} was decided without an answer`)
  if (trace.answer.kind === 'refused') throw refusedAs(trace.answer)
  return { kind: 'done', triggerId, details: trace.answer.details }
}

async function setAside(store: Store, triggerId: string): Promise<SetAside> {
  const entry = await store.trigger(triggerId)
  return new SetAside(
    `It could not be decided and was set aside. Mend what the error names, then POST /v1/triggers/${triggerId}/requeue.`,
    { triggerId, error: entry?.error ?? null },
  )
}

type Details = Record<string, Json>
type Refusal = new (message: string, details: Details) => AppError

/** The faults by which a decision may refuse a command. */
const REFUSALS: Readonly<Record<string, Refusal>> = {
  ERR_NOT_FOUND: NotFound,
  ERR_INVALID_INPUT: InvalidInput,
  ...transitionErrors,
}

function refusedAs({ code, message, details }: Extract<Answer, { kind: 'refused' }>): AppError {
  const Fault = Object.hasOwn(REFUSALS, code) ? REFUSALS[code] : undefined
  assert(Fault !== undefined, `a decision refused with "${code}", which no door can tell`)
  return new Fault(message, typeof details === 'object' && !Array.isArray(details) ? (details ?? {}) : { details })
}
