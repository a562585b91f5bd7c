import { isDeepStrictEqual } from 'node:util'
import { z } from 'zod'
import type { Json } from '#definitions/json.ts'
import { template as templateDefinition, type Template } from '#definitions/template.ts'
import type { Clock, Instant } from '#engine/clock.ts'
import { AppError } from '#engine/errors.ts'
import type { WorkIntent } from '#engine/message.ts'
import type { WorldEvent } from '#engine/trigger.ts'
import type { Performer, WorkOutcome } from './performer.ts'
import type { TemplateNode } from './whatsapp/answers.ts'
import type { Accounts } from './whatsapp/accounts.ts'
import type { CloudClient } from './whatsapp/client.ts'
import { WhatsAppRefused } from './whatsapp/faults.ts'
import type { GraphRefused } from './whatsapp/graph.ts'
import { templateBody } from './whatsapp/templateBody.ts'
import { reasonOf, ruleOf } from './whatsappErrors.ts'

export interface SubmitTemplateDeps {
  /** Of the account that the work names, or of the default one. */
  accounts: Pick<Accounts, 'defaultId' | 'clientOf'>
  clock: Clock
  /** Where the template's new state goes; resolves when it is on disk. */
  accept: (events: WorldEvent[]) => Promise<unknown>
}

const payload = z.looseObject({ definition: templateDefinition, accountId: z.string().optional() })

/** The account that is asked, and how. */
interface Desk extends Omit<SubmitTemplateDeps, 'accounts'> {
  client: Pick<CloudClient, 'listTemplates' | 'createTemplate' | 'editTemplate'>
  accountId: string
}

/** Source: Meta, Cloud API, "Template management": a template in one of these may be edited as often as one likes. */
const EDITABLE = new Set(['REJECTED', 'PAUSED'])

/**
 * Submits a template definition for review, or takes up the one that is there.
 *
 * Creating has no idempotency key, so the list by name comes first, at each try: what a lost answer created is found and
 * taken up, never created again. A rejected or paused one is edited; one that is approved or in review stays as it is.
 */
export function createSubmitTemplate(deps: SubmitTemplateDeps): Performer {
  return {
    type: 'submitTemplate',
    async perform(intent) {
      const parsed = payload.safeParse(intent.payload)
      if (!parsed.success) return { kind: 'failed', reason: 'payload_invalid', detail: z.prettifyError(parsed.error) }
      const { definition } = parsed.data
      const accountId = parsed.data.accountId ?? deps.accounts.defaultId()
      const client = accountId === null ? null : deps.accounts.clientOf(accountId)
      if (accountId === null || client === null) {
        return { kind: 'retry', reason: 'not_connected', detail: 'No WhatsApp account is connected.' }
      }
      try {
        return await submit({ ...deps, client, accountId }, intent, definition)
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

async function submit(deps: Desk, intent: WorkIntent, definition: Template): Promise<WorkOutcome> {
  const { client, accountId, clock } = deps
  const body = templateBody(definition)
  // Before the call: a webhook about what it did may come, and count, before we have heard the answer.
  const askedAt = clock.now()
  const known = (await client.listTemplates(accountId, { name: definition.name })).find(
    ({ name, language }) => name === definition.name && language === definition.language,
  )
  if (known === undefined) {
    const answer = await client.createTemplate(accountId, body)
    switch (answer.kind) {
      case 'created': {
        const { id, status = 'PENDING', category = definition.category } = answer.template
        return tell(deps, intent, definition, { askedAt, metaId: id, status, category })
      }
      case 'lost':
        return { kind: 'retry', reason: 'answer_lost', detail: answer.why }
      case 'refused':
        return tellRefusal(deps, intent, definition, answer, askedAt)
    }
  }
  if (sameContent(known, body.components ?? [])) {
    const { id, status, category } = known
    return tell(deps, intent, definition, { askedAt, metaId: id, status, category })
  }
  if (!EDITABLE.has(known.status)) {
    return {
      kind: 'failed',
      reason: 'template_exists',
      detail: `"${definition.name}" (${definition.language}) is ${known.status} at WhatsApp with other content. Use a new name.`,
    }
  }
  const answer = await client.editTemplate(known.id, {
    category: definition.category,
    components: body.components ?? [],
  })
  switch (answer.kind) {
    case 'edited':
      return tell(deps, intent, definition, {
        askedAt,
        metaId: known.id,
        status: 'PENDING',
        category: definition.category,
      })
    case 'lost':
      return { kind: 'retry', reason: 'answer_lost', detail: answer.why }
    case 'refused':
      return tellRefusal(deps, intent, definition, answer, askedAt)
  }
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
  { name, language, category: wanted }: Template,
  { askedAt, ...told }: Told,
): Promise<WorkOutcome> {
  await accept([
    {
      kind: 'template',
      source: 'denrei',
      sourceId: `submit:${id}:${askedAt}`,
      occurredAt: askedAt,
      accountId,
      name,
      language,
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
  definition: Template,
  refused: GraphRefused,
  askedAt: Instant,
): Promise<WorkOutcome> {
  const outcome = refusal(refused)
  // The template stays a draft; its page says why.
  if (outcome.kind === 'failed') {
    await tell(deps, intent, definition, { askedAt, reason: `${outcome.reason}: ${refused.details}` })
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
function sameContent({ components }: TemplateNode, wanted: Json): boolean {
  return components !== undefined && isDeepStrictEqual(visible(components), visible(wanted))
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
      })),
    }))
    .toSorted((a, b) => a.type.localeCompare(b.type))
}
