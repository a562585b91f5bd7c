import { expect, test } from 'vitest'
import { BEAT_MS_MAX } from '#server/observer.ts'
import { ACTIVE_NUMBER, leadCreated, NOW, openServer } from './openServer.ts'

const nobody = { role: null }

test('alive needs nothing', async () => {
  const { call } = await openServer({ started: false })
  expect(await call('GET /healthz', undefined, nobody)).toMatchObject({ status: 200, body: { alive: true } })
})

test('ready while the store takes writes, the inbox keeps up and the loops beat', async () => {
  const { call } = await openServer()
  expect(await call('GET /readyz', undefined, nobody)).toMatchObject({
    status: 200,
    body: { ready: true, reasons: [], quarantined: 0 },
  })
})

test('a store that cannot be written makes it unready', async () => {
  const { call } = await openServer({
    started: false,
    probe: () => {
      throw new Error('SQLITE_FULL: database or disk is full')
    },
  })
  const { status, body, text } = await call('GET /readyz', undefined, nobody)
  expect({ status, body }).toMatchObject({ status: 503, body: { ready: false, reasons: ['store_not_writable'] } })
  expect(text).not.toContain('SQLITE')
})

test('an inbox that lags makes it unready, and so does a loop that stands still', async () => {
  const { call, clock } = await openServer({ started: false, loops: ['decide', 'dispatch'] })
  await call('POST /v1/events', leadCreated())
  expect((await call('GET /readyz')).status).toBe(200)
  clock.at += BEAT_MS_MAX + 1
  expect((await call('GET /readyz')).body).toMatchObject({ reasons: ['loop_stalled:decide', 'loop_stalled:dispatch'] })
  clock.at += 60_000
  expect((await call('GET /readyz')).body).toMatchObject({
    ready: false,
    reasons: ['inbox_lags', 'loop_stalled:decide', 'loop_stalled:dispatch'],
    inboxPending: 1,
    inboxLagMs: BEAT_MS_MAX + 1 + 60_000,
  })
})

test('a loop that always has work beats all the same', async () => {
  const { call, clock, denrei, store, parts } = await openServer({
    started: false,
    loops: ['decide'],
    limits: { batchMax: 1 },
  })
  await call('POST /v1/events', [leadCreated('a'), leadCreated('b'), leadCreated('c')])
  const seen: string[][] = []
  const fireTimers = store.fireTimers.bind(store)
  store.fireTimers = async (...args) => {
    clock.at += BEAT_MS_MAX - 1
    seen.push((await parts.health.check()).reasons.filter((reason) => reason !== 'inbox_lags'))
    return fireTimers(...args)
  }
  await denrei.drain()
  expect(seen.length).toBeGreaterThan(3)
  expect(seen.flat()).toEqual([])
})

test('asking often does not write often', async () => {
  let probes = 0
  const { call, clock } = await openServer({ started: false, probe: () => void probes++ })
  for (let n = 0; n < 5; n++) await call('GET /readyz', undefined, nobody)
  expect(probes).toBe(1)
  clock.at += 1_000
  await call('GET /readyz', undefined, nobody)
  expect(probes).toBe(2)
})

test('the figures count events, decisions, verdicts, depths, credits and answers', async () => {
  const { call, denrei, store } = await openServer()
  await store.saveNumbers([ACTIVE_NUMBER], NOW)
  await call('POST /v1/events', [leadCreated('a'), leadCreated('b')])
  await call('POST /v1/events', leadCreated('a'))
  await call('POST /v1/credits/purchases', { amountMicros: 2_500_000, memo: 'a' })
  await call('GET /v1/messages/nothing')
  await denrei.drain()
  const { text, headers } = await call('GET /metrics')
  expect(headers['content-type']).toContain('text/plain')
  const lines = text.split('\n')
  expect(lines).toEqual(
    expect.arrayContaining([
      'denrei_events_total{outcome="accepted"} 3',
      'denrei_events_total{outcome="duplicate"} 1',
      'denrei_decisions_total 3',
      'denrei_inbox_pending 0',
      'denrei_inbox_quarantined 0',
      'denrei_instances_running 0',
      'denrei_credits{account="available"} 2.5',
      'denrei_http_request_seconds_count{method="POST",route="/v1/events",status="202"} 2',
      'denrei_http_request_seconds_count{method="GET",route="/v1/messages/:id",status="404"} 1',
    ]),
  )
  for (const name of ['guard_verdicts_total', 'outbox_messages', 'outbox_oldest_seconds', 'send_seconds']) {
    expect(text).toContain(`# TYPE denrei_${name} `)
  }
})
