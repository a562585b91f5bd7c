import { createHash } from 'node:crypto'
import { canonicalJson } from '#definitions/canonical.ts'
import { checkDefinitions } from '#definitions/check.ts'
import { problemWords } from '#definitions/problemTexts.ts'
import { type Definition, type DefinitionSchemas, definitionKey, type Template } from '#definitions/definitions.ts'
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
import { TEMPLATE_DEFAULTS, templateKey, type TemplateState } from '#engine/state.ts'
import type { Store, StoredDefinition } from '#engine/store.ts'
import type { WorldEvent } from '#engine/trigger.ts'
import type { ApplyOptions, PlanEntry } from './denrei.ts'
import { crossings, NOTHING_IN_FLIGHT, type Crossing } from './inFlight.ts'
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
  templates: Map<string, TemplateState>
}

type Read = Omit<PlanEntry, 'inFlight'> & { definition: Definition; hash: string; file: string }

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
 * Applies all files or none. The same text again changes nothing. Templates that are new or were rejected are put into the
 * outbox for submission in the same transaction (S60).
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
  const { entries, problems, templates } = await read(desk, files, language)
  const errors = problems.filter(({ severity }) => severity === 'error')
  if (errors.length > 0) {
    throw new DefinitionsInvalid(
      `${errors.length} ${errors.length === 1 ? 'problem' : 'problems'} in ${new Set(errors.map(({ file }) => file)).size} of ${files.length} files. Nothing was applied. The first: ${describe(errors[0])}`,
      { problems },
    )
  }
  const found = await crossings(desk.store, entries, migrations)
  const now = desk.clock.now()
  const wanted = entries.flatMap(({ definition, key, hash, toVersion: version }) => {
    if (definition.kind !== 'template') return []
    const before = templates.get(templateKey(definition))
    return mustSubmit(before, hash) ? [{ definition, key, version, hash, before }] : []
  })
  const { drafts, work } = submissions(desk, wanted, now)
  const changed = entries.filter(({ change }) => change !== 'unchanged')
  const stored = await desk.store.saveDefinitions(
    changed.map(({ key, definition, hash }) => ({ key, definition, hash })),
    work,
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

interface Wanted {
  definition: Template
  key: string
  version: number
  hash: string
  before: TemplateState | undefined
}

/** The drafts, and the work that submits them; without an account they wait as drafts for `submitDrafts`. */
function submissions({ newId, ...desk }: Desk, wanted: Wanted[], now: number) {
  const accountId = desk.accountId()
  const drafts = wanted.map(({ definition, hash, before }) => draftState(definition, hash, before, accountId, now))
  const work = wanted.map(({ definition, key, version }) => submission(definition, `${key}@${version}`, newId()))
  return { drafts, work: accountId === null ? [] : work }
}

/** Submits the templates that were applied before there was an account to submit them to. @returns how many */
export async function submitDrafts(desk: Desk): Promise<number> {
  if (desk.accountId() === null) return 0
  const states = await templatesByKey(desk.store)
  const now = desk.clock.now()
  const active = await desk.store.definitions({ activeOnly: true })
  const wanted = active.flatMap(({ definition, key, version, hash }) => {
    if (definition.kind !== 'template') return []
    const before = states.get(templateKey(definition))
    const waits = before?.status === 'DRAFT' && before.submittedHash === null
    return waits ? [{ definition, key, version, hash, before }] : []
  })
  const { drafts, work } = submissions(desk, wanted, now)
  if (work.length > 0) await desk.store.saveDefinitions([], work, drafts, 'sync', now, desk.newId)
  return work.length
}

async function read({ store, schemas }: Desk, files: SourceFile[], language: Language): Promise<Reading> {
  const { defaultCountry } = await store.settings()
  const stored = await store.definitions()
  const active = stored.filter((one) => one.active)
  const templates = await templatesByKey(store)
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
    templateStatus: new Map([...templates].map(([id, { status }]) => [id, status])),
  })
  // Also those switched off: the same text again leaves them as they are.
  const newest = new Map(stored.map((one) => [one.key, one]))
  const entries = definitions.map(({ definition, file }) => {
    const key = definitionKey(definition)
    const hash = definitionHash(definition)
    const before = newest.get(key)
    const change: PlanEntry['change'] = before === undefined ? 'create' : before.hash === hash ? 'unchanged' : 'update'
    const toVersion = change === 'unchanged' ? (before?.version ?? 1) : (before?.version ?? 0) + 1
    return {
      key,
      change,
      fromVersion: before?.version ?? null,
      toVersion,
      effects: [
        ...effectsOf(definition, hash, templates),
        ...(change === 'unchanged' && before?.active === false ? ['stays_inactive'] : []),
      ],
      definition,
      hash,
      file,
    }
  })
  return {
    entries,
    templates,
    problems: [...problems, ...entries.flatMap((entry) => lockedTemplate(entry, templates, language))],
  }
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

async function templatesByKey(store: Store): Promise<Map<string, TemplateState>> {
  return new Map((await store.templates()).map((one) => [templateKey(one), one]))
}

/** In review or approved, as S63 has it. A template taken over from the account carries no hash and is left alone. */
const LOCKED = new Set(['PENDING', 'APPROVED', 'IN_APPEAL', 'PAUSED'])

function lockedTemplate(
  { definition, file, hash }: { definition: Definition; file: string; hash: string },
  templates: Map<string, TemplateState>,
  language: Language,
): Problem[] {
  if (definition.kind !== 'template') return []
  const state = templates.get(templateKey(definition))
  if (state === undefined || state.submittedHash === null || state.submittedHash === hash || !LOCKED.has(state.status))
    return []
  const { name, language: of } = definition
  const [message, fix] = problemWords('template_locked', { name, language: of, status: state.status }, language)
  return [
    {
      file,
      pointer: '',
      code: 'template_locked',
      severity: 'error',
      message,
      ...(fix === undefined ? {} : { fix }),
    },
  ]
}

function mustSubmit(state: TemplateState | undefined, hash: string): boolean {
  return state === undefined || (!LOCKED.has(state.status) && state.submittedHash !== hash)
}

function effectsOf(definition: Definition, hash: string, templates: Map<string, TemplateState>): string[] {
  if (definition.kind === 'template')
    return mustSubmit(templates.get(templateKey(definition)), hash) ? ['submit_template'] : []
  return []
}

function draftState(
  definition: Template,
  hash: string,
  before: TemplateState | undefined,
  accountId: string | null,
  now: number,
): TemplateState {
  return {
    name: definition.name,
    language: definition.language,
    accountId: before?.accountId ?? accountId ?? '',
    metaId: before?.metaId ?? null,
    status: 'DRAFT',
    category: definition.category,
    quality: null,
    reason: null,
    // Without an account nothing is submitted; `submitDrafts` finds it by this.
    ...TEMPLATE_DEFAULTS,
    submittedHash: accountId === null ? null : hash,
    updatedAt: now,
  }
}

function submission(definition: Template, versioned: string, id: string): WorkIntent {
  return {
    kind: 'work',
    id: `${id}-0`,
    triggerId: id,
    definition: versioned,
    pointer: '',
    module: definition.module,
    recordId: '',
    type: 'submitTemplate',
    payload: { definition: definition as unknown as Json },
    causedBy: [],
  }
}
