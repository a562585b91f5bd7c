import type { Json } from '#definitions/json.ts'
import type { NoticeCode, Severity } from '#engine/notice.ts'
import type { Trouble, TroubleCode } from '#engine/state.ts'
import { fill, STOPS, TROUBLES, type Reader } from './noticeWords.ts'

export interface Notice {
  code: NoticeCode
  severity: Severity
  details: Record<string, Json>
}

type Texts = readonly [en: string, ja: string]

/** What happened, with its details, and what to do about it. How a text is filled stands at `fill`. */
const NOTICES: Record<NoticeCode, Texts> = {
  // Made from the words of the trouble.
  account_trouble: ['Account {account}: {what}', 'アカウント「{account}」:{what}'],
  number_trouble: ['Number {number}: {what}', '番号 {number}:{what}'],
  account_mended: [
    'Account {account} is well again ({troubles|trouble}). What was held goes on by itself.',
    'アカウント「{account}」の問題が解消しました({troubles|trouble})。保留中のメッセージは自動的に送信されます。',
  ],
  number_mended: [
    'Number {number} is well again ({troubles|trouble}). What was held goes on by itself.',
    '番号 {number} の問題が解消しました({troubles|trouble})。保留中のメッセージは自動的に送信されます。',
  ],
  account_updated: [
    'WhatsApp tells of a change: {what}[ of {account}][ of {name}][ ({number})][: {from}][ → {to}][ {status}][. {detail}]',
    'WhatsAppから変更の通知がありました:{what}[({account})][({name})][({number})][:{from}][ → {to}][ {status}][。{detail}]',
  ],
  account_alert: [
    'WhatsApp warns: {what}[ ({status})][. {detail}]. Look into the WhatsApp Manager.',
    'WhatsAppからの警告:{what}[({status})][。{detail}]。WhatsAppマネージャーを確認してください。',
  ],
  number_quality_changed: [
    'The quality of number {number} is now {to|value}[, it was {from|value}]. When it is low, send less marketing and only to people who asked for it.',
    '番号 {number} の品質が[{from|value}から]{to|value}になりました。低いときはマーケティングを控え、希望した人だけに送信してください。',
  ],
  number_limit_changed: [
    'The limit "{what}"[ of number {number}] is now {to|limit}, it was {from|limit}. Sending keeps to it by itself.',
    '上限「{what}」[(番号 {number})]が{from|limit}から{to|limit}に変わりました。送信は自動的に上限に従います。',
  ],
  number_name_decided: [
    'The display name[ "{name}"] of number {number} was decided: {decision}[ ({reason})]. A declined name can be changed in the WhatsApp Manager.',
    '番号 {number} の表示名[「{name}」]の審査結果:{decision}[({reason})]。却下された場合はWhatsAppマネージャーで変更してください。',
  ],
  number_security_changed: [
    'Security of number {number}: {what}[ by {requester}]. If it was nobody of yours, change the PIN at once.',
    '番号 {number} のセキュリティ:{what}[(実行者 {requester})]。心当たりがなければ、すぐにPINを変更してください。',
  ],
  token_expires: [
    'The access token of account {name} ends at {expiresAt|time}[, in {days} days]. Enter a new one under "connect".',
    'アカウント「{name}」のアクセストークンは{expiresAt|time}に失効します[(あと{days}日)]。「接続」で新しいトークンを登録してください。',
  ],
  // Told of its beginning and of its end; the latter has `until`.
  whatsapp_unreachable: [
    'WhatsApp does not answer since {since|time}[; it answers again since {until|time}]. Messages wait and go on by themselves.',
    '{since|time}からWhatsAppの応答がありません[({until|time}に回復しました)]。メッセージは待機し、自動的に再開します。',
  ],
  webhook_field_unknown: [
    'WhatsApp told something that this version does not know: {field}. It is kept; a newer version may read it.',
    'このバージョンが知らない通知をWhatsAppから受け取りました:{field}。内容は保存されています。新しいバージョンで対応している可能性があります。',
  ],
  template_approved: [
    'Template {name} ({language}) is approved. Messages that waited for it go on by themselves.',
    'テンプレート「{name}」({language})が承認されました。待機中のメッセージは自動的に送信されます。',
  ],
  template_rejected: [
    'Template {name} ({language}) was rejected[: {reason}]. Change its definition and apply it, or appeal in the WhatsApp Manager.',
    'テンプレート「{name}」({language})が却下されました[:{reason}]。定義を直して適用するか、WhatsAppマネージャーで異議を申し立ててください。',
  ],
  template_paused: [
    'WhatsApp paused template {name} ({language})[ until {until|time}][: {reason}]. Its messages are held. People block or report it: make it more useful to them.',
    'WhatsAppがテンプレート「{name}」({language})を[{until|time}まで]一時停止しました[:{reason}]。このメッセージは保留されます。受信者の反応が悪いため、内容を見直してください。',
  ],
  template_resumed: [
    'Template {name} ({language}) may be sent again. Its messages go on by themselves.',
    'テンプレート「{name}」({language})を再び送信できます。保留中のメッセージは自動的に送信されます。',
  ],
  template_disabled: [
    'WhatsApp stopped template {name} ({language})[: {status}][ {reason}]. Its messages are not sent. Use another template.',
    'WhatsAppがテンプレート「{name}」({language})を停止しました[:{status}][ {reason}]。このメッセージは送信されません。別のテンプレートを使ってください。',
  ],
  template_category_will_change: [
    'WhatsApp makes template {name} ({language}) {to|value}[ instead of {from|value}] at {at|time}. Price and rules follow the category; a review can be asked for in the WhatsApp Manager.',
    'WhatsAppは{at|time}にテンプレート「{name}」({language})を[{from|value}から]{to|value}に変更します。料金と送信条件が変わります。WhatsAppマネージャーで審査を請求できます。',
  ],
  template_category_changed: [
    'WhatsApp made template {name} ({language}) {to|value}[ instead of {from|value}]. Price and rules follow the category. Where the settings ask for it, its messages wait until you agree.',
    'WhatsAppがテンプレート「{name}」({language})を[{from|value}から]{to|value}に変更しました。料金と送信条件が変わります。設定によっては、同意するまで送信が保留されます。',
  ],
  template_quality_changed: [
    'The quality of template {name} ({language}) is now {to|value}[, it was {from|value}]. When it falls further, WhatsApp pauses it.',
    'テンプレート「{name}」({language})の品質が[{from|value}から]{to|value}になりました。さらに下がると一時停止されます。',
  ],
  template_stale: [
    'WhatsApp has not confirmed template {name} ({language}) and maybe others since {checkedAt|time}. Check the connection with "denrei doctor".',
    'テンプレート「{name}」({language})などの状態が{checkedAt|time}から確認できていません。「denrei doctor」で接続を確認してください。',
  ],
  template_gone: [
    'Template {name} ({language}) is no longer at WhatsApp. Its messages are not sent. Submit it again, or use another.',
    'テンプレート「{name}」({language})がWhatsAppから削除されました。このメッセージは送信されません。再申請するか、別のテンプレートを使ってください。',
  ],
  template_took_over: [
    'Template {name} ({language})[, version {version}] is approved and is sent from now on[ instead of {instead}].',
    'テンプレート「{name}」({language})[の版{version}]が承認され、今後は[{instead}の代わりに]こちらが送信されます。',
  ],
  purchase_succeeded: [
    '{amountMicros|credits} credits were bought[ by {actor}].',
    '{amountMicros|credits}クレジットを購入しました[(購入者 {actor})]。',
  ],
  purchase_failed: [
    'The purchase of {amountMicros|credits} credits failed[ ({code})][: {detail}]. Check the payment method and buy again.',
    '{amountMicros|credits}クレジットの購入に失敗しました[({code})][:{detail}]。支払い方法を確認して、もう一度購入してください。',
  ],
  purchase_returned: [
    '{backMicros|credits} credits of a purchase of {amountMicros|credits} were given back to the payer.',
    '{amountMicros|credits}クレジットの購入のうち、{backMicros|credits}クレジット分が返金されました。',
  ],
  purchase_disputed: [
    'The payer disputes a purchase of {amountMicros|credits} credits; {disputedMicros|credits} were taken back. Answer the dispute at the payment provider.',
    '{amountMicros|credits}クレジットの購入に異議が申し立てられ、{disputedMicros|credits}クレジットが差し引かれました。決済サービスで対応してください。',
  ],
  recharge_failed: [
    'The automatic purchase of credits failed[ ({code})][: {detail}]. Check the payment method; it is tried again less and less often.',
    'クレジットの自動購入に失敗しました[({code})][:{detail}]。支払い方法を確認してください。間隔を空けて再試行します。',
  ],
  recharge_capped: [
    'No more credits are bought automatically today: {boughtTodayMicros|credits} of at most {capMicros|credits} were bought, {availableMicros|credits} are left. Buy by hand, or raise the daily cap.',
    '本日の自動購入は上限に達しました({boughtTodayMicros|credits}/{capMicros|credits}、残高{availableMicros|credits})。手動で購入するか、1日の上限を引き上げてください。',
  ],
  balance_low: [
    'Only {availableMicros|credits} credits are left[, fewer than {alertBelowMicros|credits}]. Buy more, so that messages are not held.',
    'クレジット残高が{availableMicros|credits}です[(通知の基準 {alertBelowMicros|credits})]。送信が保留されないよう、購入してください。',
  ],
  runway_short: [
    'At the pace of the last week the credits last for {days} days. {availableMicros|credits} are left.',
    '最近1週間の利用ペースでは、クレジットは{days}日で不足します(残高{availableMicros|credits})。',
  ],
  rate_card_missing: [
    'There is no rate card[ in {currency}][ for the quarter from {from}][; the one of {inForce} is used]. Import the one of Meta.',
    '料金表がありません[({currency})][({from}からの四半期)][。{inForce}のものを使っています]。Metaの料金表を取り込んでください。',
  ],
  reconciliation_differs: [
    'WhatsApp charges otherwise than we did in {month}: {theirVolume} messages, we counted {ourVolume}. Look at the reconciliation.',
    '{month}のWhatsAppの請求が当方の記録と異なります:WhatsApp {theirVolume}件、当方 {ourVolume}件。照合結果を確認してください。',
  ],
  volume_tier_reached: [
    'A lower price is reached[ for {category|value}][ in {market}][, messages {tier}][, month {month}].',
    '従量割引の段階に達しました[:{category|value}][、{market}][、{tier}通][、{month}]。',
  ],
  person_erased: [
    'A person was erased[ by {actor}], with {records} records.',
    '個人のデータを消去しました[(実行者 {actor})]。レコード{records}件を含みます。',
  ],
  intake_without_assignee: [
    '{name} wrote for the first time and was registered in {module}, but nobody is there to take them ({kind}: {ids}). Choose an owner, and mend the settings.',
    '初めて連絡した「{name}」を{module}に登録しましたが、担当者が見つかりません({kind}: {ids})。担当者を選び、設定を見直してください。',
  ],
}

/** A notice in words: what happened, what follows, what to do. */
export function noticeText({ code, details }: Notice, reader: Reader): string {
  const own = (texts: Texts) => texts[reader.language === 'ja' ? 1 : 0]
  const text = own(NOTICES[code])
  if (code !== 'account_trouble' && code !== 'number_trouble') return fill(text, details, reader)
  const { trouble, stops } = details
  const told = troubleWords(trouble)
  const ja = reader.language === 'ja'
  const what = told === null ? (typeof trouble === 'string' ? trouble : '–') : own(told.what)
  const follows = isStops(stops) ? own(STOPS[stops]) : ''
  const until = fill(ja ? '[({until|time}まで)]' : '[ until {until|time}]', details, reader)
  const said = fill(ja ? '[WhatsApp:{detail}]' : '[WhatsApp says: {detail}]', details, reader)
  const todo = told === null ? '' : own(told.todo)
  const gap = ja || until === '' ? '' : ' '
  const sentences = [
    `${fill(text, { ...details, what }, reader)}${ja ? '。' : '.'}`,
    follows === '' ? '' : `${follows}${gap}${until}${ja ? '。' : '.'}`,
    said === '' ? '' : said.replace(/[.。]?$/, ja ? '。' : '.'),
    todo,
  ]
  return sentences.filter((one) => one !== '').join(ja ? '' : ' ')
}

function troubleWords(code: Json | undefined): (typeof TROUBLES)[TroubleCode] | null {
  return typeof code === 'string' && Object.hasOwn(TROUBLES, code) ? TROUBLES[code as TroubleCode] : null
}

function isStops(value: Json | undefined): value is Trouble['stops'] {
  return typeof value === 'string' && Object.hasOwn(STOPS, value)
}

/** For the test that every code has words. */
export const noticeCodes = Object.keys(NOTICES) as NoticeCode[]
/** As they are written, before they are filled. */
export const noticeTemplates: Readonly<Record<NoticeCode, Texts>> = NOTICES
