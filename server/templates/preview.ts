import { definitionKey } from '#definitions/definitions.ts'
import type { Values } from '#definitions/json.ts'
import { parseMergeText } from '#definitions/mergeField.ts'
import type { Problem, SourceFile } from '#definitions/problem.ts'
import { builtinModules } from '#definitions/modules.ts'
import { template as templateSchema, type Template } from '#definitions/template.ts'
import type { Clock } from '#engine/clock.ts'
import { compileDefinitions, type DefinitionSet } from '#engine/definitionSet.ts'
import { DefinitionsInvalid, InvalidInput, NotFound } from '#engine/errors.ts'
import { resolveText, type RecordSource } from '#engine/merge.ts'
import { TEMPLATE_DEFAULTS, templateKey, type TemplateState } from '#engine/state.ts'
import type { Store } from '#engine/store.ts'
import { definitionHash } from '../applyDefinitions.ts'
import type { Preview } from '../denrei.ts'
import { liveRecord } from '../liveRecord.ts'
import { tryOut } from '../sendFromRecord.ts'

/** What is shown: a template of ours, or one that is only being written; with a record of ours, or one made up. */
export interface PreviewRequest {
  template: { name: string; language: string } | { draft: unknown }
  recordId?: string
  values?: Values
  /** Default: as the module of the template says. */
  to?: string
  numberId?: string
  parameters?: Record<string, string>
}

export interface TemplatePreview extends Preview {
  /** Merge fields without a value of their own: a fallback stands in for them, or nothing does. */
  empty: string[]
}

interface Parts {
  store: Store
  clock: Clock
  definitions: () => DefinitionSet
  check: (files: SourceFile[]) => Promise<Problem[]>
}

/**
 * Shows a template as a record would get it, in its own language, with what it would cost and whether it might go.
 *
 * @throws DefinitionsInvalid when the draft is no template; NotFound when template or record is not there; InvalidInput
 */
export async function previewTemplate(parts: Parts, request: PreviewRequest): Promise<TemplatePreview> {
  const draft = 'draft' in request.template ? await readDraft(parts, request.template.draft) : null
  const set = draft === null ? parts.definitions() : await withDraft(parts, draft)
  const { name, language } = draft ?? (request.template as { name: string; language: string })
  const compiled = set.templates.get(templateKey({ name, language }))
  if (compiled === undefined) {
    throw new NotFound(`No template "${name}" in the language "${language}" is in force.`, { name, language })
  }
  const { template } = compiled
  const { recordId, values, to, numberId, parameters } = request
  if ((recordId === undefined) === (values === undefined)) {
    throw new InvalidInput('Name a record with "recordId", or make one up with "values".', { field: 'recordId' })
  }
  if (recordId !== undefined) await liveRecord(parts.store, template.module, recordId)
  const { shown, source } = await tryOut(
    parts,
    set,
    {
      module: template.module,
      recordId: recordId ?? 'preview',
      template: name,
      language,
      ...(to === undefined ? {} : { to }),
      ...(numberId === undefined ? {} : { numberId }),
      ...(parameters === undefined ? {} : { parameters }),
    },
    { ...(values === undefined ? {} : { values }), state: notSubmitted(template) },
  )
  return { ...shown, empty: emptyFields(template, parameters ?? {}, set, source, language) }
}

/** @throws DefinitionsInvalid */
async function readDraft({ check }: Parts, draft: unknown): Promise<Template> {
  const parsed = templateSchema.safeParse(draft)
  if (parsed.success) return parsed.data
  const problems = await check([{ file: 'template.json', json: draft }])
  throw new DefinitionsInvalid(`This is no template. ${problems[0]?.message ?? ''}`.trim(), { problems })
}

/** The definitions in force, as they would be with this one among them. */
async function withDraft({ store }: Parts, draft: Template): Promise<DefinitionSet> {
  const key = definitionKey(draft)
  const others = (await store.definitions()).filter((one) => one.key !== key)
  const stored = {
    key,
    version: 1,
    active: true,
    definition: draft,
    hash: definitionHash(draft),
    createdAt: 0,
    createdBy: '',
  }
  return compileDefinitions([...others, stored], builtinModules)
}

/** For what WhatsApp does not know yet: it would wait. */
function notSubmitted({ name, language, category }: Template): TemplateState {
  return {
    name,
    language,
    accountId: '',
    metaId: null,
    status: 'DRAFT',
    category,
    quality: null,
    reason: null,
    ...TEMPLATE_DEFAULTS,
    submittedHash: null,
    updatedAt: 0,
  }
}

/** As they are written, each once. */
function emptyFields(
  template: Template,
  given: Record<string, string>,
  set: DefinitionSet,
  source: RecordSource,
  language: string,
): string[] {
  const texts = [
    ...Object.entries(template.parameters ?? {}).map(([name, { value }]) => given[name] ?? value ?? ''),
    ...textsIn(template.header),
    ...textsIn(template.buttons),
  ]
  const fields = texts.flatMap((text) => parseMergeText(text).parts.filter((part) => typeof part === 'object'))
  const empty = fields.filter(({ module, path }) => {
    const value = resolveText(`$[${[module, ...path].join('.')}]`, template.module, set, source, {
      language,
      zone: 'UTC',
    })
    return value === null || value === ''
  })
  return [...new Set(empty.map(({ module, path }) => [module, ...path].join('.')))]
}

function textsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value]
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsIn) : []
}
