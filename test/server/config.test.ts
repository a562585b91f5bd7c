import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { expect, onTestFinished, test } from 'vitest'
import { authSecret } from '#server/authSecret.ts'
import { ConfigInvalid, describeConfig, readConfig } from '#server/config.ts'
import { Secret } from '#server/secret.ts'

test('without any variable the server listens on loopback only and keeps a file', () => {
  expect(readConfig({})).toMatchObject({
    DENREI_HOST: '127.0.0.1',
    DENREI_PORT: 8080,
    DENREI_DB: './denrei.db',
    DENREI_SYNCHRONOUS: 'full',
    WHATSAPP_BASE_URL: 'https://graph.facebook.com',
    WHATSAPP_API_VERSION: 'v25.0',
    WHATSAPP_APP_SECRET: [],
    DENREI_METRICS_OPEN: false,
  })
})

test('an empty variable counts as missing', () => {
  expect(readConfig({ DENREI_PORT: ' ', WHATSAPP_TOKEN: '' })).toMatchObject({ DENREI_PORT: 8080 })
  expect(readConfig({ WHATSAPP_TOKEN: '' }).WHATSAPP_TOKEN).toBeUndefined()
})

test('a list of secrets takes two while one is changed', () => {
  const { WHATSAPP_APP_SECRET } = readConfig({ WHATSAPP_APP_SECRET: 'old-one, new-one,' })
  expect(WHATSAPP_APP_SECRET.map((secret) => secret.reveal())).toEqual(['old-one', 'new-one'])
})

test.each([
  ['DENREI_PORT', '80a', 'whole number'],
  ['DENREI_PORT', '70000', '65535 or less'],
  ['DENREI_SYNCHRONOUS', 'off', '"full" or "normal"'],
  ['DENREI_TRUST_PROXY', 'yes', '"true" or "false"'],
  ['DENREI_AUTH_SECRET', 'too-short-to-be-one', 'at least 32 characters'],
  ['WHATSAPP_BASE_URL', 'graph.facebook.com', 'http or https URL'],
  ['WHATSAPP_BASE_URL', 'file:///etc/passwd', 'http or https URL'],
  ['WHATSAPP_API_VERSION', '25', '"v25.0"'],
  ['WHATSAPP_ACCOUNT_ID', 'my account', 'digits'],
  ['WEBHOOK_SIGNING_SECRET', 'hunter2hunter2', 'whsec_'],
])('%s=%s is refused, and the message names the variable and the way out, not the value', (name, value, hint) => {
  const refused = () => readConfig({ [name]: value })
  expect(refused).toThrow(ConfigInvalid)
  expect(refused).toThrow(new RegExp(`${name}: .*${hint.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}`, 'i'))
  if (value.length > 6) expect(refused).not.toThrow(value)
})

test('every wrong variable is named at once', () => {
  expect(() => readConfig({ DENREI_PORT: 'x', WHATSAPP_API_VERSION: 'y' })).toThrow(/DENREI_PORT.*WHATSAPP_API_VERSION/)
})

test('a secret prints nowhere', () => {
  const config = readConfig({ WHATSAPP_TOKEN: 'EAAB-very-secret', WHATSAPP_APP_SECRET: 'app-very-secret' })
  const printed = [
    JSON.stringify(config),
    inspect(config, { depth: 9, showHidden: true }),
    `${String(config.WHATSAPP_TOKEN)}`,
  ]
  expect(printed.join('\n')).not.toContain('very-secret')
  expect(printed.join('\n')).toContain('[secret]')
})

test('each variable has a description for the documentation', () => {
  for (const row of describeConfig()) expect(row.description, row.name).not.toBe('')
  expect(describeConfig()).toContainEqual(expect.objectContaining({ name: 'DENREI_PORT', fallback: '8080' }))
})

test('the secret of sessions is made once and kept where only its owner can read it', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'denrei-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  const database = join(folder, 'denrei.db')

  const first = await authSecret(undefined, database)
  expect(first.reveal().length).toBeGreaterThanOrEqual(32)
  expect((await authSecret(undefined, database)).reveal()).toBe(first.reveal())
  expect((await stat(`${database}.secret`)).mode & 0o777).toBe(0o600)
  expect((await readFile(`${database}.secret`, 'utf8')).trim()).toBe(first.reveal())

  const configured = new Secret('c'.repeat(40))
  expect((await authSecret(configured, database)).reveal()).toBe('c'.repeat(40))

  await writeFile(`${database}.secret`, 'short')
  await expect(authSecret(undefined, database)).rejects.toThrow(/DENREI_AUTH_SECRET/)
})
