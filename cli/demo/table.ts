import Table from 'cli-table3'
import type { Message } from '#engine/message.ts'
import { reasonText, stateText } from '#server/texts.ts'
import type { Language } from '../texts.ts'
import type { Outcome } from './outcome.ts'

/** What happened to each message and why, grouped so that a person can read it. */
export function messageTable(all: Message[], language: Language): string {
  const ja = language === 'ja'
  const groups = new Map<string, { template: string; state: string; reason: string; count: number; example: string }>()
  for (const { intent, state, reason, detail } of all) {
    if (intent.kind !== 'sendTemplate') continue
    const why = reason === null ? '' : `${reasonText(reason, language)}${detail === null ? '' : ` (${short(detail)})`}`
    const template = intent.template?.name ?? (ja ? '自由文' : 'free text')
    const key = [template, state, reason].join('|')
    const group = groups.get(key) ?? {
      template,
      state: stateText(state, language),
      reason: why,
      count: 0,
      example: intent.id,
    }
    group.count++
    groups.set(key, group)
  }
  const table = new Table({
    head: ja
      ? ['テンプレート', '結果', '理由', '件数', '例(denrei explain)']
      : ['template', 'outcome', 'why', 'count', 'example (denrei explain)'],
    style: { head: [], border: [] },
    wordWrap: true,
    colWidths: [24, 22, 46, 7, 42],
  })
  for (const { template, state, reason, count, example } of [...groups.values()].sort((a, b) =>
    a.template.localeCompare(b.template),
  )) {
    table.push([template, state, reason, count, example])
  }
  return table.toString()
}

function short(text: string): string {
  return text.length > 60 ? `${text.slice(0, 59)}…` : text
}

export function summaryLines(outcome: Outcome, language: Language): string[] {
  const ja = language === 'ja'
  const { messages, credits } = outcome
  const counts = (of: Record<string, number>) =>
    Object.entries(of)
      .map(([reason, count]) => `${reasonText(reason, language)} ${count}`)
      .join(ja ? '、' : ', ')
  const money = (micros: number) => (micros / 1e6).toFixed(4)
  return ja
    ? [
        `出来事 ${outcome.events} 件(重複して届いた ${outcome.duplicates} 件は無視)`,
        `既読 ${messages.read} / 配信済み ${messages.delivered} / 失敗 ${messages.failed}`,
        `送信しなかったもの: ${counts(messages.blocked)}`,
        `いったん保留したもの: ${counts(messages.held)}`,
        `取り消された後続処理: ${outcome.timersCancelled} 件`,
        `クレジット: 購入 ${money(credits.bought)}、使用 ${money(credits.spent)}、確保 ${money(credits.held)}、残高 ${money(credits.available)}`,
      ]
    : [
        `${outcome.events} events (${outcome.duplicates} came twice and were ignored)`,
        `read ${messages.read} / delivered ${messages.delivered} / failed ${messages.failed}`,
        `not sent: ${counts(messages.blocked)}`,
        `held for a while: ${counts(messages.held)}`,
        `later actions cancelled: ${outcome.timersCancelled}`,
        `credits: bought ${money(credits.bought)}, spent ${money(credits.spent)}, held ${money(credits.held)}, available ${money(credits.available)}`,
      ]
}
