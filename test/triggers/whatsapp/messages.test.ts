import { describe, expect, test } from 'vitest'
import { inbound, messagesValue, metadata, mika, NOW, only, STAMP, STAMP_AT, envelope, parse } from './envelopes.ts'

describe('an inbound message', () => {
  test('names its sender, its time and its number, and keeps what came', () => {
    const message = {
      id: 'wamid.IN',
      from: mika.wa_id,
      from_user_id: mika.user_id,
      timestamp: STAMP,
      type: 'text',
      text: { body: 'こんにちは' },
      future_key: { a: 1 },
    }
    const parsed = messagesValue({ contacts: [mika], messages: [message] })
    expect(parsed).toEqual({
      events: [
        {
          kind: 'message',
          source: 'whatsapp',
          sourceId: 'message:wamid.IN',
          occurredAt: STAMP_AT,
          numberId: '3001',
          from: {
            waId: '818012345678',
            bsuid: 'JP.1300000000001',
            name: '美香',
            username: '@mika',
            country: 'JP',
            raw: mika,
          },
          message: { id: 'wamid.IN', type: 'text', text: 'こんにちは', raw: message },
          opensWindow: true,
        },
      ],
      problems: [],
    })
  })

  const context = { context: { from: '81312345678', id: 'wamid.OUT' } }
  const answers = { contextId: 'wamid.OUT' }
  test.each([
    ['text', { text: { body: '停止' } }, { text: '停止' }, true],
    ['image', { image: { id: 'm1', mime_type: 'image/jpeg', caption: '領収書' } }, { text: '領収書' }, true],
    ['video', { video: { id: 'm1', caption: 'v' } }, { text: 'v' }, true],
    ['audio', { audio: { id: 'm1', voice: true } }, {}, true],
    ['document', { document: { id: 'm1', filename: '見積.pdf', caption: 'どうぞ' } }, { text: 'どうぞ' }, true],
    ['sticker', { sticker: { id: 'm1', animated: true } }, {}, true],
    ['location', { location: { latitude: 35.6, longitude: 139.7, name: '東京駅' } }, {}, true],
    ['contacts', { contacts: [{ name: { formatted_name: '佐藤' }, phones: [{ phone: '+81' }] }] }, {}, true],
    ['contacts', { contacts: [{ phones: [] }], origin: 'request_contact_info' }, {}, true],
    [
      'button',
      { button: { payload: 'YES', text: 'はい' }, ...context },
      { text: 'はい', payload: 'YES', ...answers },
      true,
    ],
    [
      'button',
      { button: { payload: 'Unsubscribe', text: 'Unsubscribe' } },
      { text: 'Unsubscribe', payload: 'Unsubscribe' },
      true,
    ],
    [
      'interactive',
      { interactive: { type: 'button_reply', button_reply: { id: 'cancel', title: '取消' } }, ...context },
      { text: '取消', payload: 'cancel', ...answers },
      true,
    ],
    [
      'interactive',
      { interactive: { type: 'list_reply', list_reply: { id: 'express', title: '速達', description: '翌日' } } },
      { text: '速達', payload: 'express' },
      true,
    ],
    [
      'interactive',
      {
        interactive: { type: 'nfm_reply', nfm_reply: { name: 'flow', body: 'Sent', response_json: '{"a":"\\u898b"}' } },
      },
      { text: 'Sent', payload: '{"a":"\\u898b"}' },
      true,
    ],
    [
      'interactive',
      { interactive: { type: 'call_permission_reply', call_permission_reply: { response: 'accept' } } },
      { payload: 'accept' },
      true,
    ],
    ['interactive', { interactive: { type: 'new_reply', new_reply: 5 } }, {}, true],
    ['interactive', { interactive: 'broken' }, {}, true],
    [
      'order',
      { order: { catalog_id: 'c', text: 'お願いします', product_items: [{ item_price: 3.5 }] } },
      { text: 'お願いします' },
      true,
    ],
    ['order', { order: { catalog_id: 'c', text: '', product_items: [] } }, {}, true],
    ['reaction', { reaction: { message_id: 'wamid.OUT', emoji: '👍' } }, answers, false],
    ['reaction', { reaction: { message_id: 'wamid.OUT' } }, answers, false],
    ['system', { system: { type: 'user_changed_number', body: 'changed', wa_id: '818099999999' } }, {}, false],
    [
      'system',
      { identity: { acknowledged: true, hash: 'h' }, system: { type: 'customer_identity_changed' } },
      {},
      false,
    ],
    ['unsupported', { errors: [{ code: 131051 }], unsupported: { type: 'poll' } }, {}, false],
    ['unknown', { errors: [{ code: 131051 }] }, {}, false],
    [
      'edit',
      { edit: { original_message_id: 'wamid.OLD', message: { type: 'text', text: { body: '停止' } } } },
      { text: '停止', contextId: 'wamid.OLD' },
      false,
    ],
    ['edit', { edit: {} }, {}, false],
    ['revoke', { revoke: { original_message_id: 'wamid.OLD' } }, { contextId: 'wamid.OLD' }, false],
    ['request_welcome', {}, {}, false],
    ['hologram', { hologram: { caption: '未来', depth: 3 } }, { text: '未来' }, false],
    ['text', { text: { body: 'all' }, group_id: 'Y2FwaV9ncm91' }, { text: 'all' }, false],
    ['text', { text: { body: 'fwd' }, context: { forwarded: true } }, { text: 'fwd' }, true],
    ['text', { text: 'no object' }, {}, true],
    ['text', { text: { body: 'ad' }, referral: { source_type: 'ad', ctwa_clid: 'x' } }, { text: 'ad' }, true],
  ])('of type %s, %j, reads as %j, opens a window: %s', (type, parts, content, opens) => {
    const parsed = inbound({ type, ...parts })
    const { message, opensWindow } = only('message', parsed)
    const { raw, ...read } = message
    expect(read).toEqual({ id: 'wamid.IN', type, ...content })
    expect(raw).toMatchObject({ type, ...parts })
    expect(opensWindow).toBe(opens)
    expect(parsed.problems).toEqual([])
  })

  test('without a type it is unknown, and opens nothing', () => {
    expect(only('message', inbound({}))).toMatchObject({ message: { type: 'unknown' }, opensWindow: false })
  })
})

describe('the sender', () => {
  test('of a username has no number, only a user id', () => {
    for (const from of ['', undefined]) {
      const parsed = inbound({ type: 'text', from }, [{ ...mika, wa_id: '' }])
      expect(only('message', parsed).from).toMatchObject({ bsuid: mika.user_id, name: '美香' })
      expect(only('message', parsed).from).not.toHaveProperty('waId')
    }
  })

  test('of a system message has no contact beside it', () => {
    const parsed = messagesValue({
      messages: [
        {
          id: 'wamid.S',
          from: '818012345678',
          timestamp: STAMP,
          type: 'system',
          system: { type: 'user_changed_number' },
        },
      ],
    })
    expect(only('message', parsed).from).toEqual({ waId: '818012345678' })
  })

  test('is found among several contacts in any order, and never confused with another', () => {
    const ken = { profile: { name: '健' }, wa_id: '818000000002' }
    const lee = { profile: { name: 'Lee' }, user_id: 'US.3' }
    const say = (id: string, who: object) => ({ id, timestamp: STAMP, type: 'text', text: { body: id }, ...who })
    const { events } = messagesValue({
      contacts: [lee, ken, mika],
      messages: [
        say('a', { from: mika.wa_id }),
        say('b', { from: ken.wa_id }),
        say('c', { from_user_id: 'US.3' }),
        say('d', { from: '819999999999' }),
      ],
    })
    expect(events.map((event) => event.kind === 'message' && event.from.name)).toEqual(['美香', '健', 'Lee', undefined])
  })

  test('stands at the same place of the list when it cannot be compared', () => {
    const parsed = inbound({ type: 'text', from_user_id: undefined }, [{ profile: { name: '美香' } }])
    expect(only('message', parsed).from).toMatchObject({ waId: mika.wa_id, name: '美香' })
  })

  test('may be named with a plus, or by a user id where the number should be', () => {
    expect(only('message', inbound({ from: '+818012345678' })).from.waId).toBe('818012345678')
    const parsed = inbound({ from: 'JP.777', from_user_id: undefined }, [])
    expect(only('message', parsed).from).toEqual({ bsuid: 'JP.777' })
  })

  test('who is ourselves makes an echo, which is kept and answers nobody', () => {
    const parsed = inbound({ from: metadata.display_phone_number, from_user_id: undefined, type: 'text' }, [])
    expect(only('account', parsed)).toMatchObject({ field: 'echo', value: { id: 'wamid.IN' } })
  })
})

describe('the time', () => {
  test.each([
    ['seconds as text', STAMP, STAMP_AT, true, 0],
    ['seconds as a number', Number(STAMP), STAMP_AT, true, 0],
    ['milliseconds', STAMP_AT, STAMP_AT, true, 0],
    ['a little ahead of our clock', String(NOW / 1000 + 60), NOW + 60_000, true, 0],
    ['far ahead of our clock', String(NOW / 1000 + 86_400), NOW, false, 1],
    ['missing', undefined, NOW, false, 1],
    ['unreadable', 'soon', NOW, false, 1],
    ['negative', -5, NOW, false, 1],
  ])('%s: %s', (_, timestamp, at, opens, problems) => {
    const parsed = inbound({ type: 'text', timestamp })
    expect(only('message', parsed)).toMatchObject({ occurredAt: at, opensWindow: opens })
    expect(parsed.problems).toHaveLength(problems)
  })
})

describe('a message that cannot be read', () => {
  test.each([
    ['no id', { id: undefined }],
    ['an empty id', { id: '' }],
    ['no sender', { from: undefined, from_user_id: undefined }],
    ['a sender that is no address', { from: 'Mika', from_user_id: undefined }],
  ])('for %s is kept raw', (_, change) => {
    const parsed = inbound({ type: 'text', ...change }, [])
    expect(only('account', parsed)).toMatchObject({ field: 'unparsed', accountId: '9001', value: { type: 'text' } })
    expect(parsed.problems).toEqual([expect.stringContaining('/entry/0/changes/0/value/messages/0: ')])
  })

  test('harms no other, and problems tell no content', () => {
    const good = { id: 'wamid.G', from: mika.wa_id, timestamp: STAMP, type: 'text', text: { body: '秘密' } }
    const { events, problems } = messagesValue({
      contacts: [mika],
      messages: [null, good, 'text', { text: '秘密' }, [good], 7],
    })
    expect(events.map((event) => event.kind)).toEqual([
      'account',
      'message',
      'account',
      'account',
      'account',
      'account',
    ])
    expect(problems).toHaveLength(5)
    expect(problems.join()).not.toContain('秘密')
  })

  test('for want of a phone number id is kept raw', () => {
    const value = { messages: [{ id: 'wamid.G', from: mika.wa_id, timestamp: STAMP, type: 'text' }] }
    expect(only('account', parse(envelope('messages', value))).field).toBe('unparsed')
  })
})
