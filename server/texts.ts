import type { GuardReason, MessageState } from '#engine/message.ts'
import type { WaitsFor } from '#engine/trigger.ts'

export type Language = 'ja' | 'en'

const STATES: Record<MessageState, [en: string, ja: string]> = {
  queued: ['Queued', '送信待ち'],
  held: ['Held', '保留'],
  sending: ['Sending', '送信中'],
  unknown: ['Fate unknown, waiting for a status', '結果不明(ステータス待ち)'],
  accepted: ['Accepted by WhatsApp', 'WhatsAppが受け付けました'],
  sent: ['Sent', '送信済み'],
  delivered: ['Delivered', '配信済み'],
  read: ['Read', '既読'],
  blocked: ['Not sent', '送信しません'],
  failed: ['Failed', '失敗'],
  gave_up: ['Given up, because nobody can tell whether it went out', '送信されたか確認できないため終了'],
  done: ['Done', '完了'],
}

const REASONS: Record<GuardReason, [en: string, ja: string]> = {
  integration_inactive: ['the WhatsApp integration is switched off', 'WhatsApp連携が無効です'],
  number_not_ready: ['the sending number is not connected or not verified', '送信元の番号が未接続または未認証です'],
  account_restricted: [
    'WhatsApp restricts the account or the number',
    'WhatsAppがアカウントまたは番号を制限しています',
  ],
  payment_missing: [
    'WhatsApp cannot charge the account: its payment method has to be mended',
    'WhatsAppの支払い方法に問題があり、有料のメッセージを送信できません',
  ],
  recipient_missing: ['the record has no phone number', '宛先の電話番号がありません'],
  recipient_invalid: ['the recipient is not a possible mobile number', '宛先が携帯電話番号として正しくありません'],
  recipient_unreachable: [
    'WhatsApp could not deliver to this number several times in a row',
    'この番号には続けて配信できませんでした',
  ],
  opted_out: ['the contact opted out', '配信停止を希望しています'],
  no_consent: ['the contact has not agreed to receive messages', '受信の同意がありません'],
  template_missing: [
    'no template of this name exists for the module and the language',
    'このタブと言語のテンプレートがありません',
  ],
  template_rejected: ['WhatsApp rejected or disabled the template', 'テンプレートが却下または無効化されています'],
  template_pending: ['the template waits for approval', 'テンプレートは審査中です'],
  template_paused: ['WhatsApp paused the template', 'テンプレートが一時停止されています'],
  template_category_changed: [
    'WhatsApp changed the category of the template, and nobody has agreed to it',
    'WhatsAppがテンプレートのカテゴリーを変更し、まだ承認されていません',
  ],
  parameter_missing: ['a merge field has no value', '差し込み項目の値がありません'],
  parameter_invalid: ['a value cannot be sent', '差し込む値を送信できません'],
  window_closed: ['the 24-hour window is closed', '24時間の応対期間が終了しています'],
  market_unreachable: [
    'WhatsApp does not deliver this category to this country',
    'この国ではこのカテゴリーを配信できません',
  ],
  quiet_hours: ['quiet hours', '送信を控える時間帯です'],
  frequency_capped: [
    'the contact has received enough marketing messages for now',
    '一定期間のマーケティング送信数の上限です',
  ],
  marketing_capped: [
    'WhatsApp delivers no more marketing to this person for now',
    'WhatsAppがこの相手へのマーケティング配信を一時的に止めています',
  ],
  reach_limit: ['the limit of contacts in 24 hours is reached', '24時間に送信できる人数の上限です'],
  credits_insufficient: ['the credits do not cover the price', 'クレジット残高が不足しています'],
}

export function stateText(state: MessageState, language: Language): string {
  return STATES[state][language === 'ja' ? 1 : 0]
}

/** A guard's reason in words; other reasons (error codes) are shown as they are. */
export function reasonText(reason: string, language: Language): string {
  const known = Object.hasOwn(REASONS, reason) ? REASONS[reason as GuardReason] : undefined
  return known === undefined ? reason : known[language === 'ja' ? 1 : 0]
}

const EVENTS: Record<WaitsFor, [en: string, ja: string]> = {
  credits_added: ['credits', 'クレジットの追加'],
  template_approved: ['the template to be approved', 'テンプレートの承認'],
  integration_active: ['the integration to be switched on', '連携の有効化'],
  number_ready: ['the number to be ready', '番号の準備'],
}

/** What a held message waits for. */
export const waitsForText = (event: WaitsFor, language: Language): string => EVENTS[event][language === 'ja' ? 1 : 0]

const UNITS: readonly [ms: number, en: string, ja: string][] = [
  [86_400_000, 'd', '日'],
  [3_600_000, 'h', '時間'],
  [60_000, 'min', '分'],
  [1_000, 's', '秒'],
]

/** A length of time in its two largest units: `2 d 3 h`. */
export function durationText(ms: number, language: Language): string {
  const first = UNITS.findIndex(([unit]) => ms >= unit)
  if (first < 0) return language === 'ja' ? `${ms}ミリ秒` : `${ms} ms`
  const parts: string[] = []
  let left = ms
  for (const [unit, en, ja] of UNITS.slice(first, first + 2)) {
    const count = Math.floor(left / unit)
    left -= count * unit
    if (count > 0) parts.push(language === 'ja' ? `${count}${ja}` : `${count} ${en}`)
  }
  return parts.join(language === 'ja' ? '' : ' ')
}
