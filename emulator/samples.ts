import type { Account } from './account.ts'
import type { NumberOptions } from './options.ts'
import { bsuidOf } from './phone.ts'

interface About {
  account: Account
  number: NumberOptions
  /** Seconds. */
  at: number
}
type Sample = (about: About) => object

const USER = '819012345678'
const digits = ({ displayNumber }: NumberOptions): string => displayNumber.replace(/\D/g, '')
const template = {
  message_template_id: 1689550000000001,
  message_template_name: 'visit_reminder',
  message_template_language: 'en-GB',
}
const value = ({ account, number }: About): object => ({
  messaging_product: 'whatsapp',
  metadata: account.metadataOf(number),
})
const contacts = [{ profile: { name: '美香' }, wa_id: USER, user_id: bsuidOf(USER) }]
const group =
  (type: string): Sample =>
  (about) => ({
    ...value(about),
    groups: [{ timestamp: String(about.at), group_id: 'Y2FwaV9ncm91cDox', type, request_id: 'R1' }],
  })

/**
 * One sensible value for each webhook field that an app can subscribe to, so that a receiver can be shown all of them.
 *
 * Source: Meta, Cloud API, "Webhooks" (fields), and the reference page of each.
 */
export const SAMPLES: Record<string, Sample> = {
  messages: (about) => ({
    ...value(about),
    contacts,
    messages: [
      {
        from: USER,
        from_user_id: bsuidOf(USER),
        id: 'wamid.SAMPLE',
        timestamp: String(about.at),
        type: 'text',
        text: { body: 'こんにちは' },
      },
    ],
  }),
  message_template_status_update: () => ({
    event: 'REJECTED',
    ...template,
    message_template_category: 'UTILITY',
    reason: 'INVALID_FORMAT',
    rejection_info: { reason: 'The format is not as it should be.', recommendation: 'Mend it and submit again.' },
  }),
  message_template_quality_update: () => ({
    previous_quality_score: 'GREEN',
    new_quality_score: 'YELLOW',
    ...template,
  }),
  message_template_components_update: () => ({
    ...template,
    message_template_element: 'Hi {{first_name}}, your visit is at {{time}}. See you there.',
    message_template_title: 'Visit',
    message_template_footer: 'Clinic desk',
    message_template_buttons: [
      {
        message_template_button_type: 'URL',
        message_template_button_text: 'Directions',
        message_template_button_url: 'https://example.test/d/{{1}}',
      },
    ],
  }),
  template_category_update: () => ({ ...template, previous_category: 'UTILITY', new_category: 'MARKETING' }),
  phone_number_quality_update: ({ account, number }) => ({
    display_phone_number: digits(number),
    event: 'THROUGHPUT_UPGRADE',
    current_limit: account.portfolio.limit,
    max_daily_conversations_per_business: account.portfolio.limit,
  }),
  phone_number_name_update: ({ number }) => ({
    display_phone_number: digits(number),
    decision: 'APPROVED',
    requested_verified_name: number.verifiedName,
    rejection_reason: null,
  }),
  phone_number_username_update: ({ number }) => ({
    display_phone_number: digits(number),
    username: 'denrei',
    status: 'APPROVED',
  }),
  account_update: ({ account, number }) => ({
    phone_number: digits(number),
    event: 'PARTNER_ADDED',
    waba_info: { waba_id: account.wabaId, owner_business_id: account.portfolio.id },
  }),
  account_review_update: () => ({ decision: 'APPROVED' }),
  account_alerts: ({ account }) => ({
    entity_type: 'BUSINESS',
    entity_id: account.portfolio.id,
    alert_info: {
      alert_severity: 'WARNING',
      alert_status: 'ACTIVE',
      alert_type: 'INCREASED_CAPABILITIES_ELIGIBILITY_DEFERRED',
      alert_description: 'Your business cannot send to more users yet.',
    },
  }),
  business_capability_update: () => ({ max_daily_conversations_per_business: 2000, max_phone_numbers_per_waba: 25 }),
  user_preferences: (about) => ({
    ...value(about),
    contacts,
    user_preferences: [
      {
        wa_id: USER,
        user_id: bsuidOf(USER),
        detail: 'User requested to stop marketing messages',
        category: 'marketing_messages',
        value: 'stop',
        timestamp: about.at,
      },
    ],
  }),
  security: ({ number }) => ({
    display_phone_number: digits(number),
    event: 'PIN_CHANGED',
    requester: '61555822107539',
  }),
  payment_configuration_update: ({ at }) => ({
    configuration_name: 'main',
    provider_name: 'razorpay',
    provider_mid: 'acc_1',
    status: 'Needs Testing',
    created_timestamp: at,
    updated_timestamp: at,
  }),
  partner_solutions: () => ({
    event: 'SOLUTION_CREATED',
    solution_id: '303610109049230',
    solution_status: 'INITIATED',
  }),
  automatic_events: (about) => ({
    ...value(about),
    automatic_events: [{ id: 'wamid.SAMPLE', event_name: 'LeadSubmitted', timestamp: about.at }],
  }),
  flows: ({ at }) => ({
    event: 'FLOW_STATUS_CHANGE',
    message: 'Flow has been published',
    flow_id: '6627390910605886',
    old_status: 'DRAFT',
    new_status: 'PUBLISHED',
    timestamp: at,
  }),
  history: (about) => historyChunk(about, 0),
  smb_message_echoes: (about) => ({
    ...value(about),
    message_echoes: [
      {
        from: digits(about.number),
        to: USER,
        to_user_id: bsuidOf(USER),
        id: 'wamid.ECHO',
        timestamp: String(about.at),
        type: 'text',
        text: { body: '担当の者です。折り返しご連絡します。' },
      },
    ],
  }),
  smb_app_state_sync: (about) => ({
    ...value(about),
    state_sync: [
      {
        type: 'contact',
        contact: { full_name: '加藤 美香', first_name: '美香', phone_number: USER },
        action: 'add',
        metadata: { timestamp: String(about.at) },
      },
    ],
  }),
  group_lifecycle_update: group('group_create'),
  group_participants_update: group('group_participants_add'),
  group_settings_update: group('group_settings_update'),
  group_status_update: group('group_suspend'),
  calls: (about) => ({
    ...value(about),
    contacts,
    calls: [
      { id: 'wacid.SAMPLE', to: digits(about.number), from: USER, event: 'connect', timestamp: String(about.at) },
    ],
  }),
  standby: (about) => ({
    ...value(about),
    standby: [{ from: USER, id: 'wamid.STANDBY', timestamp: String(about.at) }],
  }),
}

/** The conversations of a number from before it was connected, in one webhook of about that many bytes. */
export function historyChunk({ account, number, at }: About, bytes: number): object {
  const business = digits(number)
  const threads: object[] = []
  let size = 0
  for (let thread = 0; threads.length === 0 || size < bytes; thread++) {
    const user = String(819_010_000_000 + thread)
    const messages = Array.from({ length: 50 }, (_, index) => ({
      from: index % 2 === 0 ? user : business,
      ...(index % 2 === 0 ? {} : { to: user }),
      id: `wamid.HISTORY${thread}.${index}`,
      timestamp: String(at - 90 * 86_400 + thread * 60 + index),
      type: 'text',
      text: { body: `ご予約の件 ${thread}-${index}` },
      history_context: { status: 'READ' },
    }))
    const one = { id: user, messages }
    // Every character outside ASCII takes six bytes on the wire.
    size += JSON.stringify(one).replace(/[\u007f-\uffff]/g, '\\u0000').length + 1
    threads.push(one)
  }
  return {
    messaging_product: 'whatsapp',
    metadata: account.metadataOf(number),
    history: [{ metadata: { phase: 1, chunk_order: 1, progress: 55 }, threads }],
  }
}
