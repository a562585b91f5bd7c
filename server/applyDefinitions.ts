import { createHash } from 'node:crypto'
import { canonicalJson } from '#definitions/canonical.ts'
import { checkDefinitions } from '#definitions/check.ts'
import { type Definition, type DefinitionSchemas, definitionKey } from '#definitions/definitions.ts'
import type { Json } from '#definitions/json.ts'
import type { Problem, SourceFile } from '#definitions/problem.ts'
import { analyse } from '#engine/analyse.ts'
import type { Clock } from '#engine/clock.ts'
import { OWN_FACTS } from '#engine/decide/factSource.ts'
import { DefinitionsInvalid } from '#engine/errors.ts'
import type { WorkIntent } from '#engine/message.ts'
import { readRecipient } from '#engine/phone.ts'
import { decoratorNames, operatorNames, operatorsFor } from '#engine/rules/operators.ts'
import { valueFits, valueShape } from '#engine/rules/values.ts'
import { templateKey, type TemplateState } from '#engine/state.ts'
import type { Store, StoredDefinition } from '#engine/store.ts'
import { servingOf } from '#engine/templateVersions.ts'
import type { WorldEvent } from '#engine/trigger.ts'
import type { ApplyOptions, PlanEntry } from './denrei.ts'
import { crossings, NOTHING_IN_FLIGHT, type Crossing } from './inFlight.ts'
import { compiled, courseOf, waitingDraft, type TemplateCourse, type WantedTemplate } from './templates/versions.ts'
import type { Language } from './texts.ts'

export interface Desk {
  store: Store
  clock: Clock
  newId: () => string
  schemas: DefinitionSchemas
  /** The WhatsApp Business account that templates go to; null while none is connected. */
  accountId: () => string | null
}

/** What a set of files would do, worked out once for check, plan and apply. */
interface Reading {
  problems: Problem[]
  entries: Read[]
}

type Read = Omit<PlanEntry, 'inFlight'> & { definition: Definition; hash: string; course: TemplateCourse | null }

/** Schema and cross checks of the files together with what is active. */
export async function checkFiles(desk: Desk, files: SourceFile[], language: Language = 'en'): Promise<Problem[]> {
  return (await read(desk, files, language)).problems
}

/** What applying would change, and every problem. Changes nothing. */
export async function planFiles(
  desk: Desk,
  files: SourceFile[],
  { language = 'en', migrations = {} }: ApplyOptions = {},
): Promise<{ entries: PlanEntry[]; problems: Problem[] }> {
  const { entries, problems } = await read(desk, files, language)
  // A definition with an error is not among the entries; a choice for it is no mistake.
  const broken = problems.some(({ severity }) => severity === 'error')
  const choices = Object.entries(migrations).filter(([key]) => !broken || entries.some((entry) => entry.key === key))
  const found = await crossings(desk.store, entries, Object.fromEntries(choices))
  return { entries: entries.map((entry) => publicEntry(entry, found)), problems }
}

/**
 * Applies all files or none. The same text again changes nothing. Templates whose text WhatsApp has not got are put into the
 * outbox for submission in the same transaction (S60), under a name of their own where the plain one is taken (S63).
 *
 * What is in flight under older versions goes over as `migrations` say, by commands in the same transaction.
 *
 * @throws DefinitionsInvalid with every problem; warnings alone do not stop it
 * @throws InvalidInput when a migration names a definition or a position that is not there
 */
export async function applyFiles(
  desk: Desk,
  files: SourceFile[],
  by: string,
  { language = 'en', migrations = {} }: ApplyOptions = {},
): Promise<{ entries: PlanEntry[]; stored: StoredDefinition[]; problems: Problem[] }> {
  const { entries, problems } = await read(desk, files, language)
  const errors = problems.filter(({ severity }) => severity === 'error')
  if (errors.length > 0) {
    throw new DefinitionsInvalid(
      `${errors.length} ${errors.length === 1 ? 'problem' : 'problems'} in ${new Set(errors.map(({ file }) => file)).size} of ${files.length} files. Nothing was applied. The first: ${describe(errors[0])}`,
      { problems },
    )
  }
  const found = await crossings(desk.store, entries, migrations)
  const now = desk.clock.now()
  const drafts = entries.flatMap(({ course }) => course?.states ?? [])
  const work = entries.flatMap(({ definition, key, hash, toVersion: version, course }) =>
    definition.kind === 'template' && course !== null && course.submitAs !== null
      ? [submission({ definition, key, version, hash }, course.submitAs, desk.newId())]
      : [],
  )
  const changed = entries.filter(({ change }) => change !== 'unchanged')
  const stored = await desk.store.saveDefinitions(
    changed.map(({ key, definition, hash }) => ({ key, definition, hash })),
    // Without an account they wait as drafts for `submitDrafts`.
    desk.accountId() === null ? [] : work,
    drafts,
    by,
    now,
    desk.newId,
    migrationsOf(desk, [...found.values()], by, now),
  )
  return { entries: entries.map((entry) => publicEntry(entry, found)), stored, problems }
}

function migrationsOf({ newId }: Desk, all: Crossing[], by: string, now: number): WorldEvent[] {
  return all.flatMap(({ commands }) =>
    commands.map((command) => ({
      kind: 'command' as const,
      source: 'denrei:apply',
      sourceId: `migrate:${newId()}`,
      occurredAt: now,
      command,
      actor: { user: by, roles: [] },
    })),
  )
}

function describe(problem: Problem | undefined): string {
  return problem === undefined ? '' : `${problem.file}#${problem.pointer}: ${problem.message}`
}

/** Submits the templates that were applied before there was an account to submit them to. @returns how many */
export async function submitDrafts(desk: Desk): Promise<number> {
  const accountId = desk.accountId()
  if (accountId === null) return 0
  const states = await desk.store.templates()
  const now = desk.clock.now()
  const wanted = (await desk.store.definitions({ activeOnly: true })).flatMap(({ definition, key, version, hash }) => {
    if (definition.kind !== 'template') return []
    const draft = waitingDraft({ definition, version }, states)
    return draft === null ? [] : [{ definition, key, version, hash, draft }]
  })
  const drafts = wanted.map(({ draft, hash }) => ({ ...draft, accountId, submittedHash: hash, updatedAt: now }))
  const work = wanted.map((one) => submission(one, one.draft.name, desk.newId()))
  if (work.length > 0) await desk.store.saveDefinitions([], work, drafts, 'sync', now, desk.newId)
  return work.length
}

async function read(
  { store, schemas, clock, accountId }: Desk,
  files: SourceFile[],
  language: Language,
): Promise<Reading> {
  const { defaultCountry } = await store.settings()
  const stored = await store.definitions()
  const active = stored.filter((one) => one.active)
  const states = await store.templates()
  const byKey = new Map(states.map((one) => [templateKey(one), one]))
  const { problems, definitions } = checkDefinitions(files, {
    active: active.map(({ definition }) => definition),
    schemas,
    language,
    operators: [...operatorNames],
    decorators: [...decoratorNames],
    operatorsFor,
    shapeWanted: (operator, value) => (valueFits(operator, value) ? null : valueShape(operator)),
    facts: [...OWN_FACTS],
    analyse,
    possiblePhone: (text) => readRecipient(text, defaultCountry).problem === undefined,
    templateStatus: statusOfServing(states, [...active, ...(await store.pinnedDefinitions())]),
  })
  // Also those switched off: the same text again leaves them as they are.
  const newest = new Map(stored.map((one) => [one.key, one]))
  const names = new Set(stored.flatMap(({ definition: one }) => (one.kind === 'template' ? [one.name] : [])))
  for (const { definition: one } of definitions) if (one.kind === 'template') names.add(one.name)
  const entries: Read[] = []
  for (const { definition } of definitions) {
    const key = definitionKey(definition)
    const hash = definitionHash(definition)
    const before = newest.get(key)
    const change: PlanEntry['change'] = before === undefined ? 'create' : before.hash === hash ? 'unchanged' : 'update'
    const toVersion = change === 'unchanged' ? (before?.version ?? 1) : (before?.version ?? 0) + 1
    const course =
      definition.kind === 'template'
        ? courseOf({ definition, key, version: toVersion, hash }, await store.definitionVersions(key), byKey, {
            accountId: accountId(),
            now: clock.now(),
            taken: names,
          })
        : null
    // Names that two of these files would both take.
    for (const state of course?.states ?? []) byKey.set(templateKey(state), state)
    entries.push({
      key,
      change,
      fromVersion: before?.version ?? null,
      toVersion,
      effects: [
        ...(course?.effects ?? []),
        ...(change === 'unchanged' && before?.active === false ? ['stays_inactive'] : []),
      ],
      definition,
      hash,
      course,
    })
  }
  return { entries, problems }
}

/** What WhatsApp says of the version that serves, by the definition's `name/language`. */
function statusOfServing(states: TemplateState[], stored: StoredDefinition[]): Map<string, string> {
  const versions = Map.groupBy(stored.flatMap(compiled), ({ template }) => templateKey(template))
  return new Map([
    ...states.map((state) => [templateKey(state), state.status] as const),
    ...[...versions].flatMap(([id, all]) => {
      const serving = servingOf(all, states)
      return serving === null ? [] : [[id, serving.state.status] as const]
    }),
  ])
}

/** SHA-256 over the canonical JSON, so that white space and key order make no new version. */
export function definitionHash(definition: Definition): string {
  return createHash('sha256')
    .update(canonicalJson(definition as unknown as Json))
    .digest('hex')
}

function publicEntry(
  { key, change, fromVersion, toVersion, effects }: Read,
  found: ReadonlyMap<string, Crossing>,
): PlanEntry {
  return { key, change, fromVersion, toVersion, effects, inFlight: found.get(key)?.inFlight ?? NOTHING_IN_FLIGHT }
}

/** Work that submits a template, under the name that it is to have at WhatsApp. */
export function submission({ definition, key, version }: WantedTemplate, as: string, id: string): WorkIntent {
  return {
    kind: 'work',
    id: `${id}-0`,
    triggerId: id,
    definition: `${key}@${version}`,
    pointer: '',
    module: definition.module,
    recordId: '',
    type: 'submitTemplate',
    payload: { definition: definition as unknown as Json, as, version },
    causedBy: [],
  }
}
