import { expect, test } from 'vitest'
import { openServer } from './openServer.ts'

const workflow = {
  kind: 'workflow',
  name: 'tag-web-leads',
  module: 'Leads',
  trigger: { on: 'record.created' },
  branches: [{ actions: [{ type: 'addTags', tags: ['web'] }] }],
}
const template = {
  kind: 'template',
  name: 'welcome_lead',
  language: 'ja',
  category: 'UTILITY',
  module: 'Leads',
  body: 'こんにちは、{{name}}様。お問い合わせありがとうございます。',
  parameters: { name: { value: '$[Leads.Last_Name]', example: '山田' } },
}
const files = (...all: object[]) => ({ files: all.map((json, n) => ({ file: `${n}.json`, json })) })

test('definitions are checked and planned without a change, then applied', async () => {
  const { call } = await openServer()
  const body = files(workflow, template)
  expect(await call('POST /v1/definitions/check', body, { role: 'viewer' })).toMatchObject({ status: 200 })
  expect((await call('POST /v1/definitions/plan', body)).body).toMatchObject({
    entries: [
      { key: 'workflow/tag-web-leads', change: 'create', fromVersion: null, toVersion: 1 },
      { key: 'template/welcome_lead/ja', change: 'create' },
    ],
  })
  expect((await call('GET /v1/definitions')).body.items).toEqual([])

  const applied = await call('POST /v1/definitions/apply', body)
  expect(applied).toMatchObject({ status: 200, body: { stored: [{ version: 1, createdBy: 'admin for tests' }, {}] } })
  expect((await call('POST /v1/definitions/plan', body)).body).toMatchObject({
    entries: [{ change: 'unchanged' }, { change: 'unchanged' }],
  })
  expect((await call('GET /v1/definitions?kind=workflow')).body.items.map(({ key }) => key)).toEqual([
    'workflow/tag-web-leads',
  ])
  expect(await call('GET /v1/definitions/template/welcome_lead?language=ja')).toMatchObject({
    status: 200,
    body: { key: 'template/welcome_lead/ja', definition: template },
  })
  expect((await call('GET /v1/definitions/template/welcome_lead')).status).toBe(404)
})

test('one bad definition among twenty: nothing is applied, and every problem is told with its place', async () => {
  const { call } = await openServer()
  const good = Array.from({ length: 19 }, (_, n) => ({ ...workflow, name: `rule-${n}` }))
  const bad = { ...workflow, name: 'Bad Name', colour: 'red' }
  const { status, body } = await call('POST /v1/definitions/apply', files(...good, bad))
  expect(status).toBe(422)
  expect(body).toMatchObject({ code: 'ERR_DEFINITIONS_INVALID' })
  expect(body.problems.length).toBeGreaterThanOrEqual(2)
  for (const problem of body.problems) expect(problem).toMatchObject({ file: '19.json' })
  expect((await call('GET /v1/definitions')).body.items).toEqual([])
})

test('a new version is kept beside the old one, and a rule can be switched off and on', async () => {
  const { call } = await openServer()
  const path = '/v1/definitions/workflow/tag-web-leads'
  await call('POST /v1/definitions/apply', files(workflow))
  await call('POST /v1/definitions/apply', files({ ...workflow, description: '二版' }))
  const { body } = await call(`GET ${path}/versions`)
  expect(body.items.map(({ version }) => version)).toEqual([2, 1])
  expect(await call(`GET ${path}`)).toMatchObject({ body: { version: 2, active: true } })

  expect(await call(`POST ${path}/deactivate`)).toMatchObject({ status: 200, body: { version: 2, active: false } })
  await call('PUT /v1/modules/Leads/records/1', { values: { Last_Name: '山田' } })
  expect((await call('GET /v1/modules/Leads/records/1')).text).not.toContain('web')
  expect(await call(`POST ${path}/activate`)).toMatchObject({ status: 200, body: { active: true } })
  await call('PUT /v1/modules/Leads/records/2', { values: { Last_Name: '鈴木' } })
  expect((await call('GET /v1/definitions?active=false')).body.items).toEqual([])
  expect((await call('POST /v1/definitions/workflow/nothing/activate')).status).toBe(404)
})

test.each([
  ['no files', { files: [] }],
  ['a file without a name', { files: [{ json: workflow }] }],
  ['something else', { definitions: [workflow] }],
])('%s is refused', async (_, body) => {
  const { call } = await openServer()
  expect(await call('POST /v1/definitions/check', body)).toMatchObject({
    status: 400,
    body: { code: 'ERR_INVALID_INPUT' },
  })
})
