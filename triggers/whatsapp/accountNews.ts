import type { Instant } from '#engine/clock.ts'
import type { AccountNews } from '#engine/accountNews.ts'
import { troubleAt, troubleOfError } from '#engine/troubles.ts'
import { readAccountUpdate } from './accountUpdate.ts'
import { any, listOf, loose, notice, text } from './newsForm.ts'
import { readTier } from './tier.ts'

/** What a change of a field tells. `unknown` is what of it is new to us: the field itself, or its event. */
export interface News {
  says: AccountNews[]
  /** When another account is meant than the entry names. */
  accountId?: string
  unknown?: string
}

type Reader = (value: unknown, at: Instant) => News

const nothing: News = { says: [] }
const told = (...says: AccountNews[]): News => ({ says })

/**
 * Every field that WhatsApp documents for a WhatsApp Business account, and what is understood of it. All of them are kept raw as
 * well. Those that say nothing are about things that the product does not do (calls, groups), or must never set anything off:
 * echoes are our own words coming back, and history happened long ago.
 *
 * Source: Meta, WhatsApp Business Platform, "Webhooks".
 */
const FIELDS: Readonly<Record<string, Reader>> = {
  account_update: readAccountUpdate,
  account_review_update: readReview,
  account_alerts: readAlert,
  business_capability_update: readCapability,
  phone_number_quality_update: readQuality,
  phone_number_name_update: readName,
  phone_number_username_update: readUsername,
  security: readSecurity,
  payment_configuration_update: readPaymentConfiguration,
  partner_solutions: readPartnerSolution,
  message_template_components_update: readComponents,
  flows: readFlow,
  history: readHistory,
  messages: () => nothing,
  automatic_events: () => nothing,
  smb_message_echoes: () => nothing,
  smb_app_state_sync: () => nothing,
  group_lifecycle_update: () => nothing,
  group_participants_update: () => nothing,
  group_settings_update: () => nothing,
  group_status_update: () => nothing,
  calls: () => nothing,
  standby: () => nothing,
  tracking_events: () => nothing,
  // Ours: errors that belong to no message.
  errors: readErrors,
}

/** @param at when it happened; errors may end by themselves some time after */
export function readNews(field: string, value: unknown, at: Instant): News {
  const read = Object.hasOwn(FIELDS, field) ? FIELDS[field] : undefined
  return read === undefined ? { says: [], unknown: field } : read(value, at)
}

const number = loose({ display_phone_number: text })

/** The number that a webhook names by its digits alone; undefined when it names none. */
function digitsOf(value: unknown): string | undefined {
  return number.parse(value).display_phone_number?.replace(/\D/g, '') || undefined
}

const review = loose({ decision: text })
function readReview(value: unknown): News {
  const { decision } = review.parse(value)
  return decision === undefined ? nothing : told({ about: 'account', change: { reviewStatus: decision.toUpperCase() } })
}

const alert = loose({
  entity_type: text,
  entity_id: text,
  alert_info: loose({ alert_severity: text, alert_status: text, alert_type: text, alert_description: text }),
  // Older bodies have them one level up.
  alert_severity: text,
  alert_status: text,
  alert_type: text,
  alert_description: text,
})
function readAlert(value: unknown): News {
  const { entity_type, entity_id, alert_info: info, ...flat } = alert.parse(value)
  const type = info.alert_type ?? flat.alert_type
  if (type === undefined) return nothing
  const severity = (info.alert_severity ?? flat.alert_severity ?? '').toUpperCase()
  const isOver = /^(?:RESOLVED|INACTIVE|NONE)$/i.test(info.alert_status ?? flat.alert_status ?? '')
  return told(
    notice(
      'account_alert',
      isOver ? 'info' : severity === 'CRITICAL' ? 'critical' : severity === 'WARNING' ? 'warning' : 'info',
      {
        what: type,
        entityType: entity_type,
        entityId: entity_id,
        status: info.alert_status ?? flat.alert_status,
        detail: info.alert_description ?? flat.alert_description,
      },
    ),
  )
}

const capability = loose({
  max_daily_conversations_per_business: any,
  max_daily_conversation_per_business: any,
  max_daily_conversation_per_phone: any,
})
function readCapability(value: unknown): News {
  const read = capability.parse(value)
  const reachMax = readTier(
    read.max_daily_conversations_per_business ??
      read.max_daily_conversation_per_business ??
      read.max_daily_conversation_per_phone,
  )
  return reachMax === undefined ? nothing : told({ about: 'reach', reachMax })
}

const quality = loose({ event: text, max_daily_conversations_per_business: any, current_limit: any })
const QUALITY_EVENTS: Readonly<Record<string, { throughput?: number; quality?: string }>> = {
  ONBOARDING: {},
  UPGRADE: {},
  DOWNGRADE: {},
  THROUGHPUT_UPGRADE: { throughput: 1000 },
  FLAGGED: { quality: 'RED' },
  // Medium or high: the next look at the account says which.
  UNFLAGGED: { quality: 'YELLOW' },
}
function readQuality(value: unknown): News {
  const read = quality.parse(value)
  const digits = digitsOf(value)
  const event = read.event?.toUpperCase() ?? ''
  const known = Object.hasOwn(QUALITY_EVENTS, event) ? QUALITY_EVENTS[event] : undefined
  const reachMax = readTier(read.max_daily_conversations_per_business ?? read.current_limit)
  const says: AccountNews[] = []
  if (digits !== undefined && known !== undefined && Object.keys(known).length > 0)
    says.push({ about: 'number', digits, change: known })
  if (reachMax !== undefined) says.push({ about: 'reach', reachMax })
  return { says, ...(known === undefined && event !== '' && { unknown: `phone_number_quality_update ${event}` }) }
}

const name = loose({ decision: text, requested_verified_name: text, rejection_reason: text })
/** As the REST API spells what the webhook decides. */
const NAME_STATUS: Readonly<Record<string, string>> = { REJECTED: 'DECLINED', PENDING: 'PENDING_REVIEW' }
function readName(value: unknown): News {
  const { decision, requested_verified_name: wanted, rejection_reason } = name.parse(value)
  const digits = digitsOf(value)
  if (digits === undefined || decision === undefined) return nothing
  const word = decision.toUpperCase()
  const reason = rejection_reason === 'NONE' ? undefined : rejection_reason
  return told({
    about: 'number',
    digits,
    change: {
      nameStatus: NAME_STATUS[word] ?? word,
      ...(word === 'APPROVED' && wanted !== undefined && { verifiedName: wanted }),
    },
    details: { ...(wanted !== undefined && { name: wanted }), ...(reason !== undefined && { reason }) },
  })
}

const username = loose({ username: text, status: text })
function readUsername(value: unknown): News {
  const { username: wanted, status } = username.parse(value)
  return told(notice('account_updated', 'info', { what: 'username', number: digitsOf(value), to: wanted, status }))
}

const security = loose({ event: text, requester: text })
function readSecurity(value: unknown): News {
  const { event, requester } = security.parse(value)
  if (event === undefined) return nothing
  return told(
    notice('number_security_changed', 'warning', { number: digitsOf(value), what: event.toUpperCase(), requester }),
  )
}

const paymentConfiguration = loose({ configuration_name: text, provider_name: text, status: text })
function readPaymentConfiguration(value: unknown): News {
  const { configuration_name, provider_name, status } = paymentConfiguration.parse(value)
  return told(
    notice('account_updated', 'info', {
      what: 'payment_configuration',
      to: configuration_name,
      provider: provider_name,
      status,
    }),
  )
}

const partnerSolution = loose({ event: text, solution_id: text, solution_status: text })
function readPartnerSolution(value: unknown): News {
  const { event, solution_id, solution_status } = partnerSolution.parse(value)
  return told(
    notice('account_updated', 'info', { what: 'partner_solution', to: solution_id, status: solution_status, event }),
  )
}

const components = loose({ message_template_name: text, message_template_language: text })
/** Somebody changed what a template says, at WhatsApp: our copy of it is no longer what is sent. */
function readComponents(value: unknown): News {
  const { message_template_name: template, message_template_language: language } = components.parse(value)
  if (template === undefined || language === undefined) return nothing
  const named = { name: template, language: language.replace('-', '_') }
  return told(
    { about: 'template', ...named },
    notice('account_updated', 'warning', { what: 'template_components', ...named }),
  )
}

const flow = loose({ event: text, flow_id: text, new_status: text, message: text })
function readFlow(value: unknown): News {
  const { event, flow_id, new_status, message } = flow.parse(value)
  const stopped = new_status === 'THROTTLED' || new_status === 'BLOCKED'
  if (!stopped) return nothing
  return told(
    notice('account_alert', 'warning', {
      what: event,
      entityType: 'FLOW',
      entityId: flow_id,
      status: new_status,
      detail: message,
    }),
  )
}

const history = loose({ history: listOf(loose({ errors: listOf(loose({ code: text, title: text })) })) })
/** Only a refusal says something: the person who shares the number with the app does not want to share what was written before. */
function readHistory(value: unknown): News {
  const [error] = history.parse(value).history.flatMap(({ errors }) => errors)
  if (error === undefined) return nothing
  return told(notice('account_updated', 'info', { what: 'history_refused', status: error.code, detail: error.title }))
}

const errors = loose({
  metadata: loose({ phone_number_id: text }),
  errors: listOf(loose({ code: text, title: text, message: text, error_data: loose({ details: text }) })),
})
/** Errors that are about the account or the number, and came with no message. */
function readErrors(value: unknown, at: Instant): News {
  const { metadata, errors: all } = errors.parse(value)
  const says = all.flatMap((error): AccountNews[] => {
    const trouble = troubleOfError(Number(error.code ?? NaN))
    if (trouble === null) return []
    const detail = error.error_data.details ?? error.title ?? error.message ?? ''
    const numberId = metadata.phone_number_id
    if (trouble.of === 'number' && numberId === undefined) return []
    return [
      {
        about: 'trouble',
        ...(trouble.of === 'number' && numberId !== undefined && { numberId }),
        trouble: troubleAt(trouble, at, detail),
      },
    ]
  })
  return { says }
}
