import { expect, test } from 'vitest'
import { openServer } from './openServer.ts'

const journey = (more: object = {}) => ({
  kind: 'journey',
  name: 'onboarding',
  module: 'Leads',
  entry: { trigger: { on: 'manual' } },
  steps: [
    { id: 'first', wait: 'P2D' },
    { id: 'second', wait: 'P2D' },
    { id: 'tag', do: [{ type: 'addTags', tags: ['済'] }] },
  ],
  ...more,
})
/** The first step has another name, the second is gone. */
const NEXT = journey({
  steps: [
    { id: 'welcome', wait: 'P3D' },
    { id: 'tag', do: [{ type: 'addTags', tags: ['済'] }] },
  ],
})
const blueprint = (states: object, more: object = {}) => ({
  kind: 'blueprint',
  name: 'leads',
  module: 'Leads',
  field: 'Lead_Status',
  states: { 'Not Contacted': { initial: true }, ...states, 'Junk Lead': { final: true } },
  transitions: [{ name: 'Drop', from: '*', to: 'Junk Lead' }],
  ...more,
})
const later = (after: string) => ({
  kind: 'workflow',
  name: 'call-later',
  module: 'Leads',
  trigger: { on: 'record.created' },
  branches: [
    {
      actions: [{ type: 'addTags', tags: ['a'] }],
      later: [{ after, actions: [{ type: 'createTask', subject: '電話' }] }],
    },
  ],
})
const birthday = (field: string) => ({
  kind: 'workflow',
  name: 'birthday',
  module: 'Contacts',
  trigger: { on: 'date', field, every: 'yearly' },
  branches: [{ actions: [{ type: 'addTags', tags: ['誕生日'] }] }],
})

const files = (...all: object[]) => ({ files: all.map((json, n) => ({ file: `${n}.json`, json })) })
interface Planned {
  entries: { key: string; inFlight: { instances: object[]; timers: object[] } }[]
}

async function open() {
  const server = await openServer()
  const post = async (path: string, body: object) => {
    const answer = await server.call(`POST ${path}`, body)
    await server.denrei.drain()
    return answer
  }
  const plan = async (body: object) => {
    const { status, text, body: planned } = await post('/v1/definitions/plan', body)
    expect(status, text).toBe(200)
    return (planned as unknown as Planned).entries
  }
  return { ...server, post, plan }
}

/** Three leads in the journey: two at the first step, one at the second. */
async function withPeople() {
  const server = await open()
  expect((await server.post('/v1/definitions/apply', files(journey()))).status).toBe(200)
  for (const id of ['1', '2', '3'])
    await server.call(`PUT /v1/modules/Leads/records/${id}`, { values: { Last_Name: id } })
  await server.post('/v1/journeys/onboarding/enroll', { records: ['3'] })
  server.clock.at += 2 * 86_400_000
  await server.denrei.drain()
  await server.post('/v1/journeys/onboarding/enroll', { records: ['1', '2'] })
  const standing = async () =>
    (await server.store.instanceCounts('journey/onboarding')).standing.map(
      ({ version, position, count }) => `${position}@${version}: ${count}`,
    )
  expect(await standing()).toEqual(['first@1: 2', 'second@1: 1'])
  return { ...server, standing }
}

test('plan counts what runs under the old version and says what becomes of it, and applying does exactly that', async () => {
  const { plan, post, standing } = await withPeople()
  const migrations = {
    'journey/onboarding': { otherwise: 'move', positions: { first: { to: 'welcome' } } },
  }
  const expected = [
    { version: 1, position: 'first', running: 2, exists: false, becomes: { to: 'position', position: 'welcome' } },
    // There is no such step any more: nobody is moved somewhere by a guess.
    { version: 1, position: 'second', running: 1, exists: false, becomes: { to: 'stay' } },
  ]
  expect(await plan({ ...files(NEXT), migrations })).toMatchObject([{ inFlight: { instances: expected, timers: [] } }])
  expect(await standing()).toEqual(['first@1: 2', 'second@1: 1'])

  const applied = await post('/v1/definitions/apply', { ...files(NEXT), migrations })
  expect((applied.body as unknown as Planned).entries).toMatchObject([{ inFlight: { instances: expected } }])
  expect(await standing()).toEqual(['second@1: 1', 'welcome@2: 2'])
})

test('everybody stays where nothing is chosen, and goes on by the version it entered', async () => {
  const { plan, post, standing, clock, denrei, call } = await withPeople()
  expect(await plan(files(NEXT))).toMatchObject([
    { inFlight: { instances: [{ becomes: { to: 'stay' } }, { becomes: { to: 'stay' } }] } },
  ])
  await post('/v1/definitions/apply', files(NEXT))
  expect(await standing()).toEqual(['first@1: 2', 'second@1: 1'])
  clock.at += 2 * 86_400_000
  await denrei.drain()
  expect(await standing()).toEqual(['second@1: 2'])
  expect((await call('GET /v1/modules/Leads/records/3')).text).toContain('済')
})

test('what stayed can be brought over later, by applying the same text again', async () => {
  const { plan, post, standing } = await withPeople()
  await post('/v1/definitions/apply', files(NEXT))
  const migrations = { 'journey/onboarding': { positions: { first: { to: 'welcome' }, second: 'exit' } } }
  expect(await plan({ ...files(NEXT), migrations })).toMatchObject([
    {
      change: 'unchanged',
      toVersion: 2,
      inFlight: { instances: [{ becomes: { position: 'welcome' } }, { becomes: { to: 'exit' } }] },
    },
  ])
  await post('/v1/definitions/apply', { ...files(NEXT), migrations })
  expect(await standing()).toEqual(['welcome@2: 2'])
})

test('nothing is applied over records that are still on their way to the version before', async () => {
  const { plan, post, call, standing } = await withPeople()
  const migrations = { 'journey/onboarding': { positions: { first: { to: 'welcome' } } } }
  // Not decided yet: the records are on their way.
  expect((await call('POST /v1/definitions/apply', { ...files(NEXT), migrations })).status).toBe(200)
  const again = files(journey({ description: '三つ目' }))
  for (const what of ['plan', 'apply']) {
    expect(await call(`POST /v1/definitions/${what}`, again)).toMatchObject({
      status: 409,
      body: {
        code: 'ERR_MIGRATION_UNDER_WAY',
        retryable: true,
        details: { definitions: ['journey/onboarding'] },
      },
    })
  }
  // The same text asks nothing of anybody, and other definitions are not held up.
  expect((await call('POST /v1/definitions/apply', files(NEXT))).status).toBe(200)
  expect((await post('/v1/definitions/apply', files(later('P2D')))).status).toBe(200)
  expect(await standing()).toEqual(['second@1: 1', 'welcome@2: 2'])
  expect(await plan(again)).toMatchObject([{ change: 'update', toVersion: 3 }])
})

test('records of another module stay where they are, or leave', async () => {
  const { plan, post, standing } = await withPeople()
  const moved = journey({ module: 'Deals' })
  const planned = await plan({ ...files(moved), migrations: { 'journey/onboarding': { otherwise: 'move' } } })
  expect(planned).toMatchObject([
    { inFlight: { instances: [{ becomes: { to: 'stay' } }, { becomes: { to: 'stay' } }] } },
  ])
  const named = { 'journey/onboarding': { positions: { first: { to: 'second' } } } }
  expect(await post('/v1/definitions/apply', { ...files(moved), migrations: named })).toMatchObject({
    status: 400,
    body: { problems: [{ pointer: '/migrations/journey~1onboarding/positions/first', code: 'other_module' }] },
  })
  const migrations = { 'journey/onboarding': { otherwise: 'move', positions: { first: 'exit' } } }
  await post('/v1/definitions/apply', { ...files(moved), migrations })
  expect(await standing()).toEqual(['second@1: 1'])
})

test('a blueprint keeps, moves or lets go its records by state', async () => {
  const { plan, post, call, store } = await open()
  await post('/v1/definitions/apply', files(blueprint({ Contacted: {}, 'Lost Lead': {} })))
  for (const [id, state] of [
    ['1', 'Not Contacted'],
    ['2', 'Contacted'],
    ['3', 'Lost Lead'],
  ]) {
    await call(`PUT /v1/modules/Leads/records/${id}`, { values: { Last_Name: id, Lead_Status: state } })
  }
  const next = files(blueprint({ Contacted: {} }))
  const migrations = { 'blueprint/leads': { otherwise: 'move', positions: { 'Lost Lead': 'exit' } } }
  expect((await plan({ ...next, migrations }))[0]?.inFlight.instances).toEqual([
    {
      version: 1,
      position: 'Contacted',
      running: 1,
      exists: true,
      becomes: { to: 'position', position: 'Contacted' },
    },
    { version: 1, position: 'Lost Lead', running: 1, exists: false, becomes: { to: 'exit' } },
    {
      version: 1,
      position: 'Not Contacted',
      running: 1,
      exists: true,
      becomes: { to: 'position', position: 'Not Contacted' },
    },
  ])
  await post('/v1/definitions/apply', { ...next, migrations })
  expect((await store.instanceCounts('blueprint/leads')).standing).toEqual([
    { version: 2, position: 'Contacted', count: 1 },
    { version: 2, position: 'Not Contacted', count: 1 },
  ])
})

test('timers that wait are counted with what becomes of them', async () => {
  const { plan, post, call } = await open()
  await post('/v1/definitions/apply', files(later('P2D'), birthday('Date_of_Birth')))
  for (const id of ['1', '2']) {
    await call(`PUT /v1/modules/Leads/records/${id}`, { values: { Last_Name: id } })
    await call(`PUT /v1/modules/Contacts/records/${id}`, { values: { Last_Name: id, Date_of_Birth: '1990-12-24' } })
  }
  expect(await plan(files(later('P2D'), birthday('Date_of_Birth')))).toMatchObject([
    { change: 'unchanged', inFlight: { timers: [] } },
    { change: 'unchanged', inFlight: { timers: [] } },
  ])
  const manual = { ...birthday('Date_of_Birth'), trigger: { on: 'record.created' } }
  const described = { ...birthday('Date_of_Birth'), description: '新' }
  const timersOf = async (...all: object[]) => (await plan(files(...all))).map(({ inFlight }) => inFlight.timers)
  expect(await timersOf(later('P3D'), described)).toEqual([
    [{ version: 1, kind: 'later', waiting: 2, becomes: 'kept' }],
    [{ version: 1, kind: 'date', waiting: 2, becomes: 'replanned' }],
  ])
  expect(await timersOf(manual)).toEqual([[{ version: 1, kind: 'date', waiting: 2, becomes: 'cancelled' }]])
})

test('what plan says of dates comes true', async () => {
  const { post, call, store } = await open()
  await post('/v1/definitions/apply', files(birthday('Date_of_Birth')))
  await call('PUT /v1/modules/Contacts/records/1', { values: { Last_Name: '1', Date_of_Birth: '1990-12-24' } })
  await post('/v1/definitions/apply', files({ ...birthday('Date_of_Birth'), description: '新' }))
  expect(await store.waitingTimers('workflow/birthday')).toEqual([
    { definition: 'workflow/birthday@2', kind: 'date', count: 1 },
  ])
  await post('/v1/definitions/apply', files({ ...birthday('Date_of_Birth'), trigger: { on: 'record.created' } }))
  expect(await store.waitingTimers('workflow/birthday')).toEqual([])
})

test.each([
  [
    'a step that the new version lacks',
    { 'journey/onboarding': { positions: { first: { to: 'nowhere' } } } },
    { pointer: '/migrations/journey~1onboarding/positions/first/to', code: 'unknown_position' },
  ],
  [
    'a step that no version had',
    { 'journey/onboarding': { positions: { frist: 'exit' } } },
    { pointer: '/migrations/journey~1onboarding/positions/frist', code: 'unknown_position' },
  ],
  [
    'a journey that is not applied',
    { 'journey/another': { otherwise: 'exit' } },
    { pointer: '/migrations/journey~1another', code: 'unknown_definition' },
  ],
  ['a choice that is none', { 'journey/onboarding': { otherwise: 'jump' } }, { code: 'invalid' }],
])('a choice of %s is refused before anything is applied', async (_, migrations, problem) => {
  const { call, standing } = await withPeople()
  for (const path of ['plan', 'apply']) {
    expect(await call(`POST /v1/definitions/${path}`, { ...files(NEXT), migrations })).toMatchObject({
      status: 400,
      body: { code: 'ERR_INVALID_INPUT', problems: [problem] },
    })
  }
  expect((await call('GET /v1/definitions/journey/onboarding')).body.version).toBe(1)
  expect(await standing()).toEqual(['first@1: 2', 'second@1: 1'])
})

test('a choice for a definition that is new, or has an error, is no mistake of its own', async () => {
  const { call, plan } = await open()
  const migrations = { 'journey/onboarding': { otherwise: 'move', positions: { somewhere: 'exit' } } }
  expect(await plan({ ...files(journey()), migrations })).toMatchObject([{ inFlight: { instances: [] } }])
  const broken = await call('POST /v1/definitions/plan', { ...files({ ...journey(), colour: 'red' }), migrations })
  expect(broken).toMatchObject({ status: 200, body: { entries: [], problems: [{ severity: 'error' }] } })
})
