import { expect, test } from 'vitest'
import { leadCreated, NOW, openServer } from './openServer.ts'

const CLOUD = {
  specversion: '1.0',
  id: 'ce-1',
  source: '/crm/acme',
  type: 'crm.record.created',
  subject: 'Leads/L-9',
  time: '2026-08-12T02:00:00Z',
  datacontenttype: 'application/json',
  data: { module: 'Leads', recordId: 'L-9', values: { Last_Name: '佐藤' } },
}
const json = { 'content-type': 'application/json' }

test('one event of our own shape is on disk when it is answered 202', async () => {
  const { call, store } = await openServer({ started: false })
  const { status, body } = await call('POST /v1/events', leadCreated())
  expect(status).toBe(202)
  expect(body.events).toMatchObject([{ id: 'evt-1', status: 'accepted' }])
  expect(await store.trigger(body.events[0].triggerId)).toMatchObject({
    state: 'pending',
    trigger: { source: 'crm', sourceId: 'evt-1', values: { Last_Name: '山田' } },
  })
})

test('an array is accepted in its order, and posting it again answers duplicates', async () => {
  const { call, denrei } = await openServer({ started: false })
  const batch = [leadCreated('a'), leadCreated('b'), leadCreated('a')]
  const first = await call('POST /v1/events', batch)
  expect(first.body.events.map((event: { status: string }) => event.status)).toEqual([
    'accepted',
    'accepted',
    'duplicate',
  ])
  const again = await call('POST /v1/events', batch)
  expect(again.status).toBe(202)
  expect(again.body.events.every((event: { status: string }) => event.status === 'duplicate')).toBe(true)
  expect(again.body.events[0].triggerId).toBe(first.body.events[0].triggerId)
  expect((await denrei.store.totals()).triggers).toBe(2)
})

test.each([
  ['structured', CLOUD, { 'content-type': 'application/cloudevents+json; charset=utf-8' }],
  ['in a batch', [CLOUD], { 'content-type': 'application/cloudevents-batch+json' }],
  [
    'binary',
    CLOUD.data,
    {
      'content-type': 'application/json',
      'ce-specversion': '1.0',
      'ce-id': 'ce-1',
      'ce-source': '/crm/acme',
      'ce-type': 'crm.record.created',
      'ce-subject': 'Leads/L-9',
    },
  ],
])('a CloudEvent comes %s', async (_, payload, headers) => {
  const { call, store } = await openServer({ started: false })
  const { status, body } = await call('POST /v1/events', JSON.stringify(payload), { headers })
  expect({ status, body }).toMatchObject({ status: 202, body: { events: [{ id: 'ce-1', status: 'accepted' }] } })
  const entry = await store.trigger(body.events[0].triggerId)
  expect(entry?.trigger).toMatchObject({ kind: 'record', source: '/crm/acme', module: 'Leads', recordId: 'L-9' })
})

test('an id that came before with other content is refused with 409; the others of the request are in', async () => {
  const { call, store } = await openServer({ started: false })
  const first = await call('POST /v1/events', leadCreated('a'))
  const { status, body } = await call('POST /v1/events', [leadCreated('b'), leadCreated('a', { Last_Name: '鈴木' })])
  expect(status).toBe(409)
  expect(body).toMatchObject({
    code: 'ERR_EVENT_ID_REUSED',
    problems: [{ index: 1, pointer: '/id', code: 'id_reused' }],
    details: {
      events: [
        { id: 'b', status: 'accepted' },
        { id: 'a', status: 'reused' },
      ],
    },
  })
  expect(await store.trigger(first.body.events[0].triggerId)).toMatchObject({
    trigger: { values: { Last_Name: '山田' } },
  })
})

test.each([
  ['unknown fields', { ...leadCreated(), colour: 'red' }, '/colour', 'unknown_field'],
  ['a wrong type', { ...leadCreated(), recordId: 12345 }, '/recordId', 'invalid'],
  ['a missing field', { ...leadCreated(), id: undefined }, '/id', 'missing'],
  ['an unknown module', { ...leadCreated(), module: 'Spaceships' }, '/module', 'unknown_module'],
  ['an event from the future', { ...leadCreated(), occurredAt: NOW + 3_600_000 }, '/occurredAt', 'from_the_future'],
  ['a reserved source', { ...leadCreated(), source: 'whatsapp' }, '/source', 'reserved_source'],
])('%s is refused with its place, and nothing of the request is taken', async (_, event, pointer, code) => {
  const { call, denrei } = await openServer({ started: false })
  const { status, body } = await call('POST /v1/events', [leadCreated('good'), event])
  expect(status).toBe(400)
  expect(body.code).toBe('ERR_INVALID_INPUT')
  expect(body.problems).toContainEqual(expect.objectContaining({ index: 1, pointer, code }))
  expect((await denrei.store.totals()).triggers).toBe(0)
})

test.each([
  ['an empty body', undefined, 400],
  ['null', 'null', 400],
  ['an empty array', '[]', 400],
  ['a number', '7', 400],
  [
    '1001 events',
    JSON.stringify(Array.from({ length: 1001 }, (_, n) => ({ ...leadCreated(String(n)), values: {} }))),
    400,
  ],
])('%s is refused', async (_, payload, status) => {
  const { call } = await openServer({ started: false })
  expect((await call('POST /v1/events', payload, { headers: json })).status).toBe(status)
})

test('a body of 2 MB is refused with 413, and one just below 1 MB is read', async () => {
  const { call } = await openServer({ started: false })
  const large = await call(
    'POST /v1/events',
    JSON.stringify([leadCreated('a', { Description: 'あ'.repeat(700_000) })]),
    {
      headers: json,
    },
  )
  expect(large).toMatchObject({ status: 413, body: { code: 'ERR_BODY_TOO_LARGE', details: { maxBytes: 1_048_576 } } })
  const batch = JSON.stringify(
    Array.from({ length: 9 }, (_, n) => leadCreated(String(n), { Note: 'x'.repeat(100_000) })),
  )
  expect((await call('POST /v1/events', batch, { headers: json })).status).toBe(202)
})

test('a content type that is not understood is refused with 415', async () => {
  const { call } = await openServer({ started: false })
  const answer = await call('POST /v1/events', '<event/>', { headers: { 'content-type': 'application/xml' } })
  expect(answer).toMatchObject({ status: 415, body: { code: 'ERR_CONTENT_TYPE_NOT_UNDERSTOOD' } })
})

test('when the inbox lags, events are refused with 503 and a time to come back', async () => {
  const { call } = await openServer({ started: false, limits: { pendingMax: 1 } })
  await call('POST /v1/events', [leadCreated('a'), leadCreated('b')])
  const { status, body, headers } = await call('POST /v1/events', leadCreated('c'))
  expect(status).toBe(503)
  expect(body).toMatchObject({ code: 'ERR_OVERLOADED', retryable: true })
  expect(Number(headers['retry-after'])).toBeGreaterThan(0)
})
