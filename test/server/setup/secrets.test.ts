import { expect, test } from 'vitest'
import { APP, NEW_NUMBER, openSetupWorld, TO_NUMBER, TOKEN } from './setupWorld.ts'

test('no secret of a whole set-up is in an answer, in the log, or open in the database', async () => {
  const seen: string[] = []
  const world = await openSetupWorld({ log: (line) => seen.push(line) })
  const { call, step, store, database, emulator } = world
  const id = await world.start()
  const take = async (...steps: [string, unknown?][]) => {
    for (const [name, body] of steps) seen.push((await step(id, name, body ?? {})).text)
  }
  const wrong = 'EAAwrongtokenthatisnotone'
  const app = { ...APP, verifyToken: 'a-word-of-our-own' }
  const pin = '918273'
  await take(
    ['app', { ...app, appSecret: 'not-the-app-secret' }],
    ['app', app],
    ['access', { token: wrong }],
    ...TO_NUMBER.slice(1),
    ['number', { numberId: NEW_NUMBER }],
    ['verify', { method: 'SMS', language: 'ja' }],
  )
  const { code } = emulator.codes().at(-1)!
  await take(
    ['verify', { code: '000001' }],
    ['verify', { code }],
    ['register', { pin }],
    ['webhook'],
    ['profile', { nickname: '本店' }],
    ['people', { registerAs: 'Leads' }],
    ['active'],
  )
  expect((await call(`GET /v1/setups/${id}`)).body.state).toBe('done')

  const reads = ['/v1/setups', `/v1/setups/${id}`, '/v1/accounts', '/v1/templates', '/v1/settings', '/v1/notifications']
  for (const path of reads) {
    const answer = await call(`GET ${path}`)
    expect([path, answer.status]).toEqual([path, 200])
    seen.push(answer.text)
  }
  const tables = database.prepare<[], { name: string }>("SELECT name FROM sqlite_master WHERE type = 'table'").all()
  for (const { name } of tables) seen.push(JSON.stringify(database.prepare(`SELECT * FROM "${name}"`).all()))
  expect(await store.secretNames()).not.toEqual([])

  const all = seen.join('\n')
  // It would be seen if it were there: answers, lines of the log, and rows.
  for (const part of ['本店', '"level":', 'v1.']) expect(all).toContain(part)
  const secrets = [TOKEN, wrong, APP.appSecret, 'not-the-app-secret', app.verifyToken]
  expect(secrets.filter((secret) => all.includes(secret))).toEqual([])
  // Six digits stand in longer numbers by chance.
  for (const digits of [pin, code]) expect(all).not.toMatch(new RegExp(`(?<![0-9a-z])${digits}(?![0-9a-z])`, 'i'))
})
