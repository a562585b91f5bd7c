import Database from 'better-sqlite3'
import { expect, test } from 'vitest'
import { createAuth } from '#server/auth.ts'
import { Secret } from '#server/secret.ts'

const MINUTE_MS = 60_000
const NO_SUCH_KEY = `denrei_${'x'.repeat(64)}`

function setup(database = new Database(':memory:')) {
  const clock = { at: Date.now(), now: () => clock.at }
  return { database, clock, auth: createAuth({ database, clock, secret: new Secret('s'.repeat(40)) }) }
}

test('a new key names its holder, and is kept only as a hash', async () => {
  const { auth, database } = setup()
  const { key, ...info } = await auth.createKey({ name: '営業チームの連携', role: 'agent' })
  expect(key).toMatch(/^denrei_[A-Za-z]{64}$/)
  expect(await auth.authenticate(key)).toMatchObject({ keyId: info.id, name: '営業チームの連携', role: 'agent' })
  expect(JSON.stringify(database.prepare('select * from auth_apikey').all())).not.toContain(key.slice(12))
  expect(JSON.stringify(await auth.keys())).not.toContain(key.slice(12))
})

test.each([
  ['missing', undefined],
  ['empty', ''],
  ['of another shape', 'hunter2'],
  ['well formed but unknown', NO_SUCH_KEY],
])('a key that is %s is not authentic', async (_, key) => {
  await expect(setup().auth.authenticate(key)).rejects.toMatchObject({ code: 'ERR_NOT_AUTHENTIC' })
})

test('a revoked key is refused at once, though it was remembered', async () => {
  const { auth } = setup()
  const { key, id } = await auth.createKey({ name: 'a', role: 'viewer' })
  await auth.authenticate(key)
  await auth.revokeKey(id)
  await expect(auth.authenticate(key)).rejects.toMatchObject({ code: 'ERR_NOT_AUTHENTIC' })
  expect(await auth.keys()).toMatchObject([{ id, enabled: false }])
})

test('a verification that began before a revocation is not remembered after it', async () => {
  const { auth } = setup()
  const { key, id } = await auth.createKey({ name: 'a', role: 'viewer' })
  await Promise.allSettled([auth.authenticate(key), auth.revokeKey(id)])
  await expect(auth.authenticate(key)).rejects.toMatchObject({ code: 'ERR_NOT_AUTHENTIC' })
})

test('a verified key is not looked up again for a minute', async () => {
  const { auth, database, clock } = setup()
  const { key } = await auth.createKey({ name: 'a', role: 'ingest' })
  await auth.authenticate(key)
  database.prepare('update auth_apikey set enabled = 0').run()
  clock.at += MINUTE_MS - 1_000
  await auth.authenticate(key)
  clock.at += 2_000
  await expect(auth.authenticate(key)).rejects.toMatchObject({ code: 'ERR_NOT_AUTHENTIC' })
})

test('a key ends on its day even while it is remembered', async () => {
  const { auth, clock } = setup()
  const { key, expiresAt } = await auth.createKey({ name: 'a', role: 'viewer', expiresInDays: 1 })
  clock.at = expiresAt! - 1
  await auth.authenticate(key)
  clock.at = expiresAt!
  await expect(auth.authenticate(key)).rejects.toMatchObject({ code: 'ERR_NOT_AUTHENTIC' })
})

test('revoking a key that does not exist says so', async () => {
  await expect(setup().auth.revokeKey('nobody')).rejects.toMatchObject({ code: 'ERR_NOT_FOUND' })
})

test('a database without keys is new, also the second time it is opened', async () => {
  const { auth, database } = setup()
  expect(auth.isNew()).toBe(true)
  await auth.warmUp()
  expect(auth.isNew()).toBe(true)
  const { key } = await auth.createKey({ name: 'a', role: 'admin' })
  const again = setup(database)
  expect(again.auth.isNew()).toBe(false)
  expect(await again.auth.authenticate(key)).toMatchObject({ role: 'admin' })
})
