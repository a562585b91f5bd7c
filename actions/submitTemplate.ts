import { isDeepStrictEqual } from 'node:util'
import { z } from 'zod'
import type { Json } from '#definitions/json.ts'
import { template as templateDefinition, type Template } from '#definitions/template.ts'
import type { Clock, Instant } from '#engine/clock.ts'
import { AppError } from '#engine/errors.ts'
import type { WorkIntent } from '#engine/message.ts'
import type { WorldEvent } from '#engine/trigger.ts'
import type { Performer, WorkOutcome } from './performer.ts'
import { createFetchSample, type FetchSample } from './sampleFile.ts'
import type { TemplateNode } from './whatsapp/answers.ts'
import type { Accounts } from './whatsapp/accounts.ts'
import type { CloudClient } from './whatsapp/client.ts'
import { WhatsAppRefused } from './whatsapp/faults.ts'
import type { GraphRefused } from './whatsapp/graph.ts'
import { templateBody } from './whatsapp/templateBody.ts'
import { versionName } from '#engine/templateVersions.ts'
import { reasonOf, ruleOf } from './whatsappErrors.ts'

export interface SubmitTemplateDeps {
  /** Of the account that the work names, or of the default one. */
  accounts: Pick<Accounts, 'defaultId' | 'clientOf'>
  clock: Clock
  /** Where the template's new state goes; resolves when it is on disk. */
  accept: (events: WorldEvent[]) => Promise<unknown>
  /** The Meta app through which an account was connected, as far as we know. Default: none is known, and its token is asked. */
  appIdOf?: (accountId: string) => Promise<string | null>
  /** Gets the file of a sample that is a link. Default: from public addresses. */
  fetchSample?: FetchSample
}

const payload = z.looseObject({
  definition: templateDefinition,
  accountId: z.string().optional(),
  /** Its name at WhatsApp. Default: that of the definition. */
  as: z.string().optional(),
  /** Of the definition. */
  version: z.int().positive().optional(),
})

/** What is submitted: a version of a definition, under a name. */
interface Submission {
  definition: Template
  as: string
  version: number | undefined
}

/** The account that is asked, and how. */
interface Desk extends Required<Omit<SubmitTemplateDeps, 'accounts'>> {
  client: Pick<CloudClient, 'listTemplates' | 'createTemplate' | 'editTemplate' | 'uploadSample' | 'ownToken'>
  accountId: string
  /** Aborts when the work has to end. */
  signal: AbortSignal
}

/**
 * A rejected template may be edited as often as one likes. WhatsApp would also let us edit an approved or paused one, but says nowhere
 * whether the old text is sent meanwhile, so what it has approved is never touched (S63). Source: Meta, "Template management".
 */
const EDITABLE = new Set(['REJECTED'])

/**
 * Submits a template definition for review, or takes up the one that is there.
 *
 * Creating has no idempotency key, so the list by name comes first, at each try: what a lost answer created is found and
 * taken up, never created again. A rejected one is edited; where another text that cannot be edited has the plain name, the version
 * goes under a name of its own.
 */
export function createSubmitTemplate(given: SubmitTemplateDeps): Performer {
  const deps = { appIdOf: () => Promise.resolve(null), fetchSample: createFetchSample(), ...given }
  return {
    type: 'submitTemplate',
    async perform(intent, signal) {
      const parsed = payload.safeParse(intent.payload)
      if (!parsed.success) return { kind: 'failed', reason: 'payload_invalid', detail: z.prettifyError(parsed.error) }
      const { definition, version, as = definition.name } = parsed.data
      const accountId = parsed.data.accountId ?? deps.accounts.defaultId()
      const client = accountId === null ? null : deps.accounts.clientOf(accountId)
      if (accountId === null || client === null) {
        return { kind: 'retry', reason: 'not_connected', detail: 'No WhatsApp account is connected.' }
      }
      try {
        return await submit({ ...deps, client, accountId, signal }, intent, { definition, version, as })
      } catch (error) {
        if (error instanceof WhatsAppRefused) {
          const { code, httpStatus } = error.details as { code: number | null; httpStatus: number }
          return refusal({ code, httpStatus, transient: error.retryable, details: error.message })
        }
        if (error instanceof AppError && error.retryable) {
          return { kind: 'retry', reason: error.code.replace('ERR_', '').toLowerCase(), detail: error.message }
        }
        throw error
      }
    },
  }
}

async function submit(deps: Desk, intent: WorkIntent, submission: Submission): Promise<WorkOutcome> {
  const { client, accountId, clock } = deps
  const { definition, as, version } = submission
  const wanted = templateBody(definition, as)
  // Before the call: a webhook about what it did may come, and count, before we have heard the answer.
  const askedAt = clock.now()
  const known = (await client.listTemplates(accountId, { name: as })).find(
    ({ name, language }) => name === as && language === definition.language,
  )
  if (known === undefined) {
    const sample = await sampled(deps, definition)
    if (sample.kind !== 'ready') return tellSample(deps, intent, submission, sample, { askedAt })
    const answer = await client.createTemplate(accountId, templateBody(sample.definition, as))
    switch (answer.kind) {
      case 'created': {
        const { id, status = 'PENDING', category = definition.category } = answer.template
        return tell(deps, intent, submission, { askedAt, metaId: id, status, category })
      }
      case 'lost':
        return { kind: 'retry', reason: 'answer_lost', detail: answer.why }
      case 'refused':
        return tellRefusal(deps, intent, submission, answer, askedAt)
    }
  }
  if (sameContent(known, wanted.components ?? [])) {
    const { id, status, category } = known
    return tell(deps, intent, submission, { askedAt, metaId: id, status, category })
  }
  if (!EDITABLE.has(known.status)) {
    const own = version === undefined ? as : versionName(definition.name, version)
    if (own !== as) return submit(deps, intent, { ...submission, as: own })
    const detail = `"${as}" (${definition.language}) is ${known.status} at WhatsApp with other content. Use a new name.`
    await tell(deps, intent, submission, { askedAt, metaId: known.id, reason: `template_exists: ${detail}` })
    return { kind: 'failed', reason: 'template_exists', detail }
  }
  const sample = await sampled(deps, definition)
  if (sample.kind !== 'ready') return tellSample(deps, intent, submission, sample, { askedAt, metaId: known.id })
  const answer = await client.editTemplate(known.id, {
    category: definition.category,
    components: templateBody(sample.definition, as).components ?? [],
  })
  switch (answer.kind) {
    case 'edited':
      return tell(deps, intent, submission, {
        askedAt,
        metaId: known.id,
        status: 'PENDING',
        category: definition.category,
      })
    case 'lost':
      return { kind: 'retry', reason: 'answer_lost', detail: answer.why }
    case 'refused':
      return tellRefusal(deps, intent, submission, answer, askedAt)
  }
}

/**
 * Uploads the sample of the header when it is a link: WhatsApp takes nothing but a handle. Only now, when the definition is sure to
 * be sent. Every try uploads it again: a handle of a try before may have run out.
 */
async function sampled(
  { client, accountId, appIdOf, fetchSample, signal }: Desk,
  definition: Template,
): Promise<{ kind: 'ready'; definition: Template } | Exclude<WorkOutcome, { kind: 'done' }>> {
  const { header } = definition
  if (header === undefined || header.type === 'text' || header.type === 'location' || !isLink(header.example)) {
    return { kind: 'ready', definition }
  }
  const appId = (await appIdOf(accountId)) ?? (await appOfToken(client))
  if (appId === null) {
    const detail =
      'A sample is uploaded to the Meta app, and which one it is is not known. Set WHATSAPP_APP_ID, or use the handle of a file that you have uploaded.'
    return { kind: 'failed', reason: 'app_unknown', detail }
  }
  const fetched = await fetchSample(header.example, header.type, signal)
  if (fetched.kind !== 'file') return fetched
  const handle = await client.uploadSample(appId, fetched.file)
  return { kind: 'ready', definition: { ...definition, header: { ...header, example: handle } } }
}

const isLink = (example: string): boolean => /^https?:\/\//i.test(example)

/** Null when the token may not be asked about itself. */
async function appOfToken(client: Pick<CloudClient, 'ownToken'>): Promise<string | null> {
  try {
    return (await client.ownToken()).app_id ?? null
  } catch (error) {
    if (error instanceof WhatsAppRefused && !error.retryable) return null
    throw error
  }
}

/** The template stays as it is; its page says why, unless another try may find the sample. */
async function tellSample(
  deps: Desk,
  intent: WorkIntent,
  submission: Submission,
  sample: Exclude<WorkOutcome, { kind: 'done' }>,
  told: Pick<Told, 'askedAt' | 'metaId'>,
): Promise<WorkOutcome> {
  if (sample.kind === 'failed') {
    await tell(deps, intent, submission, { ...told, reason: `${sample.reason}: ${sample.detail}` })
  }
  return sample
}

interface Told {
  askedAt: Instant
  metaId?: string
  status?: string
  category?: string
  reason?: string
}

/** Not done before the inbox has it: the next try finds the template by its name and tells it again. */
async function tell(
  { accept, accountId }: Desk,
  { id }: WorkIntent,
  { definition: { name, language, category: wanted }, as, version }: Submission,
  { askedAt, ...told }: Told,
): Promise<WorkOutcome> {
  await accept([
    {
      kind: 'template',
      source: 'denrei',
      sourceId: `submit:${id}:${as}:${askedAt}`,
      occurredAt: askedAt,
      accountId,
      name: as,
      language,
      ...(version === undefined ? {} : { definition: { name, version } }),
      ...told,
    },
  ])
  const { status = '', category = wanted } = told
  // WhatsApp approves a mislabelled utility template as marketing by itself, which costs more and meets other limits.
  const changed = category === wanted ? '' : ` WhatsApp made it ${category} instead of ${wanted}.`
  return { kind: 'done', detail: `${status}.${changed}` }
}

async function tellRefusal(
  deps: Desk,
  intent: WorkIntent,
  submission: Submission,
  refused: GraphRefused,
  askedAt: Instant,
): Promise<WorkOutcome> {
  const outcome = refusal(refused)
  // The template stays a draft; its page says why.
  if (outcome.kind === 'failed') {
    await tell(deps, intent, submission, { askedAt, reason: `${outcome.reason}: ${refused.details}` })
  }
  return outcome
}

function refusal(
  refused: Pick<GraphRefused, 'code' | 'httpStatus' | 'transient' | 'details' | 'retryAfterMs'>,
): WorkOutcome {
  const rule = ruleOf(refused)
  const told = { reason: reasonOf(refused), detail: refused.details }
  switch (rule.class) {
    case 'retry_later':
    case 'later':
    case 'slow_down_number':
    case 'slow_down_pair':
    case 'fix_account':
    case 'fix_number':
      // A token or an account that is refused may be mended within the day over which work is tried.
      return { kind: 'retry', ...told, afterMs: Math.max(refused.retryAfterMs ?? 0, rule.baseMs) }
    case 'fix_message':
    case 'window_closed':
    case 'fix_template':
    case 'contact_unreachable':
    case 'opted_out':
      return { kind: 'failed', ...told }
  }
}

/** The texts and buttons that a reader sees. Examples come back as links, in other shapes, and say nothing. */
function sameContent({ components, category }: TemplateNode, wanted: Json): boolean {
  if (components === undefined) return false
  if (category === 'AUTHENTICATION') return isDeepStrictEqual(choices(components), choices(wanted))
  return isDeepStrictEqual(visible(components), visible(wanted))
}

/** What can be chosen of an authentication template; its texts, and its button, read back as WhatsApp wrote them. */
function choices(components: unknown): unknown {
  const parsed = z.array(component).safeParse(components)
  if (!parsed.success) return null
  const of = (type: string) => parsed.data.find((one) => one.type === type)
  return {
    advice: of('BODY')?.['add_security_recommendation'] === true,
    minutes: of('FOOTER')?.['code_expiration_minutes'] ?? null,
  }
}

const component = z.looseObject({
  type: z.string().transform((type) => type.toUpperCase()),
  format: z.string().optional(),
  text: z.string().optional(),
  buttons: z
    .array(
      z.looseObject({
        type: z.string().transform((type) => type.toUpperCase()),
        text: z.string().optional(),
        url: z.string().optional(),
        phone_number: z.string().optional(),
        flow_id: z.union([z.string(), z.number()]).transform(String).optional(),
      }),
    )
    .optional(),
})

function visible(components: unknown): unknown {
  const parsed = z.array(component).safeParse(components)
  if (!parsed.success) return null
  return parsed.data
    .map(({ type, format, text, buttons }) => ({
      type,
      format: type === 'HEADER' ? format?.toUpperCase() : undefined,
      text,
      // The label of a copy-code button is WhatsApp's own.
      buttons: buttons?.map((button) => ({
        type: button.type,
        text: button.type === 'COPY_CODE' ? undefined : button.text,
        url: button.url,
        phone: button.phone_number?.replace(/\D/g, ''),
        flow: button.flow_id,
      })),
    }))
    .toSorted((a, b) => a.type.localeCompare(b.type))
}
