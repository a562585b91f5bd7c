import { expect, test } from 'vitest'
import { openServer, type Answer } from './openServer.ts'

/** A desk for large deals: who may, what must be filled in, two who must both agree, and an end. */
const DEAL_DESK = {
  kind: 'blueprint',
  name: 'deal-desk',
  module: 'Deals',
  field: 'Stage',
  entry: { when: { all: [{ fact: 'Amount', operator: 'greaterThan', value: 100_000 }] } },
  states: {
    Qualification: { initial: true },
    Proposal: {},
    'Negotiation/Review': {},
    'Closed Won': { final: true },
    'Closed Lost': { final: true },
  },
  transitions: [
    {
      name: '提案する',
      from: ['Qualification'],
      to: 'Proposal',
      before: { roles: ['sales'] },
      during: {
        fields: [
          {
            field: 'Closing_Date',
            required: true,
            when: { all: [{ fact: 'Closing_Date', operator: 'after', value: '2026-08-12' }] },
            message: '完了予定日は今日より後にしてください。',
          },
          { field: 'Amount' },
        ],
        note: 'required',
        checklist: ['予算', '決裁者'],
      },
    },
    {
      name: 'Approve',
      from: ['Proposal'],
      to: 'Negotiation/Review',
      parallel: [{ name: 'Legal', before: { users: ['ito'] } }, { name: 'Finance' }],
    },
    {
      name: 'Win',
      from: ['Negotiation/Review'],
      to: 'Closed Won',
      before: { when: { all: [{ fact: 'Amount', operator: 'lessThan', value: 5_000_000 }] }, message: '高額です。' },
    },
    { name: 'Give up', from: '*', to: 'Closed Lost' },
    { name: 'Expire', from: ['Qualification'], to: 'Closed Lost', auto: { after: 'P30D' } },
  ],
}
const RECORD = '/v1/modules/Deals/records/D-1'
const BLUEPRINT = `${RECORD}/blueprint`
const SALES = { user: 'sato', roles: ['sales'] }
const FILLED = { data: { Closing_Date: '2026-09-30' }, note: '決裁者と合意', checklist: ['予算', '決裁者'] }

const files = (...all: object[]) => ({ files: all.map((json, n) => ({ file: `${n}.json`, json })) })

async function withDeal(values: object = {}) {
  const server = await openServer()
  const applied = await server.call('POST /v1/definitions/apply', files(DEAL_DESK))
  expect(applied.status, applied.text).toBe(200)
  const put = await server.call(`PUT ${RECORD}`, { values: { Deal_Name: '大型案件', Amount: 300_000, ...values } })
  expect(put.status, put.text).toBe(200)
  await server.denrei.drain()
  return server
}

const details = ({ body }: Answer) => (body as unknown as { details: Record<string, unknown> }).details
type View = { transitions: { name: string; possible: boolean; reasons: { code: string; message: string }[] }[] }

test('a person sees what can be done now, and why the rest cannot', async () => {
  const { call } = await withDeal()
  const { status, body } = await call(`GET ${BLUEPRINT}?user=sato&roles=sales,manager`)
  expect(status).toBe(200)
  expect(body).toMatchObject({
    blueprint: 'deal-desk',
    version: 1,
    active: true,
    field: 'Stage',
    state: 'Qualification',
    transitions: [
      {
        name: '提案する',
        to: 'Proposal',
        type: 'manual',
        possible: true,
        reasons: [],
        fields: [
          { field: 'Closing_Date', required: true },
          { field: 'Amount', value: 300_000, required: false },
        ],
        note: 'required',
        checklist: ['予算', '決裁者'],
      },
      { name: 'Give up', possible: true },
      { name: 'Expire', type: 'automatic', possible: false, reasons: [{ code: 'automatic' }] },
    ],
  })
  const others = (await call(`GET ${BLUEPRINT}?language=ja`, undefined, { role: 'viewer' })).body as unknown as View
  expect(others.transitions[0]).toMatchObject({ possible: false, reasons: [{ code: 'not_allowed' }] })
  expect(others.transitions[0]?.reasons[0]?.message).toContain('権限がありません')
})

test('who acts for another person is written down, who acts for nobody else needs no word', async () => {
  const { call } = await withDeal()
  await call(`POST ${BLUEPRINT}`, { transition: 'Give up', partial: true, note: '自分で' }, { role: 'agent' })
  await call(`POST ${BLUEPRINT}`, { transition: '提案する', as: SALES, partial: true }, { role: 'agent' })
  const [item] = (await call(`GET ${RECORD}/instances`)).body.items as unknown as {
    instance: { id: string }
    steps: object[]
  }[]
  expect(item!.steps.slice(1)).toEqual([
    expect.objectContaining({ by: 'agent for tests', data: { note: '自分で' } }),
    expect.objectContaining({ by: 'sato', data: { through: 'agent for tests' } }),
  ])
  const told = async (language: string) =>
    (await call(`GET /v1/instances/${item!.instance.id}/explain?language=${language}`)).text
  expect(await told('en')).toContain('(sato, through agent for tests)')
  expect(await told('ja')).toContain('(sato、agent for tests 経由)')
})

test('a transition moves the record, is written down with who and what, and the report counts it', async () => {
  const { call, clock, denrei } = await withDeal()
  clock.at += 2 * 86_400_000
  const taken = await call(`POST ${BLUEPRINT}`, { transition: '提案する', from: 'Qualification', as: SALES, ...FILLED })
  expect(taken.status, taken.text).toBe(200)
  expect(details(taken)).toMatchObject({ state: 'Proposal', transition: '提案する' })
  await denrei.drain()
  expect((await call(`GET ${RECORD}`)).body).toMatchObject({
    values: { Stage: 'Proposal', Closing_Date: '2026-09-30' },
  })
  expect((await call(`GET ${RECORD}/instances`)).body.items).toMatchObject([
    {
      instance: { definition: 'blueprint/deal-desk', position: 'Proposal', status: 'running' },
      steps: [
        { kind: 'entered', to: 'Qualification' },
        {
          kind: 'moved',
          from: 'Qualification',
          to: 'Proposal',
          via: '提案する',
          by: 'sato',
          tookMs: 2 * 86_400_000,
          data: { note: '決裁者と合意', through: 'admin for tests' },
        },
      ],
    },
  ])
  expect((await call('GET /v1/blueprints')).body.items).toMatchObject([
    { name: 'deal-desk', entered: 1, running: 1, positions: [{ position: 'Proposal', running: 1 }] },
  ])
  const report = (await call('GET /v1/blueprints/deal-desk/report')).body as unknown as {
    states: { state: string }[]
    transitions: object[]
  }
  expect(report.states.find(({ state }) => state === 'Qualification')).toMatchObject({
    running: 0,
    left: 1,
    averageMs: 2 * 86_400_000,
  })
  expect(report.states.find(({ state }) => state === 'Closed Won')).toMatchObject({ final: true, averageMs: null })
  expect(report.transitions).toEqual([
    { name: '提案する', from: 'Qualification', to: 'Proposal', count: 1, averageMs: 2 * 86_400_000 },
  ])
})

test('of two people who take a transition at once, one is told what is possible now', async () => {
  const { call } = await withDeal()
  const ask = (transition: string, more: object = {}) =>
    call(`POST ${BLUEPRINT}`, { transition, from: 'Qualification', as: SALES, ...more })
  const answers = await Promise.all([ask('提案する', FILLED), ask('Give up')])
  expect(answers.map(({ status }) => status).sort()).toEqual([200, 409])
  const late = answers.find(({ status }) => status === 409)!
  expect(late.body).toMatchObject({ code: 'ERR_TRANSITION_GONE', retryable: false })
  const { state, possible } = details(late)
  expect([state, possible]).toEqual(
    answers[0]?.status === 200 ? ['Proposal', expect.arrayContaining(['Give up'])] : ['Closed Lost', []],
  )
  const taken = details(answers.find(({ status }) => status === 200)!)
  expect(state).toBe(taken.state)
})

test('a double click takes a transition once', async () => {
  const { call, store } = await withDeal()
  const headers = { 'idempotency-key': 'click-1' }
  const body = { transition: '提案する', as: SALES, ...FILLED }
  const [first, second] = await Promise.all([
    call(`POST ${BLUEPRINT}`, body, { headers }),
    call(`POST ${BLUEPRINT}`, body, { headers }),
  ])
  expect([first?.status, second?.status]).toEqual([200, 200])
  expect(second?.body).toEqual(first?.body)
  const { passes } = await store.instanceCounts('blueprint/deal-desk')
  expect(passes.filter(({ via }) => via === '提案する')).toMatchObject([{ count: 1 }])
})

test('what is filled in is checked, and every problem has its place and the language of who asks', async () => {
  const { call } = await withDeal()
  const body = { transition: '提案する', as: SALES, data: { Closing_Date: '2026-08-01' }, checklist: ['予算'] }
  const english = await call(`POST ${BLUEPRINT}`, body)
  expect(english).toMatchObject({
    status: 422,
    body: {
      code: 'ERR_TRANSITION_DATA',
      problems: [
        {
          in: 'body',
          pointer: '/data/Closing_Date',
          code: 'check_failed',
          message: '完了予定日は今日より後にしてください。',
        },
        { pointer: '/note', code: 'note_missing', message: 'Write a note.' },
        { pointer: '/checklist', code: 'not_ticked', message: 'Tick "決裁者".' },
      ],
    },
  })
  const japanese = await call(`POST ${BLUEPRINT}?language=ja`, { ...body, data: {} })
  expect(japanese.body.problems).toMatchObject([
    { pointer: '/data/Closing_Date', code: 'missing', message: expect.stringMatching(/入力してください/) as string },
    { message: 'メモを入力してください。' },
    { message: '「決裁者」にチェックを入れてください。' },
  ])
  expect(japanese.text).toContain('入力内容を確認してください')
  expect((await call(`GET ${BLUEPRINT}`)).body).toMatchObject({ state: 'Qualification' })
})

test('a draft is kept without moving, and the rest follows later', async () => {
  const { call } = await withDeal()
  const half = { transition: '提案する', as: SALES, partial: true, note: '途中' }
  expect(details(await call(`POST ${BLUEPRINT}`, half))).toMatchObject({ state: 'Qualification' })
  expect((await call(`GET ${BLUEPRINT}?user=sato&roles=sales`)).body).toMatchObject({
    transitions: [{ draft: { note: '途中' } }, {}, {}],
  })
  const { data, checklist } = FILLED
  const rest = await call(`POST ${BLUEPRINT}`, { transition: '提案する', as: SALES, data, checklist })
  expect(details(rest)).toMatchObject({ state: 'Proposal' })
})

test('a parallel transition moves when all its parts are done', async () => {
  const { call } = await withDeal()
  await call(`POST ${BLUEPRINT}`, { transition: '提案する', as: SALES, ...FILLED })
  const part = (name: string, user: string) =>
    call(`POST ${BLUEPRINT}`, { transition: 'Approve', part: name, as: { user } })
  expect(await part('Legal', 'sato')).toMatchObject({ status: 403, body: { code: 'ERR_TRANSITION_NOT_ALLOWED' } })
  expect(details(await part('Legal', 'ito'))).toMatchObject({ state: 'Proposal', part: 'Legal' })
  expect(await part('Legal', 'ito')).toMatchObject({ status: 409, body: { code: 'ERR_TRANSITION_GONE' } })
  expect(details(await part('Finance', 'sato'))).toMatchObject({ state: 'Negotiation/Review' })
  expect(await call(`POST ${BLUEPRINT}`, { transition: 'Win' })).toMatchObject({ status: 200 })
  expect(await call(`GET ${BLUEPRINT}`)).toMatchObject({ status: 404, body: { code: 'ERR_RECORD_NOT_IN_PROCESS' } })
})

test.each([
  ['by somebody who may not', { transition: '提案する', ...FILLED }, 403, 'ERR_TRANSITION_NOT_ALLOWED'],
  ['that happens by itself', { transition: 'Expire' }, 403, 'ERR_TRANSITION_NOT_ALLOWED'],
  ['that leads away from another state', { transition: 'Win' }, 409, 'ERR_TRANSITION_GONE'],
  ['from a state that is past', { transition: 'Give up', from: 'Proposal' }, 409, 'ERR_TRANSITION_GONE'],
  ['that there is not', { transition: 'Fly' }, 422, 'ERR_TRANSITION_UNKNOWN'],
  ['without a name', {}, 400, 'ERR_INVALID_INPUT'],
  ['with something unknown', { transition: 'Give up', colour: 'red' }, 400, 'ERR_INVALID_INPUT'],
  ['for nobody', { transition: 'Give up', as: { user: '' } }, 400, 'ERR_INVALID_INPUT'],
  ['with data that are no fields', { transition: 'Give up', data: [1] }, 400, 'ERR_INVALID_INPUT'],
  ['with a field of 300 kB', { transition: 'Give up', data: { Note: 'x'.repeat(300_000) } }, 400, 'ERR_INVALID_INPUT'],
])('a transition %s is refused and nothing moves', async (_, body, status, code) => {
  const { call, store } = await withDeal()
  expect(await call(`POST ${BLUEPRINT}`, body)).toMatchObject({ status, body: { code } })
  expect((await store.instances({}, { limit: 5 })).items).toMatchObject([{ position: 'Qualification', visit: 1 }])
})

test('criteria are told in the words of the definition', async () => {
  const { call } = await withDeal({ Amount: 9_000_000 })
  await call(`POST ${BLUEPRINT}`, { transition: '提案する', as: SALES, ...FILLED })
  for (const part of ['Legal', 'Finance']) {
    await call(`POST ${BLUEPRINT}`, { transition: 'Approve', part, as: { user: 'ito' } })
  }
  const refused = await call(`POST ${BLUEPRINT}`, { transition: 'Win' })
  expect(refused).toMatchObject({ status: 422, body: { code: 'ERR_TRANSITION_CRITERIA', detail: '高額です。' } })
})

test.each([
  [
    'a record in no blueprint',
    'GET /v1/modules/Deals/records/D-2/blueprint',
    undefined,
    404,
    'ERR_RECORD_NOT_IN_PROCESS',
  ],
  [
    'a transition of it',
    'POST /v1/modules/Deals/records/D-2/blueprint',
    { transition: 'Win' },
    404,
    'ERR_RECORD_NOT_IN_PROCESS',
  ],
  ['a record that is not there', 'GET /v1/modules/Deals/records/D-9/blueprint', undefined, 404, 'ERR_NOT_FOUND'],
  [
    'a transition of nothing',
    'POST /v1/modules/Deals/records/D-9/blueprint',
    { transition: 'Win' },
    404,
    'ERR_NOT_FOUND',
  ],
  ['an unknown module', 'GET /v1/modules/Spaceships/records/1/blueprint', undefined, 404, 'ERR_NOT_FOUND'],
  ['a report of nothing', 'GET /v1/blueprints/nothing/report', undefined, 404, 'ERR_NOT_FOUND'],
  ['a name that is none', 'GET /v1/blueprints/No%20Name/report', undefined, 400, 'ERR_INVALID_INPUT'],
])('%s is refused', async (_, route, body, status, code) => {
  const { call } = await withDeal()
  await call('PUT /v1/modules/Deals/records/D-2', { values: { Amount: 1 } })
  expect(await call(route, body)).toMatchObject({ status, body: { code } })
})

test('a blueprint that is switched off keeps its records where they are', async () => {
  const { call } = await withDeal()
  await call('POST /v1/definitions/blueprint/deal-desk/deactivate')
  expect(await call(`POST ${BLUEPRINT}`, { transition: 'Give up' })).toMatchObject({
    status: 409,
    body: { code: 'ERR_BLUEPRINT_INACTIVE' },
  })
  expect((await call(`GET ${BLUEPRINT}`)).body).toMatchObject({ active: false, state: 'Qualification' })
})

test('the state field is locked against writes of our API, which are told the way', async () => {
  const { call } = await withDeal()
  const locked = await call(`PATCH ${RECORD}`, { values: { Stage: 'Closed Won', Description: 'x' } })
  expect(locked).toMatchObject({
    status: 409,
    body: {
      code: 'ERR_FIELD_LOCKED',
      details: { blueprint: 'deal-desk', version: 1, field: 'Stage', state: 'Qualification', possible: ['Give up'] },
    },
  })
  expect(locked.text).toContain('POST /v1/modules/Deals/records/D-1/blueprint')
  expect((await call(`GET ${RECORD}`)).text).not.toContain('Description')
  const whole = { Deal_Name: '大型案件', Amount: 300_000 }
  for (const values of [whole, { ...whole, Stage: null }, { ...whole, Stage: 'Proposal' }]) {
    expect((await call(`PUT ${RECORD}`, { values })).body).toMatchObject({ code: 'ERR_FIELD_LOCKED' })
  }
  // Everything else may be written, and the state as it is.
  expect((await call(`PATCH ${RECORD}`, { values: { Description: '可' } })).status).toBe(200)
  expect((await call(`PUT ${RECORD}`, { values: { ...whole, Stage: 'Qualification' } })).status).toBe(200)
})

test('what the CRM tells is never refused: the blueprint follows, and it is written down', async () => {
  const { call, denrei } = await withDeal()
  const values = { Stage: 'Proposal' }
  const event = { id: 'e-1', type: 'record.updated', module: 'Deals', recordId: 'D-1', values }
  expect((await call('POST /v1/events', event)).status).toBe(202)
  await denrei.drain()
  expect((await call(`GET ${RECORD}/instances`)).body.items).toMatchObject([
    {
      instance: { position: 'Proposal' },
      steps: [{}, { kind: 'moved', via: 'field', from: 'Qualification', to: 'Proposal' }],
    },
  ])
})

test('the lock ends with the process', async () => {
  const { call, denrei } = await withDeal()
  await call(`POST ${BLUEPRINT}`, { transition: 'Give up' })
  await denrei.drain()
  expect((await call(`PATCH ${RECORD}`, { values: { Stage: 'Qualification' } })).status).toBe(200)
})
