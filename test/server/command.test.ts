import { setImmediate as nextTurn } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { openServer } from './openServer.ts'

const JOURNEY = {
  kind: 'journey',
  name: 'onboarding',
  module: 'Leads',
  entry: { trigger: { on: 'manual' } },
  steps: [
    { id: 'first', wait: 'P2D' },
    { id: 'tag', do: [{ type: 'addTags', tags: ['済'] }] },
  ],
}
const TAG = {
  kind: 'workflow',
  name: 'tag',
  module: 'Leads',
  trigger: { on: 'record.created' },
  branches: [{ actions: [{ type: 'addTags', tags: ['web'] }] }],
}
const files = (...all: object[]) => ({ files: all.map((json, n) => ({ file: `${n}.json`, json })) })
const ACTOR = { user: 'sato', roles: [] }

test('a command that is not decided in time is on its way, and its answer stands in the trace', async () => {
  const { call, denrei, store } = await openServer({ started: false })
  await call('POST /v1/definitions/apply', files(JOURNEY))
  const waiting = await denrei.command({ do: 'enroll', journey: 'onboarding', recordIds: ['1'] }, ACTOR, { waitMs: 0 })
  expect(waiting).toMatchObject({ kind: 'waiting' })
  await denrei.drain()
  expect(await store.trace(waiting.triggerId)).toMatchObject({ answer: { kind: 'done', details: { entered: 0 } } })
  expect((await call(`GET /v1/triggers/${waiting.triggerId}`)).body).toMatchObject({
    entry: { trigger: { kind: 'command', actor: ACTOR } },
    trace: { answer: { kind: 'done' }, instances: [{ outcome: 'refused', reason: 'record_missing' }] },
  })
})

test('a command that makes the decision throw says so, with the trigger to look at', async () => {
  const { call, denrei, store } = await openServer()
  await call('POST /v1/definitions/apply', files(JOURNEY))
  await call('PUT /v1/modules/Leads/records/1', { values: { Last_Name: '山田' } })
  const load = store.load.bind(store)
  store.load = async (...args) => {
    const known = await load(...args)
    // A hole in what is known makes any decider throw.
    return args[0].triggers.some(({ kind }) => kind === 'command') ? { ...known, records: undefined! } : known
  }
  const failed = await call('POST /v1/journeys/onboarding/enroll', { records: ['1'] })
  expect(failed).toMatchObject({ status: 500, body: { code: 'ERR_SET_ASIDE', retryable: false } })
  const { triggerId } = (failed.body as unknown as { details: { triggerId: string } }).details
  expect((await call(`GET /v1/triggers/${triggerId}`)).body).toMatchObject({ entry: { state: 'quarantined' } })

  store.load = load
  expect((await call(`POST /v1/triggers/${triggerId}/requeue`)).body).toMatchObject({ requeued: 1 })
  await denrei.drain()
  expect((await call('GET /v1/journeys')).body.items).toMatchObject([{ entered: 1 }])
})

test('nothing is decided between a new version and its compilation', async () => {
  const { call, denrei, store } = await openServer()
  await call('POST /v1/definitions/apply', files(JOURNEY))
  const pinned = store.pinnedDefinitions.bind(store)
  const save = store.saveDefinitions.bind(store)
  let waited: string[] = []
  let isSaved = false
  store.saveDefinitions = async (...change) => {
    const stored = await save(...change)
    isSaved = true
    return stored
  }
  store.pinnedDefinitions = async () => {
    // Before the change they are read too, to plan it.
    if (!isSaved) return pinned()
    store.pinnedDefinitions = pinned
    const event = { id: 'e-1', type: 'record.created', module: 'Leads', recordId: '1', values: { Last_Name: '山田' } }
    expect((await call('POST /v1/events', event)).status).toBe(202)
    for (let turn = 0; turn < 50; turn++) await nextTurn()
    waited = (await store.pending(10, denrei.clock.now())).map(({ kind }) => kind)
    return pinned()
  }
  expect((await call('POST /v1/definitions/apply', files(TAG))).status).toBe(200)
  expect(waited).toEqual(['definition', 'record'])
  await denrei.drain()
  expect((await call('GET /v1/modules/Leads/records/1')).text).toContain('web')
})

test('a long list is enrolled page by page, once for one key, and told as one', async () => {
  const { call, denrei, store } = await openServer()
  await call('POST /v1/definitions/apply', files(JOURNEY))
  const ids = Array.from({ length: 450 }, (_, n) => `L-${n}`)
  const created = ids.slice(10).map((id) => ({
    id,
    type: 'record.created',
    module: 'Leads',
    recordId: id,
    values: { Last_Name: id },
  }))
  expect((await call('POST /v1/events', created)).status).toBe(202)
  await denrei.drain()
  const before = (await store.totals()).triggers
  const headers = { 'idempotency-key': '名簿' }
  const first = await call('POST /v1/journeys/onboarding/enroll', { records: ids }, { headers })
  const { details } = first.body as unknown as { details: { records: { recordId: string }[] } }
  expect(details).toMatchObject({ entered: 440, refused: { record_missing: 10 } })
  expect(details.records.map(({ recordId }) => recordId)).toEqual(ids)
  expect((await store.totals()).triggers).toBe(before + 3)
  expect((await call('POST /v1/journeys/onboarding/enroll', { records: ids }, { headers })).body).toEqual(first.body)
  expect((await store.instanceCounts('journey/onboarding')).entered).toBe(440)
})

test('a definition that cannot be applied leaves the loop running', async () => {
  const { call } = await openServer()
  expect((await call('POST /v1/definitions/apply', files({ kind: 'nothing' }))).status).toBe(422)
  expect((await call('PUT /v1/modules/Leads/records/1', { values: { Last_Name: '山田' } })).status).toBe(200)
})
