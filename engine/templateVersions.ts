import type { CompiledTemplate } from './definitionSet.ts'
import type { TemplateState } from './state.ts'

/** Longest name of a template. Source: Meta, Cloud API, "Templates". */
const TEMPLATE_NAME_MAX = 512

/** WhatsApp sends them, or has stopped to and may go on by itself. Only APPROVED is sent: another guard's word. */
const LIVE = new Set(['APPROVED', 'PAUSED', 'FLAGGED', 'LOCKED', 'REINSTATED', 'UNARCHIVED'])
/** They do not come back by themselves. */
const DEAD = new Set(['REJECTED', 'DISABLED', 'ARCHIVED', 'PENDING_DELETION', 'DELETED'])

/** The name under which a version goes to WhatsApp when the plain one is taken by what may not be edited (S63). */
export function versionName(name: string, version: number): string {
  const suffix = `_v${version}`
  return `${name.slice(0, TEMPLATE_NAME_MAX - suffix.length)}${suffix}`
}

/** A version of a definition as it stands at WhatsApp. */
export interface Standing {
  version: CompiledTemplate
  state: TemplateState
}

/**
 * The versions of one template definition that WhatsApp knows.
 *
 * @param versions of one definition, in any order
 * @param states of all templates
 */
export function standingsOf(versions: readonly CompiledTemplate[], states: Iterable<TemplateState>): Standing[] {
  const newest = newestOf(versions)
  if (newest === undefined) return []
  const { name, language } = newest.template
  const linked: Standing[] = []
  let unlinked: Standing | null = null
  for (const state of states) {
    if (state.language !== language) continue
    if (state.definition === name) {
      const version = versions.find((one) => one.version === state.definitionVersion)
      if (version !== undefined) linked.push({ version, state })
    } else if (state.definition === null && state.name === name) {
      const submitted = versions.find(({ hash }) => hash === state.submittedHash)
      if (submitted !== undefined) linked.push({ version: submitted, state })
      else unlinked = { version: newest, state }
    }
  }
  // What stands in the account under the plain name is taken for ours only as long as nothing else is.
  return linked.length === 0 && unlinked !== null ? [unlinked] : linked
}

/**
 * The version that messages are decided by: the newest that WhatsApp has approved. A newer one takes over when it is approved, not
 * before; one that is rejected never does. Until there is an approved one, the newest that may yet become it.
 *
 * @returns null when WhatsApp knows of none
 */
export function servingOf(versions: readonly CompiledTemplate[], states: Iterable<TemplateState>): Standing | null {
  return standingsOf(versions, states).toSorted(byService)[0] ?? null
}

/** The one that serves first. */
function byService(a: Standing, b: Standing): number {
  const rank = ({ status }: TemplateState) => (LIVE.has(status) ? 0 : DEAD.has(status) ? 2 : 1)
  const plain = ({ state, version }: Standing) => Number(state.name === version.template.name)
  return (
    rank(a.state) - rank(b.state) ||
    b.version.version - a.version.version ||
    // Something else has the plain name, and the version went under a name of its own.
    plain(a) - plain(b)
  )
}

/** As messages are to name it. */
export function chosen(
  versions: readonly CompiledTemplate[],
  states: Iterable<TemplateState>,
): CompiledTemplate | null {
  const serving = servingOf(versions, states)
  if (serving === null) return newestOf(versions) ?? null
  const { version, state } = serving
  return state.name === version.template.name ? version : { ...version, as: state.name }
}

export function newestOf(versions: readonly CompiledTemplate[]): CompiledTemplate | undefined {
  return versions.reduce<CompiledTemplate | undefined>(
    (newest, one) => (newest === undefined || one.version > newest.version ? one : newest),
    undefined,
  )
}
