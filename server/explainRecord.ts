import { NotFound } from '#engine/errors.ts'
import type { Instance } from '#engine/instance.ts'
import type { Message } from '#engine/message.ts'
import type { RecordState } from '#engine/state.ts'
import type { InboxEntry } from '#engine/reads.ts'
import type { Store } from '#engine/store.ts'
import type { Trace } from '#engine/decision.ts'
import type { RecordExplanation } from './denrei.ts'
import { wayText } from './instanceTexts.ts'
import { reasonText, stateText, type Language } from './texts.ts'

const EVENTS_MAX = 20
const OTHERS_MAX = 50
/** How many pages of events are looked back over: a record may be among many others. */
const PAGES_MAX = 10

/**
 * What happened to a record lately, and what came of it: its events, its places in blueprints and journeys, its messages.
 *
 * @throws NotFound when nothing at all is known of it
 */
export async function explainRecord(
  store: Store,
  place: { module: string; recordId: string },
  language: Language,
): Promise<RecordExplanation> {
  const { module, recordId } = place
  const [record, events, instances, messages] = await Promise.all([
    store.record(module, recordId),
    latestEvents(store, place),
    store.instances(place, { limit: OTHERS_MAX }),
    store.messages(place, { limit: OTHERS_MAX }),
  ])
  if (record === null && events.length + instances.items.length + messages.items.length === 0) {
    throw new NotFound(`Nothing is known of a record "${recordId}" in ${module}. Write it as Module/id: Deals/D-1.`, {
      ...place,
    })
  }
  const traces = await Promise.all(events.map(({ trigger }) => store.trace(trigger.id)))
  const story = [
    recordLine(place, record, language),
    ...headed(
      language,
      ['Latest events', '最近の出来事'],
      events.map((one, at) => eventLine(one, traces[at] ?? null, language)),
    ),
    ...headed(
      language,
      ['In blueprints and journeys', 'ブループリントとジャーニー'],
      instances.items.map((one) => instanceLine(one, language)),
    ),
    ...headed(
      language,
      ['Messages', 'メッセージ'],
      messages.items.map((one) => messageLine(one, language)),
    ),
  ]
  return { record, events, instances: instances.items, messages: messages.items, story }
}

async function latestEvents(store: Store, place: { module: string; recordId: string }): Promise<InboxEntry[]> {
  const found: InboxEntry[] = []
  let after: string | undefined
  for (let pages = 0; pages < PAGES_MAX && found.length < EVENTS_MAX; pages++) {
    const options = { limit: EVENTS_MAX - found.length, ...(after === undefined ? {} : { after }) }
    const page = await store.triggers(place, options)
    found.push(...page.items)
    if (page.next === null) break
    after = page.next
  }
  return found
}

function headed(language: Language, [en, ja]: [string, string], lines: string[]): string[] {
  return lines.length === 0 ? [] : [`${language === 'ja' ? ja : en}:`, ...lines.map((line) => `  ${line}`)]
}

function recordLine(
  { module, recordId }: { module: string; recordId: string },
  record: RecordState | null,
  language: Language,
): string {
  const ja = language === 'ja'
  if (record === null)
    return ja ? `${module} のデータ ${recordId}: ありません` : `Record ${recordId} of ${module}: not there`
  const when = at(record.updatedAt)
  if (record.deleted)
    return ja ? `${module} のデータ ${recordId}: ${when} に削除` : `Record ${recordId} of ${module}: deleted ${when}`
  return ja
    ? `${module} のデータ ${recordId}: 最終更新 ${when}`
    : `Record ${recordId} of ${module}: last changed ${when}`
}

function eventLine({ trigger, state, error }: InboxEntry, trace: Trace | null, language: Language): string {
  const ja = language === 'ja'
  const what = trigger.kind === 'record' ? `${trigger.kind} ${trigger.op}` : trigger.kind
  const from = ja ? `(${trigger.source}から)` : ` (${trigger.source})`
  const head = `${at(trigger.receivedAt)} ${what}${from}`
  if (state === 'pending') return `${head} ${ja ? '処理待ち' : 'waits to be decided'} — ${trigger.id}`
  if (state === 'quarantined')
    return `${head} ${ja ? '隔離されました' : 'was set aside'}: ${error ?? ''} — ${trigger.id}`
  const met = [
    ...(trace?.rules ?? []).filter(({ outcome }) => outcome === 'matched').map(({ definition }) => definition),
    ...(trace?.instances ?? []).filter(({ outcome }) => outcome !== 'ignored').map(({ definition }) => definition),
  ]
  const did = met.length > 0 ? [...new Set(met)].join(', ') : ja ? '動いた自動化なし' : 'set nothing off'
  return `${head}: ${did} — ${trigger.id}`
}

function instanceLine({ definition, version, status, position, reason, id }: Instance, language: Language): string {
  const ja = language === 'ja'
  const end =
    status === 'ended' ? `${ja ? '終了' : 'ended'}: ${wayText(reason ?? '', language)}` : ja ? '進行中' : 'runs'
  return `${definition}@${version} "${position}" ${end} — ${id}`
}

function messageLine({ intent, state, reason }: Message, language: Language): string {
  const what = intent.kind === 'sendTemplate' ? (intent.template?.name ?? 'text') : intent.type
  const why = reason === null ? '' : `: ${reasonText(reason, language)}`
  return `${what} ${stateText(state, language)}${why} — ${intent.id}`
}

function at(instant: number): string {
  return new Date(instant).toISOString()
}
