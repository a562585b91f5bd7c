import type { Language } from './texts.ts'

/** What WhatsApp's words for a template mean. Source: Meta, Cloud API, "Template status". */
const WORDS: Readonly<Record<string, readonly [en: string, ja: string]>> = {
  DRAFT: ['not submitted yet', '未申請'],
  PENDING: ['in review', '審査中'],
  IN_APPEAL: ['in appeal', '異議申し立て中'],
  APPROVED: ['approved', '承認済み'],
  REJECTED: ['rejected', '却下'],
  PAUSED: ['paused', '一時停止'],
  DISABLED: ['disabled for good', '無効'],
  ARCHIVED: ['archived', 'アーカイブ済み'],
  UNARCHIVED: ['unarchived, to be confirmed', 'アーカイブ解除(確認待ち)'],
  FLAGGED: ['flagged for quality', '品質警告'],
  LOCKED: ['locked', 'ロック中'],
  REINSTATED: ['reinstated, to be confirmed', '復帰(確認待ち)'],
  LIMIT_EXCEEDED: ['over a limit', '上限超過'],
  PENDING_DELETION: ['being deleted', '削除処理中'],
  DELETED: ['deleted', '削除済み'],
}

/** In words; a word that WhatsApp has invented since stays as it is. */
export function statusText(status: string, language: Language): string {
  const words = WORDS[status]
  if (words === undefined) return status
  return language === 'ja' ? words[1] : words[0]
}
