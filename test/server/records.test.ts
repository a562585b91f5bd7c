import { expect, test } from 'vitest'
import { openServer } from './openServer.ts'

const values = { Last_Name: '山田', Company: '株式会社テスト' }
const LEADS = '/v1/modules/Leads/records'

test('who creates a record reads it in the answer and at its location', async () => {
  const { call } = await openServer()
  const created = await call(`POST ${LEADS}`, { values })
  expect(created).toMatchObject({ status: 201, body: { module: 'Leads', values, revision: 1, deleted: false } })
  expect(await call(`GET ${String(created.headers.location)}`)).toMatchObject({ status: 200, body: created.body })
})

test('a record takes the id it is given, once', async () => {
  const { call } = await openServer()
  expect(await call(`POST ${LEADS}`, { id: '顧客 1/2', values })).toMatchObject({
    status: 201,
    body: { id: '顧客 1/2' },
  })
  expect(await call(`POST ${LEADS}`, { id: '顧客 1/2', values })).toMatchObject({
    status: 409,
    body: { code: 'ERR_ALREADY_EXISTS' },
  })
  expect((await call(`GET ${LEADS}/${encodeURIComponent('顧客 1/2')}`)).status).toBe(200)
})

test('PATCH changes fields, PUT replaces all of them or creates, DELETE ends it', async () => {
  const { call } = await openServer()
  await call(`POST ${LEADS}`, { id: '1', values })
  expect(await call(`PATCH ${LEADS}/1`, { values: { City: '京都' } })).toMatchObject({
    status: 200,
    body: { values: { ...values, City: '京都' }, revision: 2 },
  })
  const replaced = await call(`PUT ${LEADS}/1`, { values: { Last_Name: '鈴木' } })
  expect(replaced).toMatchObject({ status: 200, body: { values: { Last_Name: '鈴木' } } })
  expect(replaced.text).not.toContain('京都')
  expect((await call(`PUT ${LEADS}/2`, { values })).status).toBe(200)
  expect((await call(`DELETE ${LEADS}/1`)).status).toBe(204)
  for (const route of [`GET ${LEADS}/1`, `DELETE ${LEADS}/1`]) expect((await call(route)).status).toBe(404)
  expect((await call(`PATCH ${LEADS}/1`, { values })).status).toBe(404)
})

test('a write tells the rules who did it and that it came by the API', async () => {
  const { call, store } = await openServer({ started: false })
  const { status, body } = await call(
    `POST ${LEADS}`,
    { values },
    { role: 'agent', headers: { prefer: 'respond-async' } },
  )
  expect(status).toBe(202)
  expect(await store.trigger(body.triggerId)).toMatchObject({
    state: 'pending',
    trigger: { kind: 'record', op: 'created', source: 'api', actor: 'agent for tests' },
  })
})

test('sending a write again with its Idempotency-Key writes once; another write with that key is refused', async () => {
  const { call, store } = await openServer()
  const headers = { 'idempotency-key': 'form-17' }
  const first = await call(`POST ${LEADS}`, { values }, { headers })
  const again = await call(`POST ${LEADS}`, { values }, { headers })
  expect(again).toMatchObject({ status: 201, body: { id: first.body.id } })
  expect((await store.totals()).triggers).toBe(1)
  const other = await call(`POST ${LEADS}`, { values: { Last_Name: '鈴木' } }, { headers })
  expect(other).toMatchObject({ status: 409, body: { code: 'ERR_EVENT_ID_REUSED' } })
})

test('a key that is new does not let a second creation replace the record that is there', async () => {
  const { call } = await openServer()
  const first = await call(`POST ${LEADS}`, { id: '1', values }, { headers: { 'idempotency-key': 'form-17' } })
  const other = { id: '1', values: { Last_Name: '鈴木' } }
  expect(await call(`POST ${LEADS}`, other, { headers: { 'idempotency-key': 'form-18' } })).toMatchObject({
    status: 409,
    body: { code: 'ERR_ALREADY_EXISTS' },
  })
  expect(await call(`GET ${LEADS}/1`)).toMatchObject({ body: first.body })
})

test('a list comes in pages, and a search finds text in any language', async () => {
  const { call } = await openServer()
  for (let n = 0; n < 5; n++)
    await call(`POST ${LEADS}`, { id: `L-${n}`, values: { Last_Name: n === 3 ? '佐藤' : '田中' } })
  const seen: string[] = []
  let next: string | null = null
  do {
    const { body } = await call(`GET ${LEADS}?limit=2${next === null ? '' : `&after=${encodeURIComponent(next)}`}`)
    expect(body.items.length).toBeLessThanOrEqual(2)
    seen.push(...body.items.map(({ id }) => id))
    next = body.next
  } while (next !== null)
  expect(seen.toSorted()).toEqual(['L-0', 'L-1', 'L-2', 'L-3', 'L-4'])
  expect((await call(`GET ${LEADS}?search=${encodeURIComponent('佐藤')}`)).body.items.map(({ id }) => id)).toEqual([
    'L-3',
  ])
})

test.each([
  ['an unknown module', 'POST /v1/modules/Spaceships/records', { values }, 404, 'ERR_NOT_FOUND'],
  ['an unknown field beside values', `POST ${LEADS}`, { values, colour: 'red' }, 400, 'ERR_INVALID_INPUT'],
  ['values that are no object', `POST ${LEADS}`, { values: [1] }, 400, 'ERR_INVALID_INPUT'],
  ['no body', `POST ${LEADS}`, undefined, 400, 'ERR_INVALID_INPUT'],
  ['an empty id', `POST ${LEADS}`, { id: '', values }, 400, 'ERR_INVALID_INPUT'],
  ['a text of 300 kB', `POST ${LEADS}`, { values: { Note: 'x'.repeat(300_000) } }, 400, 'ERR_INVALID_INPUT'],
  ['a page of 9999', `GET ${LEADS}?limit=9999`, undefined, 400, 'ERR_INVALID_INPUT'],
])('%s is refused', async (_, route, body, status, code) => {
  const { call } = await openServer()
  expect(await call(route, body)).toMatchObject({ status, body: { code } })
})
