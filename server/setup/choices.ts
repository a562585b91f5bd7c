import type { NumberNode } from '#actions/whatsapp/answers.ts'
import type { AccountNode, BusinessNode } from '#actions/whatsapp/setupAnswers.ts'
import type { NumberState } from '#engine/state.ts'
import type { Choice, Remark } from './document.ts'

const remark = (code: string, details: Remark['details'] = {}): Remark => ({ code, details })

const choice = (id: string, label: string, reasons: Remark[], notes: Remark[]): Choice => ({
  id,
  label,
  choosable: reasons.length === 0,
  reasons,
  notes,
})

export function businessChoice({ id, name, verification_status: status }: BusinessNode): Choice {
  const unverified = typeof status === 'string' && status.toLowerCase() !== 'verified'
  return choice(id, name ?? id, [], unverified ? [remark('business_not_verified')] : [])
}

/** @param granted accounts that the token was given; null: all */
export function accountChoice(
  { id, name, account_review_status: review, business_verification_status: verification }: AccountNode,
  { granted, environmentId }: { granted: readonly string[] | null; environmentId: string | null },
): Choice {
  const reasons = [
    ...(id === environmentId ? [remark('from_environment')] : []),
    ...(granted !== null && !granted.includes(id) ? [remark('not_granted')] : []),
    ...(review === 'REJECTED' ? [remark('review_rejected')] : []),
  ]
  const notes = [
    ...(review === 'PENDING' ? [remark('review_pending')] : []),
    ...(typeof verification === 'string' && verification.toLowerCase() !== 'verified'
      ? [remark('business_not_verified')]
      : []),
  ]
  return choice(id, name ?? id, reasons, notes)
}

export interface NumberContext {
  accountId: string
  /** Those that are ours already. */
  ours: readonly NumberState[]
  /** Which other set-up is connecting it. */
  claimedBy: (numberId: string) => string | null
}

/**
 * Whether a number qualifies (S6, S22): only one that no other product uses (S30), because none is moved here (S31).
 * Source: Meta, Cloud API, "Business phone numbers", "Migrating phone numbers", "Onboarding WhatsApp Business app users".
 */
export function numberChoice(node: NumberNode, { accountId, ours, claimedBy }: NumberContext): Choice {
  const { id, status, platform_type: platform, name_status: nameStatus } = node
  const here = ours.find((one) => one.id === id)
  const claimed = claimedBy(id)
  const verified = node.code_verification_status === 'VERIFIED'
  const reasons = [
    ...(platform === 'ON_PREMISE' ? [remark('on_premise')] : []),
    ...(node.is_on_biz_app === true ? [remark('on_whatsapp_app')] : []),
    ...(status === 'MIGRATED' || status === 'MIGRATING' ? [remark('migrating')] : []),
    ...(status === 'BANNED' ? [remark('banned')] : []),
    ...(nameStatus === 'DECLINED' ? [remark('name_declined', { name: node.verified_name ?? '' })] : []),
    ...(here !== undefined && here.accountId !== accountId
      ? [remark('of_other_account', { account: here.accountId })]
      : []),
    ...(claimed === null ? [] : [remark('in_other_setup', { setup: claimed })]),
  ]
  const notes = [
    ...(here?.accountId === accountId ? [remark('connected_here')] : []),
    ...(status === 'RESTRICTED' ? [remark('restricted')] : []),
    ...(nameStatus === 'PENDING_REVIEW' ? [remark('name_pending')] : []),
    ...(node.account_mode === 'SANDBOX' ? [remark('sandbox')] : []),
    ...(verified ? [] : [remark('not_verified')]),
    ...(isRegistered(node) ? [] : [remark('not_registered')]),
  ]
  const name = node.verified_name ?? ''
  return choice(id, name === '' ? node.display_phone_number : `${node.display_phone_number} ${name}`, reasons, notes)
}

/** With the Cloud API: then it can send, and needs no PIN of us. */
export function isRegistered({ status, platform_type: platform }: NumberNode): boolean {
  return status === 'CONNECTED' && (platform === undefined || platform === null || platform === 'CLOUD_API')
}
