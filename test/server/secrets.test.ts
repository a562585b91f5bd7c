import { randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Secret } from '#server/secret.ts'
import { keptSecrets } from '#server/secrets/kept.ts'
import { createVault } from '#server/secrets/vault.ts'
import { openSqlite } from '#store/sqlite/openSqlite.ts'

const aKey = () => new Secret(randomBytes(32).toString('base64'))
const [OLD, NEW] = [aKey(), aKey()]
const thrown = (work: () => unknown): { code?: string; message: string } => {
  try {
    work()
  } catch (error) {
    return error as Error
  }
  throw new Error('nothing was thrown')
}

test('what is sealed opens again, and never looks the same twice', () => {
  const vault = createVault([NEW])
  fc.assert(
    fc.property(fc.string(), fc.string({ unit: 'grapheme' }), (name, value) => {
      const sealed = vault.seal(name, value)
      expect(vault.open(name, sealed).reveal()).toBe(value)
      expect(vault.seal(name, value)).not.toBe(sealed)
      if (value.length > 3) expect(sealed).not.toContain(value)
    }),
  )
})

test('no changed character, and no other name, opens it', () => {
  const vault = createVault([NEW])
  const sealed = vault.seal('account/1/token', 'EAA秘密')
  expect(thrown(() => vault.open('account/2/token', sealed)).code).toBe('ERR_SECRET_UNREADABLE')
  fc.assert(
    fc.property(fc.nat(sealed.length - 1), fc.constantFrom('A', 'z', '.', '0'), (at, other) => {
      fc.pre(sealed[at] !== other)
      const changed = sealed.slice(0, at) + other + sealed.slice(at + 1)
      // The last character of base64url may hold bits that count for nothing.
      fc.pre(at !== sealed.length - 1)
      const told = thrown(() => vault.open('account/1/token', changed))
      expect(told.code).toBe('ERR_SECRET_UNREADABLE')
      expect(told.message).not.toContain('秘密')
    }),
  )
})

test('the first key seals, all open; what no key opens names the key it needs', () => {
  const sealed = createVault([OLD]).seal('a', 'x')
  expect(createVault([NEW, OLD]).open('a', sealed).reveal()).toBe('x')
  expect(createVault([NEW, OLD]).isOld(sealed)).toBe(true)
  const told = thrown(() => createVault([NEW]).open('a', sealed))
  expect(told.message).toContain(createVault([OLD]).keyIds[0])
  expect(told.message).toContain('Put that key back')
  expect(thrown(() => createVault([]).seal('a', 'x')).message).toContain('openssl rand -base64 32')
})

test('rotation seals all anew, leaves what it cannot open, and is done once', async () => {
  const { store } = openSqlite(':memory:')
  const clock = { now: () => 1 }
  await keptSecrets(store, clock, createVault([OLD])).write([
    { name: 'a', value: '一' },
    { name: 'b', value: '二' },
  ])
  await keptSecrets(store, clock, createVault([aKey()])).write([{ name: 'lost', value: '三' }])
  const rotating = keptSecrets(store, clock, createVault([NEW, OLD]))
  const found = await rotating.rotate()
  expect(found).toMatchObject({ rotated: ['a', 'b'], current: [], unreadable: [{ name: 'lost' }] })
  expect((await rotating.rotate()).rotated).toEqual([])
  const after = keptSecrets(store, clock, createVault([NEW]))
  expect((await after.read('a'))?.reveal()).toBe('一')
  expect(await store.secret('a')).not.toContain('一')
  await store.close()
})

test('dropping a secret needs no key', async () => {
  const { store } = openSqlite(':memory:')
  const kept = keptSecrets(store, { now: () => 1 }, createVault([]))
  await kept.write([{ name: 'a', value: null }])
  await expect(kept.write([{ name: 'a', value: 'x' }])).rejects.toMatchObject({ code: 'ERR_ENCRYPTION_KEY_MISSING' })
  await store.close()
})
