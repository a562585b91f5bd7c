import type { Answer, InstanceTrace, LeafTrace, RuleTrace, Trace } from '#engine/decision.ts'
import type { Clock } from '#engine/clock.ts'
import { NotFound } from '#engine/errors.ts'
import type { Instance, InstanceStep } from '#engine/instance.ts'
import type { Intent, Message, SendIntent } from '#engine/message.ts'
import type { InboxEntry, MessageStep } from '#engine/reads.ts'
import type { Store } from '#engine/store.ts'
import type { Explanation } from './denrei.ts'
import { expectationLine, expectationOf } from './expected.ts'
import { historyText, outcomeText, timerText, wayText } from './instanceTexts.ts'
import { durationText, reasonText, stateText, type Language } from './texts.ts'

type StoredTimer = Awaited<ReturnType<Store['timers']>>[number]

/**
 * Why a message did or did not go out, from the event that set it off to WhatsApp's last word; why a record is where it is in a
 * blueprint or a journey; or, for a trigger, what it set off.
 *
 * @param id of a message, an instance or a trigger
 * @throws NotFound
 */
export async function explain(
  { store, clock }: { store: Store; clock: Clock },
  id: string,
  language: Language,
): Promise<Explanation> {
  const message = await store.message(id)
  const instance = message === null ? await store.instance(id) : null
  const triggerId = message?.intent.triggerId ?? instance?.causedBy.at(-1)?.triggerId ?? id
  const [trigger, trace, steps, history, timers] = await Promise.all([
    store.trigger(triggerId),
    store.trace(triggerId),
    message === null ? [] : store.messageSteps(id),
    instance === null ? [] : store.instanceSteps(id),
    instance === null ? [] : store.timers({ instanceId: id }),
  ])
  const planned = message === null && instance === null && trigger !== null ? await plannedFor(store, trigger) : []
  if (message === null && instance === null && trigger === null) {
    throw new NotFound(
      `There is no message, no instance and no trigger "${id}". Take an id from a list or from an accepted event.`,
      { id },
    )
  }
  const waiting = timers.filter(({ state }) => state === 'waiting' || state === 'paused')
  const expected = message === null ? null : await expectationOf(store, message, clock.now())
  const story = [
    ...(trigger === null ? [] : triggerLines(trigger, language)),
    ...traceLines(trace, message, instance, language),
    ...(message?.intent.kind === 'sendTemplate' ? messageLines(message, message.intent, language) : []),
    ...steps.map((step) => stepLine(step, language)),
    ...(message === null || expected === null ? [] : expectationLine(message, expected, language)),
    ...(instance === null ? [] : instanceLines(instance, history, waiting, language)),
    ...planned.map((timer) => plannedLine(timer, language)),
  ]
  return { message, expectedAt: expected?.at ?? null, steps, instance, history, trigger, trace, story }
}

function triggerLines({ trigger, state, error }: InboxEntry, language: Language): string[] {
  const ja = language === 'ja'
  const { kind, source, receivedAt } = trigger
  const what =
    trigger.kind === 'timer'
      ? ja
        ? `${at(receivedAt)} 時刻になりました: ${timerText(trigger.timer, language)}(${trigger.timer.definition})`
        : `${at(receivedAt)} The time came: ${timerText(trigger.timer, language)} (${trigger.timer.definition}).`
      : ja
        ? `${at(receivedAt)} ${source} から「${kind}」を受け付けました。`
        : `${at(receivedAt)} Accepted a "${kind}" event from ${source}.`
  if (state !== 'quarantined') return [what]
  const why = ja
    ? `処理できず隔離されました: ${error ?? ''}`
    : `It could not be decided and was set aside: ${error ?? ''}`
  return [what, why]
}

/** Of the whole trigger; or the part of it that is about one message or one instance. */
function traceLines(
  trace: Trace | null,
  message: Message | null,
  instance: Instance | null,
  language: Language,
): string[] {
  if (trace === null) return []
  const about = message?.intent
  const rules = instance !== null ? [] : trace.rules.filter((one) => !about || isOf(one, about))
  const own = instance?.id ?? (about?.kind === 'sendTemplate' ? about.instanceId : undefined)
  const all = trace.instances ?? []
  const instances = about || instance ? all.filter((one) => own !== undefined && one.instanceId === own) : all
  return [
    ...rules.flatMap((rule) => ruleLines(rule, language)),
    ...instances.flatMap((one) => courseLines(one, language)),
    ...(about || instance ? [] : sweptLines(trace, language)),
    ...(about || instance || trace.answer === undefined ? [] : [answerLine(trace.answer, language)]),
  ]
}

/** A schedule asks one workflow about many records. */
function isOf({ definition, recordId }: RuleTrace, about: Intent): boolean {
  return definition === about.definition && (recordId === undefined || recordId === about.recordId)
}

/** How many records a schedule looked at, and how many of them it passed over. */
function sweptLines({ notes }: Trace, language: Language): string[] {
  const counts = notes.flatMap((note) => {
    const [, what = '', count = ''] = /^(\w+):(\d+)$/.exec(note) ?? []
    return what === '' ? [] : `${what} ${count}`
  })
  if (counts.length === 0) return []
  return [`${language === 'ja' ? '対象データの件数' : 'Records'}: ${counts.join(', ')}`]
}

function ruleLines(rule: RuleTrace, language: Language): string[] {
  const ja = language === 'ja'
  const branch = rule.branch === null ? '' : ja ? `(分岐 ${rule.branch + 1})` : ` (branch ${rule.branch + 1})`
  const outcome = (ja ? OUTCOMES_JA : OUTCOMES_EN)[rule.outcome]
  const detail = rule.detail === undefined ? '' : ` ${wayText(rule.detail, language)}`
  const record = rule.recordId === undefined ? '' : ` ${rule.recordId}`
  return [
    `${rule.definition}${record}: ${outcome}${branch}${detail}`,
    ...rule.leaves.map((leaf) => leafLine(leaf, language)),
  ]
}

function courseLines(one: InstanceTrace, language: Language): string[] {
  const way = [one.from, one.to].filter((place) => place !== null).map((place) => `"${place}"`)
  const where = way.length === 0 ? '' : ` ${way.join(' → ')}`
  const why = one.reason === null ? '' : ` — ${wayText(one.reason, language)}`
  const detail = one.detail === undefined ? '' : ` (${one.detail})`
  return [
    `${one.definition}: ${outcomeText(one.outcome, language)}${where}${why}${detail}`,
    ...one.leaves.map((leaf) => leafLine(leaf, language)),
  ]
}

function leafLine({ fact, operator, seen, expected, result }: LeafTrace, language: Language): string {
  const ja = language === 'ja'
  const test = `${fact} ${operator} ${JSON.stringify(expected)}`
  const value = seen === undefined ? (ja ? '値なし' : 'no value') : JSON.stringify(seen)
  return ja
    ? `  条件 ${test}: 実際の値は ${value}、${result ? '一致' : '不一致'}`
    : `  Condition ${test}: saw ${value}, ${result ? 'holds' : 'does not hold'}`
}

function answerLine(answer: Answer, language: Language): string {
  const ja = language === 'ja'
  if (answer.kind === 'refused')
    return ja ? `断られました: ${answer.code} ${answer.message}` : `Refused: ${answer.code} ${answer.message}`
  return ja ? `実行しました: ${JSON.stringify(answer.details)}` : `Done: ${JSON.stringify(answer.details)}`
}

const OUTCOMES_EN: Record<RuleTrace['outcome'], string> = {
  matched: 'matched',
  no_branch_matched: 'no branch matched',
  already_ran: 'ran for this record before and runs only once',
  depth_exceeded: 'not run, because too many automations caused one another',
  same_cause: 'not run, because it caused this event itself',
  cancelled: 'what it had planned was cancelled:',
  no_longer_matches: 'what it had planned no longer matches',
  failed: 'failed:',
}
const OUTCOMES_JA: Record<RuleTrace['outcome'], string> = {
  matched: '一致しました',
  no_branch_matched: '一致する分岐がありません',
  already_ran: 'このデータでは実行済みです(1回のみ)',
  depth_exceeded: '自動化の連鎖が深すぎるため実行しません',
  same_cause: '自分自身が起こした変更のため実行しません',
  cancelled: '予定していた処理は取り消されました:',
  no_longer_matches: '予定していた処理の条件に一致しなくなりました',
  failed: '失敗しました:',
}

function messageLines(message: Message, intent: SendIntent, language: Language): string[] {
  const ja = language === 'ja'
  const { to, instanceId, step } = intent
  const who = to.phone ?? to.bsuid ?? to.raw
  const what = formText(message, intent, language)
  const addressed = ja ? `${what}の宛先は ${who || '(なし)'} です。` : `${what} to ${who || '(nobody)'}.`
  if (instanceId === undefined || step === undefined) return [addressed]
  const of = ja ? `ステップ「${step}」(${instanceId})から。` : `From the step "${step}" of ${instanceId}.`
  return [addressed, of]
}

/** What it went out as. A text with a template behind it is the one or the other by the window at its claim. */
function formText({ form }: Message, { template, text }: SendIntent, language: Language): string {
  const ja = language === 'ja'
  const free = ja ? '自由文' : 'Free text'
  if (template === null || form === 'text') return free
  const named = ja
    ? `テンプレート「${template.name}」(${template.language})`
    : `Template "${template.name}" (${template.language})`
  if (text === undefined) return named
  if (form === null)
    return ja ? `自由文または${named}` : `Free text, or the template "${template.name}" (${template.language}),`
  return ja ? `自由文に代わる${named}` : `${named} in place of the free text`
}

function stepLine(step: MessageStep, language: Language): string {
  const reason = step.reason === null ? '' : ` — ${reasonText(step.reason, language)}`
  const detail = step.detail === null ? '' : ` (${step.detail})`
  return `${at(step.at)} ${stateText(step.state, language)}${reason}${detail}`
}

function instanceLines(
  { definition, version, module, recordId, status, position }: Instance,
  history: InstanceStep[],
  waiting: StoredTimer[],
  language: Language,
): string[] {
  const ja = language === 'ja'
  const lines = [
    ja
      ? `${module} のデータ ${recordId}、${definition}@${version}:`
      : `Record ${recordId} of ${module} in ${definition}@${version}:`,
  ]
  for (const step of history) {
    const why = step.kind === 'entered' ? '' : ` — ${wayText(step.via, language)}`
    const took = step.tookMs > 0 && step.kind !== 'noted' ? durationText(step.tookMs, language) : null
    const after = took === null ? '' : ja ? `、${took}後` : `, after ${took}`
    lines.push(`${at(step.at)} ${historyText(step, language)}${after}${why} (${step.by}${throughText(step, language)})`)
  }
  if (status === 'ended') return lines
  lines.push(ja ? `現在は「${position}」にいます。` : `It stands at "${position}" now.`)
  for (const timer of waiting) {
    const halted = timer.state === 'paused' ? (ja ? '(一時停止中)' : ' (paused)') : ''
    const until = ja ? `${at(timer.dueAt)} まで待機: ` : `Waits until ${at(timer.dueAt)}: `
    lines.push(`  ${until}${timerText(timer, language)}${halted}`)
  }
  return lines
}

/** The API key that acted for the person. */
function throughText({ data }: InstanceStep, language: Language): string {
  const through = typeof data === 'object' && data !== null && !Array.isArray(data) ? data.through : undefined
  if (typeof through !== 'string') return ''
  return language === 'ja' ? `、${through} 経由` : `, through ${through}`
}

/** What workflows have planned for the record that an event was about, as it is now: later actions and dates, soonest first. */
async function plannedFor(store: Store, { trigger }: InboxEntry): Promise<StoredTimer[]> {
  const about = trigger.kind === 'timer' ? trigger.timer : trigger
  if (!('recordId' in about) || about.recordId === '') return []
  const { module, recordId } = about
  const timers = await store.timers({ module, recordId, state: 'waiting' })
  return timers.filter(({ kind }) => kind === 'later' || kind === 'date').sort((a, b) => a.dueAt - b.dueAt)
}

function plannedLine(timer: StoredTimer, language: Language): string {
  const what = timerText(timer, language)
  return language === 'ja'
    ? `${at(timer.dueAt)} の予定: ${what}(${timer.definition})`
    : `Planned for ${at(timer.dueAt)}: ${what} (${timer.definition}).`
}

function at(instant: number): string {
  return new Date(instant).toISOString()
}
