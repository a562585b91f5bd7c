import { expect, test } from 'vitest'
import { role, type Role } from '#server/roles.ts'
import { leadCreated, openServer } from './openServer.ts'

const apply = { files: [{ file: 'a.json', json: { kind: 'nothing' } }] }
const BODIES: Record<string, unknown> = {
  'POST /v1/events': leadCreated(),
  'POST /v1/modules/Leads/records': { values: { Last_Name: '山田' } },
  'PATCH /v1/modules/Leads/records/L-1': { values: { Last_Name: '山田' } },
  'PUT /v1/modules/Leads/records/L-1': { values: { Last_Name: '山田' } },
  'POST /v1/modules/Leads/records/L-1/preview': { template: 'welcome' },
  'POST /v1/modules/Leads/records/L-1/send': { template: 'welcome' },
  'POST /v1/modules/Leads/records/L-1/blueprint': { transition: 'a' },
  'POST /v1/definitions/check': apply,
  'POST /v1/definitions/plan': apply,
  'POST /v1/definitions/apply': apply,
  'POST /v1/journeys/a/enroll': { records: ['1'] },
  'POST /v1/journeys/a/broadcasts': { name: '春', records: ['1'] },
  'PUT /v1/settings': {},
  'POST /v1/accounts/a-1/token': { token: 'EAAforthetestofroles' },
  'PATCH /v1/numbers/n-1': { nickname: '本店' },
  'POST /v1/simulations': { end: 0 },
  'POST /v1/contacts/consent': { who: { phone: '+819012345678' }, direction: 'out', scope: 'all' },
  'POST /v1/contacts/consents/import': {},
  'POST /v1/contacts/erase': { who: { phone: '+819012345678' } },
  'POST /v1/credits/purchases': { amountMicros: 1, memo: 'test' },
  'POST /v1/credits/purchases/p-1/refund': {},
  'POST /v1/credits/reconciliations': { accountId: '1', month: '2026-10' },
  'POST /v1/templates': { definition: { kind: 'template' } },
  'POST /v1/templates/preview': { definition: {}, values: {} },
  'POST /v1/templates/a/ja/preview': { recordId: 'L-1' },
  'POST /v1/templates/a/ja/category': { agree: true },
  'POST /v1/templates/a/ja/take-over': { module: 'Leads' },
  'POST /v1/keys': { name: 'another', role: 'viewer' },
}

/** Which roles pass the door of each route; what the route then answers is not looked at here. */
const OPEN = 'anybody'
const table: [string, Role[] | typeof OPEN][] = [
  ['GET /healthz', OPEN],
  ['GET /readyz', OPEN],
  ['GET /openapi.json', OPEN],
  ['GET /docs/', OPEN],
  ['GET /metrics', ['admin', 'agent', 'viewer']],
  ['POST /v1/events', ['admin', 'agent', 'ingest']],
  ['GET /v1/modules', ['admin', 'agent', 'viewer']],
  ['GET /v1/modules/Leads/records', ['admin', 'agent', 'viewer']],
  ['GET /v1/modules/Leads/records/L-1', ['admin', 'agent', 'viewer']],
  ['POST /v1/modules/Leads/records', ['admin', 'agent']],
  ['PATCH /v1/modules/Leads/records/L-1', ['admin', 'agent']],
  ['PUT /v1/modules/Leads/records/L-1', ['admin', 'agent']],
  ['DELETE /v1/modules/Leads/records/L-1', ['admin', 'agent']],
  ['GET /v1/modules/Leads/records/L-1/send-options', ['admin', 'agent', 'viewer']],
  ['POST /v1/modules/Leads/records/L-1/preview', ['admin', 'agent', 'viewer']],
  ['POST /v1/modules/Leads/records/L-1/send', ['admin', 'agent']],
  ['GET /v1/modules/Leads/records/L-1/instances', ['admin', 'agent', 'viewer']],
  ['GET /v1/modules/Leads/records/L-1/blueprint', ['admin', 'agent', 'viewer']],
  ['POST /v1/modules/Leads/records/L-1/blueprint', ['admin', 'agent']],
  ['GET /v1/blueprints', ['admin', 'agent', 'viewer']],
  ['GET /v1/blueprints/a/report', ['admin', 'agent', 'viewer']],
  ['GET /v1/instances', ['admin', 'agent', 'viewer']],
  ['GET /v1/instances/t-1', ['admin', 'agent', 'viewer']],
  ['GET /v1/instances/t-1/explain', ['admin', 'agent', 'viewer']],
  ['POST /v1/instances/t-1/exit', ['admin', 'agent']],
  ['GET /v1/journeys', ['admin', 'agent', 'viewer']],
  ['GET /v1/journeys/a/report', ['admin', 'agent', 'viewer']],
  ['POST /v1/journeys/a/enroll', ['admin', 'agent']],
  ['POST /v1/journeys/a/pause', ['admin']],
  ['POST /v1/journeys/a/resume', ['admin']],
  ['POST /v1/journeys/a/broadcasts', ['admin']],
  ['GET /v1/broadcasts', ['admin', 'agent', 'viewer']],
  ['GET /v1/broadcasts/t-1', ['admin', 'agent', 'viewer']],
  ['POST /v1/broadcasts/t-1/pause', ['admin']],
  ['POST /v1/broadcasts/t-1/resume', ['admin']],
  ['POST /v1/broadcasts/t-1/cancel', ['admin']],
  ['GET /v1/messages', ['admin', 'agent', 'viewer']],
  ['GET /v1/messages/m-1', ['admin', 'agent', 'viewer']],
  ['GET /v1/messages/m-1/explain', ['admin', 'agent', 'viewer']],
  ['GET /v1/modules/Leads/records/L-1/explain', ['admin', 'agent', 'viewer']],
  ['GET /v1/contacts', ['admin', 'agent', 'viewer']],
  ['GET /v1/contacts/t-1', ['admin', 'agent', 'viewer']],
  ['POST /v1/contacts/consent', ['admin', 'agent']],
  ['POST /v1/contacts/consents/import', ['admin']],
  ['GET /v1/consents', ['admin', 'agent', 'viewer']],
  ['POST /v1/contacts/erase', ['admin']],
  ['GET /v1/account/events/counts', ['admin', 'agent', 'viewer']],
  ['GET /v1/triggers', ['admin', 'agent', 'viewer']],
  ['GET /v1/triggers/t-1', ['admin', 'agent', 'viewer']],
  ['GET /v1/triggers/t-1/explain', ['admin', 'agent', 'viewer']],
  ['POST /v1/triggers/t-1/requeue', ['admin']],
  ['GET /v1/timers', ['admin', 'agent', 'viewer']],
  ['GET /v1/notifications', ['admin', 'agent', 'viewer']],
  ['POST /v1/definitions/check', ['admin', 'agent', 'viewer']],
  ['POST /v1/definitions/plan', ['admin', 'agent', 'viewer']],
  ['POST /v1/definitions/apply', ['admin']],
  ['GET /v1/definitions', ['admin', 'agent', 'viewer']],
  ['GET /v1/definitions/workflow/a', ['admin', 'agent', 'viewer']],
  ['GET /v1/definitions/workflow/a/versions', ['admin', 'agent', 'viewer']],
  ['POST /v1/definitions/workflow/a/activate', ['admin']],
  ['POST /v1/definitions/workflow/a/deactivate', ['admin']],
  ['GET /v1/templates', ['admin', 'agent', 'viewer']],
  ['GET /v1/templates/a/ja', ['admin', 'agent', 'viewer']],
  ['POST /v1/templates', ['admin']],
  ['POST /v1/templates/preview', ['admin', 'agent', 'viewer']],
  ['POST /v1/templates/a/ja/preview', ['admin', 'agent', 'viewer']],
  ['POST /v1/templates/a/ja/category', ['admin']],
  ['POST /v1/templates/a/ja/submit', ['admin']],
  ['POST /v1/templates/a/ja/unpause', ['admin']],
  ['POST /v1/templates/a/ja/take-over', ['admin']],
  ['DELETE /v1/templates/a', ['admin']],
  ['GET /v1/numbers', ['admin', 'agent', 'viewer']],
  ['POST /v1/account/sync', ['admin']],
  ['GET /v1/account/events', ['admin', 'agent', 'viewer']],
  ['POST /v1/setups', ['admin']],
  ['GET /v1/setups', ['admin']],
  ['GET /v1/setups/s-1', ['admin']],
  ['POST /v1/setups/s-1/steps/app', ['admin']],
  ['DELETE /v1/setups/s-1', ['admin']],
  ['GET /v1/accounts', ['admin', 'agent', 'viewer']],
  ['GET /v1/accounts/a-1', ['admin', 'agent', 'viewer']],
  ['POST /v1/accounts/a-1/disable', ['admin']],
  ['POST /v1/accounts/a-1/enable', ['admin']],
  ['POST /v1/accounts/a-1/health', ['admin']],
  ['POST /v1/accounts/a-1/token', ['admin']],
  ['POST /v1/accounts/a-1/webhook', ['admin']],
  ['PATCH /v1/numbers/n-1', ['admin']],
  ['GET /v1/settings', ['admin', 'agent', 'viewer']],
  ['PUT /v1/settings', ['admin']],
  ['GET /v1/credits', ['admin', 'agent', 'viewer']],
  ['GET /v1/credits/postings', ['admin', 'agent', 'viewer']],
  ['POST /v1/simulations', ['admin']],
  ['POST /v1/credits/purchases', ['admin']],
  ['GET /v1/credits/runway', ['admin', 'agent', 'viewer']],
  ['GET /v1/credits/purchases', ['admin', 'agent', 'viewer']],
  ['GET /v1/credits/purchases/p-1', ['admin', 'agent', 'viewer']],
  ['POST /v1/credits/purchases/p-1/pay', ['admin']],
  ['POST /v1/credits/purchases/p-1/cancel', ['admin']],
  ['POST /v1/credits/purchases/p-1/refund', ['admin']],
  ['GET /v1/credits/rates', ['admin', 'agent', 'viewer']],
  ['POST /v1/credits/rates', ['admin']],
  ['GET /v1/credits/statement', ['admin', 'agent', 'viewer']],
  ['GET /v1/credits/reconciliations', ['admin', 'agent', 'viewer']],
  ['POST /v1/credits/reconciliations', ['admin']],
  ['POST /v1/keys', ['admin']],
  ['GET /v1/keys', ['admin']],
  ['DELETE /v1/keys/k-1', ['admin']],
]

test.each(table)('%s lets in %s (S8)', async (route, allowed) => {
  const { call } = await openServer()
  for (const one of role.options) {
    const { status, body } = await call(route, BODIES[route], { role: one })
    const passes = allowed === OPEN || allowed.includes(one)
    if (passes) expect([401, 403], `${one}: ${status}`).not.toContain(status)
    else expect({ one, status, code: body.code }).toEqual({ one, status: 403, code: 'ERR_FORBIDDEN' })
  }
  const nobody = await call(route, BODIES[route], { role: null })
  if (allowed === OPEN) expect(nobody.status).toBe(200)
  else {
    expect(nobody).toMatchObject({
      status: 401,
      body: { code: 'ERR_NOT_AUTHENTIC' },
      headers: { 'www-authenticate': 'Bearer realm="denrei"' },
    })
  }
})

test('the table above names every route that there is', async () => {
  const { call } = await openServer({ started: false })
  const { body } = await call('GET /openapi.json')
  const documented = Object.entries(body.paths as Record<string, object>).flatMap(([path, operations]) =>
    Object.keys(operations).map((method) => `${method.toUpperCase()} ${path}`),
  )
  const pattern = (route: string) => route.replace(/\{[^}]+\}/g, '*')
  const concrete = table.map(([route]) =>
    route
      .replace('/Leads', '/*')
      .replace(/\/([Lmtkpsan]-1)/, '/*')
      .replace('/steps/app', '/steps/*')
      .replace('/workflow/a', '/*/*')
      .replace('/templates/a/ja', '/templates/*/*')
      .replace(/templates\/a$/, 'templates/*')
      .replace(/(journeys|blueprints)\/a/, '$1/*'),
  )
  const webhooks = [
    'GET /v1/whatsapp/webhook',
    'POST /v1/whatsapp/webhook',
    'POST /v1/payments/stripe',
    'POST /v1/zoho/notifications',
    'POST /v1/zoho/workflow',
  ]
  expect(
    documented
      .map(pattern)
      .filter((route) => !concrete.includes(route))
      .sort(),
  ).toEqual(webhooks.sort())
})

test('a key opens the door as a bearer token or in x-api-key', async () => {
  const { call, keyOf } = await openServer({ started: false })
  const key = await keyOf('viewer')
  expect((await call('GET /v1/credits', undefined, { role: null, headers: { 'x-api-key': key } })).status).toBe(200)
  expect(
    (await call('GET /v1/credits', undefined, { role: null, headers: { authorization: `bearer ${key}` } })).status,
  ).toBe(200)
  expect(
    (await call('GET /v1/credits', undefined, { role: null, headers: { authorization: `Basic ${key}` } })).status,
  ).toBe(401)
})

test('who may not write is refused before the body is read', async () => {
  const { call } = await openServer({ started: false })
  const answer = await call('POST /v1/definitions/apply', '{ not json', {
    role: 'viewer',
    headers: { 'content-type': 'application/json' },
  })
  expect(answer.status).toBe(403)
})

test('figures are open to everybody when the operator says so', async () => {
  const { call } = await openServer({ started: false, env: { DENREI_METRICS_OPEN: 'true' } })
  expect((await call('GET /metrics', undefined, { role: null })).status).toBe(200)
})

test('an admin makes a key, uses it, sees it without itself, and revokes it', async () => {
  const { call } = await openServer({ started: false })
  const made = await call('POST /v1/keys', { name: '営業部', role: 'viewer', expiresInDays: 30 })
  expect(made).toMatchObject({ status: 201, body: { name: '営業部', role: 'viewer', enabled: true } })
  const headers = { authorization: `Bearer ${made.body.key}` }
  expect((await call('GET /v1/credits', undefined, { role: null, headers })).status).toBe(200)
  const list = await call('GET /v1/keys')
  expect(list.text).not.toContain(made.body.key)
  expect(list.body.items).toContainEqual(expect.objectContaining({ id: made.body.id, name: '営業部' }))
  expect((await call(`DELETE /v1/keys/${made.body.id}`)).status).toBe(204)
  expect((await call('GET /v1/credits', undefined, { role: null, headers })).status).toBe(401)
  expect((await call('DELETE /v1/keys/nobody')).status).toBe(404)
})

test.each([
  [{ name: '', role: 'admin' }, '/name'],
  [{ name: 'a', role: 'root' }, '/role'],
  [{ name: 'a', role: 'admin', expiresInDays: 0 }, '/expiresInDays'],
  [{ name: 'a', role: 'admin', userId: 'x' }, '/userId'],
])('a key cannot be made of %j', async (body, pointer) => {
  const { call } = await openServer({ started: false })
  expect(await call('POST /v1/keys', body)).toMatchObject({
    status: 400,
    body: { problems: [{ in: 'body', pointer }] },
  })
})
