import assert from 'node:assert/strict'
import { fieldOf } from '#engine/blueprint/data.ts'
import type { Clock } from '#engine/clock.ts'
import type { DefinitionSet } from '#engine/definitionSet.ts'
import { EventIdReused } from '#engine/errors.ts'
import type { Store } from '#engine/store.ts'
import type { Actor, Command } from '#engine/command.ts'
import type { CommandOptions, CommandOutcome } from './denrei.ts'
import { SetAside } from './errors.ts'
import type { Inbox } from './inbox.ts'
import { refusedAs, type LabelOf } from './refusal.ts'

/** How long a command is waited for before its answer is "not yet". */
export const COMMAND_WAIT_MS = 10_000

interface Parts {
  store: Store
  clock: Clock
  inbox: Pick<Inbox, 'accept' | 'whenDecided'>
  newId: () => string
  definitions: () => DefinitionSet
}

/**
 * Puts a command into the inbox and reads its answer from the trace, so that it is decided in its turn among all that
 * happens to the same record, and asking twice with one key does it once.
 *
 * @throws the fault that refuses it; EventIdReused when the key came before with another command; SetAside; Overloaded
 */
export async function ask(
  { store, clock, inbox, newId, definitions }: Parts,
  command: Command,
  actor: Actor,
  { idempotencyKey, waitMs = COMMAND_WAIT_MS, language = 'en' }: CommandOptions,
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
  if (trace.answer.kind === 'refused') throw refusedAs(trace.answer, language, labelsFor(command, definitions()))
  return { kind: 'done', triggerId, details: trace.answer.details }
}

async function setAside(store: Store, triggerId: string): Promise<SetAside> {
  const entry = await store.trigger(triggerId)
  return new SetAside(
    `It could not be decided and was set aside. Mend what the error names, then POST /v1/triggers/${triggerId}/requeue.`,
    { triggerId, error: entry?.error ?? null },
  )
}

/** Fields as people call them, in the module of the record that is moved. */
function labelsFor(command: Command, { modules }: DefinitionSet): LabelOf {
  const module = command.do === 'transition' ? modules.get(command.module) : undefined
  return (field, language) => fieldOf(module, field)?.labels?.[language] ?? field
}
