import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { readConfig } from '#server/config.ts'
import { startServer } from '#server/main.ts'
import { denrei, scratch } from './runDenrei.ts'

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
const NEXT = { ...JOURNEY, steps: [{ id: 'welcome', wait: 'P3D' }, JOURNEY.steps[1]] }

/** A server with two leads on their way, and a folder with the next version. */
async function withPeople() {
  const folder = scratch({ 'onboarding.json': JOURNEY })
  const server = await startServer(
    readConfig({ DENREI_DB: join(folder, 'denrei.db'), DENREI_PORT: '0', DENREI_LOG_LEVEL: 'silent' }),
  )
  onTestFinished(() => server.close())
  const env = { DENREI_URL: server.url, DENREI_KEY: server.adminKey ?? '' }
  const run = (...args: string[]) => denrei(folder, args, env)
  expect((await run('apply', '.')).out).toContain('create  journey/onboarding@1')
  const call = async (method: string, path: string, body: object) => {
    const headers = { authorization: `Bearer ${env.DENREI_KEY}`, 'content-type': 'application/json' }
    const answer = await fetch(`${server.url}${path}`, { method, headers, body: JSON.stringify(body) })
    expect(answer.status, await answer.clone().text()).toBe(200)
  }
  for (const id of ['1', '2']) await call('PUT', `/v1/modules/Leads/records/${id}`, { values: { Last_Name: id } })
  await call('POST', '/v1/journeys/onboarding/enroll', { records: ['1', '2'] })
  writeFileSync(join(folder, 'onboarding.json'), JSON.stringify(NEXT))
  return { folder, run, server }
}

test('plan shows what is in flight as a table, apply brings it over, and the list of journeys tells', async () => {
  const { folder, run, server } = await withPeople()
  const planned = await run('plan', '.')
  expect(planned.out).toMatch(
    /journey\/onboarding@1 │ first .*│ +2 │ stays on @1 \(no such position in the new version\)/,
  )
  expect((await run('plan', '.', '--in-flight', 'exit', '--lang', 'ja')).out).toMatch(/first .*│ +2 │ 終了/)

  // Beside the folder of definitions, or it would be read as one.
  const choices = join(scratch({}), 'choices.json')
  writeFileSync(choices, JSON.stringify({ 'journey/onboarding': { positions: { first: { to: 'welcome' } } } }))
  const applied = await run('apply', folder, '--migrate', choices)
  expect(applied.out, applied.err).toMatch(/first .*│ +2 │ goes on at "welcome"/)
  const { items } = JSON.parse((await run('journeys', '--json')).out) as { items: object[] }
  expect(items).toMatchObject([
    { name: 'onboarding', version: 2, entered: 2, running: 2, positions: [{ position: 'welcome', running: 2 }] },
  ])
  expect((await run('journeys')).out).toMatch(/onboarding@2 │ +2 │ +2 │ welcome: 2/)
  expect((await run('blueprints', '--lang', 'ja')).out).toBe('ブループリントはありません。\n')
  const instance = (await server.denrei.store.instances({}, { limit: 1 })).items[0]!
  expect((await run('explain', instance.id)).out).toContain('It stands at "welcome" now.')
})

test('a choice that cannot be is refused with its place, and nothing is applied', async () => {
  const { folder, run, server } = await withPeople()
  const other = scratch({
    'nowhere.json': { 'journey/onboarding': { positions: { first: { to: 'nowhere' } } } },
    'jump.json': { 'journey/onboarding': { otherwise: 'jump' } },
  })
  writeFileSync(join(other, 'cut.json'), '{ "journey')
  for (const [file, told] of [
    ['nowhere.json', /ERR_INVALID_INPUT: .*first\/to.*no position "nowhere"/],
    ['jump.json', /ERR_INVALID_INPUT: .*journey\/onboarding\/otherwise/],
    ['cut.json', /ERR_INVALID_INPUT: .*is not JSON/],
    ['missing.json', /ERR_NOT_FOUND: Cannot read/],
  ] as const) {
    const ended = await run('apply', folder, '--migrate', join(other, file))
    expect(ended.code, file).toBe(2)
    expect(ended.err).toMatch(told)
  }
  expect((await run('apply', '.', '--in-flight', 'jump')).code).toBe(1)
  expect((await run('apply', '.', '--in-flight', 'stay', '--migrate', 'x.json')).code).toBe(1)
  expect((await server.denrei.definitions()).map(({ version }) => version)).toEqual([1])
})
