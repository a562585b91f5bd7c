import type { z } from 'zod'
import type { Trouble } from '#engine/state.ts'
import type { AccountNews } from '#engine/accountNews.ts'
import { webhookInstant } from '../instant.ts'
import type { News } from './accountNews.ts'
import { any, listOf, loose, notice, text } from './newsForm.ts'

const update = loose({
  event: text,
  country: text,
  ban_info: loose({ waba_ban_state: text, waba_ban_date: text }),
  violation_info: loose({ violation_type: text, remediation: text }),
  restriction_info: listOf(loose({ restriction_type: text, expiration: any })),
  waba_info: loose({ waba_id: text, owner_business_id: text }),
  disconnection_info: loose({ reason: text, initiated_by: text }),
  volume_tier_info: loose({ tier: text, pricing_category: text, region: text, effective_month: text }),
  auth_international_rate_eligibility: loose({ start_time: any }),
})
type Update = z.infer<typeof update>

/**
 * Reads `account_update`: what becomes of the account as a whole. Where a business is shared with a partner, the entry names the
 * partner's business and `waba_info` the account.
 *
 * Source: Meta, WhatsApp Business Management API, "account_update" webhook.
 */
export function readAccountUpdate(value: unknown): News {
  const read = update.parse(value)
  const event = read.event?.toUpperCase() ?? ''
  const says = saysOf(event, read)
  const { waba_id } = read.waba_info
  return {
    says: says ?? [],
    ...(waba_id !== undefined && { accountId: waba_id }),
    ...(says === null && { unknown: `account_update ${event}`.trim() }),
  }
}

/** Null for an event that nobody knows. */
function saysOf(event: string, read: Update): AccountNews[] | null {
  switch (event) {
    case 'ACCOUNT_VIOLATION': {
      const { violation_type, remediation } = read.violation_info
      return [notice('account_alert', 'critical', { what: event, status: violation_type, detail: remediation })]
    }
    case 'ACCOUNT_RESTRICTION':
      return restrictions(read)
    case 'DISABLED_UPDATE':
      return ban(read)
    case 'ACCOUNT_DELETED':
    case 'PARTNER_REMOVED':
    case 'PARTNER_APP_UNINSTALLED':
    case 'ACCOUNT_OFFBOARDED': {
      const { reason, initiated_by } = read.disconnection_info
      const detail = [event, reason, initiated_by].filter(Boolean).join(', ')
      return [trouble({ code: 'account_disconnected', stops: 'all', until: null, detail })]
    }
    case 'PARTNER_ADDED':
    case 'PARTNER_APP_INSTALLED':
    case 'ACCOUNT_RECONNECTED':
      return [{ about: 'mended', codes: ['account_disconnected'] }]
    case 'VOLUME_BASED_PRICING_TIER_UPDATE': {
      const { tier, pricing_category, region, effective_month } = read.volume_tier_info
      const details = { tier, category: pricing_category, market: region, month: effective_month }
      return [notice('volume_tier_reached', 'info', details)]
    }
    case 'BUSINESS_PRIMARY_LOCATION_COUNTRY_UPDATE':
      return read.country === undefined ? [] : [{ about: 'account', change: { country: read.country } }]
    case 'AUTH_INTL_PRICE_ELIGIBILITY_UPDATE': {
      const from = webhookInstant(read.auth_international_rate_eligibility.start_time)
      return [notice('account_updated', 'warning', { what: event, from })]
    }
    case 'MM_LITE_TERMS_SIGNED':
    case 'AD_ACCOUNT_LINKED':
    case 'PARTNER_CLIENT_CERTIFICATION_STATUS_UPDATE':
    case 'ACCOUNT_LINKED':
    case 'VERIFIED_ACCOUNT':
      return [notice('account_updated', 'info', { what: event })]
    default:
      return null
  }
}

function trouble(one: Omit<Trouble, 'since'>): AccountNews {
  return { about: 'trouble', trouble: one }
}

const RESTRICTIONS: Readonly<Record<string, Pick<Trouble, 'code' | 'stops'>>> = {
  RESTRICTED_BIZ_INITIATED_MESSAGING: { code: 'account_restricted', stops: 'initiated' },
  RESTRICTED_CUSTOMER_INITIATED_MESSAGING: { code: 'account_restricted', stops: 'replies' },
  RESTRICTED_UTILITY_TEMPLATES: { code: 'templates_misclassified', stops: 'utility' },
}
/** It stops nothing that we do, or nobody knows what it stops: an admin is told. */
const OTHER_RESTRICTION = { code: 'account_restricted', stops: 'nothing' } as const

/** Restrictions of one kind are told as one: until the last of them is over. */
function restrictions({ restriction_info }: Update): AccountNews[] {
  const found = new Map<string, Omit<Trouble, 'since'>>()
  for (const { restriction_type: type = 'UNKNOWN', expiration } of restriction_info) {
    const kind = (Object.hasOwn(RESTRICTIONS, type) ? RESTRICTIONS[type] : undefined) ?? OTHER_RESTRICTION
    const until = webhookInstant(expiration) ?? null
    const key = `${kind.code} ${kind.stops}`
    const before = found.get(key)
    found.set(
      key,
      before === undefined
        ? { ...kind, until, detail: type }
        : {
            ...kind,
            until: before.until === null || until === null ? null : Math.max(before.until, until),
            detail: `${before.detail}, ${type}`,
          },
    )
  }
  return [...found.values()].map(trouble)
}

/** The state of a ban may be announced before it begins: then nothing stops yet. */
function ban({ ban_info: { waba_ban_state: state, waba_ban_date: date } }: Update): AccountNews[] | null {
  const detail = [state, date].filter(Boolean).join(', ')
  switch (state?.toUpperCase() ?? '') {
    case 'DISABLE':
      return [trouble({ code: 'account_banned', stops: 'all', until: null, detail })]
    case 'SCHEDULE_FOR_DISABLE':
      return [trouble({ code: 'account_banned', stops: 'nothing', until: null, detail })]
    case 'REINSTATE':
      return [{ about: 'mended', codes: ['account_banned'] }]
    default:
      return null
  }
}
