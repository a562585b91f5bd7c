import type { RuleTrace } from '#engine/decision.ts'
import { NotFound } from '#engine/errors.ts'
import type { Message, SendIntent } from '#engine/message.ts'
import type { InboxEntry, MessageStep, Store } from '#engine/store.ts'
import type { Explanation } from './denrei.ts'
import { reasonText, stateText, type Language } from './texts.ts'

/**
 * Why a message did or did not go out, from the event that set it off to WhatsApp's last word; or, for a trigger, what it
 * set off.
 *
 * @param id of a message or of a trigger
 * @throws NotFound
 */
export async function explain(store: Store, id: string, language: Language): Promise<Explanation> {
  const message = await store.message(id)
  const triggerId = message?.intent.triggerId ?? id
  const [trigger, trace, steps] = await Promise.all([
    store.trigger(triggerId),
    store.trace(triggerId),
    message === null ? Promise.resolve([]) : store.messageSteps(id),
  ])
  if (message === null && trigger === null) {
    throw new NotFound(
      `There is no message and no trigger "${id}". Take an id from the messages list or from an accepted event.`,
      { id },
    )
  }
  const rules = (trace?.rules ?? []).filter((rule) => message === null || rule.definition === message.intent.definition)
  return { message, steps, trigger, trace, story: tell(language, message, trigger, rules, steps) }
}

function tell(
  language: Language,
  message: Message | null,
  trigger: InboxEntry | null,
  rules: RuleTrace[],
  steps: MessageStep[],
): string[] {
  const ja = language === 'ja'
  const lines: string[] = []
  if (trigger !== null) {
    const { kind, source, receivedAt } = trigger.trigger
    lines.push(
      ja
        ? `${at(receivedAt)} ${source} から「${kind}」を受け付けました。`
        : `${at(receivedAt)} Accepted a "${kind}" event from ${source}.`,
    )
    if (trigger.state === 'quarantined')
      lines.push(
        ja
          ? `処理できず隔離されました: ${trigger.error ?? ''}`
          : `It could not be decided and was set aside: ${trigger.error ?? ''}`,
      )
  }
  for (const rule of rules) lines.push(...ruleLines(rule, ja))
  if (message?.intent.kind === 'sendTemplate') {
    lines.push(addressed(message.intent, ja))
  }
  for (const step of steps) lines.push(stepLine(step, language))
  return lines
}

function addressed({ template, to }: SendIntent, ja: boolean): string {
  const who = to.phone ?? to.bsuid ?? to.raw
  const what =
    template === null
      ? ja
        ? '自由文'
        : 'Free text'
      : ja
        ? `テンプレート「${template.name}」(${template.language})`
        : `Template "${template.name}" (${template.language})`
  return ja ? `${what}の宛先は ${who || '(なし)'} です。` : `${what} to ${who || '(nobody)'}.`
}

function ruleLines(rule: RuleTrace, ja: boolean): string[] {
  const leaves = rule.leaves.map(({ fact, operator, seen, expected, result }) => {
    const test = `${fact} ${operator} ${JSON.stringify(expected)}`
    const value = seen === undefined ? (ja ? '値なし' : 'no value') : JSON.stringify(seen)
    return ja
      ? `  条件 ${test}: 実際の値は ${value}、${result ? '一致' : '不一致'}`
      : `  Condition ${test}: saw ${value}, ${result ? 'holds' : 'does not hold'}`
  })
  const branch = rule.branch === null ? '' : ja ? `(分岐 ${rule.branch + 1})` : ` (branch ${rule.branch + 1})`
  const outcome = (ja ? OUTCOMES_JA : OUTCOMES_EN)[rule.outcome]
  return [`${rule.definition}: ${outcome}${branch}${rule.detail === undefined ? '' : ` ${rule.detail}`}`, ...leaves]
}

const OUTCOMES_EN: Record<RuleTrace['outcome'], string> = {
  matched: 'matched',
  no_branch_matched: 'no branch matched',
  already_ran: 'ran for this record before and runs only once',
  depth_exceeded: 'not run, because too many automations caused one another',
  same_cause: 'not run, because it caused this event itself',
  cancelled: 'the later action was cancelled:',
  no_longer_matches: 'the later action no longer matches',
  failed: 'failed:',
}
const OUTCOMES_JA: Record<RuleTrace['outcome'], string> = {
  matched: '一致しました',
  no_branch_matched: '一致する分岐がありません',
  already_ran: 'このデータでは実行済みです(1回のみ)',
  depth_exceeded: '自動化の連鎖が深すぎるため実行しません',
  same_cause: '自分自身が起こした変更のため実行しません',
  cancelled: '後で実行する処理は取り消されました:',
  no_longer_matches: '後で実行する処理の条件に一致しなくなりました',
  failed: '失敗しました:',
}

function stepLine(step: MessageStep, language: Language): string {
  const reason = step.reason === null ? '' : ` — ${reasonText(step.reason, language)}`
  const detail = step.detail === null ? '' : ` (${step.detail})`
  return `${at(step.at)} ${stateText(step.state, language)}${reason}${detail}`
}

function at(instant: number): string {
  return new Date(instant).toISOString()
}
