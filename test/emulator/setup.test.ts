import { expect, test } from 'vitest'
import { setupWorld } from '#emulator/setupWorld.ts'
import { callGraph, codeOf, openAccount, SECRET, TOKEN } from './testAccount.ts'

const APP = '634974688087057'
const BUSINESS = '506914307656634'
const id = (last: number): string => String(106_540_352_243_000 + last)
const open = () => openAccount(setupWorld())
type Account = Awaited<ReturnType<typeof open>>
const get = async (account: Account, path: string) => (await account.call('GET', `/v25.0/${path}`)).body
const post = (account: Account, path: string, body: object = {}) => account.call('POST', `/v25.0/${path}`, body)
const as = (account: Account, token: string, path: string) =>
  callGraph(account.emulator, 'GET', `/v25.0/${path}`, undefined, token)

test('a token sees its business, the accounts it owns, and those that customers share with it', async () => {
  await using account = await open()
  expect((await get(account, 'me/businesses?fields=id,name,verification_status'))['data']).toEqual([
    { id: BUSINESS, name: '伝令商会', verification_status: 'verified' },
  ])
  const owned = (await get(account, `${BUSINESS}/owned_whatsapp_business_accounts`))['data']
  expect(owned).toMatchObject([{ name: '伝令商会 本店' }, { name: '伝令商会 支店' }, {}, { name: '審査中の会社' }])
  const client = (await get(account, `${BUSINESS}/client_whatsapp_business_accounts?fields=name,ownership_type`))[
    'data'
  ]
  expect(client).toEqual([{ id: '102290129340403', name: 'お客様の会社', ownership_type: 'CLIENT_OWNED' }])
})

test('lists of accounts and numbers come in pages', async () => {
  await using account = await open()
  const names: string[] = []
  let after = ''
  for (let page = 0; page < 9; page++) {
    const { data, paging } = (await get(
      account,
      `${account.emulator.wabaId}/phone_numbers?limit=4&fields=id${after}`,
    )) as { data: { id: string }[]; paging?: { cursors: { after: string } } }
    names.push(...data.map((number) => number.id))
    if (paging === undefined) break
    after = `&after=${paging.cursors.after}`
  }
  expect(names).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9].map(id))
})

test.each([
  [1, { status: 'CONNECTED', code_verification_status: 'VERIFIED', platform_type: 'CLOUD_API', is_pin_enabled: true }],
  [2, { status: 'PENDING', code_verification_status: 'NOT_VERIFIED' }],
  [3, { status: 'DISCONNECTED', code_verification_status: 'VERIFIED' }],
  [4, { platform_type: 'ON_PREMISE' }],
  [5, { is_on_biz_app: true, status: 'CONNECTED' }],
  [6, { status: 'MIGRATED' }],
  [7, { status: 'BANNED', quality_rating: 'RED' }],
  [8, { name_status: 'DECLINED' }],
])('number %i tells its state: %j', async (last, state) => {
  await using account = await open()
  const fields = Object.keys(state).join(',')
  expect(await get(account, `${id(last)}?fields=${fields}`)).toEqual({ id: id(last), ...state })
})

test('a number is verified by the code it was sent, and registered with a PIN', async () => {
  await using account = await open()
  const number = id(2)
  const register = async (pin: unknown) =>
    codeOf(await post(account, `${number}/register`, { messaging_product: 'whatsapp', pin }))
  expect(await register('123456')).toBe('133006')
  expect(codeOf(await post(account, `${number}/verify_code`, { code: '111111' }))).toBe('136025')
  expect((await post(account, `${number}/request_code`, { code_method: 'SMS', language: 'ja' })).body).toEqual({
    success: true,
  })
  const { data } = (await account.call('GET', '/_emulator/codes')).body as { data: { code: string }[] }
  expect(data).toMatchObject([{ numberId: number, method: 'SMS', language: 'ja' }])
  expect(codeOf(await post(account, `${number}/verify_code`, { code: '000000x' }))).toBe('136025')
  expect((await post(account, `${number}/verify_code`, { code: data[0]!.code })).body).toEqual({
    success: true,
    id: number,
  })
  expect(await register('12345')).toBe('100')
  expect(await register('123456')).toBe('200')
  expect(await get(account, `${number}?fields=status,platform_type`)).toMatchObject({
    status: 'CONNECTED',
    platform_type: 'CLOUD_API',
  })
})

test('wrong codes are counted, and a code grows old', async () => {
  await using account = await open()
  const request = () => post(account, `${id(2)}/request_code`, { code_method: 'VOICE', language: 'ja' })
  const verify = async (code: string) =>
    (await post(account, `${id(2)}/verify_code`, { code })).body.error?.['error_user_msg']
  await request()
  const { code } = account.emulator.codes()[0]!
  for (let count = 0; count < 5; count++) expect(await verify('x')).toContain('incorrect')
  expect(await verify(code)).toContain('Too many wrong codes')
  await request()
  await account.emulator.advance(10 * 60_000)
  expect(await verify(account.emulator.codes()[0]!.code)).toContain('no valid code')
  for (let count = 0; count < 3; count++) expect(codeOf(await request())).toBe('200')
  expect(codeOf(await request())).toBe('136024')
})

test.each([
  [4, '100', 'on-premise'],
  [5, '100', 'used in the app'],
  [6, '133015', 'migrating'],
  [7, '368', 'banned'],
])('number %i cannot be registered: %s, it is %s', async (last, code) => {
  await using account = await open()
  const answer = await post(account, `${id(last)}/register`, { messaging_product: 'whatsapp', pin: '123456' })
  expect(codeOf(answer)).toBe(code)
})

test('a wrong PIN is refused, too many block it for an hour, and it can be set anew', async () => {
  await using account = await openAccount({ ...setupWorld(), webhookFields: ['security'] })
  const register = async (pin: string) =>
    codeOf(await post(account, `${id(3)}/register`, { messaging_product: 'whatsapp', pin }))
  for (let count = 0; count < 4; count++) expect(await register('000000')).toBe('133005')
  expect([await register('000000'), await register('654321')]).toEqual(['133008', '133008'])
  await account.emulator.advance(3_600_000)
  expect(await register('654321')).toBe('200')
  expect(codeOf(await post(account, id(3), { pin: '111111' }))).toBe('200')
  expect(account.changes('security')).toEqual([])
  await post(account, `${account.emulator.wabaId}/subscribed_apps`)
  await post(account, id(3), { pin: '222222' })
  await account.emulator.flush()
  expect(account.changes('security')).toMatchObject([{ value: { event: 'PIN_CHANGED' } }])
})

test('a number is registered and deregistered ten times in 72 hours', async () => {
  await using account = await open()
  const toggle = async (index: number) =>
    codeOf(
      index % 2 === 0
        ? await post(account, `${id(1)}/deregister`)
        : await post(account, `${id(1)}/register`, { messaging_product: 'whatsapp', pin: '123456' }),
    )
  for (let index = 0; index < 10; index++) expect(await toggle(index)).toBe('200')
  expect(await toggle(10)).toBe('133016')
  await account.emulator.advance(72 * 3_600_000)
  expect(await toggle(10)).toBe('200')
})

test('the code of a sign-up becomes a token for that account: once, within 30 seconds, with the secret of the app', async () => {
  await using account = await open()
  const signup = async () =>
    (await account.call('POST', '/_emulator/signup', { wabaId: '102290129340403' })).body as Record<string, string>
  const exchange = (code: string, secret = SECRET) =>
    callGraph(
      account.emulator,
      'POST',
      '/v25.0/oauth/access_token',
      { client_id: APP, client_secret: secret, code },
      '',
    )
  const { code, waba_id, phone_number_id, business_id } = await signup()
  expect({ waba_id, phone_number_id, business_id }).toEqual({
    waba_id: '102290129340403',
    phone_number_id: id(21),
    business_id: BUSINESS,
  })
  expect(codeOf(await exchange(code!, 'wrong'))).toBe('1')
  const { body } = await exchange(code!)
  expect(body).toMatchObject({ token_type: 'bearer' })
  const token = body['access_token'] as string
  expect(codeOf(await exchange(code!))).toBe('100/36009')
  expect(codeOf(await as(account, token, '102290129340403'))).toBe('200')
  expect(codeOf(await as(account, token, account.emulator.wabaId))).toBe('100/33')
  expect(codeOf(await as(account, token, id(1)))).toBe('100/33')
  const late = await signup()
  await account.emulator.advance(30_000)
  expect(codeOf(await exchange(late['code']!))).toBe('100/36007')
  expect(codeOf(await exchange('nonsense'))).toBe('100/36007')
})

test('a token tells what it may do and how long, to the app itself too', async () => {
  const expiresAt = Date.UTC(2026, 10, 2, 4)
  await using account = await openAccount({
    tokens: [{ token: 'short', scopes: ['whatsapp_business_management'], expiresAt, wabaIds: ['102290129340398'] }],
  })
  const debug = async (token: string) =>
    (await as(account, `${APP}|${SECRET}`, `debug_token?input_token=${token}`)).body['data']
  expect(await debug(TOKEN)).toMatchObject({ is_valid: true, expires_at: 0, app_id: APP, type: 'SYSTEM_USER' })
  expect(await debug('short')).toMatchObject({
    is_valid: true,
    expires_at: expiresAt / 1000,
    scopes: ['whatsapp_business_management'],
    granular_scopes: [{ scope: 'whatsapp_business_management', target_ids: ['102290129340398'] }],
  })
  await account.emulator.advance(3_600_000)
  expect(await debug('short')).toMatchObject({ is_valid: false, error: { code: 190, subcode: 463 } })
  expect(await debug('other')).toEqual({
    error: { code: 190, message: expect.any(String) as string },
    is_valid: false,
    scopes: [],
  })
  expect(codeOf(await as(account, 'short', account.emulator.wabaId))).toBe('190/463')
  expect((await as(account, `${APP}|${SECRET}`, `${APP}?fields=id,name`)).body).toEqual({ id: APP, name: 'Denrei' })
  expect(codeOf(await as(account, `${APP}|wrong`, APP))).toBe('190')
  expect(codeOf(await as(account, `${APP}|${SECRET}`, `${account.emulator.wabaId}/phone_numbers`))).toBe('200')
})

test('a token without a permission gets 10 for messages and 200 for the rest', async () => {
  await using account = await openAccount({
    tokens: [
      { token: 'reads', scopes: ['whatsapp_business_management'] },
      { token: 'writes', scopes: ['whatsapp_business_messaging'] },
    ],
  })
  const send = (token: string) =>
    callGraph(account.emulator, 'POST', `/v25.0/106540352242922/messages`, { messaging_product: 'whatsapp' }, token)
  const list = (token: string) => as(account, token, `${account.emulator.wabaId}/message_templates`)
  expect([(await send('reads')).body.error?.code, (await list('writes')).body.error?.code]).toEqual([10, 200])
  expect((await list('reads')).status).toBe(200)
})

const APP_TOKEN = `${APP}|${SECRET}`
const asApp = (account: Account, method: 'GET' | 'POST' | 'DELETE', body?: object) =>
  callGraph(account.emulator, method, `/v25.0/${APP}/subscriptions`, body, APP_TOKEN)
const FIELDS = ['messages', 'account_update']
const subscription = (account: Account, more: object = {}) => ({
  object: 'whatsapp_business_account',
  callback_url: account.webhookUrl,
  verify_token: 'test-verify',
  fields: FIELDS,
  ...more,
})

test('an account is heard of when the app subscribes, after the callback has proved itself, and not before', async () => {
  await using account = await open()
  const { emulator } = account
  expect((await asApp(account, 'POST', subscription(account))).status).toBe(200)
  const path = `${emulator.wabaId}/subscribed_apps`
  await emulator.inbound({ from: '+819012345678', text: 'こんにちは' })
  expect(account.posts).toEqual([])
  expect((await get(account, path))['data']).toEqual([])
  const subscribe = (verify_token: string) =>
    post(account, path, { override_callback_uri: account.webhookUrl, verify_token })
  expect(codeOf(await subscribe('wrong'))).toBe('100')
  expect((await get(account, path))['data']).toEqual([])
  expect(codeOf(await subscribe('test-verify'))).toBe('200')
  expect((await get(account, path))['data']).toMatchObject([{ override_callback_uri: account.webhookUrl }])
  await emulator.inbound({ from: '+819012345678', text: 'こんにちは' })
  expect(account.posts.map(({ body }) => body.entry.map((entry) => entry.id))).toEqual([[emulator.wabaId]])
  expect((await get(account, '102290129340403/subscribed_apps'))['data']).toMatchObject([
    { whatsapp_business_api_data: { name: 'Another Provider' } },
  ])
})

test('the app subscribes to fields one by one, and a field that it has not subscribed to is not delivered', async () => {
  await using account = await open()
  await post(account, `${account.emulator.wabaId}/subscribed_apps`)
  expect((await asApp(account, 'GET')).body).toMatchObject({ data: [{ callback_url: account.webhookUrl, fields: [] }] })
  const fieldsTold = async (): Promise<string[]> => {
    const before = account.posts.length
    for (const field of ['messages', 'account_update', 'account_alerts', 'security'])
      await account.call('POST', `/_emulator/emit/${field}`, {})
    await account.emulator.settled()
    return account.posts
      .slice(before)
      .flatMap(({ body }) => body.entry.flatMap(({ changes }) => changes.map(({ field }) => field)))
  }
  expect(await fieldsTold()).toEqual([])
  expect(await asApp(account, 'POST', subscription(account))).toMatchObject({ status: 200, body: { success: true } })
  expect(await fieldsTold()).toEqual(FIELDS)
  expect((await asApp(account, 'GET')).body).toMatchObject({
    data: [
      {
        object: 'whatsapp_business_account',
        active: true,
        fields: [
          { name: 'account_update', version: 'v25.0' },
          { name: 'messages', version: 'v25.0' },
        ],
      },
    ],
  })
  expect((await asApp(account, 'DELETE', { fields: 'messages' })).status).toBe(200)
  expect(await fieldsTold()).toEqual(['account_update'])
  expect((await asApp(account, 'DELETE')).status).toBe(200)
  expect((await asApp(account, 'GET')).body).toEqual({ data: [] })
})

test.each([
  ['a token of a user', 15, {}, TOKEN],
  ['a callback that does not answer the challenge', 2200, { verify_token: 'wrong' }, APP_TOKEN],
  ['an address that is none', 100, { callback_url: 'here' }, APP_TOKEN],
  ['a field that there is not', 100, { fields: 'messages,moods' }, APP_TOKEN],
  ['no field', 100, { fields: [] }, APP_TOKEN],
  ['another object', 100, { object: 'page' }, APP_TOKEN],
])('a subscription of the app is refused and nothing changes: %s', async (_, code, wrong, token) => {
  await using account = await open()
  const path = `/v25.0/${APP}/subscriptions`
  const refused = await callGraph(account.emulator, 'POST', path, subscription(account, wrong), token)
  expect(refused.body.error?.code).toBe(code)
  expect((await asApp(account, 'GET')).body).toMatchObject({ data: [{ fields: [] }] })
})

test('webhooks of several accounts carry the id of theirs', async () => {
  await using account = await openAccount({
    accounts: [
      { wabaId: '7', numbers: [{ id: '71', displayNumber: '+81 3-7777-7777', verifiedName: '七号店' }] },
      { wabaId: '8', numbers: [{ id: '81', displayNumber: '+81 3-8888-8888', verifiedName: '八号店' }] },
    ],
  })
  for (const numberId of ['71', '81']) await account.emulator.inbound({ from: '+819012345678', text: 'x', numberId })
  expect(account.posts.map(({ body }) => body.entry[0]!.id)).toEqual(['7', '8'])
  expect(
    codeOf(
      await post(account, '71/messages', {
        messaging_product: 'whatsapp',
        to: '+819012345678',
        text: { body: 'はい' },
      }),
    ),
  ).toBe('200')
  await account.emulator.settled()
  expect(account.posts.at(-1)!.body.entry[0]).toMatchObject({
    id: '7',
    changes: [{ value: { metadata: { display_phone_number: '81377777777', phone_number_id: '71' } } }],
  })
})

test('health tells what stops a number, its account and its business', async () => {
  await using account = await open()
  const health = async (node: string) =>
    (await get(account, `${node}?fields=health_status`))['health_status'] as {
      can_send_message: string
      entities: object[]
    }
  expect(await health(id(1))).toMatchObject({ can_send_message: 'AVAILABLE' })
  expect((await health(id(1))).entities).toHaveLength(4)
  expect(await health(id(2))).toMatchObject({
    can_send_message: 'BLOCKED',
    entities: [{ entity_type: 'PHONE_NUMBER', errors: [{ error_code: 141001 }] }, {}, {}, {}],
  })
  expect(await health(id(8))).toMatchObject({ can_send_message: 'LIMITED' })
  expect(await health('102290129340404')).toMatchObject({ can_send_message: 'LIMITED' })
})

test('a number is added, once in the whole business', async () => {
  await using account = await open()
  const add = (more: object) =>
    post(account, `${account.emulator.wabaId}/phone_numbers`, {
      cc: '81',
      phone_number: '3-1111-2222',
      verified_name: '新しい店',
      ...more,
    })
  expect([
    codeOf(await add({ cc: '+81' })),
    codeOf(await add({ phone_number: 'x' })),
    codeOf(await add({ verified_name: '' })),
  ]).toEqual(['100', '100', '100'])
  const { body } = await add({})
  expect(
    await get(account, `${body['id'] as string}?fields=display_phone_number,status,code_verification_status`),
  ).toMatchObject({
    display_phone_number: '+81311112222',
    status: 'PENDING',
    code_verification_status: 'NOT_VERIFIED',
  })
  expect(codeOf(await add({}))).toBe('100')
})

test('the profile of a number is read and changed within its limits', async () => {
  await using account = await open()
  const path = `${id(1)}/whatsapp_business_profile`
  const change = async (more: object) => codeOf(await post(account, path, { messaging_product: 'whatsapp', ...more }))
  expect(await change({ about: '毎日十時から' })).toBe('200')
  expect((await get(account, `${path}?fields=about`))['data']).toEqual([
    { about: '毎日十時から', messaging_product: 'whatsapp' },
  ])
  expect(await change({ about: 'あ'.repeat(140) })).toBe('100')
  expect(await change({ websites: ['https://a.example', 'https://b.example', 'https://c.example'] })).toBe('100')
})

test('only users who wrote within a day can be blocked, and the rest are told apart', async () => {
  await using account = await open()
  const path = `${id(1)}/block_users`
  const block = (...users: string[]) =>
    post(account, path, { messaging_product: 'whatsapp', block_users: users.map((user) => ({ user })) })
  await account.emulator.inbound({ from: '+819012345678', text: 'x' })
  const { status, body } = await block('+819012345678', '+819099999999')
  expect(status).toBe(400)
  expect(body.error?.code).toBe(139100)
  expect(body['block_users']).toMatchObject({
    added_users: [{ wa_id: '819012345678' }],
    failed_users: [{ wa_id: '819099999999' }],
  })
  expect((await get(account, path))['data']).toEqual([{ messaging_product: 'whatsapp', wa_id: '819012345678' }])
  await post(account, `${account.emulator.wabaId}/subscribed_apps`)
  await account.emulator.inbound({ from: '+819012345678', text: 'まだいますか' })
  expect(account.posts).toEqual([])
})

test('a sample is uploaded in pieces and becomes a handle', async () => {
  await using account = await open()
  const { body } = await post(account, `${APP}/uploads?file_length=6&file_type=image/png&file_name=a.png`)
  const session = body['id'] as string
  const put = async (offset: number, bytes: string) => {
    const answer = await fetch(`${account.emulator.url}/v25.0/${session}`, {
      method: 'POST',
      headers: { authorization: `OAuth ${TOKEN}`, file_offset: String(offset) },
      body: bytes,
    })
    return (await answer.json()) as Record<string, unknown>
  }
  expect(await put(0, 'abc')).toMatchObject({ file_offset: 3 })
  expect(await put(0, 'abc')).toHaveProperty('error')
  expect((await put(3, 'def'))['h']).toMatch(/^4::/)
  expect(codeOf(await post(account, `${APP}/uploads?file_length=6&file_type=text/html`))).toBe('100')
})
