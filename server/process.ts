import type { Json, Values } from '#definitions/json.ts'
import { FieldLocked, RecordNotInProcess } from '#engine/blueprint/errors.ts'
import { lockedField, possibleTransitions, type ProcessView } from '#engine/blueprint/possible.ts'
import { refusalText } from '#engine/blueprint/texts.ts'
import type { Clock } from '#engine/clock.ts'
import type { DefinitionSet } from '#engine/definitionSet.ts'
import { NotFound } from '#engine/errors.ts'
import { PAGE_MAX } from '#engine/facts.ts'
import type { Instance } from '#engine/instance.ts'
import { recordKey } from '#engine/state.ts'
import type { Store } from '#engine/store.ts'
import type { Actor } from '#engine/command.ts'
import type { CommandEvent, RecordEvent, Trigger } from '#engine/trigger.ts'
import type { Language } from './texts.ts'

interface Parts {
  store: Store
  clock: Clock
  definitions: () => DefinitionSet
}

export interface RecordPlace {
  module: string
  recordId: string
}

/**
 * Where a record stands in its blueprint, what this person can do now, and why not the rest.
 *
 * @throws NotFound when there is no such record
 * @throws RecordNotInProcess when it is in no blueprint
 * @throws BlueprintInvalid when the engine cannot run the version it is in
 */
export async function processOf(
  { store, clock, definitions }: Parts,
  place: RecordPlace,
  actor: Actor,
  language: Language,
): Promise<ProcessView> {
  const { module, recordId } = place
  const set = definitions()
  const now = clock.now()
  // Loaded as for the command that would take a transition, so that both see the same.
  const { lookups, lookupModules, phoneModules } = set
  const triggers = [question(place, actor, now)]
  const known = await store.load({ triggers, lookups, lookupModules, phoneModules, pageMax: PAGE_MAX }, now)
  const record = known.records.get(recordKey(module, recordId)) ?? null
  if (record === null || record.deleted) {
    throw new NotFound(`There is no record "${recordId}" in ${module}.`, { module, id: recordId })
  }
  const running = (known.instancesByRecord.get(recordKey(module, recordId)) ?? []).map((id) => known.instances.get(id))
  const instance = running.find((one) => one?.kind === 'blueprint' && one.status === 'running')
  const view =
    instance === undefined
      ? null
      : possibleTransitions({
          instance,
          values: record.values,
          definitions: set,
          settings: known.settings,
          now,
          actor,
          language,
          related: known.records,
        })
  if (view === null)
    throw new RecordNotInProcess(refusalText('ERR_RECORD_NOT_IN_PROCESS', { ...place }, language), { ...place })
  return view
}

function question({ module, recordId }: RecordPlace, actor: Actor, now: number): CommandEvent & Trigger {
  return {
    kind: 'command',
    id: 'question',
    source: 'question',
    sourceId: 'question',
    occurredAt: now,
    receivedAt: now,
    actor,
    command: { do: 'transition', module, recordId, transition: '' },
  }
}

/**
 * While a record is in a blueprint, its state field is moved by transitions only. What the CRM and other systems tell us has
 * happened already and is never refused; this is for writes that come to us first.
 *
 * @throws FieldLocked with the state, and what this person can do instead
 */
export async function requireUnlocked(
  parts: Parts,
  { module, recordId, values, mode }: Pick<RecordEvent, 'module' | 'recordId' | 'values' | 'mode'>,
  actor: Actor,
): Promise<void> {
  const instance = await runningBlueprint(parts.store, { module, recordId })
  const field = lockedField({ definitions: parts.definitions(), instance })
  if (field === null || instance === null) return
  const wanted = wantedFor(field, values, mode)
  if (wanted === undefined || wanted === instance.position) return
  const view = await processOf(parts, { module, recordId }, actor, 'en')
  const possible = view.transitions.filter((one) => one.possible).map(({ name }) => name)
  const details = { blueprint: view.blueprint, version: view.version, field, state: view.state, possible }
  const told = refusalText('ERR_FIELD_LOCKED', details, 'en')
  const way = `POST /v1/modules/${module}/records/${encodeURIComponent(recordId)}/blueprint`
  throw new FieldLocked(`${told} The record is at "${view.state}". ${way} takes one.`, { ...details, way })
}

/** Undefined when the write leaves the field alone. A replacement without it empties it. */
function wantedFor(field: string, values: Values, mode: RecordEvent['mode']): Json | undefined {
  if (Object.hasOwn(values, field)) return values[field]
  return mode === 'replace' ? null : undefined
}

async function runningBlueprint(store: Store, place: RecordPlace): Promise<Instance | null> {
  const filter = { kind: 'blueprint', status: 'running', ...place } as const
  return (await store.instances(filter, { limit: 1 })).items[0] ?? null
}
