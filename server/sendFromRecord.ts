import { buttonLabels, fillParameters, parametersIn } from '#definitions/templateText.ts'
import type { Clock } from '#engine/clock.ts'
import { startDraft, type Draft } from '#engine/decide/draft.ts'
import { decideSend } from '#engine/decide/send.ts'
import type { DefinitionSet } from '#engine/definitionSet.ts'
import { checkGuards } from '#engine/guards/guards.ts'
import type { ResolvedParameters, SendIntent } from '#engine/message.ts'
import { PAGE_MAX } from '#engine/facts.ts'
import type { Values } from '#definitions/json.ts'
import { recordSource } from '#engine/decide/recordSource.ts'
import type { RecordSource } from '#engine/merge.ts'
import { recordKey, templateKey, type TemplateState } from '#engine/state.ts'
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
export async function preview(parts: Parts, request: SendRequest): Promise<Preview> {
  await liveRecord(parts.store, request.module, request.recordId)
  const { shown } = await tryOut(parts, parts.definitions(), request)
  return shown
}

/** What a trial knows besides the store: a record that is made up, a template that is not at WhatsApp yet. */
export interface Trial {
  values?: Values
  /** Stands in where WhatsApp knows of none. */
  state?: TemplateState
}

/** Decides a send as if it were asked for, and what the guards would say. */
export async function tryOut(
  { store, clock }: Pick<Parts, 'store' | 'clock'>,
  set: DefinitionSet,
  request: SendRequest,
  trial: Trial = {},
): Promise<{ shown: Preview; intent: SendIntent; source: RecordSource }> {
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
  const key = recordKey(request.module, request.recordId)
  if (trial.values !== undefined) {
    const { module, recordId: id } = request
    const { values } = trial
    known.records.set(key, {
      module,
      id,
      values,
      revision: 0,
      createdAt: now,
      updatedAt: now,
      deleted: false,
      recent: [],
    })
  }
  const intent = sentBy(decideSend(startDraft(trigger, known, set, now)))
  const [told] = await store.sendFacts([intent], now)
  if (told === undefined) throw new TypeError('The store answered no facts for the preview.')
  const facts = { ...told, template: told.template ?? trial.state ?? null }
  const { verdict, guards, priceMicros, market } = checkGuards(intent, facts)
  const template = set.templates.get(templateKey(intent.template))?.template
  const fill = (text: string, values: { name: string; value: string | null }[]) => {
    const byName = new Map(values.map(({ name, value }) => [name, value]))
    return fillParameters(text, (name) => byName.get(name) ?? `{{${name}}}`)
  }
  const headerValues = intent.parameters?.header?.type === 'text' ? intent.parameters.header.parameters : []
  return {
    intent,
    source: recordSource({ known, definitions: set }, request.module, known.records.get(key)?.values ?? {}),
    shown: {
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
    },
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
