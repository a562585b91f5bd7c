import type { Accounts } from '#actions/whatsapp/accounts.ts'
import type { CloudClient } from '#actions/whatsapp/client.ts'
import type { TemplateNode } from '#actions/whatsapp/answers.ts'
import { templateState } from '#actions/whatsapp/sync.ts'
import { definitionKey } from '#definitions/definitions.ts'
import type { Clock } from '#engine/clock.ts'
import type { DefinitionSet } from '#engine/definitionSet.ts'
import { InvalidInput, NotFound } from '#engine/errors.ts'
import type { WorkIntent } from '#engine/message.ts'
import { templateKey, type TemplateState } from '#engine/state.ts'
import type { Store, StoredDefinition } from '#engine/store.ts'
import { servingOf } from '#engine/templateVersions.ts'
import type { TemplateEvent, WorldEvent } from '#engine/trigger.ts'
import type { TakenOver } from './takeOver.ts'
import { takeOver } from './takeOver.ts'
import { compiled, freeName, type WantedTemplate } from './versions.ts'

/** A template in one language: what was written, and how each version of it stands at WhatsApp. */
export interface TemplateView {
  /** Of the definition; where there is none, WhatsApp's. */
  name: string
  language: string
  /** The newest; null for what only the account knows. */
  definition: StoredDefinition | null
  /** The version that messages go out by; null while WhatsApp knows of none. */
  serving: { version: number | null; as: string; status: string } | null
  /** Newest version first; what is of no known version comes last. */
  states: TemplateState[]
}

export interface TemplateFilter {
  status?: string
  module?: string
  name?: string
  language?: string
  accountId?: string
}

/** A template by its definition's name, or by WhatsApp's where there is no definition. */
export interface TemplateName {
  name: string
  language: string
}

export interface Deleted {
  /** As WhatsApp named them. */
  deleted: TemplateName[]
  /** A name that was approved cannot be used again before then. */
  nameBlockedUntil: number | null
  /** Definitions in force that still send it: their messages will be blocked. */
  stillDefined: string[]
}

/** What people do with templates, besides writing them. */
export interface TemplateDesk {
  list(filter?: TemplateFilter): Promise<TemplateView[]>
  /** @throws NotFound */
  read(which: TemplateName): Promise<TemplateView>
  /** An admin agrees to the category that WhatsApp made of it. @throws NotFound */
  agree(which: TemplateName): Promise<TemplateView>
  /**
   * Submits the newest version again, as it is: after a rejection, or a refusal that was mended; under another name when it is gone.
   *
   * @throws NotFound, InvalidInput
   */
  submit(which: TemplateName): Promise<TemplateView>
  /** Ends a pause for pacing. @throws NotFound, InvalidInput, and what the call to WhatsApp throws */
  unpause(which: TemplateName): Promise<TemplateView>
  /** Deletes it at WhatsApp, with all its versions; all languages when none is named. @throws as `unpause` does */
  remove(which: { name: string; language?: string }, actor: string): Promise<Deleted>
  /** Writes a definition from what stands in the account. @param accountId default: the default one. @throws as `unpause` does */
  takeOver(which: TemplateName & { module: string; accountId?: string }): Promise<TakenOver>
}

export interface DeskParts {
  store: Store
  clock: Clock
  newId: () => string
  accounts: Accounts
  definitions: () => DefinitionSet
  /** Decided when it resolves, or soon after. */
  tell: (events: WorldEvent[]) => Promise<void>
  /** Alone with the store, and everything compiled anew after it. */
  change: (work: () => Promise<unknown>) => Promise<unknown>
  submission: (wanted: WantedTemplate, as: string, id: string) => WorkIntent
}

/** Source: Meta, Cloud API, "Template management": the name of an approved template is blocked for 30 days. */
const NAME_BLOCKED_MS = 30 * 86_400_000
const SUBMITTABLE = new Set(['DRAFT', 'REJECTED'])
const ABSENT = new Set(['DRAFT', 'DELETED'])
const GONE = new Set(['DELETED', 'PENDING_DELETION'])

export function createTemplateDesk(parts: DeskParts): TemplateDesk {
  const { store, clock, newId, accounts } = parts

  async function views(): Promise<TemplateView[]> {
    const [states, stored, pinned] = await Promise.all([
      store.templates(),
      store.definitions(),
      store.pinnedDefinitions(),
    ])
    const versions = Map.groupBy([...stored, ...pinned].flatMap(compiled), ({ key }) => key)
    const taken = new Set<TemplateState>()
    const defined = stored.flatMap((one): TemplateView[] => {
      const { definition, key } = one
      if (definition.kind !== 'template') return []
      const { name, language } = definition
      const own = states.filter((state) => (state.definition ?? state.name) === name && state.language === language)
      for (const state of own) taken.add(state)
      const serving = servingOf(versions.get(key) ?? [], own)
      return [
        {
          name,
          language,
          definition: one,
          serving:
            serving === null
              ? null
              : { version: serving.version.version, as: serving.state.name, status: serving.state.status },
          states: own.toSorted((a, b) => (b.definitionVersion ?? 0) - (a.definitionVersion ?? 0)),
        },
      ]
    })
    const others = states.filter((state) => !taken.has(state))
    return [
      ...defined,
      ...others.map((state) => ({
        name: state.name,
        language: state.language,
        definition: null,
        serving: null,
        states: [state],
      })),
    ].sort((a, b) => (templateKey(a) < templateKey(b) ? -1 : 1))
  }

  async function read({ name, language }: TemplateName): Promise<TemplateView> {
    const found = (await views()).find((one) => one.name === name && one.language === language)
    if (found !== undefined) return found
    throw new NotFound(`There is no template "${name}" in the language "${language}".`, { name, language })
  }

  /** @throws InvalidInput when we have no token for the account */
  function clientOf(accountId: string | null): { client: CloudClient; accountId: string } {
    const id = accountId === null || accountId === '' ? accounts.defaultId() : accountId
    const client = id === null ? null : accounts.clientOf(id)
    if (id === null || client === null) {
      throw new InvalidInput('This WhatsApp account is not connected. Connect it with "denrei connect".', {
        field: 'accountId',
      })
    }
    return { client, accountId: id }
  }

  /** The one it had is blocked at WhatsApp. */
  async function nameAnew(wanted: WantedTemplate): Promise<string> {
    const { name } = wanted.definition
    const [states, stored] = await Promise.all([store.templates(), store.definitions()])
    const named = stored.flatMap(({ definition: one }) => (one.kind === 'template' ? [one.name] : []))
    const taken = new Set(named.filter((one) => one !== name))
    return freeName(wanted, new Map(states.map((one) => [templateKey(one), one])), taken)
  }

  const event = (state: TemplateState, more: Partial<TemplateEvent>): TemplateEvent => ({
    kind: 'template',
    source: 'api',
    sourceId: `template:${newId()}`,
    occurredAt: clock.now(),
    accountId: state.accountId,
    name: state.name,
    language: state.language,
    ...more,
  })

  return {
    async list(filter = {}) {
      return (await views()).filter(
        ({ name, language, definition, states }) =>
          (filter.name === undefined || name === filter.name || states.some((one) => one.name === filter.name)) &&
          (filter.language === undefined || language === filter.language) &&
          (filter.module === undefined || moduleOf(definition) === filter.module) &&
          (filter.status === undefined || states.some(({ status }) => status === filter.status)) &&
          (filter.accountId === undefined || states.some(({ accountId }) => accountId === filter.accountId)),
      )
    },
    read,
    async agree(which) {
      const { states } = await read(which)
      const changed = states.filter(({ category, agreedCategory }) => category !== agreedCategory)
      await parts.tell(changed.map((state) => event(state, { agreed: true })))
      return read(which)
    },
    async submit(which) {
      const { definition: stored, states } = await read(which)
      const { definition } = stored ?? {}
      if (stored === null || definition?.kind !== 'template' || !stored.active) {
        throw new InvalidInput(`No definition of "${which.name}" is in force. Apply one, or take it over.`, {
          field: 'name',
        })
      }
      const wanted: WantedTemplate = { definition, key: stored.key, version: stored.version, hash: stored.hash }
      const own = states.filter((one) => one.definitionVersion === stored.version)
      const state = own.find(({ status }) => !GONE.has(status)) ?? own[0] ?? states[0]
      const isGone = state !== undefined && GONE.has(state.status)
      if (state === undefined || !(SUBMITTABLE.has(state.status) || isGone)) {
        const status = state?.status ?? 'unknown'
        throw new InvalidInput(
          `"${which.name}" (${which.language}) is ${status} at WhatsApp: nothing is to be submitted.`,
          {
            field: 'name',
            status,
          },
        )
      }
      const { accountId } = clientOf(state.accountId)
      const begun = isGone ? { ...state, ...ANEW, name: await nameAnew(wanted), category: definition.category } : state
      const draft = { ...begun, accountId, status: 'DRAFT', submittedHash: stored.hash, updatedAt: clock.now() }
      await parts.change(() =>
        store.saveDefinitions(
          [],
          [parts.submission(wanted, draft.name, newId())],
          [{ ...draft, definition: definition.name, definitionVersion: stored.version }],
          'submit',
          clock.now(),
          newId,
        ),
      )
      return read(which)
    },
    async unpause(which) {
      const { states } = await read(which)
      const paused = states.find(({ status, metaId }) => status === 'PAUSED' && metaId !== null)
      if (paused?.metaId == null) {
        throw new InvalidInput(`"${which.name}" (${which.language}) is not paused.`, { field: 'name' })
      }
      const { client, accountId } = clientOf(paused.accountId)
      await client.unpauseTemplate(paused.metaId)
      const asked = clock.now()
      const node = await find(client, accountId, paused)
      if (node !== undefined) {
        const { status, category } = templateState(node, accountId, asked)
        await parts.tell([event(paused, { status, category })])
      }
      return read(which)
    },
    async remove({ name, language }, actor) {
      const found = (await views()).filter(
        (one) => one.name === name && (language === undefined || one.language === language),
      )
      const there = found
        .flatMap(({ states }) => states)
        .filter(({ metaId, status }) => metaId !== null && !ABSENT.has(status))
      if (there.length === 0) throw new NotFound(`WhatsApp has no template "${name}".`, { name })
      for (const state of there) {
        const { client, accountId } = clientOf(state.accountId)
        await client.deleteTemplate(accountId, { name: state.name, id: state.metaId! })
        // At once, so that what was deleted before a failure is known.
        await parts.tell([event(state, { status: 'DELETED', reason: `Deleted by ${actor}.` })])
      }
      const wasApproved = there.some(({ status }) => status !== 'REJECTED' && status !== 'PENDING')
      return {
        deleted: there.map((one) => ({ name: one.name, language: one.language })),
        nameBlockedUntil: wasApproved ? clock.now() + NAME_BLOCKED_MS : null,
        stillDefined: found.flatMap(({ definition, states }) =>
          definition?.active === true && states.some((one) => there.includes(one))
            ? [definitionKey(definition.definition)]
            : [],
        ),
      }
    },
    async takeOver({ name, language, module, accountId: wanted }) {
      if (!parts.definitions().modules.has(module)) {
        throw new InvalidInput(`There is no module "${module}".`, { field: 'module' })
      }
      const ours = (await store.templates()).find((one) => one.name === name && one.language === language)
      if (ours?.definition != null && ours.definition !== name) {
        throw new InvalidInput(`"${name}" is version ${ours.definitionVersion} of the template "${ours.definition}".`, {
          field: 'name',
        })
      }
      const { client, accountId } = clientOf(wanted ?? null)
      const node = await find(client, accountId, { name, language })
      if (node === undefined) {
        throw new NotFound(`The account has no template "${name}" in the language "${language}".`, { name, language })
      }
      return takeOver(node, module)
    },
  }
}

/** WhatsApp finds names by their parts. */
async function find(
  client: CloudClient,
  accountId: string,
  { name, language }: TemplateName,
): Promise<TemplateNode | undefined> {
  const nodes = await client.listTemplates(accountId, { name })
  return nodes.find((one) => one.name === name && one.language === language)
}

/** What was known of one that is gone says nothing of the next. */
const ANEW = {
  metaId: null,
  reason: null,
  quality: null,
  pausedUntil: null,
  nextCategory: null,
  agreedCategory: null,
  checkedAt: null,
}

function moduleOf(stored: StoredDefinition | null): string | null {
  return stored?.definition.kind === 'template' ? stored.definition.module : null
}
