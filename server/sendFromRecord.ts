import { fillParameters, parametersIn } from '#definitions/templateText.ts'
import type { Clock } from '#engine/clock.ts'
import { startDraft } from '#engine/decide/draft.ts'
import { recordSource } from '#engine/decide/recordSource.ts'
import { SENT_BY_HAND } from '#engine/decide/send.ts'
import { sendIntent } from '#engine/decide/sendIntent.ts'
import type { DefinitionSet } from '#engine/definitionSet.ts'
import { NotFound } from '#engine/errors.ts'
import { checkGuards } from '#engine/guards/guards.ts'
import type { ResolvedParameters } from '#engine/message.ts'
import type { Store } from '#engine/store.ts'
import type { SendEvent, Trigger } from '#engine/trigger.ts'
import type { Preview, SendOptions, SendRequest } from './denrei.ts'

interface Parts {
  store: Store
  clock: Clock
  definitions: () => DefinitionSet
}

/** S71, S72: the numbers to send from, the phones to send to, and the approved templates of the record's module. */
export async function sendOptions(
  { store, definitions }: Parts,
  module: string,
  recordId: string,
): Promise<SendOptions> {
  const record = await recordOf(store, module, recordId)
  const set = definitions()
  const states = await store.templates()
  const approved = states.filter(({ status }) => status === 'APPROVED')
  return {
    numbers: await store.numbers(),
    templates: approved.flatMap(({ name, language, category }) => {
      const template = set.templates.get(`${name}/${language}`)?.template
      if (template?.module !== module) return []
      const texts = [template.header?.type === 'text' ? template.header.text : '', template.body]
      const parameters = [...new Set(texts.flatMap((text) => parametersIn(text).map((one) => one.name)))]
      return [{ name, language, category, body: template.body, parameters }]
    }),
    to: Object.entries(set.modules.get(module)?.fields ?? {}).flatMap(([field, { type }]) => {
      const value = record.values[field]
      return type === 'phone' && typeof value === 'string' && value !== '' ? [{ field, value }] : []
    }),
  }
}

/** What would go out and whether it may, with the very code that sends: the same decision, nothing committed. */
export async function preview({ store, clock, definitions }: Parts, request: SendRequest): Promise<Preview> {
  const record = await recordOf(store, request.module, request.recordId)
  const set = definitions()
  const now = clock.now()
  const { lookups, lookupModules, phoneModules } = set
  const trigger: SendEvent & Trigger = {
    kind: 'send',
    id: 'preview',
    source: 'preview',
    sourceId: 'preview',
    occurredAt: now,
    receivedAt: now,
    actor: 'preview',
    ...request,
  }
  const known = await store.load({ triggers: [trigger], lookups, lookupModules, phoneModules }, now)
  const draft = startDraft(trigger, known, set, now)
  const { module, recordId, numberId, ...wish } = request
  const intent = sendIntent(
    draft,
    {
      module,
      recordId,
      values: record.values,
      source: recordSource(draft, module, record.values),
      rule: SENT_BY_HAND,
      causedBy: [],
    },
    { ...wish, ...(numberId !== undefined && { from: numberId }) },
    '',
  )
  const [facts] = await store.sendFacts([intent], now)
  if (facts === undefined) throw new TypeError('The store answered no facts for the preview.')
  const { verdict, guards, priceMicros, market } = checkGuards(intent, facts)
  const template = set.templates.get(`${intent.template.name}/${intent.template.language}`)?.template
  const fill = (text: string, values: { name: string; value: string | null }[]) => {
    const byName = new Map(values.map(({ name, value }) => [name, value]))
    return fillParameters(text, (name) => byName.get(name) ?? `{{${name}}}`)
  }
  const headerValues = intent.parameters?.header?.type === 'text' ? intent.parameters.header.parameters : []
  return {
    to: intent.to,
    language: intent.template.language,
    header:
      template?.header === undefined
        ? null
        : template.header.type === 'text'
          ? fill(template.header.text, headerValues)
          : mediaOf(intent.parameters),
    body: template === undefined ? '' : fill(template.body, intent.parameters?.body ?? []),
    footer: template?.footer ?? null,
    buttons: (template?.buttons ?? []).map((button) => button.text ?? ''),
    verdict,
    guards,
    priceMicros,
    market,
  }
}

function mediaOf(parameters: ResolvedParameters | null): string | null {
  const header = parameters?.header
  return header === undefined || header.type === 'text' ? null : (header.link ?? header.id ?? null)
}

async function recordOf(store: Store, module: string, id: string) {
  const record = await store.record(module, id)
  if (record === null || record.deleted) throw new NotFound(`There is no record "${id}" in ${module}.`, { module, id })
  return record
}
