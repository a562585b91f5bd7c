import { expect, test } from 'vitest'
import { ACTS } from '#emulator/acts.ts'
import { SAMPLES } from '#emulator/samples.ts'
import { callGraph, codeOf, NOON, NUMBER, openAccount } from './testAccount.ts'

const TO = '+819012345678'
const HOUR_MS = 3_600_000
const MARKETING = { name: 'sale', category: 'MARKETING' }
const sale = { template: { name: 'sale', language: { code: 'ja' } } }

test('a payment problem refuses what would be charged, and nothing else; or lets it fail later', async () => {
  await using account = await openAccount()
  await account.approve()
  await account.emulator.inbound({ from: TO, text: 'こんにちは' })
  await account.emulator.act('payment_problem')
  expect(codeOf(await account.sendTemplate(TO))).toBe('131042')
  expect(codeOf(await account.send({ to: TO, text: { body: '無料の返事' } }))).toBe('200')
  const { body } = await account.call('GET', `/v25.0/${NUMBER}?fields=health_status`)
  expect(JSON.stringify(body)).toContain('141006')
  await account.emulator.act('payment_problem', { how: 'status' })
  expect(codeOf(await account.sendTemplate(TO))).toBe('200')
  await account.emulator.settled()
  expect(account.statuses().filter(({ status }) => status === 'failed')).toMatchObject([{ errors: [{ code: 131042 }] }])
  await account.emulator.act('payment_problem', { on: false })
  expect(codeOf(await account.sendTemplate(TO))).toBe('200')
})

test.each([
  ['lock', {}, '131031', { event: 'ACCOUNT_VIOLATION', violation_info: { violation_type: 'SPAM' } }],
  [
    'ban',
    {},
    '368',
    { event: 'DISABLED_UPDATE', ban_info: { waba_ban_state: 'DISABLE', waba_ban_date: 'November 2, 2026' } },
  ],
  [
    'restrict',
    { forMs: HOUR_MS },
    '368',
    {
      event: 'ACCOUNT_RESTRICTION',
      restriction_info: [
        { restriction_type: 'RESTRICTED_BIZ_INITIATED_MESSAGING', expiration: (NOON + 2_000 + HOUR_MS) / 1000 },
      ],
    },
  ],
  ['remove_partner', {}, '100/33', { event: 'PARTNER_REMOVED', waba_info: { waba_id: '102290129340398' } }],
  ['number_status', { status: 'FLAGGED' }, '133010', undefined],
] as const)('%s %j: sends get %s, and the webhook tells', async (act, body, code, value) => {
  await using account = await openAccount()
  await account.approve()
  await account.emulator.act(act, body)
  expect(codeOf(await account.sendTemplate(TO))).toBe(code)
  const told = account.changes('account_update')
  if (value === undefined) expect(told).toEqual([])
  else expect(told).toMatchObject([{ value }])
})

test('a restriction ends by itself, and a ban when it is taken back', async () => {
  await using account = await openAccount()
  await account.approve()
  await account.emulator.act('restrict', { forMs: HOUR_MS, what: 'RESTRICTED_UTILITY_TEMPLATES' })
  expect(codeOf(await account.sendTemplate(TO))).toBe('131064')
  await account.emulator.advance(HOUR_MS)
  expect(codeOf(await account.sendTemplate(TO))).toBe('200')
  await account.emulator.act('ban', { state: 'SCHEDULE_FOR_DISABLE' })
  expect(codeOf(await account.sendTemplate(TO))).toBe('200')
  await account.emulator.act('ban')
  await account.emulator.act('ban', { state: 'REINSTATE' })
  expect(codeOf(await account.sendTemplate(TO))).toBe('200')
})

test('a token expires, is revoked, and works again', async () => {
  await using account = await openAccount()
  const call = async () => codeOf(await account.call('GET', `/v25.0/${NUMBER}`))
  await account.emulator.act('expire_token')
  expect(await call()).toBe('190/463')
  await account.emulator.act('renew_token')
  expect(await call()).toBe('200')
  await account.emulator.act('revoke_token')
  expect(await call()).toBe('190/467')
})

test('the tier changes for the whole business, over all accounts', async () => {
  await using account = await openAccount({
    accounts: [{ wabaId: '7', numbers: [{ id: '71', displayNumber: '+81 3-7777-7777', verifiedName: '七号店' }] }],
    numbers: [{ id: NUMBER, displayNumber: '+81 3-1111-1111', verifiedName: '一号店', throughput: 1_000 }],
  })
  await account.approve()
  await account.emulator.act('tier', { tier: 'TIER_250' })
  expect(account.changes('business_capability_update')).toHaveLength(2)
  expect(account.changes('business_capability_update')).toMatchObject([
    { value: { max_daily_conversations_per_business: 250 } },
    {},
  ])
  for (let index = 0; index < 250; index++)
    expect(codeOf(await account.sendTemplate(`+8190${String(12_345_000 + index)}`))).toBe('200')
  await callGraph(account.emulator, 'POST', '/v25.0/7/message_templates', {
    name: 'hello',
    language: 'ja',
    category: 'UTILITY',
    components: [{ type: 'BODY', text: '別の店からのお知らせです。' }],
  })
  await account.emulator.advance(2_000)
  const other = await account.send(
    { to: '+819099990000', type: 'template', template: { name: 'hello', language: { code: 'ja' } } },
    '71',
  )
  expect(codeOf(other)).toBe('131048')
  const { body } = await account.call('GET', '/v25.0/71?fields=whatsapp_business_manager_messaging_limit')
  expect(body).toMatchObject({ whatsapp_business_manager_messaging_limit: 'TIER_250' })
})

test('a throughput upgrade is a minute of maintenance, then a thousand a second', async () => {
  await using account = await openAccount()
  await account.approve()
  await account.emulator.act('throughput')
  expect(codeOf(await account.sendTemplate(TO))).toBe('131057')
  await account.emulator.advance(60_000)
  expect(account.changes('phone_number_quality_update')).toMatchObject([{ value: { event: 'THROUGHPUT_UPGRADE' } }])
  for (let index = 0; index < 100; index++)
    expect(codeOf(await account.sendTemplate(`+8190${String(12_345_000 + index)}`))).toBe('200')
  expect((await account.call('GET', `/v25.0/${NUMBER}?fields=throughput`)).body).toMatchObject({
    throughput: { level: 'HIGH' },
  })
})

test('quality, name and review change what the number says', async () => {
  await using account = await openAccount()
  await account.emulator.act('quality', { quality: 'RED' })
  await account.emulator.act('name', { decision: 'REJECTED', name: 'ベスト', reason: 'NAME_POLICY' })
  await account.emulator.act('review', { decision: 'REJECTED' })
  const { body } = await account.call('GET', `/v25.0/${NUMBER}?fields=quality_rating,name_status,health_status`)
  expect(body).toMatchObject({
    quality_rating: 'RED',
    name_status: 'DECLINED',
    health_status: {
      can_send_message: 'BLOCKED',
      entities: [{ can_send_message: 'LIMITED' }, { can_send_message: 'BLOCKED' }, {}, {}],
    },
  })
  expect(account.changes('phone_number_name_update')).toMatchObject([
    { value: { decision: 'REJECTED', requested_verified_name: 'ベスト', rejection_reason: 'NAME_POLICY' } },
  ])
})

test('a new category is told a day before and when it is done, and can come without notice', async () => {
  await using account = await openAccount()
  const id = await account.approve()
  const node = async () =>
    (await account.call('GET', `/v25.0/${id}?fields=category,correct_category,previous_category`)).body
  await account.emulator.decide('schedule_category', 'hello')
  expect(account.changes('template_category_update')).toMatchObject([
    {
      value: {
        new_category: 'UTILITY',
        correct_category: 'MARKETING',
        message_template_language: 'ja',
        message_template_id: Number(id),
      },
    },
  ])
  expect(await node()).toEqual({ id, category: 'UTILITY', correct_category: 'MARKETING' })
  await account.emulator.advance(24 * HOUR_MS)
  expect(account.changes('template_category_update')[1]!.value).toMatchObject({
    previous_category: 'UTILITY',
    new_category: 'MARKETING',
  })
  expect(await node()).toEqual({ id, category: 'MARKETING', previous_category: 'UTILITY' })
})

test('a template that is let out slowly holds messages, then releases them', async () => {
  await using account = await openAccount()
  await account.approve(MARKETING)
  await account.emulator.decide('pace', 'sale', { left: 1 })
  const statusOf = async () => {
    const { body } = await account.sendTemplate(TO, sale)
    return (body['messages'] as { message_status: string }[])[0]!.message_status
  }
  expect([await statusOf(), await statusOf()]).toEqual(['accepted', 'held_for_quality_assessment'])
  await account.emulator.advance(HOUR_MS - 1)
  expect(account.emulator.counts().byStatus.accepted).toBe(1)
  await account.emulator.settled()
  expect(account.emulator.counts().byStatus.accepted).toBe(0)
  expect(await statusOf()).toBe('accepted')
})

test('or drops them, and pauses it until the API ends that, not within five minutes', async () => {
  await using account = await openAccount()
  const id = await account.approve(MARKETING)
  await account.emulator.decide('pace', 'sale', { outcome: 'drop' })
  expect(codeOf(await account.sendTemplate(TO, sale))).toBe('200')
  await account.emulator.advance(HOUR_MS)
  expect(account.statuses()).toMatchObject([{ status: 'failed', errors: [{ code: 132015 }] }])
  expect(account.changes('message_template_status_update')).toMatchObject([
    { value: { event: 'PAUSED', other_info: { title: 'RATE_LIMITING_PAUSE' } } },
  ])
  expect(codeOf(await account.sendTemplate(TO, sale))).toBe('132015')
  const unpause = async () => codeOf(await account.call('POST', `/v25.0/${id}/unpause`))
  expect(await unpause()).toBe('100')
  await account.emulator.advance(24 * HOUR_MS)
  expect(codeOf(await account.sendTemplate(TO, sale))).toBe('132015')
  expect(await unpause()).toBe('200')
  expect(codeOf(await account.sendTemplate(TO, sale))).toBe('200')
})

test('an archived template cannot be sent, comes back, or is deleted after 28 days', async () => {
  await using account = await openAccount()
  await account.approve()
  await account.emulator.decide('archive', 'hello')
  expect(codeOf(await account.sendTemplate(TO))).toBe('132001')
  await account.emulator.decide('unarchive', 'hello')
  expect(codeOf(await account.sendTemplate(TO))).toBe('200')
  await account.emulator.decide('archive', 'hello')
  await account.emulator.advance(28 * 24 * HOUR_MS)
  expect(account.emulator.templates()).toEqual([])
  expect(account.changes('message_template_status_update').map(({ value }) => value.event)).toEqual([
    'ARCHIVED',
    'UNARCHIVED',
    'ARCHIVED',
    'DELETED',
  ])
})

test('the quality of a template is told and read', async () => {
  await using account = await openAccount()
  const id = await account.approve()
  await account.emulator.decide('rate', 'hello', { quality: 'YELLOW' })
  await account.emulator.decide('rate', 'hello', { quality: 'RED' })
  expect(account.changes('message_template_quality_update').map(({ value }) => value['new_quality_score'])).toEqual([
    'YELLOW',
    'RED',
  ])
  expect((await account.call('GET', `/v25.0/${id}?fields=quality_score`)).body).toMatchObject({
    quality_score: { score: 'RED' },
  })
})

test('an edit of the components is told', async () => {
  await using account = await openAccount()
  const id = await account.approve()
  const components = [{ type: 'BODY', text: 'またのご来店をお待ちしております。' }]
  expect(codeOf(await account.call('POST', `/v25.0/${id}`, { components }))).toBe('200')
  await account.emulator.advance(0)
  expect(account.changes('message_template_components_update')).toMatchObject([
    { value: { message_template_element: 'またのご来店をお待ちしております。' } },
  ])
})

test.each(Object.keys(SAMPLES))('a sample of %s can be sent by its name', async (field) => {
  await using account = await openAccount()
  const { status } = await account.call('POST', `/_emulator/emit/${field}`, { value: { extra: 1 } })
  await account.emulator.flush()
  expect(status).toBe(200)
  expect(account.changes(field)).toMatchObject([{ value: { extra: 1 } }])
})

test('a chunk of history can be as long as a webhook may be', async () => {
  await using account = await openAccount()
  await account.call('POST', '/_emulator/emit/history', { bytes: 2_900_000 })
  await account.emulator.flush()
  const { length } = account.posts[0]!.raw
  expect(length).toBeGreaterThan(2_900_000)
  expect(length).toBeLessThan(3 * 1024 * 1024)
})

test.each(['edit', 'revoke'] as const)('a user can %s a message, which opens no window', async (type) => {
  await using account = await openAccount()
  const original_message_id = 'wamid.OLD'
  const content =
    type === 'edit' ? { edit: { original_message_id, text: '十一時に' } } : { revoke: { original_message_id } }
  await account.emulator.inbound({ from: TO, ...content })
  expect(account.changes('messages')).toMatchObject([
    { value: { messages: [{ type, [type]: { original_message_id } }] } },
  ])
  expect(codeOf(await account.send({ to: TO, text: { body: 'はい' } }))).toBe('131047')
})

test('the doors name their acts, and refuse others', async () => {
  await using account = await openAccount()
  const post = async (path: string, body?: object) => (await account.call('POST', `/_emulator/${path}`, body)).status
  expect((await account.call('GET', '/_emulator/account')).body).toEqual({
    acts: Object.keys(ACTS),
    fields: Object.keys(SAMPLES),
  })
  expect([
    await post('account/meteor'),
    await post('account/tier', { tier: 'TIER_X' }),
    await post('account/lock', { wabaId: '9' }),
    await post('account/lock', { on: true }),
    await post('emit/horoscope'),
    await post('delays', { sent: -1 }),
    await post('delays', { sent: 1, review: 0, readRate: 0 }),
  ]).toEqual([404, 400, 404, 200, 404, 400, 200])
})

test('the doors take JSON without its content type, and no other body', async () => {
  await using account = await openAccount()
  const post = async (body: string) =>
    (await fetch(`${account.emulator.url}/_emulator/account/tier`, { method: 'POST', body })).status
  expect([await post('{"tier":"TIER_2K"}'), await post('tier=TIER_2K')]).toEqual([200, 400])
})

test('what happens to a number cannot happen to an account without one', async () => {
  await using account = await openAccount({ accounts: [{ wabaId: '7' }] })
  await expect(account.emulator.act('quality', { wabaId: '7', quality: 'RED' })).rejects.toThrow('has no number')
  await account.emulator.act('add_partner', { wabaId: '7' })
  expect(account.changes('account_update')).toMatchObject([{ value: { event: 'PARTNER_ADDED' } }])
})
