import { templateBody } from '#actions/whatsapp/templateBody.ts'
import { canonicalJson } from '#definitions/canonical.ts'
import type { Template } from '#definitions/definitions.ts'
import type { Json } from '#definitions/json.ts'
import type { CompiledTemplate } from '#engine/definitionSet.ts'
import { templateKey, TEMPLATE_DEFAULTS, type TemplateState } from '#engine/state.ts'
import type { StoredDefinition } from '#engine/store.ts'
import { standingsOf, versionName, type Standing } from '#engine/templateVersions.ts'

/** What WhatsApp has in review or has approved is never edited by us (S63). */
const LOCKED = new Set(['PENDING', 'APPROVED', 'IN_APPEAL', 'PAUSED', 'FLAGGED', 'LOCKED', 'REINSTATED', 'UNARCHIVED'])
/** Under a name that stands so, a text can still be submitted, or submitted anew. */
const OPEN = new Set(['DRAFT', 'REJECTED'])

/** A template definition as it is about to be in force. */
export interface WantedTemplate {
  definition: Template
  key: string
  version: number
  hash: string
}

/** What of it has to be done at WhatsApp. */
export interface TemplateCourse {
  /** For `plan`: `submit_template`, `submit_new_version as welcome_lead_v3`. */
  effects: string[]
  /** States to be written: a draft, and what is known from now on of the versions before. */
  states: TemplateState[]
  /** The name under which it is to be submitted; null when there is nothing to submit. */
  submitAs: string | null
}

/**
 * What becomes of a template definition at WhatsApp. A text that WhatsApp has already stays where it is, though its merge fields may
 * have changed. A new text goes under the plain name while nothing else has it, and otherwise, without waiting, under one of its own.
 *
 * @param versions all that were ever stored of it
 * @param states of all templates, by `name/language`
 * @param taken names of other definitions
 */
export function courseOf(
  wanted: WantedTemplate,
  versions: readonly StoredDefinition[],
  states: ReadonlyMap<string, TemplateState>,
  { accountId, now, taken }: { accountId: string | null; now: number; taken: ReadonlySet<string> },
): TemplateCourse {
  const { definition, version, hash } = wanted
  const older = versions.flatMap(compiled)
  const standings = standingsOf(older, states.values())
  const known = standings.filter(({ state }) => state.definition === null).map(linked)
  const nothing = { effects: [], states: known, submitAs: null }

  const own = states.get(templateKey(definition))
  const here = standings.find((one) => one.version.version === version)
  if (here !== undefined && (LOCKED.has(here.state.status) || here.state.submittedHash === hash)) return nothing
  if (own?.definition === null && older.length === 0) {
    // This very text went there before the definition did, as in a simulation.
    if (own.submittedHash === hash) return nothing
    // What only the account knows, under the name of a definition that is new: it is taken for that one.
    if (own.submittedHash === null && LOCKED.has(own.status)) return nothing
  }

  const same = standings
    .filter((one) => LOCKED.has(one.state.status) && sameText(one.version.template, definition))
    .sort((a, b) => b.version.version - a.version.version)[0]
  if (same !== undefined) {
    const carried = { ...same.state, definition: definition.name, definitionVersion: version, submittedHash: hash }
    return { ...nothing, states: [...known.filter((one) => templateKey(one) !== templateKey(carried)), carried] }
  }

  const isOurs = own === undefined || own.definition === definition.name || own.definition === null
  const as = isOurs && (own === undefined || OPEN.has(own.status)) ? definition.name : freeName(wanted, states, taken)
  const before = states.get(templateKey({ name: as, language: definition.language }))
  const draft: TemplateState = {
    name: as,
    language: definition.language,
    accountId: before?.accountId || accountId || '',
    metaId: before?.metaId ?? null,
    status: 'DRAFT',
    category: definition.category,
    quality: null,
    reason: null,
    ...TEMPLATE_DEFAULTS,
    definition: definition.name,
    definitionVersion: version,
    // Without an account nothing is submitted; `waitingDrafts` finds it by this.
    submittedHash: accountId === null ? null : hash,
    updatedAt: now,
  }
  return {
    effects: [as === definition.name ? 'submit_template' : `submit_new_version as ${as}`],
    states: [...known.filter((one) => templateKey(one) !== templateKey(draft)), draft],
    submitAs: as,
  }
}

/** The draft of a definition that was applied before there was an account to submit it to. */
export function waitingDraft(
  { definition, version }: Pick<WantedTemplate, 'definition' | 'version'>,
  states: Iterable<TemplateState>,
): TemplateState | null {
  for (const state of states) {
    const mine = state.definition === null ? state.name === definition.name : state.definition === definition.name
    const newest = state.definitionVersion === null || state.definitionVersion === version
    const waits = state.status === 'DRAFT' && state.submittedHash === null
    if (mine && newest && waits && state.language === definition.language) return state
  }
  return null
}

export function compiled({ definition, key, version, hash }: StoredDefinition): CompiledTemplate[] {
  return definition.kind === 'template' ? [{ key, version, hash, template: definition }] : []
}

/** Whether WhatsApp would be told the same. Samples are for its review and nobody else reads them; merge fields are ours. */
export function sameText(one: Template, other: Template): boolean {
  return submitted(one) === submitted(other)
}

function submitted(template: Template): string {
  const body = JSON.stringify(templateBody(template), (key, value: unknown) => (key === 'example' ? undefined : value))
  return canonicalJson(JSON.parse(body) as Json)
}

/** A state that does not say yet which version it is of. */
function linked({ version, state }: Standing): TemplateState {
  return {
    ...state,
    definition: version.template.name,
    definitionVersion: version.version,
    submittedHash: version.hash,
  }
}

/** A name for a version that nothing at WhatsApp has, or had: a name that was deleted is blocked there for a while. */
export function freeName(
  { definition, version }: WantedTemplate,
  states: ReadonlyMap<string, TemplateState>,
  taken: ReadonlySet<string>,
): string {
  const { language } = definition
  for (let count = 1; ; count++) {
    const name = versionName(count === 1 ? definition.name : `${definition.name}_${count}`, version)
    const there = states.get(templateKey({ name, language }))
    const mine = there?.definition === definition.name && there.definitionVersion === version && OPEN.has(there.status)
    if (!taken.has(name) && (there === undefined || mine)) return name
  }
}
