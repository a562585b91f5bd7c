import { expect, test } from 'vitest'
import type { SimulationReport } from '#server/simulation/report.ts'
import { createSimulator } from '#server/simulation/simulator.ts'
import { NOW, openServer, type Setup } from '../openServer.ts'

const DAY_MS = 86_400_000

const template = {
  kind: 'template',
  name: 'hello',
  language: 'ja',
  category: 'UTILITY',
  module: 'Leads',
  body: 'こんにちは。ご登録ありがとうございます。',
}
const workflow = (status: string) => ({
  kind: 'workflow',
  name: 'welcome',
  module: 'Leads',
  trigger: { on: 'field.changed', fields: [{ field: 'Lead_Status', to: status }] },
  branches: [{ actions: [{ type: 'sendTemplate', template: 'hello', to: '$[Leads.Mobile]' }] }],
})
const filesOf = (...all: { kind: string; name: string }[]) => all.map((json) => ({ file: `${json.name}.json`, json }))

const created = (index: number) => ({
  id: `c${index}`,
  type: 'record.created',
  module: 'Leads',
  recordId: `L${index}`,
  values: { Last_Name: '田中', Mobile: `+8190123400${index}0`, Lead_Status: 'New' },
})
const changed = (index: number, status: string) => ({
  id: `u${index}-${status}`,
  type: 'record.updated',
  module: 'Leads',
  recordId: `L${index}`,
  values: { Lead_Status: status },
})

async function open(setup: Setup = {}) {
  const server = await openServer(setup)
  const simulate = async (body: object, as?: { role?: 'viewer' }) => {
    const answer = await server.call('POST /v1/simulations', body, as)
    return {
      status: answer.status,
      code: answer.body.code,
      text: answer.text,
      report: answer.body as unknown as SimulationReport,
    }
  }
  return { ...server, simulate }
}

test('a draft is tried on given events, and nothing of it stays', async () => {
  const { simulate, call } = await open()
  const body = {
    files: filesOf(template, workflow('Contacted')),
    events: [created(1), changed(1, 'Contacted')],
    start: NOW,
    end: NOW + 5 * DAY_MS,
  }
  const { status, report } = await simulate(body)
  expect(status).toBe(200)
  expect(report.totals).toMatchObject({ messages: 1, sent: 1 })
  expect((await call('GET /v1/definitions')).body.items).toEqual([])
  expect((await call('GET /v1/messages')).body.items).toEqual([])
})

test('a back-test plays what was recorded against a draft that takes the place of what is active', async () => {
  const { simulate, call, denrei, clock } = await open({ started: false })
  await call('POST /v1/definitions/apply', { files: filesOf(template, workflow('Contacted')) })
  clock.at = NOW - 40 * DAY_MS
  await call('POST /v1/events', [created(1), created(2)])
  await denrei.drain()
  clock.at = NOW - 5 * DAY_MS
  await call('POST /v1/events', [created(3), changed(1, 'Contacted'), changed(2, 'Qualified'), changed(3, 'Qualified')])
  await denrei.drain()
  clock.at = NOW
  const active = await simulate({ backtest: { days: 30 }, templates: { hello: 'APPROVED' } })
  expect(active.report.timeline.messages).toMatchObject([{ recordId: 'L1' }])
  const draft = await simulate({
    backtest: { days: 30 },
    files: filesOf(workflow('Qualified')),
    templates: { hello: 'APPROVED' },
  })
  expect(draft.report).toMatchObject({ startAt: NOW - 30 * DAY_MS, endAt: NOW, events: { given: 4 } })
  expect(draft.report.timeline.messages.map(({ recordId }) => recordId)).toEqual(['L2', 'L3'])
})

test('the settings and templates that are there hold unless others are given', async () => {
  const { simulate, call } = await open()
  await call('POST /v1/definitions/apply', { files: filesOf(template, workflow('Contacted')) })
  await call('PUT /v1/settings', { integration: { active: false } })
  const body = { events: [created(1), changed(1, 'Contacted')], end: NOW + DAY_MS, start: NOW }
  expect((await simulate(body)).report.states).toEqual([{ state: 'held', reason: 'integration_inactive', count: 1 }])
  // Without an account the template is a draft that nobody has reviewed.
  const active = await simulate({ ...body, settings: { integration: { active: true } } })
  expect(active.report.states).toEqual([{ state: 'held', reason: 'template_pending', count: 1 }])
})

test('what is wrong with the request is told with its place', async () => {
  const { simulate } = await open()
  const files = filesOf(template, workflow('Contacted'))
  expect(await simulate({ files })).toMatchObject({ status: 400, code: 'ERR_INVALID_INPUT' })
  expect(await simulate({ files, end: NOW - 1, start: NOW })).toMatchObject({ status: 400, code: 'ERR_INVALID_INPUT' })
  expect(await simulate({ files, end: NOW, backtest: { days: 3 } })).toMatchObject({
    status: 400,
    code: 'ERR_INVALID_INPUT',
  })
  const bad = await simulate({
    files,
    start: NOW,
    end: NOW + 1,
    events: [created(1), { ...created(2), module: 'Nowhere' }],
  })
  expect(bad).toMatchObject({ status: 400, code: 'ERR_INVALID_INPUT' })
  expect(bad.text).toContain('events[1]')
  expect(await simulate({ files, end: NOW + DAY_MS, behaviour: { replies: 1 } })).toMatchObject({
    status: 400,
    code: 'ERR_INVALID_INPUT',
  })
  expect(await simulate({ files: filesOf(workflow('Contacted')), start: NOW, end: NOW + 1 })).toMatchObject({
    status: 422,
    code: 'ERR_DEFINITIONS_INVALID',
  })
  const many = { files, start: NOW, end: NOW + DAY_MS, contacts: { count: 20_001, module: 'Leads' } }
  expect(await simulate(many)).toMatchObject({ status: 422, code: 'ERR_SIMULATION_TOO_LARGE' })
})

test('one at a time, and the server answers meanwhile', async () => {
  const { simulate, call } = await open()
  const files = filesOf(template, workflow('Contacted'))
  const long = simulate({ files, start: NOW, end: NOW + 90 * DAY_MS, contacts: { count: 2000, module: 'Leads' } })
  // Its thread is there once the request was read.
  while ((await simulate({ files, start: NOW, end: NOW + DAY_MS })).status !== 503)
    await new Promise((resolve) => setImmediate(resolve))
  expect((await call('GET /v1/settings')).status).toBe(200)
  expect(await simulate({ files, start: NOW, end: NOW + DAY_MS })).toMatchObject({
    status: 503,
    code: 'ERR_SIMULATION_BUSY',
  })
  expect((await long).report.events.given).toBe(2000)
  expect((await simulate({ files, start: NOW, end: NOW + DAY_MS })).status).toBe(200)
})

test('only an admin may', async () => {
  const { simulate } = await open()
  expect(await simulate({ end: NOW + 1 }, { role: 'viewer' })).toMatchObject({ status: 403, code: 'ERR_FORBIDDEN' })
})

const request = {
  files: filesOf(template, workflow('Contacted')),
  start: NOW,
  end: NOW + 90 * DAY_MS,
  contacts: { count: 5000, module: 'Leads' },
}
const bounds = { eventsMax: 10_000, contactsMax: 10_000, wallMs: 60_000 }

test('a simulation is stopped by its signal, and by the end of the server', async () => {
  const simulator = createSimulator(bounds)
  const gone = new AbortController()
  const stopped = simulator.run(request, gone.signal)
  gone.abort()
  await expect(stopped).rejects.toMatchObject({ code: 'ERR_SIMULATION_CANCELLED' })
  const running = simulator.run(request)
  const ended = expect(running).rejects.toMatchObject({ code: 'ERR_STOPPING' })
  await simulator.close()
  await ended
  await expect(simulator.run(request)).rejects.toMatchObject({ code: 'ERR_STOPPING' })
})

test('a simulation that takes too long says so', async () => {
  const simulator = createSimulator({ ...bounds, wallMs: 1 })
  await expect(simulator.run(request)).rejects.toMatchObject({ code: 'ERR_SIMULATION_TOO_LARGE' })
  await simulator.close()
})
