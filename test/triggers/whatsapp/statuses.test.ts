import { describe, expect, test } from 'vitest'
import { fingerprint } from '#triggers/fingerprint.ts'
import { messagesValue, mika, only, STAMP, STAMP_AT } from './envelopes.ts'

const OUR_ID = '0198a5e0-1111-7222-8333-123456789abc-0'
const base = { id: 'wamid.BBB', status: 'sent', timestamp: STAMP, recipient_id: '818012345678' }
const status = (change: object = {}, more: object = {}) =>
  messagesValue({ ...more, statuses: [{ ...base, ...change }] })

const idOf = (named: string) => `status:${fingerprint('wamid.BBB', 'sent', named)}`

describe('a status', () => {
  test('tells our message, the recipient, the price, and keeps the rest', () => {
    const told = { billable: false, type: 'free_entry_point', category: 'referral_conversion' }
    const extra = {
      recipient_user_id: mika.user_id,
      biz_opaque_callback_data: OUR_ID,
      conversation: { id: 'c0ffee', expiration_timestamp: '1764059200', origin: { type: 'referral_conversion' } },
      pricing: { ...told, pricing_model: 'PMP', subtype: 'paid_exempt', tier: 'x' },
    }
    expect(status(extra)).toEqual({
      events: [
        {
          kind: 'status',
          source: 'whatsapp',
          sourceId: idOf('818012345678'),
          occurredAt: STAMP_AT,
          messageId: OUR_ID,
          wamid: 'wamid.BBB',
          status: 'sent',
          recipient: { waId: '818012345678', bsuid: mika.user_id },
          pricing: { ...told, model: 'PMP', subtype: 'paid_exempt' },
          freeUntil: 1_764_059_200_000,
          raw: { ...base, ...extra },
        },
      ],
      problems: [],
    })
  })

  test.each([
    ['a conversation of another origin', { origin: { type: 'marketing' }, expiration_timestamp: STAMP }],
    ['no time', { origin: { type: 'referral_conversion' } }],
    ['no readable time', { origin: { type: 'referral_conversion' }, expiration_timestamp: 'soon' }],
    ['no object', 'referral_conversion'],
  ])('opens no free entry point with %s', (_, conversation) => {
    expect(only('status', status({ conversation }))).not.toHaveProperty('freeUntil')
  })

  test.each(['sent', 'delivered', 'read', 'played', 'failed'])('%s is known', (word) => {
    expect(only('status', status({ status: word })).status).toBe(word)
  })

  test.each(['deleted', 'warning', '', undefined, 7])('%j is not known, and kept raw', (word) => {
    const parsed = status({ status: word })
    expect(only('account', parsed).field).toBe('unparsed')
    expect(parsed.problems).toHaveLength(1)
  })

  test('failed tells each error', () => {
    const errors = [
      {
        code: 131026,
        title: 'Undeliverable',
        message: 'Undeliverable',
        error_data: { details: 'Not on WhatsApp' },
        href: 'x',
      },
      { code: '131050', message: 'Stopped' },
      { title: 'No code' },
      'broken',
    ]
    expect(only('status', status({ status: 'failed', errors })).errors).toEqual([
      { code: 131026, title: 'Undeliverable', details: 'Not on WhatsApp' },
      { code: 131050, title: 'Stopped' },
      { code: 0, title: 'No code' },
      { code: 0, title: '' },
    ])
  })

  test.each([
    ['outbox:01JC', 'another sender'],
    ['0198a5e0-1111-7222-8333-123456789abc', 'a bare UUID'],
    [`${OUR_ID}x`, 'something longer'],
    ['', 'nothing'],
    [5, 'a number'],
  ])('callback data %j of %s is no message of ours', (data, _) => {
    expect(only('status', status({ biz_opaque_callback_data: data }))).not.toHaveProperty('messageId')
  })

  test.each([
    ['a username has only a user id', { recipient_id: '', recipient_user_id: 'JP.1' }, {}, { bsuid: 'JP.1' }, 'JP.1'],
    [
      'a contact stands beside',
      { recipient_id: base.recipient_id },
      { contacts: [mika] },
      { waId: mika.wa_id, bsuid: mika.user_id },
      mika.wa_id,
    ],
    [
      'the contact is another person',
      { recipient_id: '15550001111' },
      { contacts: [mika] },
      { waId: '15550001111' },
      '15550001111',
    ],
    ['nobody is named', { recipient_id: undefined }, {}, {}, ''],
    [
      'a group member',
      { recipient_type: 'group', recipient_id: 'Y2Fw', recipient_participant_id: '818012345678' },
      {},
      { waId: '818012345678' },
      '818012345678',
    ],
    [
      'a group alone',
      { recipient_type: 'group', recipient_id: 'Y2Fw' },
      { contacts: [{ user_id: mika.user_id }] },
      {},
      'Y2Fw',
    ],
  ])('the recipient when %s', (_, change, more, recipient, key) => {
    const event = only('status', status(change, more))
    expect(event.recipient).toEqual(recipient)
    expect(event.sourceId).toBe(idOf(key))
    // It stays when the person is erased.
    if (key !== '') expect(event.sourceId).not.toContain(key)
  })

  test('coming again has the same id, whatever else it carries; another step or recipient another', () => {
    const ids = [{}, { pricing: { billable: true } }, { status: 'read' }, { recipient_id: '81801' }].map(
      (change) => only('status', status(change)).sourceId,
    )
    expect(ids[1]).toBe(ids[0])
    expect(new Set(ids).size).toBe(3)
  })

  test('an id that is long or not plain makes a short plain one', () => {
    const ids = ['あ', 'x'.repeat(5000), 'a:b', 'a b'].map((id) => only('status', status({ id })).sourceId)
    for (const id of ids) expect(id).toMatch(/^status:[\w-]{43}$/)
    expect(new Set(ids).size).toBe(4)
  })

  test('a bad one harms no other', () => {
    const { events } = messagesValue({
      statuses: [base, null, { ...base, id: undefined }, { ...base, status: 'read' }],
    })
    expect(events.map((event) => event.kind)).toEqual(['status', 'account', 'account', 'status'])
  })
})
