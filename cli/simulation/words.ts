import type { Language } from '../texts.ts'

/** What the readable report says, in English and Japanese. `{0}` takes the first value. */
const WORDS = {
  span: ['From {0} to {1} ({2}), seed {3}.', '{0} から {1} まで({2})、シード {3}'],
  events: [
    'Events: {0}, came twice: {1}, set aside: {2}. Messages of customers: {3}.',
    '出来事 {0} 件、重複 {1} 件、保留 {2} 件。お客様からのメッセージ {3} 件',
  ],
  totals: [
    'Messages: {0}. Sent {1}, delivered {2}, read {3}, failed {4}, not sent {5}, waiting {6}. Cost {7}.',
    'メッセージ {0} 件。送信 {1}、配信 {2}、既読 {3}、失敗 {4}、送信せず {5}、待機中 {6}。費用 {7}',
  ],
  perDay: ['Messages sent and cost by day', '日ごとの送信数と費用'],
  perGroup: ['Messages sent and cost, {0} days a line', '送信数と費用({0} 日ごと)'],
  byTemplate: ['By template', 'テンプレート別'],
  freeText: ['free text', '自由文'],
  template: ['template', 'テンプレート'],
  messages: ['messages', 'メッセージ'],
  sent: ['sent', '送信'],
  delivered: ['delivered', '配信'],
  read: ['read', '既読'],
  failed: ['failed', '失敗'],
  blocked: ['not sent', '送信せず'],
  waiting: ['waiting', '待機中'],
  cost: ['cost', '費用'],
  byCategory: ['Cost by category', 'カテゴリー別の費用'],
  byMarket: ['Cost by market', '市場別の費用'],
  whyNot: ['Why messages did not arrive', '届かなかった理由'],
  holds: ['What messages waited for', '待った理由'],
  hold: [
    '{0}: {1} messages, on average {2}, at most {3}; {4} still wait',
    '{0}: {1} 件、平均 {2}、最長 {3}。まだ待機中 {4} 件',
  ],
  credits: ['Credits', 'クレジット'],
  unlimited: ['As many as were needed: {0} spent, {1} a day.', '必要なだけ使用: {0}(1日あたり {1})'],
  spent: [
    '{0} of {1} spent, {2} set aside, {3} left; {4} a day.',
    '{1} のうち {0} を使用、{2} を確保中、残り {3}(1日あたり {4})',
  ],
  ranOut: ['They ran out on {0}. Messages waited for more.', '{0} に不足し、送信が保留されました'],
  runway: ['At this pace they last until {0}.', 'このペースなら {0} までもちます'],
  peaks: ['Limits', '上限'],
  rate: ['Number {0}: at most {1} messages in a second (limit {2}){3}', '番号 {0}: 1秒に最大 {1} 件(上限 {2}){3}'],
  pair: [
    'One person: at most {0} messages ahead of one in 6 s (limit {1})',
    '同じ相手: 6秒に1件のペースから最大 {0} 件先行(上限 {1})',
  ],
  reach: ['Different people in 24 hours: at most {0} ({1})', '24時間に送った人数: 最大 {0} 人({1})'],
  limit: ['limit {0}', '上限 {0}'],
  noLimit: ['no limit', '上限なし'],
  slowed: ['Kept back by a limit: {0} messages, at most {1}', '上限のため遅れた: {0} 件、最長 {1}'],
  refused: ['WhatsApp refused calls: {0}', 'WhatsAppが拒否した呼び出し: {0}'],
  rules: ['Ways through workflows', 'ワークフローの経路'],
  branch: ['branch {0}', '分岐 {0}'],
  instances: ['Ways through blueprints and journeys', 'ブループリントとジャーニーの経路'],
  entered: ['{0}: {1} entered', '{0}: {1} 件が開始'],
  begins: ['enters', '開始'],
  ends: ['ends', '終了'],
  standing: ['still at {0}: {1}', '{0} に滞在中: {1}'],
  notEntered: ['did not enter ({0}): {1}', '開始せず({0}): {1}'],
  customers: [
    'Customers: {0} replied, {1} opted out, {2} blocked the number.',
    'お客様: 返信 {0}、配信停止 {1}、ブロック {2}',
  ],
  quarantined: ['Set aside', '処理できなかったもの'],
  warnings: ['To be noted', '注意'],
  coarse: [
    'There is much to do, so what happens within {0} s is worked together; times are exact to that, and peaks may be higher than they would be.',
    '件数が多いため {0} 秒以内の出来事をまとめて処理しました。時刻の精度はその範囲で、瞬間の送信数は実際より多めに出ることがあります',
  ],
  events_before_start: [
    '{0} events happened before the start and were left out.',
    '開始より前の出来事 {0} 件を除きました',
  ],
  events_after_end: ['{0} events happen after the end and were left out.', '終了より後の出来事 {0} 件を除きました'],
  took: ['Simulated in {0} s.', '{0} 秒で計算しました'],
  running: ['Simulating', 'シミュレーション中'],
  runningAt: ['Simulating: {0} %, {1} messages', 'シミュレーション中: {0} %、{1} 件'],
  runningOther: ['Simulating {0}: {1} %, {2} messages', 'シミュレーション中({0}): {1} %、{2} 件'],
  compared: ['What {1} alters against {0}', '{0} に対する {1} の違い'],
  same: ['Nothing differs.', '違いはありません'],
  more: ['... and {0} more', '…ほか {0} 件'],
  totalsHead: ['Totals', '合計'],
  templatesHead: ['Sent by template', 'テンプレート別の送信数'],
  statesHead: ['By outcome', '結果別'],
} satisfies Record<string, [en: string, ja: string]>

export type WordKey = keyof typeof WORDS

export function word(language: Language, key: WordKey, ...values: (string | number)[]): string {
  return WORDS[key][language === 'ja' ? 1 : 0].replace(/\{(\d)\}/g, (_, index: string) =>
    String(values[Number(index)] ?? ''),
  )
}

export const isWordKey = (key: string): key is WordKey => Object.hasOwn(WORDS, key)
