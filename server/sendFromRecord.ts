import { buttonLabels, fillParameters, parametersIn } from '#definitions/templateText.ts'
import type { Clock } from '#engine/clock.ts'
import { startDraft, type Draft } from '#engine/decide/draft.ts'
import { decideSend } from '#engine/decide/send.ts'
import type { DefinitionSet } from '#engine/definitionSet.ts'
import { checkGuards } from '#engine/guards/guards.ts'
import type { ResolvedParameters, SendIntent } from '#engine/message.ts'
import { PAGE_MAX } from '#engine/facts.ts'
import { templateKey } from '#engine/state.ts'
import type { Store } from '#engine/store.ts'
import type { SendEvent, Trigger } from '#engine/trigger.ts'
import type { Preview, SendOptions, SendRequest } from './denrei.ts'
import { liveRecord } from './liveRecord.ts'

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
  const record = await liveRecord(store, module, recordId)
  const set = definitions()
  const states = await store.templates()
  const approved = states.filter(({ status }) => status === 'APPROVED')
  return {
    numbers: await store.numbers(),
    templates: approved.flatMap(({ name, language, category }) => {
      const template = set.templates.get(templateKey({ name, language }))?.template
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
  await liveRecord(store, request.module, request.recordId)
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
  const known = await store.load({ triggers: [trigger], lookups, lookupModules, phoneModules, pageMax: PAGE_MAX }, now)
  const intent = sentBy(decideSend(startDraft(trigger, known, set, now)))
  const [facts] = await store.sendFacts([intent], now)
  if (facts === undefined) throw new TypeError('The store answered no facts for the preview.')
  const { verdict, guards, priceMicros, market } = checkGuards(intent, facts)
  const template = set.templates.get(templateKey(intent.template))?.template
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
    buttons: buttonLabels(template?.buttons),
    verdict,
    guards,
    priceMicros,
    market,
  }
}

function mediaOf(parameters: ResolvedParameters | null): string | null {
  const header = parameters?.header
  if (header === undefined || header.type === 'text') return null
  if (header.type === 'location') return [header.name, header.address].filter(Boolean).join(', ') || null
  return header.link ?? header.id ?? null
}

function sentBy({ changes }: Draft): SendIntent & { template: NonNullable<SendIntent['template']> } {
  const [change] = changes
  if (change?.kind !== 'enqueue' || change.intent.kind !== 'sendTemplate' || change.intent.template === null)
    throw new TypeError('A send enqueues one message with a template.')
  return { ...change.intent, template: change.intent.template }
}
