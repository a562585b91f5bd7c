import type { Json } from '#definitions/json.ts'
import { MICROS_PER_CREDIT } from '#engine/ledger.ts'
import type { Trouble, TroubleCode } from '#engine/state.ts'
import type { Language } from './texts.ts'

type Texts = readonly [en: string, ja: string]

/** What happened, and what to do. `status` is a number that is not connected. */
export const TROUBLES: Record<TroubleCode | 'status', { what: Texts; todo: Texts }> = {
  token_invalid: {
    what: ['the access token is invalid or has expired', 'アクセストークンが無効または期限切れです'],
    todo: ['Enter a new token under "connect".', '「接続」で新しいトークンを登録してください。'],
  },
  permission_missing: {
    what: ['a permission is missing', '権限が不足しています'],
    todo: [
      'Give the system user of the app full control of the account, with the permissions whatsapp_business_messaging and whatsapp_business_management.',
      'アプリのシステムユーザーに、アカウントの完全な管理権限とwhatsapp_business_messaging、whatsapp_business_managementの権限を付与してください。',
    ],
  },
  payment_problem: {
    what: ['WhatsApp cannot charge the account', 'WhatsAppが料金を請求できません'],
    todo: [
      'Check the payment method in the Meta Business Suite under Billing. Free messages still go out.',
      'Meta Business Suiteの「請求と支払い」で支払い方法を確認してください。無料のメッセージは引き続き送信されます。',
    ],
  },
  account_locked: {
    what: ['WhatsApp has locked the account', 'WhatsAppがアカウントをロックしました'],
    todo: [
      'Look into the WhatsApp Manager, and write to Meta.',
      'WhatsAppマネージャーを確認し、Metaに問い合わせてください。',
    ],
  },
  account_banned: {
    what: ['WhatsApp disables the account', 'WhatsAppがアカウントを無効にします'],
    todo: [
      'Ask for a review in the Meta Business Support Home.',
      'Metaビジネスサポートホームで審査を請求してください。',
    ],
  },
  account_restricted: {
    what: ['WhatsApp restricts the account', 'WhatsAppがアカウントを制限しています'],
    todo: [
      'See in the Meta Business Support Home what the restriction is for; a review can be asked for there.',
      'Metaビジネスサポートホームで制限の理由を確認し、必要なら審査を請求してください。',
    ],
  },
  account_disconnected: {
    what: ['the account is no longer connected with this app', 'アカウントとアプリの接続が解除されました'],
    todo: ['Connect it again under "connect".', '「接続」でもう一度接続してください。'],
  },
  policy_blocked: {
    what: [
      'WhatsApp blocks the account for a violation of its policies',
      'ポリシー違反によりWhatsAppがアカウントをブロックしました',
    ],
    todo: ['Look into the Meta Business Support Home.', 'Metaビジネスサポートホームを確認してください。'],
  },
  templates_misclassified: {
    what: [
      'WhatsApp limits utility templates, because marketing went out under that category',
      'マーケティングの内容がユーティリティで送信されたため、WhatsAppがユーティリティテンプレートを制限しています',
    ],
    todo: [
      'Look through the utility templates and submit those that promote something as marketing.',
      'ユーティリティテンプレートを見直し、宣伝を含むものはマーケティングとして申請し直してください。',
    ],
  },
  number_unregistered: {
    what: ['the number is not registered at the Cloud API', '番号がクラウドAPIに登録されていません'],
    todo: ['Register it again with its PIN under "connect".', '「接続」でPINを使って登録し直してください。'],
  },
  number_restricted: {
    what: ['WhatsApp refuses to send from the number', 'WhatsAppがこの番号からの送信を拒否しています'],
    todo: ['See its state in the WhatsApp Manager.', 'WhatsAppマネージャーで番号の状態を確認してください。'],
  },
  spam_limited: {
    what: [
      'too many people blocked or reported the number, so that WhatsApp limits it',
      '多くの人にブロックまたは報告されたため、WhatsAppが番号を制限しています',
    ],
    todo: [
      'Send less marketing for some days, and only to people who asked for it.',
      '数日間はマーケティングの送信を控え、希望した人だけに送信してください。',
    ],
  },
  maintenance: {
    what: ['WhatsApp moves the number to a faster line', 'WhatsAppが番号をより速い回線に移行中です'],
    todo: ['Nothing; messages go on by themselves.', '対応は不要です。送信は自動的に再開します。'],
  },
  status: {
    what: ['the number is not connected', '番号が接続されていません'],
    todo: ['See its state in the WhatsApp Manager.', 'WhatsAppマネージャーで番号の状態を確認してください。'],
  },
}

/** What a trouble stops. */
export const STOPS: Record<Trouble['stops'], Texts> = {
  all: ['Nothing is sent', '送信はすべて停止しています'],
  paid: ['Messages that cost something are held', '有料のメッセージは保留されます'],
  initiated: ['Messages outside an open window are held', '応対期間外のメッセージは保留されます'],
  replies: ['Messages within an open window are held', '応対期間内のメッセージは保留されます'],
  marketing: ['Marketing messages are held', 'マーケティングメッセージは保留されます'],
  utility: ['Messages from utility templates are held', 'ユーティリティテンプレートのメッセージは保留されます'],
  nothing: ['Messages still go out', '送信は継続しています'],
}

const VALUES: Readonly<Record<string, Texts>> = {
  GREEN: ['high (green)', '高(緑)'],
  YELLOW: ['medium (yellow)', '中(黄)'],
  RED: ['low (red)', '低(赤)'],
  UNKNOWN: ['not known yet', '未評価'],
  NA: ['not known yet', '未評価'],
  UTILITY: ['utility', 'ユーティリティ'],
  MARKETING: ['marketing', 'マーケティング'],
  AUTHENTICATION: ['authentication', '認証'],
}

/** In whose language and whose time of day something is told. */
export interface Reader {
  language: Language
  zone: string
}

/**
 * Fills a text: `{name}` is a detail, `{until|time}` an instant, `{amountMicros|credits}` money, `{from|value}` a word of WhatsApp's
 * that has one of ours, `{to|limit}` a bound that may be without end. What stands in `[…]` is left out whole when one of its
 * details is missing; a missing detail outside of brackets is a dash.
 */
export function fill(text: string, details: Record<string, Json>, reader: Reader): string {
  /** Null when a detail is missing. */
  const words = (key: string, format?: string) =>
    wordsOf(Object.hasOwn(details, key) ? details[key] : undefined, format, reader)
  // In one go: what a detail says is never read as a pattern.
  return text
    .replace(/\[([^\]]*)\]|\{(\w+)(?:\|(\w+))?\}/g, (_, part: string | undefined, key = '', format?: string) => {
      if (part === undefined) return words(String(key), format) ?? '–'
      const wanted = [...part.matchAll(DETAIL)]
      if (wanted.some(([, name = '', form]) => words(name, form) === null)) return ''
      return part.replace(DETAIL, (_whole, name: string, form?: string) => words(name, form) ?? '')
    })
    .trim()
}

const DETAIL = /\{(\w+)(?:\|(\w+))?\}/g

function wordsOf(value: Json | undefined, format: string | undefined, { language, zone }: Reader): string | null {
  const own = (texts: Texts) => texts[language === 'ja' ? 1 : 0]
  if (format === 'limit' && value === null) return own(['without limit', '無制限'])
  if (value === undefined || value === null || value === '') return null
  if (typeof value === 'number') {
    if (format === 'time') return timeFormat(language, zone).format(value)
    if (format === 'credits') return (value / MICROS_PER_CREDIT).toFixed(2)
    return value.toLocaleString(language)
  }
  if (Array.isArray(value)) return value.map((one) => wordsOf(one, format, { language, zone }) ?? '').join(', ') || null
  if (typeof value === 'object') return JSON.stringify(value)
  const word = String(value)
  if (format === 'value' && Object.hasOwn(VALUES, word)) return own(VALUES[word] ?? [word, word])
  if (format === 'trouble')
    return own((Object.hasOwn(TROUBLES, word) ? TROUBLES[word as TroubleCode].what : null) ?? [word, word])
  return word
}

const formats = new Map<string, Intl.DateTimeFormat>()

function timeFormat(language: Language, zone: string): Intl.DateTimeFormat {
  const key = `${language} ${zone}`
  let format = formats.get(key)
  if (format === undefined) {
    const locale = language === 'ja' ? 'ja-JP' : 'en-GB'
    format = new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'short', timeZone: zone })
    formats.set(key, format)
  }
  return format
}
