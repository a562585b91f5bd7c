import type { Instant } from '#engine/clock.ts'
import { AppError, InvalidInput } from '#engine/errors.ts'
import type { TemplateCategory } from '#engine/message.ts'
import { NUMBER_DEFAULTS, TEMPLATE_DEFAULTS, type NumberState, type TemplateState } from '#engine/state.ts'
import type { NumberNode, TemplateNode } from './answers.ts'
import type { Accounts } from './accounts.ts'
import type { CloudClient } from './client.ts'

/**
 * Reads all numbers and templates of an account, every page. Statuses we do not know are kept as they are: what is not
 * exactly APPROVED or CONNECTED does not send.
 *
 * @throws WhatsAppRefused, WhatsAppUnreachable, WhatsAppAnswerInvalid; then nothing of it is to be saved
 */
export async function syncAccount(
  client: Pick<CloudClient, 'listNumbers' | 'listTemplates'>,
  accountId: string,
  now: Instant,
): Promise<{ numbers: NumberState[]; templates: TemplateState[] }> {
  const [numbers, templates] = await Promise.all([client.listNumbers(accountId), client.listTemplates(accountId)])
  return {
    numbers: numbers.map((node) => numberState(node, accountId, now)),
    templates: templates.map((node) => templateState(node, accountId, now)),
  }
}

/** What was read of the accounts that answered, and why the others did not. */
export interface Synced {
  numbers: NumberState[]
  templates: TemplateState[]
  failed: { accountId: string; error: AppError }[]
}

/** The same of all accounts, each alone: one that refuses keeps none of the others back. @throws InvalidInput when there is none */
export async function syncAccounts(accounts: Accounts, now: Instant): Promise<Synced> {
  const all = await Promise.all(
    accounts.ids().flatMap((accountId) => {
      const client = accounts.clientOf(accountId)
      return client === null ? [] : [syncOrFault(client, accountId, now)]
    }),
  )
  if (all.length === 0) {
    throw new InvalidInput('No WhatsApp account is connected. Connect one with "denrei connect".')
  }
  return {
    numbers: all.flatMap((one) => ('error' in one ? [] : one.numbers)),
    templates: all.flatMap((one) => ('error' in one ? [] : one.templates)),
    failed: all.flatMap((one) => ('error' in one ? [one] : [])),
  }
}

async function syncOrFault(client: CloudClient, accountId: string, now: Instant) {
  try {
    return await syncAccount(client, accountId, now)
  } catch (error) {
    if (!(error instanceof AppError)) throw error
    return { accountId, error }
  }
}

/** Source: Meta, Cloud API, "Throughput": numbers shared with the WhatsApp Business app send 20 a second. */
const SHARED_PER_SECOND = 20
const STANDARD_PER_SECOND = 80
const HIGH_PER_SECOND = 1000

export function numberState(node: NumberNode, accountId: string, now: Instant): NumberState {
  const tier = node.whatsapp_business_manager_messaging_limit ?? node.messaging_limit_tier
  return {
    id: node.id,
    accountId,
    displayNumber: node.display_phone_number,
    nickname: null,
    verifiedName: node.verified_name ?? null,
    status: node.status,
    verified: node.code_verification_status === 'VERIFIED',
    quality: node.quality_rating,
    throughput: throughputOf(node),
    ...NUMBER_DEFAULTS,
    nameStatus: node.name_status ?? null,
    platform: node.platform_type ?? null,
    reachMax: reachOf(tier),
    updatedAt: now,
  }
}

function throughputOf({ throughput, is_on_biz_app }: NumberNode): number {
  if (is_on_biz_app === true) return SHARED_PER_SECOND
  return throughput?.level === 'HIGH' ? HIGH_PER_SECOND : STANDARD_PER_SECOND
}

/** The smallest step, for tiers that nobody can read: too slow is mended by a sync, too fast costs the number. */
const REACH_LEAST = 250

/** `TIER_250`, `TIER_2K`, `TIER_100K`, `TIER_UNLIMITED`. Source: Meta, WhatsApp Business Platform, "Messaging limits". */
export function reachOf(tier: string | null | undefined): number | null {
  if (tier === 'TIER_UNLIMITED') return null
  const found = /^TIER_(\d+)(K?)$/.exec(tier ?? '')
  return found === null ? REACH_LEAST : Number(found[1]) * (found[2] === 'K' ? 1000 : 1)
}

export function templateState(node: TemplateNode, accountId: string, now: Instant): TemplateState {
  return {
    name: node.name,
    language: node.language,
    accountId,
    metaId: node.id,
    status: node.status,
    category: node.category as TemplateCategory,
    quality: node.quality_score?.score ?? null,
    // WhatsApp says "NONE" where there is no reason.
    reason: node.rejected_reason === 'NONE' ? null : (node.rejected_reason ?? null),
    ...TEMPLATE_DEFAULTS,
    submittedHash: null,
    checkedAt: now,
    updatedAt: now,
  }
}
