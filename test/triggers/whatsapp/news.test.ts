import { describe, expect, test } from 'vitest'
import type { AccountNews } from '#engine/accountNews.ts'
import { readTier } from '#triggers/whatsapp/tier.ts'
import { table } from '#test/table.ts'
import { envelope, messagesValue, metadata, mika, NOW, parse, STAMP } from './envelopes.ts'

const ENTRY = { time: NOW / 1000 - 60 }
const DIGITS = '81312345678'
const named = { display_phone_number: DIGITS }

function eventsOf(field: string, value: unknown) {
  return parse(envelope(field, value, ENTRY)).events
}

function saidBy(field: string, value: unknown): AccountNews[] {
  const [event] = eventsOf(field, value)
  if (event?.kind !== 'account') throw new TypeError('not an account event')
  return event.says ?? []
}

const trouble = (code: string, stops: string, detail: string, until: number | null = null) => ({
  about: 'trouble',
  trouble: { code, stops, until, detail },
})

describe('account_update', () => {
  const cases: [what: string, value: object, says: unknown[]][] = [
    [
      'restriction of what we begin, until it expires',
      {
        event: 'ACCOUNT_RESTRICTION',
        restriction_info: [{ restriction_type: 'RESTRICTED_BIZ_INITIATED_MESSAGING', expiration: 1786590000 }],
      },
      [trouble('account_restricted', 'initiated', 'RESTRICTED_BIZ_INITIATED_MESSAGING', 1_786_590_000_000)],
    ],
    [
      'restriction of answers, without an end',
      {
        event: 'ACCOUNT_RESTRICTION',
        restriction_info: [{ restriction_type: 'RESTRICTED_CUSTOMER_INITIATED_MESSAGING' }],
      },
      [trouble('account_restricted', 'replies', 'RESTRICTED_CUSTOMER_INITIATED_MESSAGING')],
    ],
    [
      'several restrictions: those that stop nothing of ours are told as one, until the last is over',
      {
        event: 'ACCOUNT_RESTRICTION',
        restriction_info: [
          { restriction_type: 'RESTRICTED_UTILITY_TEMPLATES', expiration: '1786590000' },
          { restriction_type: 'RESTRICTED_ADD_PHONE_NUMBER_ACTION', expiration: 1786590000 },
          { restriction_type: 'RESTRICTED_SOMETHING_OF_2030', expiration: 1786590001 },
        ],
      },
      [
        trouble('templates_misclassified', 'utility', 'RESTRICTED_UTILITY_TEMPLATES', 1_786_590_000_000),
        trouble(
          'account_restricted',
          'nothing',
          'RESTRICTED_ADD_PHONE_NUMBER_ACTION, RESTRICTED_SOMETHING_OF_2030',
          1_786_590_001_000,
        ),
      ],
    ],
    [
      'ban',
      { event: 'DISABLED_UPDATE', ban_info: { waba_ban_state: 'DISABLE', waba_ban_date: 'April 17, 2026' } },
      [trouble('account_banned', 'all', 'DISABLE, April 17, 2026')],
    ],
    [
      'ban that is only announced',
      {
        event: 'DISABLED_UPDATE',
        ban_info: { waba_ban_state: 'SCHEDULE_FOR_DISABLE', waba_ban_date: 'April 17, 2026' },
      },
      [trouble('account_banned', 'nothing', 'SCHEDULE_FOR_DISABLE, April 17, 2026')],
    ],
    [
      'end of a ban',
      { event: 'DISABLED_UPDATE', ban_info: { waba_ban_state: 'REINSTATE' } },
      [{ about: 'mended', codes: ['account_banned'] }],
    ],
    ...['ACCOUNT_DELETED', 'PARTNER_APP_UNINSTALLED', 'ACCOUNT_OFFBOARDED'].map(
      (event): [string, object, unknown[]] => [event, { event }, [trouble('account_disconnected', 'all', event)]],
    ),
    [
      'disconnection by the app on the phone',
      { event: 'PARTNER_REMOVED', disconnection_info: { reason: 'ACCOUNT_DISCONNECTED', initiated_by: 'USER' } },
      [trouble('account_disconnected', 'all', 'PARTNER_REMOVED, ACCOUNT_DISCONNECTED, USER')],
    ],
    ...['PARTNER_ADDED', 'PARTNER_APP_INSTALLED', 'ACCOUNT_RECONNECTED'].map((event): [string, object, unknown[]] => [
      event,
      { event },
      [{ about: 'mended', codes: ['account_disconnected'] }],
    ]),
    [
      'violation',
      { event: 'ACCOUNT_VIOLATION', violation_info: { violation_type: 'ADULT' } },
      [
        {
          about: 'notice',
          code: 'account_alert',
          severity: 'critical',
          details: { what: 'ACCOUNT_VIOLATION', status: 'ADULT' },
        },
      ],
    ],
    [
      'volume tier',
      {
        event: 'VOLUME_BASED_PRICING_TIER_UPDATE',
        volume_tier_info: {
          tier_update_time: 1,
          pricing_category: 'UTILITY',
          tier: '25000001:50000000',
          effective_month: '2026-11',
          region: 'India',
        },
      },
      [
        {
          about: 'notice',
          code: 'volume_tier_reached',
          severity: 'info',
          details: { tier: '25000001:50000000', category: 'UTILITY', market: 'India', month: '2026-11' },
        },
      ],
    ],
    [
      'price of authentication from abroad',
      { event: 'AUTH_INTL_PRICE_ELIGIBILITY_UPDATE', auth_international_rate_eligibility: { start_time: 1786590000 } },
      [
        {
          about: 'notice',
          code: 'account_updated',
          severity: 'warning',
          details: { what: 'AUTH_INTL_PRICE_ELIGIBILITY_UPDATE', from: 1_786_590_000_000 },
        },
      ],
    ],
    [
      'country',
      { event: 'BUSINESS_PRIMARY_LOCATION_COUNTRY_UPDATE', country: 'JP' },
      [{ about: 'account', change: { country: 'JP' } }],
    ],
    ...['MM_LITE_TERMS_SIGNED', 'AD_ACCOUNT_LINKED', 'PARTNER_CLIENT_CERTIFICATION_STATUS_UPDATE'].map(
      (event): [string, object, unknown[]] => [
        event,
        { event },
        [{ about: 'notice', code: 'account_updated', severity: 'info', details: { what: event } }],
      ],
    ),
  ]
  test.each(cases)('%s', (_, value, says) => {
    expect(saidBy('account_update', value)).toEqual(says)
    expect(eventsOf('account_update', value)).toHaveLength(1)
    // What Meta adds one day changes nothing.
    expect(saidBy('account_update', { ...value, added_in_2030: { a: [1] } })).toEqual(says)
  })

  test('the account is the one of waba_info, because the entry may name the business of a partner', () => {
    const value = { event: 'PARTNER_REMOVED', waba_info: { waba_id: '20001', owner_business_id: '5' } }
    expect(eventsOf('account_update', value)).toMatchObject([{ kind: 'account', accountId: '20001' }])
  })

  test.each([{ event: 'SOMETHING_OF_2030' }, { event: 'DISABLED_UPDATE', ban_info: { waba_ban_state: 'PAUSED' } }])(
    'what nobody knows is kept, and told: %j',
    (value) => {
      expect(eventsOf('account_update', value)).toMatchObject([
        { kind: 'account', field: 'account_update', value },
        { kind: 'notice', code: 'webhook_field_unknown', details: { field: `account_update ${value.event}` } },
      ])
    },
  )
})

describe('numbers', () => {
  test.each<[string, string, object, unknown[]]>([
    [
      'a faster number, with the reach of the portfolio as text',
      'phone_number_quality_update',
      { ...named, event: 'THROUGHPUT_UPGRADE', max_daily_conversations_per_business: 'TIER_UNLIMITED' },
      [
        { about: 'number', digits: DIGITS, change: { throughput: 1000 } },
        { about: 'reach', reachMax: null },
      ],
    ],
    [
      'the limit alone',
      'phone_number_quality_update',
      { ...named, event: 'ONBOARDING', current_limit: 'TIER_250' },
      [{ about: 'reach', reachMax: 250 }],
    ],
    [
      'a flagged number',
      'phone_number_quality_update',
      { display_phone_number: '+81 3-1234-5678', event: 'FLAGGED' },
      [{ about: 'number', digits: DIGITS, change: { quality: 'RED' } }],
    ],
    [
      'a number no longer flagged',
      'phone_number_quality_update',
      { ...named, event: 'UNFLAGGED', current_limit: 'TIER_50K' },
      [
        { about: 'number', digits: DIGITS, change: { quality: 'YELLOW' } },
        { about: 'reach', reachMax: 50_000 },
      ],
    ],
    [
      'an approved name',
      'phone_number_name_update',
      { ...named, decision: 'APPROVED', requested_verified_name: '伝令商店', rejection_reason: null },
      [
        {
          about: 'number',
          digits: DIGITS,
          change: { nameStatus: 'APPROVED', verifiedName: '伝令商店' },
          details: { name: '伝令商店' },
        },
      ],
    ],
    [
      'a declined name, as the REST API spells it, with the reason',
      'phone_number_name_update',
      { ...named, decision: 'REJECTED', requested_verified_name: '商店', rejection_reason: 'NAME_NOT_CONSISTENT' },
      [
        {
          about: 'number',
          digits: DIGITS,
          change: { nameStatus: 'DECLINED' },
          details: { name: '商店', reason: 'NAME_NOT_CONSISTENT' },
        },
      ],
    ],
    ['a name decided for nobody', 'phone_number_name_update', { decision: 'APPROVED' }, []],
    [
      'a username',
      'phone_number_username_update',
      { ...named, username: 'denrei', status: 'approved' },
      [
        {
          about: 'notice',
          code: 'account_updated',
          severity: 'info',
          details: { what: 'username', number: DIGITS, to: 'denrei', status: 'approved' },
        },
      ],
    ],
    [
      'a changed PIN',
      'security',
      { ...named, event: 'PIN_CHANGED', requester: '61' },
      [
        {
          about: 'notice',
          code: 'number_security_changed',
          severity: 'warning',
          details: { number: DIGITS, what: 'PIN_CHANGED', requester: '61' },
        },
      ],
    ],
  ])('%s (%s)', (_, field, value, says) => {
    expect(saidBy(field, value)).toEqual(says)
  })
})

describe('the account', () => {
  test.each<[string, object, unknown[]]>([
    [
      'business_capability_update',
      { max_daily_conversations_per_business: 2000, max_phone_numbers_per_waba: 25 },
      [{ about: 'reach', reachMax: 2000 }],
    ],
    ['business_capability_update', { max_daily_conversation_per_phone: -1 }, [{ about: 'reach', reachMax: null }]],
    ['business_capability_update', { max_phone_numbers_per_business: 25 }, []],
    ['account_review_update', { decision: 'approved' }, [{ about: 'account', change: { reviewStatus: 'APPROVED' } }]],
    [
      'account_alerts',
      {
        entity_type: 'BUSINESS',
        entity_id: 9001,
        alert_info: {
          alert_severity: 'CRITICAL',
          alert_status: 'ACTIVE',
          alert_type: 'INCREASED_CAPABILITIES_ELIGIBILITY_FAILED',
          alert_description: '…',
        },
      },
      [
        {
          about: 'notice',
          code: 'account_alert',
          severity: 'critical',
          details: {
            what: 'INCREASED_CAPABILITIES_ELIGIBILITY_FAILED',
            entityType: 'BUSINESS',
            entityId: '9001',
            status: 'ACTIVE',
            detail: '…',
          },
        },
      ],
    ],
    [
      'payment_configuration_update',
      { configuration_name: 'main', provider_name: 'razorpay', status: 'Needs Testing' },
      [
        {
          about: 'notice',
          code: 'account_updated',
          severity: 'info',
          details: { what: 'payment_configuration', to: 'main', provider: 'razorpay', status: 'Needs Testing' },
        },
      ],
    ],
    [
      'message_template_components_update',
      { message_template_name: 'welcome_lead', message_template_language: 'pt-BR', message_template_element: '本文' },
      [
        { about: 'template', name: 'welcome_lead', language: 'pt_BR' },
        {
          about: 'notice',
          code: 'account_updated',
          severity: 'warning',
          details: { what: 'template_components', name: 'welcome_lead', language: 'pt_BR' },
        },
      ],
    ],
    [
      'history',
      { history: [{ errors: [{ code: 2593109, title: 'declined' }] }] },
      [
        {
          about: 'notice',
          code: 'account_updated',
          severity: 'info',
          details: { what: 'history_refused', status: '2593109', detail: 'declined' },
        },
      ],
    ],
  ])('%s %j', (field, value, says) => {
    expect(saidBy(field, value)).toEqual(says)
  })

  test('errors that came with no message tell of the account and the number', () => {
    const errors = [
      { code: 131042, title: 'Business eligibility payment issue', error_data: { details: '支払い方法' } },
      { code: 131048, title: 'Spam rate limit hit' },
      { code: 130429, title: 'Rate limit hit' },
    ]
    const [event] = messagesValue({ errors }).events
    const says = [
      trouble('payment_problem', 'paid', '支払い方法'),
      { ...trouble('spam_limited', 'all', 'Spam rate limit hit', NOW + 4 * 3_600_000), numberId: '3001' },
    ]
    expect(event).toMatchObject({ kind: 'account', field: 'errors', says })
  })
})

describe('what must never set anything off', () => {
  const echo = { from: DIGITS, to: mika.wa_id, id: 'wamid.E', timestamp: STAMP, type: 'text', text: { body: '停止' } }
  test.each([
    ['smb_message_echoes', { metadata, message_echoes: [echo] }],
    ['smb_app_state_sync', { state_sync: [{ type: 'contact', action: 'add', contact: { full_name: '美香' } }] }],
    ['history', { history: [{ metadata: { phase: 0 }, threads: [{ id: mika.wa_id, messages: [echo] }] }] }],
    ['standby', { metadata, messages: [{ ...echo, from: mika.wa_id }] }],
    ['calls', { metadata, calls: [{ id: 'wacid.1', event: 'connect', from: mika.wa_id }] }],
    ['group_lifecycle_update', { metadata, groups: [{ type: 'group_create', group_id: 'Y2Fw' }] }],
    ['group_participants_update', { metadata, groups: [] }],
    ['group_settings_update', { metadata, groups: [] }],
    ['group_status_update', { metadata, groups: [] }],
    ['automatic_events', { metadata, automatic_events: [{ event_name: 'Purchase' }] }],
    ['partner_solutions', { event: 'SOLUTION_CREATED', solution_id: '1' }],
    ['flows', { event: 'FLOW_STATUS_CHANGE', flow_id: '1', new_status: 'PUBLISHED' }],
  ])('%s is kept and is nothing else', (field, value) => {
    expect(eventsOf(field, value).map(({ kind }) => kind)).toEqual(['account'])
  })
})

test('a field nobody knows is kept, and told once a day', () => {
  const [kept, notice] = eventsOf('something_of_2030', { a: 1 })
  expect(kept).toMatchObject({ kind: 'account', field: 'something_of_2030', value: { a: 1 } })
  expect(notice).toEqual({
    kind: 'notice',
    source: 'whatsapp',
    sourceId: `unknown-field:something_of_2030:${Math.floor(NOW / 86_400_000)}`,
    occurredAt: Date.parse('2026-08-12T00:00:00Z'),
    code: 'webhook_field_unknown',
    severity: 'info',
    details: { field: 'something_of_2030' },
  })
  expect(eventsOf('something_of_2030', { b: 2 })[1]).toEqual(notice)
})

const tiers = table(`
  value           | reach
  TIER_50         | 50
  TIER_250        | 250
  TIER_1K         | 1000
  TIER_2K         | 2000
  tier_100k       | 100000
  TIER_1M         | 1000000
  TIER_UNLIMITED  | null
  2000            | 2000
  -1              | null
  0               | undefined
  -2              | undefined
  TIER_           | undefined
  many            | undefined
`)
test.each(tiers)('a limit written as $value is $reach', ({ value, reach }) => {
  expect(String(readTier(value))).toBe(reach)
  if (/^-?\d+$/.test(value)) expect(String(readTier(Number(value)))).toBe(reach)
})

test.each([null, undefined, {}, [], true, 1.5])('%j is no limit', (value) => {
  expect(readTier(value)).toBeUndefined()
})
