import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { NEEDED_FIELDS, WELCOME_FIELDS } from '#triggers/whatsapp/wantedFields.ts'
import { ALL, APP, NEW_NUMBER, openSetupWorld, stepOf, TO_NUMBER, TOKEN, WABA } from './setupWorld.ts'

test('S9 S10 a set-up begins with what is to be done first, and nothing is known yet', async () => {
  const { call } = await openSetupWorld()
  const { status, body } = await call('POST /v1/setups?language=ja')
  expect(status).toBe(201)
  expect(body).toMatchObject({ state: 'open', current: 'app' })
  expect(stepOf(body, 'app')).toMatchObject({
    state: 'current',
    title: 'Metaのアプリ',
    missing: ['appId', 'appSecret'],
  })
  expect(stepOf(body, 'active')).toMatchObject({
    state: 'waiting',
    after: ['register', 'webhook', 'profile', 'people'],
  })
})

test('S11 S12 S13 S14 access is granted with a token, and a business that is the only one is chosen by itself', async () => {
  const { start, take } = await openSetupWorld()
  const view = await take(await start(), ['app', APP], ['access', { token: TOKEN }])
  expect(stepOf(view, 'access').value).toMatchObject({ kind: 'token', expiresAt: null, granted: null })
  expect(stepOf(view, 'business')).toMatchObject({ state: 'done', value: { name: '伝令商会' } })
  expect(stepOf(view, 'account')).toMatchObject({
    state: 'current',
    choices: [{ id: WABA, label: '伝令商会 アカウント', choosable: true }],
  })
})

test('S13 the code of an embedded sign-up becomes a token, once', async () => {
  const { emulator, start, take, step } = await openSetupWorld()
  const id = await start()
  await take(id, ['app', APP])
  const code = emulator.signUp({
    wabaIds: [WABA],
    scopes: ['whatsapp_business_management', 'whatsapp_business_messaging'],
  })
  const view = await take(id, ['access', { code }])
  expect(stepOf(view, 'access').value).toMatchObject({ kind: 'code', granted: [WABA] })
  expect(stepOf(view, 'business')).toMatchObject({ state: 'done', value: null })
  expect(stepOf(view, 'account')).toMatchObject({ state: 'current', choices: [{ id: WABA, choosable: true }] })
  const again = await step(id, 'access', { code })
  expect(again).toMatchObject({ status: 422, body: { code: 'ERR_SETUP_REFUSED', details: { reason: 'code_refused' } } })
  expect(again.text).not.toContain(code)
})

test('S15 S16 S20 S21 S22 S30 S31 every number of the account is listed, with why one cannot be chosen', async () => {
  const { start, take, step } = await openSetupWorld()
  const id = await start()
  const view = await take(id, ...TO_NUMBER)
  const { choices } = stepOf(view, 'number')
  const reasons = Object.fromEntries(choices!.map((one) => [one.id, one.reasons.map(({ code }) => code)]))
  expect(reasons).toEqual({
    '1001': [],
    '1002': ['on_premise'],
    '1003': ['on_whatsapp_app'],
    '1004': ['name_declined'],
    '1005': ['banned'],
    '1006': ['migrating'],
    '1007': [],
    '1008': [],
  })
  expect(choices!.find((one) => one.id === NEW_NUMBER)!.notes.map(({ code }) => code)).toEqual([
    'not_verified',
    'not_registered',
  ])
  const refused = await step(id, 'number', { numberId: '1002' }, '?language=ja')
  expect(refused).toMatchObject({ status: 422, body: { details: { reason: 'on_premise' } } })
  expect(refused.body.detail).toContain('移行には対応していません')
})

test('S6 S17 S18 a new number is verified with a code and registered with a PIN', async () => {
  const { emulator, start, take } = await openSetupWorld()
  const id = await start()
  let view = await take(id, ...TO_NUMBER, ['number', { numberId: NEW_NUMBER }])
  expect(view.current).toBe('verify')
  view = await take(id, ['verify', { method: 'SMS', language: 'ja' }])
  expect(stepOf(view, 'verify')).toMatchObject({ state: 'current', missing: ['code'] })
  const { code } = emulator.codes().at(-1)!
  view = await take(id, ['verify', { code: `${code.slice(0, 3)}-${code.slice(3)}` }])
  expect(view.current).toBe('register')
  view = await take(id, ['register', { pin: '123456' }])
  expect(stepOf(view, 'register').value).toEqual({ by: 'pin' })
  expect(view.current).toBe('webhook')
})

test('S17 a code entered wrongly three times counts no more; a new one does', async () => {
  const { emulator, start, take, step, call } = await openSetupWorld()
  const id = await start()
  await take(id, ...TO_NUMBER, ['number', { numberId: NEW_NUMBER }], ['verify', { method: 'SMS', language: 'ja' }])
  const right = emulator.codes().at(-1)!.code
  const wrong = right === '000000' ? '111111' : '000000'
  const answers = [await step(id, 'verify', { code: wrong }), await step(id, 'verify', { code: wrong })]
  expect(answers.map(({ body }) => [body.details.reason, body.details.left])).toEqual([
    ['code_wrong', 2],
    ['code_wrong', 1],
  ])
  expect((await step(id, 'verify', { code: wrong })).body.details.reason).toBe('code_void')
  // The right one comes too late, and WhatsApp is not asked: its own limits lie behind ours.
  expect((await step(id, 'verify', { code: right })).body).toMatchObject({ details: { reason: 'code_void' } })
  expect(stepOf((await call(`GET /v1/setups/${id}`)).body, 'verify')).toMatchObject({
    state: 'current',
    missing: ['method', 'language'],
    problem: { code: 'code_void' },
  })
  await take(id, ['verify', { method: 'VOICE', language: 'ja' }])
  const view = await take(id, ['verify', { code: emulator.codes().at(-1)!.code }])
  expect(stepOf(view, 'verify')).toMatchObject({ state: 'done', problem: null })
})

test('S17 the PIN of a number that has one is asked for; after too many wrong ones nobody may try for a while', async () => {
  const { start, take, step, clock, call } = await openSetupWorld()
  const id = await start()
  await take(id, ...TO_NUMBER, ['number', { numberId: '1008' }])
  const first = await step(id, 'register', { pin: '000000' })
  expect(first.body.details).toMatchObject({ reason: 'pin_wrong', whatsappCode: 133005 })
  expect(first.text).not.toContain('000000')
  let answer = first
  for (let i = 0; i < 10 && answer.body.details.reason === 'pin_wrong'; i++)
    answer = await step(id, 'register', { pin: '000000' })
  expect(answer.body.details).toMatchObject({ reason: 'pin_too_often' })
  expect(stepOf((await call(`GET /v1/setups/${id}`)).body, 'register').state).toBe('blocked')
  // The right one now is not even sent.
  expect((await step(id, 'register', { pin: '654321' })).body.details.reason).toBe('pin_too_often')
  clock.at += 3_600_001
  expect(stepOf((await call(`GET /v1/setups/${id}`)).body, 'register').state).toBe('current')
})

/** Asks as the app itself does. */
async function asApp(url: string, method = 'GET', body?: object) {
  const answer = await fetch(`${url}/v25.0/${APP.appId}/subscriptions`, {
    method,
    headers: { authorization: `Bearer ${APP.appId}|${APP.appSecret}`, 'content-type': 'application/json' },
    ...(body && { body: JSON.stringify(body) }),
  })
  const { data } = (await answer.json()) as { data?: { callback_url: string; fields: { name: string }[] }[] }
  return { status: answer.status, callback: data?.[0]?.callback_url, fields: data?.[0]?.fields.map(({ name }) => name) }
}

test('the webhook is proved by two handshakes that come in here: of the app with its fields, and of the account', async () => {
  const { start, take, port, emulator } = await openSetupWorld()
  const view = await take(await start(), ...TO_NUMBER, ['webhook'])
  const callback = `http://127.0.0.1:${port}/v1/whatsapp/webhook`
  const fields = [...NEEDED_FIELDS, ...WELCOME_FIELDS].sort()
  expect(stepOf(view, 'webhook')).toMatchObject({ state: 'done', value: { callback, fields } })
  expect(await asApp(emulator.url)).toMatchObject({ callback, fields })
})

test('what Meta tells of the account and its templates comes in after the webhook step, and not before', async () => {
  const { start, take, emulator, store, denrei } = await openSetupWorld()
  const id = await start()
  const emit = async () => {
    await emulator.emit('account_review_update', { decision: 'APPROVED' })
    await emulator.flush()
    await denrei.drain()
    return (await store.keptCounts()).map(({ field }) => field)
  }
  await take(id, ...TO_NUMBER)
  expect(await emit()).toEqual([])
  await take(id, ['webhook'])
  expect(await emit()).toEqual(['account_review_update'])
})

test('an app that sends its webhooks elsewhere is left alone and told; it is taken over when asked, and keeps its other fields', async () => {
  const other = await openOther()
  const { start, take, step, call, port, emulator } = await openSetupWorld()
  const before = {
    object: 'whatsapp_business_account',
    callback_url: other,
    verify_token: 'x',
    fields: 'calls,messages',
  }
  expect((await asApp(emulator.url, 'POST', before)).status).toBe(200)
  const id = await start()
  await take(id, ...TO_NUMBER)
  const refused = await step(id, 'webhook', {}, '?language=ja')
  expect(refused).toMatchObject({ status: 422, body: { details: { reason: 'webhook_elsewhere', callback: other } } })
  expect(refused.body.detail).toContain('何も変更していません')
  expect(await asApp(emulator.url)).toMatchObject({ callback: other, fields: ['calls', 'messages'] })
  expect(stepOf((await call(`GET /v1/setups/${id}`)).body, 'webhook').problem?.code).toBe('webhook_elsewhere')
  await take(id, ['webhook', { replace: true }])
  const after = await asApp(emulator.url)
  expect(after.callback).toBe(`http://127.0.0.1:${port}/v1/whatsapp/webhook`)
  expect(after.fields).toEqual(expect.arrayContaining(['calls', ...NEEDED_FIELDS]))
})

/** Another system that lives from the webhooks of the app. */
async function openOther(): Promise<string> {
  const server = createServer((request, response) => {
    const { searchParams } = new URL(request.url ?? '/', 'http://127.0.0.1')
    response.end(searchParams.get('hub.challenge') ?? '')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
}

test.each([
  ['nobody answers there', { DENREI_PUBLIC_URL: 'http://127.0.0.1:9' }, 'webhook_unreachable'],
  ['nobody has said where', { DENREI_PUBLIC_URL: '' }, 'public_url_missing'],
])('a webhook that cannot be reached is told: %s', async (_, env, reason) => {
  const { start, take, step } = await openSetupWorld({ env })
  const id = await start()
  await take(id, ...TO_NUMBER)
  expect(await step(id, 'webhook')).toMatchObject({ status: 422, body: { details: { reason } } })
})

test('S19 S23 S24 S25 S26 a nickname, and who gets unknown people: only assignees that exist', async () => {
  const { start, take, step, call } = await openSetupWorld()
  const id = await start()
  await take(id, ['profile', { nickname: '本店' }])
  const assignTo = { kind: 'group', ids: ['G-1'] }
  expect((await step(id, 'people', { registerAs: 'Contacts', assignTo })).body.details).toMatchObject({
    reason: 'assignee_missing',
    module: 'Groups',
    id: 'G-1',
  })
  expect(
    (await call('POST /v1/modules/Groups/records', { id: 'G-1', values: { Name: '営業部' } })).status,
  ).toBeLessThan(300)
  const view = await take(id, ['people', { registerAs: 'Contacts', assignTo }])
  expect(stepOf(view, 'people').value).toEqual({ intake: { registerAs: 'Contacts', assignTo } })
})

test('S3 S4 S5 S27 at the end the account is active, its numbers and templates are known', async () => {
  const { start, take, store, clock, call } = await openSetupWorld()
  const view = await take(await start(), ...ALL)
  expect(view).toMatchObject({ state: 'done', current: null })
  const [account] = await store.accounts()
  expect(account).toMatchObject({
    id: WABA,
    name: '伝令商会 アカウント',
    access: 'stored',
    enabled: true,
    setUpAt: clock.at,
    currency: 'USD',
    troubles: [],
  })
  const numbers = await store.numbers()
  expect(numbers).toHaveLength(8)
  expect(numbers.find(({ id }) => id === '1007')).toMatchObject({ nickname: '本店', intake: { registerAs: 'Leads' } })
  expect((await store.settings()).defaultNumberId).toBe('1007')
  expect((await call('GET /v1/accounts')).text).not.toContain(TOKEN)
})

test('S4 a business that is not verified is told before and at the activation', async () => {
  const { start, take } = await openSetupWorld({ emulator: { business: { verified: false } } })
  const view = await take(await start(), ...ALL)
  expect(stepOf(view, 'account').choices![0]!.notes.map(({ code }) => code)).toContain('business_not_verified')
  const { warnings } = stepOf(view, 'active').value as { warnings: { code: string }[] }
  expect(warnings.map(({ code }) => code)).toContain('business_not_verified')
})

test('S5 an account that Meta rejected cannot be chosen, and the step says that it is blocked', async () => {
  const { start, take } = await openSetupWorld({
    emulator: { accounts: [{ wabaId: '2002', name: '却下', review: 'REJECTED', numbers: [] }] },
  })
  const view = await take(await start(), ['app', APP], ['access', { token: TOKEN }])
  const rejected = stepOf(view, 'account').choices!.find(({ id }) => id === '2002')!
  expect(rejected).toMatchObject({ choosable: false, reasons: [{ code: 'review_rejected' }] })
})

test.each([
  ['app', { ...APP, appSecret: 'not-the-secret' }, 'app_wrong'],
  ['access', { token: 'EAAnotatokenatallatall' }, 'token_invalid'],
  ['access', { token: 'EAAwithoutpermissions' }, 'permissions_missing'],
  ['access', { token: 'EAAendedlongago' }, 'token_invalid'],
])('what does not do is refused at %s with a reason and without the secret (%j: %s)', async (name, body, reason) => {
  const lines: string[] = []
  const { start, take, step, call } = await openSetupWorld({
    emulator: {
      tokens: [
        { token: 'EAAwithoutpermissions', scopes: ['whatsapp_business_messaging'] },
        { token: 'EAAendedlongago', expiresAt: 1 },
      ],
    },
    log: (line) => lines.push(line),
  })
  const id = await start()
  if (name !== 'app') await take(id, ['app', APP])
  const answer = await step(id, name, body)
  expect(answer).toMatchObject({ status: 422, body: { code: 'ERR_SETUP_REFUSED', details: { reason } } })
  const seen = lines.join('') + answer.text + (await call(`GET /v1/setups/${id}`)).text
  for (const secret of [APP.appSecret, ...Object.values(body).filter((one) => one !== APP.appId)])
    expect(seen).not.toContain(secret)
})

test('a step cannot be taken before those that it needs', async () => {
  const { start, step } = await openSetupWorld()
  const id = await start()
  expect(await step(id, 'number', { numberId: '1007' })).toMatchObject({
    status: 409,
    body: { code: 'ERR_SETUP_NOT_YET', details: { before: ['account'] } },
  })
})

test('taking a step twice changes nothing; with another outcome the later ones are to be taken again', async () => {
  const { start, take } = await openSetupWorld()
  const id = await start()
  const first = await take(
    id,
    ...TO_NUMBER,
    ['number', { numberId: '1007' }],
    ['webhook'],
    ['profile', { nickname: '本店' }],
  )
  const states = (view: typeof first) => view.steps.map(({ step, state }) => `${step} ${state}`)
  expect(states(await take(id, ['app', APP], ['number', { numberId: '1007' }], ['webhook']))).toEqual(states(first))
  const other = await take(id, ['number', { numberId: NEW_NUMBER }])
  expect(other.current).toBe('verify')
  expect(stepOf(other, 'webhook').state).toBe('done')
  expect(stepOf(other, 'profile').state).toBe('done')
})

test('several set-ups stand side by side; a number is connected by one of them', async () => {
  const { start, take, step, call } = await openSetupWorld()
  const [one, two] = [await start(), await start()]
  await take(one, ...TO_NUMBER, ['number', { numberId: NEW_NUMBER }])
  await take(two, ...TO_NUMBER)
  expect((await step(two, 'number', { numberId: NEW_NUMBER })).body.details).toMatchObject({
    reason: 'in_other_setup',
    setup: one,
  })
  expect((await call(`DELETE /v1/setups/${one}`)).status).toBe(204)
  expect((await take(two, ['number', { numberId: NEW_NUMBER }])).current).toBe('verify')
})

test('S30 a number that is added must be used nowhere else', async () => {
  const { start, take, step } = await openSetupWorld()
  const id = await start()
  await take(id, ...TO_NUMBER)
  // It is among the numbers of the account, on the on-premises API.
  expect(
    (await step(id, 'number', { add: { phone: '+81 3-4567-8902', verifiedName: '伝令商会' } })).body.details.reason,
  ).toBe('on_premise')
  expect((await step(id, 'number', { add: { phone: '+81 3', verifiedName: '伝令商会' } })).status).toBe(400)
  const view = await take(id, ['number', { add: { phone: '+81 3-9999-0001', verifiedName: '伝令商会 新' } }])
  expect(view.current).toBe('verify')
  expect(stepOf(view, 'number').value).toMatchObject({ added: true })
})

test('without a key nothing can be kept, and how to make one is told', async () => {
  const { call } = await openSetupWorld({ env: { DENREI_ENCRYPTION_KEY: '' } })
  const { status, body } = await call('POST /v1/setups')
  expect({ status, code: body.code }).toEqual({ status: 409, code: 'ERR_ENCRYPTION_KEY_MISSING' })
  expect(body.detail).toContain('openssl rand -base64 32')
})
