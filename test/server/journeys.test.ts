import { expect, test } from 'vitest'
import { openServer, type Answer } from './openServer.ts'

const WELCOME = {
  kind: 'template',
  name: 'trial_hello',
  language: 'ja',
  category: 'UTILITY',
  module: 'Leads',
  body: 'こんにちは、{{name}}様。',
  parameters: { name: { value: '$[Leads.Last_Name]', example: '山田' } },
}
const JOURNEY = {
  kind: 'journey',
  name: 'trial-nurture',
  module: 'Leads',
  entry: { trigger: { on: 'manual' } },
  goal: { when: { all: [{ fact: 'Lead_Status', operator: 'equal', value: 'Converted' }] } },
  steps: [
    { id: 'hello', send: { template: 'trial_hello', to: '$[Leads.Mobile]' } },
    { id: 'pause', wait: 'P2D' },
    { id: 'tag', do: [{ type: 'addTags', tags: ['trial'] }] },
  ],
}

async function withJourney(...more: object[]) {
  const server = await openServer()
  const files = [WELCOME, JOURNEY, ...more].map((json, n) => ({ file: `${n}.json`, json }))
  const applied = await server.call('POST /v1/definitions/apply', { files })
  expect(applied.status, applied.text).toBe(200)
  for (const id of ['1', '2', '3']) {
    const values = { Last_Name: `山田${id}`, Mobile: `+81901234567${id}`, City: id === '3' ? '大阪' : '東京' }
    expect((await server.call(`PUT /v1/modules/Leads/records/${id}`, { values })).status).toBe(200)
  }
  return server
}

const details = ({ body }: Answer) => (body as unknown as { details: Record<string, unknown> }).details
const ENROLL = 'POST /v1/journeys/trial-nurture/enroll'

test('records are enrolled by hand, are read with their history, and are taken out', async () => {
  const { call } = await withJourney()
  const enrolled = await call(ENROLL, { records: ['1', '2', '1', 'nobody'] }, { role: 'agent' })
  expect(enrolled.status, enrolled.text).toBe(200)
  expect(details(enrolled)).toMatchObject({
    entered: 2,
    refused: { record_missing: 1 },
    records: [
      { recordId: '1', outcome: 'entered' },
      { recordId: '2', outcome: 'entered' },
      { recordId: 'nobody', outcome: 'refused', reason: 'record_missing' },
    ],
  })
  const list = await call('GET /v1/instances?kind=journey&status=running&position=pause')
  expect(list.body.items).toHaveLength(2)
  const mine = await call('GET /v1/modules/Leads/records/1/instances')
  expect(mine.body).toMatchObject({
    items: [
      {
        instance: { definition: 'journey/trial-nurture', version: 1, position: 'pause', recordId: '1' },
        steps: [
          { kind: 'entered', to: 'hello', by: 'agent for tests' },
          { kind: 'moved', from: 'hello', to: 'pause' },
        ],
      },
    ],
    next: null,
  })
  const { id } = (mine.body.items as unknown as { instance: { id: string } }[])[0]!.instance
  expect((await call(`GET /v1/instances/${id}`)).body).toMatchObject({
    instance: { status: 'running' },
    timers: [{ kind: 'instance', name: 'wait', state: 'waiting', position: 'pause' }],
  })
  expect(await call(`POST /v1/instances/${id}/exit`, { reason: '顧客の希望' })).toMatchObject({ status: 200 })
  expect((await call(`GET /v1/instances/${id}`)).body).toMatchObject({
    instance: { status: 'ended', reason: '顧客の希望' },
    timers: [],
  })
  expect(await call(`POST /v1/instances/${id}/exit`)).toMatchObject({ status: 404, body: { code: 'ERR_NOT_FOUND' } })
})

test('asking again with the same key enrolls once; another list under that key is refused', async () => {
  const { call, store } = await withJourney()
  const headers = { 'idempotency-key': 'spring' }
  const first = await call(ENROLL, { records: ['1'] }, { headers })
  expect((await call(ENROLL, { records: ['1'] }, { headers })).body).toEqual(first.body)
  expect(await call(ENROLL, { records: ['2'] }, { headers })).toMatchObject({
    status: 409,
    body: { code: 'ERR_EVENT_ID_REUSED' },
  })
  expect((await store.instanceCounts('journey/trial-nurture')).entered).toBe(1)
})

test('the list of journeys tells who entered, where they stand and how they ended', async () => {
  const { call } = await withJourney()
  await call(ENROLL, { records: ['1', '2', '3'] })
  await call('PATCH /v1/modules/Leads/records/2', { values: { Lead_Status: 'Converted' } })
  expect((await call('GET /v1/journeys')).body.items).toEqual([
    {
      key: 'journey/trial-nurture',
      name: 'trial-nurture',
      version: 1,
      active: true,
      module: 'Leads',
      paused: null,
      entered: 3,
      running: 2,
      ended: [{ reason: 'goal', count: 1 }],
      positions: [{ position: 'pause', running: 2 }],
    },
  ])
  expect((await call('GET /v1/journeys/trial-nurture/report')).body).toMatchObject({
    name: 'trial-nurture',
    entered: 3,
    running: 2,
    ended: 1,
    endedBy: [{ reason: 'goal', count: 1 }],
    goal: { reached: 1, rate: 1 / 3 },
    steps: [
      { id: 'hello', kind: 'send', reached: 3, standing: 0, ways: [{ to: 'pause', via: 'next', count: 3 }] },
      {
        id: 'pause',
        kind: 'wait',
        reached: 3,
        standing: 2,
        ways: [{ to: null, via: 'goal', count: 1 }],
        droppedOut: 0,
      },
      { id: 'tag', kind: 'do', reached: 0, standing: 0 },
    ],
    former: [],
  })
  expect((await call('POST /v1/journeys/trial-nurture/pause')).status).toBe(200)
  expect((await call('GET /v1/journeys')).body.items).toMatchObject([{ paused: { by: 'admin for tests' } }])
  expect((await call('POST /v1/journeys/trial-nurture/resume', { spread: 'PT1H' })).status).toBe(200)
  expect((await call('POST /v1/journeys/trial-nurture/resume')).status).toBe(200)
  expect((await call('GET /v1/journeys')).body.items).toMatchObject([{ paused: null }])
})

test('a paused journey holds its timers and goes on when it is resumed', async () => {
  const { call, clock, denrei } = await withJourney()
  await call(ENROLL, { records: ['1'] })
  await call('POST /v1/journeys/trial-nurture/pause')
  expect((await call('GET /v1/timers?state=paused&definition=journey/trial-nurture')).body.items).toHaveLength(1)
  clock.at += 3 * 86_400_000
  await denrei.drain()
  expect((await call('GET /v1/instances')).body.items).toMatchObject([{ position: 'pause', status: 'running' }])
  await call('POST /v1/journeys/trial-nurture/resume', { spread: 'PT0S' })
  await denrei.drain()
  expect((await call('GET /v1/instances')).body.items).toMatchObject([{ position: 'tag', reason: 'completed' }])
  expect((await call('GET /v1/modules/Leads/records/1')).text).toContain('trial')
})

test('a broadcast goes to a list or to all that match, at its time and its rate, and can be held and ended', async () => {
  const { call, clock, denrei } = await withJourney()
  const path = 'POST /v1/journeys/trial-nurture/broadcasts'
  const started = await call(path, { name: '春のご案内', records: ['1', '2', 'nobody'] })
  expect(started.status, started.text).toBe(200)
  await denrei.drain()
  const { broadcastId } = details(started)
  expect((await call(`GET /v1/broadcasts/${String(broadcastId)}`)).body).toMatchObject({
    name: '春のご案内',
    state: 'done',
    source: { kind: 'list', total: 3 },
    entered: 2,
    refused: { record_missing: 1 },
    createdBy: 'admin for tests',
  })
  const where = { all: [{ fact: 'City', operator: 'equal', value: '大阪' }] }
  const later = await call(path, { name: '大阪', where, at: clock.at + 3_600_000, rate: { count: 1, per: 'PT1M' } })
  const id = String(details(later).broadcastId)
  expect((await call(`GET /v1/broadcasts/${id}`)).body).toMatchObject({ state: 'scheduled', entered: 0 })
  expect((await call(`POST /v1/broadcasts/${id}/pause`)).status).toBe(200)
  clock.at += 7_200_000
  await denrei.drain()
  expect((await call(`GET /v1/broadcasts/${id}`)).body).toMatchObject({ state: 'paused', entered: 0 })
  expect((await call(`POST /v1/broadcasts/${id}/resume`)).status).toBe(200)
  for (let n = 0; n < 5; n++) {
    clock.at += 60_000
    await denrei.drain()
  }
  expect((await call(`GET /v1/broadcasts/${id}`)).body).toMatchObject({ state: 'done', entered: 1 })
  expect(await call(`POST /v1/broadcasts/${id}/cancel`)).toMatchObject({ status: 400 })
  expect((await call('GET /v1/broadcasts?journey=trial-nurture')).body.items.map((one) => one.id)).toEqual([
    id,
    broadcastId,
  ])
  expect((await call('GET /v1/broadcasts?journey=another')).body.items).toEqual([])
})

test('a broadcast that begins at once says when it began, also when it is asked for twice', async () => {
  const { call, clock, denrei } = await withJourney()
  const path = 'POST /v1/journeys/trial-nurture/broadcasts'
  const headers = { 'idempotency-key': 'once' }
  const began = clock.at
  const first = await call(path, { name: '春', records: ['1'] }, { headers })
  clock.at += 1_000
  expect((await call(path, { name: '春', records: ['1'] }, { headers })).body).toEqual(first.body)
  await denrei.drain()
  const { items } = (await call('GET /v1/broadcasts')).body
  expect(items).toMatchObject([{ startAt: began, state: 'done', entered: 1 }])
})

function nested(levels: number): object {
  let where: object = { fact: 'City', operator: 'equal', value: '大阪' }
  for (let level = 0; level < levels; level++) where = { all: [where] }
  return where
}

const many = Array.from({ length: 10_001 }, (_, n) => `r${n}`)
test.each([
  ['enroll nobody', ENROLL, { records: [] }, 400, 'ERR_INVALID_INPUT'],
  ['enroll too many', ENROLL, { records: many }, 400, 'ERR_INVALID_INPUT'],
  ['enroll without a list', ENROLL, {}, 400, 'ERR_INVALID_INPUT'],
  ['enroll into nothing', 'POST /v1/journeys/nothing/enroll', { records: ['1'] }, 404, 'ERR_NOT_FOUND'],
  ['a name that is none', 'POST /v1/journeys/No%20Name/enroll', { records: ['1'] }, 400, 'ERR_INVALID_INPUT'],
  ['a report of nothing', 'GET /v1/journeys/nothing/report', undefined, 404, 'ERR_NOT_FOUND'],
  ['pause nothing', 'POST /v1/journeys/nothing/pause', undefined, 404, 'ERR_NOT_FOUND'],
  ['resume nothing', 'POST /v1/journeys/nothing/resume', undefined, 404, 'ERR_NOT_FOUND'],
  ['spread over a year', 'POST /v1/journeys/trial-nurture/resume', { spread: 'P1Y' }, 400, 'ERR_INVALID_INPUT'],
  ['spread over nonsense', 'POST /v1/journeys/trial-nurture/resume', { spread: 'soon' }, 400, 'ERR_INVALID_INPUT'],
  ['an instance that is not there', 'GET /v1/instances/nothing', undefined, 404, 'ERR_NOT_FOUND'],
  ['exit of nothing', 'POST /v1/instances/nothing/exit', { reason: 'x' }, 404, 'ERR_NOT_FOUND'],
  ['exit with an empty reason', 'POST /v1/instances/nothing/exit', { reason: '' }, 400, 'ERR_INVALID_INPUT'],
  ['an unknown kind', 'GET /v1/instances?kind=workflow', undefined, 400, 'ERR_INVALID_INPUT'],
  ['an unknown module', 'GET /v1/modules/Spaceships/records/1/instances', undefined, 404, 'ERR_NOT_FOUND'],
  ['a broadcast that is not there', 'GET /v1/broadcasts/nothing', undefined, 404, 'ERR_NOT_FOUND'],
  ['holding nothing', 'POST /v1/broadcasts/nothing/pause', undefined, 404, 'ERR_NOT_FOUND'],
])('%s is refused', async (_, route, body, status, code) => {
  const { call } = await withJourney()
  expect(await call(route, body)).toMatchObject({ status, body: { code } })
})

test.each([
  ['neither a list nor a condition', { name: 'x' }, 400, ''],
  ['both', { name: 'x', records: ['1'], where: { all: [] } }, 400, ''],
  ['a condition that is none', { name: 'x', where: { some: [] } }, 400, '/where'],
  [
    'an operator that is none',
    { name: 'x', where: { all: [{ fact: 'City', operator: 'resembles', value: 1 }] } },
    400,
    '/where/all/0/operator',
  ],
  [
    'a field that the module does not have',
    { name: 'x', where: { any: [{ not: { fact: 'Citty', operator: 'equal', value: '大阪' } }] } },
    400,
    '/where/any/0/not/fact',
  ],
  ['a named condition that is none', { name: 'x', where: { condition: 'big' } }, 400, '/where/condition'],
  ['a condition without a bottom', { name: 'x', where: nested(500) }, 400, '/where'],
  ['a rate of nothing', { name: 'x', records: ['1'], rate: { count: 0, per: 'PT1M' } }, 400, '/rate/count'],
  ['a rate in no time', { name: 'x', records: ['1'], rate: { count: 1, per: 'PT0S' } }, 400, '/rate/per'],
  ['a start that is no instant', { name: 'x', records: ['1'], at: 'tomorrow' }, 400, '/at'],
])('a broadcast of %s is refused with its place', async (_, body, status, place) => {
  const { call, store } = await withJourney()
  const answer = await call('POST /v1/journeys/trial-nurture/broadcasts', body)
  expect(answer.status, answer.text).toBe(status)
  if (place !== '') expect(answer.body.problems).toMatchObject([{ in: 'body', pointer: place }])
  expect((await store.broadcasts({}, { limit: 10 })).items).toEqual([])
})

test('explain tells in both languages why a record entered, did not, moved, and what it waits for', async () => {
  const { call } = await withJourney()
  const { body } = await call(ENROLL, { records: ['1'] })
  const { id } = (await call('GET /v1/instances')).body.items[0]!
  const story = async (path: string) => ((await call(path)).body as unknown as { story: string[] }).story.join('\n')
  expect(await story(`GET /v1/instances/${id}/explain`)).toMatch(
    /entered at "hello".*\n.*from "hello" to "pause".*the step is done[^]*It stands at "pause" now\.\n {2}Waits until .*: the wait/,
  )
  expect(await story(`GET /v1/instances/${id}/explain?language=ja`)).toMatch(
    /「pause」にいます。\n {2}.* まで待機: 待機/,
  )
  expect(await story(`GET /v1/triggers/${body.triggerId}/explain`)).toMatch(
    /journey\/trial-nurture@1: entered[^]*Done: .*"entered":1/,
  )
  const again = await call(ENROLL, { records: ['1'] })
  expect(await story(`GET /v1/triggers/${again.body.triggerId}/explain`)).toMatch(/not done — it has been in it/)
  expect(await story(`GET /v1/triggers/${again.body.triggerId}/explain?language=ja`)).toContain('参加済みです')
  const { items } = (await call('GET /v1/messages')).body as unknown as {
    items: { intent: { id: string; kind: string } }[]
  }
  const message = items.find(({ intent }) => intent.kind === 'sendTemplate')!
  expect(await story(`GET /v1/messages/${message.intent.id}/explain`)).toContain(`From the step "hello" of ${id}.`)
})
