import { describe, expect, test } from 'vitest'
import { parseWebhook } from '#triggers/whatsapp/webhook.ts'
import { faultOf } from '../context.ts'
import { envelope, messagesValue, metadata, mika, NOW, only, parse, STAMP, STAMP_AT } from './envelopes.ts'

const ENTRY = { time: NOW / 1000 - 60 }

describe('template updates', () => {
  const update = (field: string, value: object) => parse(envelope(field, value, ENTRY))
  const named = {
    message_template_id: 1689550000000001,
    message_template_name: 'visit_reminder',
    message_template_language: 'en-GB',
  }

  test('a rejection carries its reason, with ids as text and languages as the REST API writes them', () => {
    const value = {
      ...named,
      event: 'REJECTED',
      message_template_category: 'UTILITY',
      reason: 'INVALID_FORMAT',
      rejection_info: { reason: 'r' },
    }
    expect(only('template', update('message_template_status_update', value))).toEqual({
      kind: 'template',
      source: 'whatsapp',
      sourceId: expect.stringMatching(/^template:[\w-]{43}$/) as string,
      occurredAt: STAMP_AT,
      accountId: '9001',
      name: 'visit_reminder',
      language: 'en_GB',
      status: 'REJECTED',
      category: 'UTILITY',
      metaId: '1689550000000001',
      reason: 'INVALID_FORMAT',
      raw: value,
    })
  })

  test.each([
    ['message_template_status_update', { event: 'APPROVED', reason: null }, { status: 'APPROVED' }],
    ['message_template_status_update', { event: 'APPROVED', reason: 'NONE' }, { status: 'APPROVED' }],
    ['message_template_status_update', { event: 'REINSTATED' }, { status: 'REINSTATED' }],
    [
      'message_template_status_update',
      { event: 'PAUSED', other_info: { title: 'FIRST_PAUSE' } },
      { status: 'PAUSED', reason: 'FIRST_PAUSE', pausedUntil: STAMP_AT + 3 * 3_600_000 },
    ],
    // Pacing is ended by a person.
    [
      'message_template_status_update',
      { event: 'PAUSED', other_info: { title: 'RATE_LIMITING_PAUSE' } },
      { status: 'PAUSED', reason: 'RATE_LIMITING_PAUSE' },
    ],
    [
      'message_template_status_update',
      { event: 'REJECTED', rejection_info: { reason: 'promo' } },
      { status: 'REJECTED', reason: 'promo' },
    ],
    ['message_template_status_update', { event: 'SOMETHING_NEW' }, { status: 'SOMETHING_NEW' }],
    [
      'message_template_quality_update',
      { previous_quality_score: 'GREEN', new_quality_score: 'YELLOW' },
      { quality: 'YELLOW' },
    ],
    // Meta's own example prints a quality change under the status field.
    [
      'message_template_status_update',
      { previous_quality_score: 'GREEN', new_quality_score: 'RED' },
      { quality: 'RED' },
    ],
    [
      'template_category_update',
      { previous_category: 'UTILITY', new_category: 'MARKETING' },
      { category: 'MARKETING' },
    ],
    ['template_category_update', { new_category: 'UTILITY', correct_category: 'MARKETING' }, { category: 'UTILITY' }],
    [
      'template_category_update',
      { new_category: 'UTILITY', correct_category: 'MARKETING', category_update_timestamp: 1_800_000_000 },
      { category: 'UTILITY', nextCategory: { category: 'MARKETING', at: 1_800_000_000_000 } },
    ],
  ])('%s %j reads as %j', (field, change, read) => {
    const {
      name: _n,
      language: _l,
      accountId: _a,
      metaId: _m,
      raw: _r,
      kind: _k,
      ...rest
    } = only('template', update(field, { ...named, ...change }))
    const { source: _s, sourceId: _i, occurredAt: _o, ...told } = rest
    expect(told).toEqual(read)
  })

  test('an id that lost digits as a JSON number is left out', () => {
    const value = { ...named, message_template_id: Number('99689550000000001'), event: 'APPROVED' }
    expect(only('template', update('message_template_status_update', value))).not.toHaveProperty('metaId')
  })

  test.each([
    ['no name', { ...named, message_template_name: undefined, event: 'APPROVED' }],
    ['no language', { ...named, message_template_language: '', event: 'APPROVED' }],
    ['nothing known', named],
    ['no object', 'APPROVED'],
  ])('%s is kept raw', (_, value) => {
    expect(only('account', parse(envelope('message_template_status_update', value)))).toMatchObject({
      field: 'unparsed',
    })
  })

  test('coming again has the same id, another time another', () => {
    const idOf = (time: number) =>
      only('template', parse(envelope('message_template_status_update', { ...named, event: 'PAUSED' }, { time })))
        .sourceId
    expect(idOf(1763800000)).toBe(idOf(1763800000))
    expect(idOf(1763800001)).not.toBe(idOf(1763800000))
  })
})

describe('user preferences', () => {
  const item = {
    wa_id: mika.wa_id,
    detail: 'User requested to stop marketing messages',
    category: 'marketing_messages',
    value: 'stop',
    timestamp: NOW / 1000 - 60,
  }
  const prefer = (change: object = {}, contacts: unknown = [mika]) =>
    parse(envelope('user_preferences', { metadata, contacts, user_preferences: [{ ...item, ...change }] }))

  test('stop opts out of marketing, with its proof', () => {
    expect(only('consent', prefer())).toEqual({
      kind: 'consent',
      source: 'whatsapp',
      sourceId: expect.stringMatching(/^consent:[\w-]{43}$/) as string,
      occurredAt: STAMP_AT,
      who: { waId: mika.wa_id, bsuid: mika.user_id },
      scope: 'marketing',
      direction: 'out',
      by: 'whatsapp',
      channel: 'whatsapp',
      proof: JSON.stringify(item),
    })
  })

  test.each([
    ['resume', 'in'],
    ['signup', 'in'],
  ])('%s opts %s again', (value, direction) => {
    expect(only('consent', prefer({ value, signup_id: 's1' }))).toMatchObject({ direction, scope: 'marketing' })
  })

  test.each([
    ['another value', { value: 'pause' }],
    ['another category', { category: 'utility_messages' }],
    ['nobody named', { wa_id: undefined }],
  ])('%s is kept raw, so that nobody is opted in or out by guessing', (_, change) => {
    expect(only('account', prefer(change, []))).toMatchObject({ field: 'unparsed' })
  })

  test('each of several is an event of its own', () => {
    const value = { metadata, user_preferences: [item, { ...item, wa_id: '818000000002' }, null] }
    expect(parse(envelope('user_preferences', value)).events.map((event) => event.kind)).toEqual([
      'consent',
      'consent',
      'account',
    ])
  })
})

describe('everything else is kept raw, under its field, whatever is understood of it', () => {
  test.each([
    [
      'account_update',
      { event: 'ACCOUNT_RESTRICTION', restriction_info: [{ restriction_type: 'RESTRICTED_BIZ_INITIATED_MESSAGING' }] },
    ],
    [
      'account_update',
      { event: 'DISABLED_UPDATE', ban_info: { waba_ban_state: 'DISABLE', waba_ban_date: 'April 17, 2025' } },
    ],
    ['account_review_update', { decision: 'APPROVED' }],
    ['account_alerts', { entity_type: 'BUSINESS', entity_id: '9001', alert_info: { alert_type: 'OBA_APPROVED' } }],
    ['phone_number_quality_update', { display_phone_number: '81312345678', event: 'THROUGHPUT_UPGRADE' }],
    ['phone_number_name_update', { display_phone_number: '81312345678', decision: 'APPROVED', rejection_reason: null }],
    ['business_capability_update', { max_daily_conversations_per_business: 2000, max_phone_numbers_per_waba: 25 }],
    ['security', { display_phone_number: '81312345678', event: 'PIN_CHANGED', requester: '61' }],
    ['payment_configuration_update', { configuration_name: 'main', status: 'Needs Testing' }],
    [
      'message_template_components_update',
      { message_template_name: 'a', message_template_language: 'ja', message_template_element: '本文' },
    ],
    [
      'smb_message_echoes',
      { metadata, message_echoes: [{ from: '81312345678', to: '81', id: 'wamid.E', timestamp: STAMP, type: 'text' }] },
    ],
    ['smb_app_state_sync', { state_sync: [{ type: 'contact', action: 'add', contact: { full_name: '美香' } }] }],
    [
      'history',
      { history: [{ metadata: { phase: 0 }, threads: [{ id: '81', messages: [{ id: 'wamid.H', type: 'text' }] }] }] },
    ],
    ['history', { history: [{ errors: [{ code: 2593109 }] }] }],
    ['group_lifecycle_update', { metadata, groups: [{ type: 'group_create', group_id: 'Y2Fw' }] }],
    ['calls', { metadata, calls: [{ id: 'wacid.1', event: 'connect' }] }],
    ['standby', { metadata, messages: [{ id: 'wamid.X', from: '81', timestamp: STAMP, type: 'text' }] }],
    ['something_of_2030', { a: [1, null, 'x'] }],
    ['something_bare', null],
    ['messages', { metadata, message_echoes: [] }],
    ['messages', { metadata, messages: [], statuses: [] }],
  ])('%s %j', (field, value) => {
    const parsed = parse(envelope(field, value, ENTRY))
    const { says: _, ...kept } = only('account', { ...parsed, events: parsed.events.slice(0, 1) })
    expect(kept).toEqual({
      kind: 'account',
      source: 'whatsapp',
      sourceId: expect.stringMatching(/^account:[\w-]{43}$/) as string,
      occurredAt: STAMP_AT,
      accountId: '9001',
      field,
      value,
    })
    expect(parsed.problems).toEqual([])
  })

  test('errors that belong to no message are kept, beside the messages that came with them', () => {
    const errors = [{ code: 130429, title: 'Rate limit hit' }]
    const message = { id: 'wamid.IN', from: mika.wa_id, timestamp: STAMP, type: 'text', text: { body: 'x' } }
    const { events } = messagesValue({ contacts: [mika], messages: [message], errors })
    expect(events.map((event) => event.kind)).toEqual(['message', 'account'])
    expect(events[1]).toMatchObject({ field: 'errors', value: { errors, metadata } })
  })

  test('the same change with its keys in another order is the same', () => {
    const idOf = (value: object) => only('account', parse(envelope('security', value, ENTRY))).sourceId
    expect(idOf({ a: 1, b: { c: 2, d: 3 } })).toBe(idOf({ b: { d: 3, c: 2 }, a: 1 }))
    expect(idOf({ a: 1 })).not.toBe(idOf({ a: '1' }))
  })

  test('the same value at another time, for another account or under another field is another', () => {
    const ids = [
      envelope('security', {}, { time: 1763800000 }),
      envelope('security', {}, { time: 1763800001 }),
      envelope('security', {}, { time: 1763800000, id: '9002' }),
      envelope('account_alerts', {}, { time: 1763800000 }),
    ].map((body) => only('account', parse(body)).sourceId)
    expect(new Set(ids).size).toBe(4)
  })
})

describe('a number that is not ours', () => {
  const value = {
    metadata,
    contacts: [mika],
    messages: [{ id: 'wamid.IN', from: mika.wa_id, timestamp: STAMP, type: 'text' }],
  }

  test('is kept raw and does nothing', () => {
    const parsed = parse(envelope('messages', value), new Set(['4004']))
    expect(only('account', parsed)).toMatchObject({ field: 'other_number', value })
    expect(parsed.problems).toHaveLength(1)
  })

  test('does not keep ours in the same webhook from being read', () => {
    const ours = { ...value, metadata: { ...metadata, phone_number_id: '4004' } }
    const body = {
      object: 'whatsapp_business_account',
      entry: [{ id: '9001', changes: [value, ours].map((one) => ({ field: 'messages', value: one })) }],
    }
    expect(parse(body, new Set(['4004'])).events.map((event) => event.kind)).toEqual(['account', 'message'])
  })

  test('is ours all the same when it belongs to our account: it was added since the last sync, and STOP must count', () => {
    const body = envelope('messages', value, { id: '9001' })
    const context = { now: NOW, numberIds: new Set(['4004']) }
    expect(parseWebhook(body, { ...context, accountIds: new Set(['9001']) }).events.map(({ kind }) => kind)).toEqual([
      'message',
    ])
    expect(
      parseWebhook(body, { ...context, accountIds: new Set(['1', '9002']) }).events.map(({ kind }) => kind),
    ).toEqual(['account'])
  })

  test('opts nobody out', () => {
    const preferences = {
      metadata,
      user_preferences: [{ wa_id: '81801', category: 'marketing_messages', value: 'stop', timestamp: 1 }],
    }
    expect(only('account', parse(envelope('user_preferences', preferences), new Set(['4004']))).field).toBe(
      'other_number',
    )
  })
})

describe('a body that is no webhook of a WhatsApp business account', () => {
  test.each([
    null,
    undefined,
    [],
    {},
    'x',
    { object: 'page', entry: [] },
    { object: 'whatsapp_business_account' },
    { object: 'whatsapp_business_account', entry: {} },
  ])('%j is refused', (body) => {
    expect(faultOf(() => parse(body)).code).toBe('ERR_INVALID_INPUT')
  })

  test('as is one nested deeper than anybody can read', () => {
    const deep = Array.from({ length: 100_000 }).reduce((inner: unknown) => [inner], 0)
    const body = {
      object: 'whatsapp_business_account',
      entry: [{ id: '9001', changes: [{ field: 'security', value: deep }] }],
    }
    expect(faultOf(() => parse(body)).code).toBe('ERR_INVALID_INPUT')
  })

  test('an empty one is fine', () => {
    expect(parse({ object: 'whatsapp_business_account', entry: [] })).toEqual({ events: [], problems: [] })
  })
})
