import { createHmac } from 'node:crypto'
import { expect, test } from 'vitest'
import { v7 } from 'uuid'
import { watchHealth, watchTokens } from '#server/accounts/watch.ts'
import type { Notification as Told } from '#engine/reads.ts'
import { SCOPES } from '#emulator/options.ts'
import { ALL, APP, openSetupWorld, OTHER_KEY, KEY, TOKEN, WABA } from './setupWorld.ts'

const TEMPLATE = {
  kind: 'template',
  name: 'welcome_lead',
  language: 'ja',
  category: 'UTILITY',
  module: 'Leads',
  body: 'お客様 {{name}} 様、ありがとうございます。',
  parameters: { name: { value: '$[Leads.Last_Name]', example: '山田' } },
}

async function connected(given: Parameters<typeof openSetupWorld>[0] = {}) {
  const world = await openSetupWorld(given)
  await world.take(await world.start(), ...ALL)
  return world
}
type World = Awaited<ReturnType<typeof connected>>

/** A lead whose message waits, or goes. */
async function sendTo(world: World, id: string) {
  const { call } = world
  await call('POST /v1/modules/Leads/records', { id, values: { Last_Name: '山田', Mobile: '+818011112222' } })
  const { body } = await call(`POST /v1/modules/Leads/records/${id}/send`, { template: 'welcome_lead', language: 'ja' })
  return body as unknown as { messageId: string }
}

async function ready(): Promise<World> {
  const world = await connected({ emulator: { reviewDelayMs: 1 } })
  const applied = await world.call('POST /v1/definitions/apply', { files: [{ file: 'welcome.json', json: TEMPLATE }] })
  expect(applied.status).toBe(200)
  await world.denrei.drain()
  await world.emulator.settled()
  await world.call('POST /v1/account/sync', {})
  await world.call('POST /v1/credits/purchases', { amountMicros: 9_000_000, memo: '初回' })
  await world.denrei.drain()
  return world
}

test('S115 S116 disabling asks for a confirmation and says what it would do; then sends are held; enabling undoes it', async () => {
  const world = await ready()
  const { call, denrei, store, emulator } = world
  const asked = await call(`POST /v1/accounts/${WABA}/disable`, {})
  expect(asked).toMatchObject({
    status: 409,
    body: { code: 'ERR_CONFIRMATION_NEEDED', details: { wouldHold: 0, confirm: WABA } },
  })
  expect((await call(`POST /v1/accounts/${WABA}/disable`, { confirm: 'yes' })).status).toBe(409)
  expect((await store.accounts())[0]!.enabled).toBe(true)

  expect((await call(`POST /v1/accounts/${WABA}/disable`, { confirm: WABA })).body).toMatchObject({ enabled: false })
  const { messageId } = await sendTo(world, 'L-1')
  await denrei.drain()
  expect(await store.message(messageId)).toMatchObject({ state: 'held', reason: 'integration_inactive' })
  expect(emulator.messages()).toHaveLength(0)

  expect((await call(`POST /v1/accounts/${WABA}/enable`)).body).toMatchObject({ enabled: true })
  world.clock.at += 60_000
  await denrei.drain()
  expect(emulator.messages()).toHaveLength(1)
  // The history of what was sent stands as it did.
  expect((await store.message(messageId))!.state).not.toBe('held')
})

test('a token of the stored account is what is sent with, and a new one counts at once', async () => {
  const world = await connected({
    emulator: { tokens: [{ token: 'EAAthesecondtoken0001' }, { token: 'EAAother', wabaIds: ['9'] }] },
  })
  const { call, store, denrei } = world
  await denrei.accept([
    {
      kind: 'account',
      source: 'test',
      sourceId: '1',
      occurredAt: world.clock.at,
      accountId: WABA,
      field: 'send_refused',
      value: null,
      says: [{ about: 'trouble', trouble: { code: 'token_invalid', stops: 'all', until: null, detail: 'expired' } }],
    },
  ])
  await denrei.drain()
  expect((await store.accounts())[0]!.troubles).toMatchObject([{ code: 'token_invalid' }])
  world.clock.at += 1_000
  expect((await call(`POST /v1/accounts/${WABA}/token`, { token: 'EAAnonsense0000' })).body.details).toMatchObject({
    reason: 'token_invalid',
  })
  const answer = await call(`POST /v1/accounts/${WABA}/token`, { token: 'EAAthesecondtoken0001' })
  expect(answer).toMatchObject({ status: 200, body: { troubles: [] } })
  expect(answer.text).not.toContain('EAAthesecondtoken0001')
  expect(await store.secret(`account/${WABA}/token`)).not.toContain('EAAthesecond')
})

test('a look at the health finds a payment problem, and clears it when it is over', async () => {
  const { call, store, emulator, clock } = await connected()
  await emulator.act('payment_problem', { on: true })
  clock.at += 1_000
  const bad = await call(`POST /v1/accounts/${WABA}/health`)
  expect(bad.body).toMatchObject({
    canSend: 'BLOCKED',
    account: { troubles: [{ code: 'payment_problem', stops: 'paid' }] },
  })
  await emulator.act('payment_problem', { on: false })
  clock.at += 1_000
  expect((await call(`POST /v1/accounts/${WABA}/health`)).body).toMatchObject({
    canSend: expect.any(String) as string,
    account: { troubles: [] },
  })
  expect((await store.accounts())[0]!.checkedAt).toBe(clock.at)
})

test('the watch looks hourly, and sooner while there is trouble, ever less soon', async () => {
  const { store, clock, emulator, denrei } = await connected()
  const accounts = { defaultId: () => WABA, ids: () => [WABA], clientOf: () => client, close: async () => undefined }
  const { createCloudClient } = await import('#actions/whatsapp/client.ts')
  const client = createCloudClient({ baseUrl: emulator.url, token: () => TOKEN })
  const duty = watchHealth({ store, clock, newId: v7, accounts, accept: (events) => denrei.accept(events) })
  const minutes = async () => {
    const at = (await duty.run(clock.at)) as number
    const wait = (at - clock.at) / 60_000
    clock.at = at
    return wait
  }
  expect(await minutes()).toBe(60)
  await emulator.act('lock', { on: true })
  expect([
    await minutes(),
    await minutes(),
    await minutes(),
    await minutes(),
    await minutes(),
    await minutes(),
  ]).toEqual([5, 10, 20, 40, 60, 60])
  await denrei.drain()
  expect((await store.accounts())[0]!.troubles).toMatchObject([{ code: 'account_locked' }])
  await client.close()
})

test('the end of a token is told at 14, 7, 3 and 1 days, each once, and then the account stops', async () => {
  const { store, clock, denrei } = await connected()
  const DAY = 86_400_000
  const [account] = await store.accounts()
  const endsAt = clock.at + 20 * DAY
  await store.saveAccounts([{ ...account!, tokenExpiresAt: endsAt }], clock.at)
  const accounts = { defaultId: () => WABA, ids: () => [WABA], clientOf: () => null, close: async () => undefined }
  const duty = watchTokens({ store, clock, newId: v7, accounts, accept: (events) => denrei.accept(events) })
  for (; clock.at < endsAt + DAY; clock.at += DAY / 4) {
    await duty.run(clock.at)
    await denrei.drain()
  }
  await denrei.drain()
  const notices = (await store.notifications({ limit: 50 })).items.flatMap(({ notice }: Told) =>
    notice?.code === 'token_expires' ? [notice.details.days] : [],
  )
  expect(notices.sort((a, b) => Number(a) - Number(b))).toEqual([1, 3, 7, 14])
  expect((await store.accounts())[0]!.troubles).toMatchObject([{ code: 'token_invalid', stops: 'all' }])
})

test('webhooks are signed with the secret of a stored app, or with the one before while it is changed; a foreign one is refused', async () => {
  const world = await connected()
  const { app, call, store } = world
  const payload = JSON.stringify({
    object: 'whatsapp_business_account',
    entry: [
      {
        id: WABA,
        changes: [
          {
            field: 'messages',
            value: {
              messaging_product: 'whatsapp',
              metadata: { display_phone_number: '81345678907', phone_number_id: '1007' },
              contacts: [{ wa_id: '818011112222', profile: { name: '山田' } }],
              messages: [
                { from: '818011112222', id: 'wamid.X', timestamp: '1786503600', type: 'text', text: { body: 'はい' } },
              ],
            },
          },
        ],
      },
    ],
  })
  const post = (secret: string) =>
    app.inject({
      method: 'POST',
      url: '/v1/whatsapp/webhook',
      headers: {
        'content-type': 'application/json',
        'x-hub-signature-256': `sha256=${createHmac('sha256', secret).update(payload).digest('hex')}`,
      },
      payload,
    })
  expect((await post(APP.appSecret)).json()).toEqual({ received: 1 })
  expect((await post('foreign')).statusCode).toBe(401)
  // Changed at Meta, and here: what was signed before comes for days.
  await world.kept.apps.keep({ id: APP.appId, secret: 'the-new-app-secret' })
  expect((await post('the-new-app-secret')).statusCode).toBe(200)
  expect((await post(APP.appSecret)).statusCode).toBe(200)
  world.clock.at += 8 * 86_400_000
  expect((await post(APP.appSecret)).statusCode).toBe(401)
  expect((await call('GET /v1/accounts')).text).not.toContain(APP.appSecret)
  expect(await store.secret(`app/${APP.appId}`)).not.toContain(APP.appSecret)
})

test('the nickname and the intake of a number are changed by hand, and kept over a sync', async () => {
  const { call, store } = await connected()
  const answer = await call('PATCH /v1/numbers/1007', { nickname: '本店 2', intake: { registerAs: 'Contacts' } })
  expect(answer.body).toMatchObject({ nickname: '本店 2', intake: { registerAs: 'Contacts', assignTo: null } })
  await call('POST /v1/account/sync', {})
  expect((await store.numbers()).find(({ id }) => id === '1007')).toMatchObject({ nickname: '本店 2' })
  expect((await call('PATCH /v1/numbers/1007', { nickname: null, intake: null })).body).toMatchObject({
    nickname: null,
    intake: null,
  })
  const missing = await call('PATCH /v1/numbers/1007', { intake: { assignTo: { kind: 'user', ids: ['U-404'] } } })
  expect(missing).toMatchObject({ status: 400, body: { code: 'ERR_INVALID_INPUT' } })
  expect((await call('PATCH /v1/numbers/404', { nickname: 'x' })).status).toBe(404)
})

test('after a change of the key the accounts open as before; without it they are named, and the server runs', async () => {
  const { openKept } = await import('#server/connecting.ts')
  const { readConfig } = await import('#server/config.ts')
  const { store, clock } = await connected()
  const open = (key: string) => openKept(store, clock, readConfig({ DENREI_ENCRYPTION_KEY: key }))
  const lost = await open(OTHER_KEY)
  expect(lost.accounts.ids()).toEqual([])
  expect(lost.accounts.unreadable().get(WABA)).toMatchObject({ code: 'ERR_SECRET_UNREADABLE' })
  expect((await open(`${OTHER_KEY},${KEY}`)).accounts.ids()).toEqual([WABA])
  expect((await open(OTHER_KEY)).accounts.ids()).toEqual([WABA])
})

test('what of the webhooks does not come here is told, and mended in one call', async () => {
  const world = await connected()
  const { call, emulator, port } = world
  const read = async (query = '') =>
    (await call(`GET /v1/accounts/${WABA}${query}`)).body as unknown as {
      webhook: {
        checkedAt: number
        app: { fields: string[] } | null
        problems: { code: string; text: string }[]
      } | null
    }
  const problems = async () => (await read()).webhook?.problems.map(({ code }) => code)
  expect(await problems()).toEqual([])
  const control = (body: object) =>
    fetch(`${emulator.url}/_emulator/webhook`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
  // Somebody unticks fields in the dashboard: it is seen at the next look.
  await control({ fields: ['messages', 'account_update'] })
  expect(await problems()).toEqual([])
  expect((await call(`POST /v1/accounts/${WABA}/health`, {})).status).toBe(200)
  expect(await problems()).toEqual(['webhook_fields_missing'])
  const [told] = (await read('?language=ja')).webhook?.problems ?? []
  expect(told?.text).toContain('message_template_status_update')
  expect(told?.text).toContain('購読していない')
  expect(await call(`POST /v1/accounts/${WABA}/webhook`, {})).toMatchObject({
    status: 200,
    body: { webhook: { problems: [] } },
  })
  // Somebody points the app to another server.
  await control({ url: `http://127.0.0.1:${port}/healthz` })
  await call(`POST /v1/accounts/${WABA}/health`, {})
  expect(await problems()).toEqual(['webhook_app_elsewhere'])
  const refused = await call(`POST /v1/accounts/${WABA}/webhook`, {})
  expect(refused).toMatchObject({ status: 422, body: { details: { reason: 'webhook_elsewhere' } } })
  expect((await call(`POST /v1/accounts/${WABA}/webhook`, { replace: true })).status).toBe(200)
  expect(await problems()).toEqual([])
  // And the account is taken from the app.
  await fetch(`${emulator.url}/v25.0/${WABA}/subscribed_apps`, {
    method: 'DELETE',
    headers: { authorization: `Bearer ${TOKEN}` },
  })
  await call(`POST /v1/accounts/${WABA}/health`, {})
  expect(await problems()).toEqual(['webhook_account_unsubscribed'])
})

test('an account that refuses a sync keeps none of the others back: it is named, told and troubled', async () => {
  const OTHER = '7700'
  const world = await openSetupWorld({
    emulator: {
      tokens: [{ token: 'EAAthesecondaccount1', wabaIds: [OTHER], scopes: [...SCOPES] }],
      accounts: [
        {
          wabaId: OTHER,
          name: '支店',
          subscribed: false,
          numbers: [{ id: '7701', displayNumber: '+81 3-7777-7777', verifiedName: '支店' }],
        },
      ],
    },
  })
  const { call, store, emulator, clock, denrei, take, start } = world
  await take(await start(), ...ALL)
  await take(
    await start(),
    ['app', APP],
    ['access', { token: 'EAAthesecondaccount1' }],
    ['account', { accountId: OTHER }],
    ['number', { numberId: '7701' }],
    ['webhook'],
    ['profile', { nickname: '支店' }],
    ['people', { registerAs: 'Leads' }],
    ['active'],
  )
  const sync = async () => {
    clock.at += 60_000
    const answer = await call('POST /v1/account/sync', {})
    await denrei.drain()
    return { status: answer.status, failed: (answer.body as unknown as { failed: object[] }).failed }
  }
  expect(await sync()).toEqual({ status: 200, failed: [] })
  await emulator.act('revoke_token', { token: 'EAAthesecondaccount1' })
  expect(await sync()).toMatchObject({
    status: 200,
    failed: [{ accountId: OTHER, code: 'ERR_WHATSAPP_REFUSED', message: expect.stringContaining('190') as string }],
  })
  const troubles = async () =>
    Object.fromEntries((await store.accounts()).map(({ id, troubles: all }) => [id, all.map(({ code }) => code)]))
  expect(await troubles()).toEqual({ [WABA]: [], [OTHER]: ['token_invalid'] })
  const updated = new Map((await store.numbers()).map(({ id, updatedAt }) => [id, updatedAt]))
  expect(updated.get('1007')).toBe(clock.at)
  expect(updated.get('7701')).toBe(clock.at - 60_000)
  const told = (await store.notifications({ limit: 50 })).items.flatMap(({ notice }: Told) => notice?.code ?? [])
  expect(told).toContain('account_trouble')
})

test('the only account refuses a sync: that is the answer, and its trouble', async () => {
  const { call, emulator, denrei, store } = await connected()
  await emulator.act('revoke_token', {})
  expect(await call('POST /v1/account/sync', {})).toMatchObject({ body: { code: 'ERR_WHATSAPP_REFUSED' } })
  await denrei.drain()
  expect((await store.accounts())[0]!.troubles).toMatchObject([{ code: 'token_invalid' }])
})

test("the environment's account is subscribed by the same call, with the app of the environment", async () => {
  const given = { WHATSAPP_ACCOUNT_ID: WABA, WHATSAPP_TOKEN: TOKEN, WHATSAPP_APP_ID: APP.appId }
  const { call } = await openSetupWorld({ env: { ...given, WHATSAPP_APP_SECRET: APP.appSecret } })
  expect(await call(`POST /v1/accounts/${WABA}/webhook`, {})).toMatchObject({
    status: 200,
    body: { webhook: { problems: [], account: { callback: expect.any(String) as string } } },
  })
})
