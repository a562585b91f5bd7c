import type { GraphCode } from './graphError.ts'

/** One step of a message's life after it was accepted. `delay` names which of the settable delays comes before it, or is one in ms. */
export interface Step {
  status: 'sent' | 'delivered' | 'read' | 'failed'
  delay: 'sent' | 'delivered' | 'read' | number
  /** For `failed`. */
  code?: GraphCode
}

export interface Magic {
  /** What happens, for the table that people read. */
  ja: string
  en: string
  /** Refused in the HTTP answer. */
  refuse?: GraphCode
  /** Only a template of this category, or only what is no template, meets it; other messages go the ordinary way. */
  only?: 'MARKETING' | 'free-form'
  /** `held_for_quality_assessment` in the answer instead of `accepted`. */
  held?: boolean
  /** Nothing after `accepted` when empty. */
  steps?: Step[]
}

const sent: Step = { status: 'sent', delay: 'sent' }
const delivered: Step = { status: 'delivered', delay: 'delivered' }
const read: Step = { status: 'read', delay: 'read' }
const failed = (code: GraphCode, delay: Step['delay'] = 'sent'): Step => ({ status: 'failed', delay, code })

/**
 * What becomes of a message, by the last four digits of the number it goes to. The four digits are free in mobile
 * numbers of Japan, the United States, Brazil, India, the United Kingdom, Germany, Mexico and Indonesia (and most others),
 * so `+8190...` and `+5511...` serve alike.
 *
 * | digits | what happens |
 * |---|---|
 * | 0026 | fails with 131026, not on WhatsApp |
 * | 0042 | fails with 131042, a payment problem |
 * | 0047 | free-form fails with 131047, outside the 24 hour window |
 * | 0049 | marketing fails with 131049, Meta chose not to deliver |
 * | 0050 | marketing fails with 131050, the user stopped marketing |
 * | 0053 | fails with 131053, the media could not be used |
 * | 0472 | marketing fails with 130472, part of an experiment |
 * | 0100 | fails with 131000, something went wrong |
 * | 0101 | sent, never delivered |
 * | 0102 | read without delivered |
 * | 0103 | delivered, then failed with 131026 |
 * | 0104 | refused at once with 131026 |
 * | 0105 | delivered, never read |
 * | 0106 | read, whatever the read rate |
 * | 0107 | held for quality assessment, then sent and delivered |
 * | 0108 | held for quality assessment, then fails with 132015 |
 * | 0109 | accepted, then silence |
 *
 * Every other number: sent, delivered, and read as the read rate says.
 */
export const MAGIC: Readonly<Record<string, Magic>> = {
  '0026': {
    ja: '131026 で失敗(WhatsApp を使っていない)',
    en: 'fails with 131026, not on WhatsApp',
    steps: [failed(131026)],
  },
  '0042': { ja: '131042 で失敗(支払いの問題)', en: 'fails with 131042, a payment problem', steps: [failed(131042)] },
  '0047': {
    ja: '自由文は 131047 で失敗(24 時間枠の外)',
    en: 'free-form fails with 131047, outside the 24 hour window',
    only: 'free-form',
    steps: [failed(131047)],
  },
  '0049': {
    ja: 'マーケティングは 131049 で失敗(Meta が配信を見送り)',
    en: 'marketing fails with 131049, Meta chose not to deliver',
    only: 'MARKETING',
    steps: [failed(131049)],
  },
  '0050': {
    ja: 'マーケティングは 131050 で失敗(受信者が停止)',
    en: 'marketing fails with 131050, the user stopped marketing',
    only: 'MARKETING',
    steps: [failed(131050)],
  },
  '0053': {
    ja: '131053 で失敗(メディアを使えない)',
    en: 'fails with 131053, the media could not be used',
    steps: [failed(131053)],
  },
  '0472': {
    ja: 'マーケティングは 130472 で失敗(実験の対象)',
    en: 'marketing fails with 130472, part of an experiment',
    only: 'MARKETING',
    steps: [failed(130472)],
  },
  '0100': {
    ja: '131000 で失敗(原因不明)',
    en: 'fails with 131000, something went wrong',
    steps: [failed(131000)],
  },
  '0101': { ja: '送信済み、届かない', en: 'sent, never delivered', steps: [sent] },
  '0102': { ja: '配信の通知なしに既読', en: 'read without delivered', steps: [sent, read] },
  '0103': {
    ja: '配信のあと 131026 で失敗',
    en: 'delivered, then failed with 131026',
    steps: [sent, delivered, failed(131026, 'read')],
  },
  '0104': { ja: 'その場で 131026 で拒否', en: 'refused at once with 131026', refuse: 131026 },
  '0105': { ja: '配信済み、既読にならない', en: 'delivered, never read', steps: [sent, delivered] },
  '0106': { ja: '必ず既読', en: 'read, whatever the read rate', steps: [sent, delivered, read] },
  '0107': {
    ja: '品質評価で保留のあと配信',
    en: 'held for quality assessment, then sent and delivered',
    held: true,
    steps: [{ status: 'sent', delay: 'read' }, delivered],
  },
  '0108': {
    ja: '品質評価で保留のあと 132015 で失敗',
    en: 'held for quality assessment, then fails with 132015',
    held: true,
    steps: [failed(132015, 'read')],
  },
  '0109': { ja: '受理のあと何も来ない', en: 'accepted, then silence', steps: [] },
}

/** What happens to a number that is not magic. */
export const ORDINARY = { delivered: [sent, delivered], read: [sent, delivered, read] } as const

/** @param digits the WhatsApp id; @param category of the template, or null for a free-form message */
export function magicOf(digits: string, category: string | null): Magic | null {
  const magic = MAGIC[digits.slice(-4)]
  if (magic === undefined || (magic.only !== undefined && magic.only !== (category ?? 'free-form'))) return null
  return magic
}

/**
 * What becomes of a submitted template, by its name: `rejected` (INVALID_FORMAT after the review), `slow` (in review until it is approved
 * through the control API), `recategorized` (submitted as UTILITY, taken as MARKETING). Every other one is approved.
 */
export const TEMPLATE_MAGIC = { rejected: /reject/, slow: /slow/, recategorized: /recategor/ } as const
