import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { startEmulator } from '#emulator/emulator.ts'
import { readConfig } from '#server/config.ts'
import { startServer } from '#server/main.ts'
import { buildHost } from '../../docs/guide/examples/host.ts'
import type { AccountState } from '#engine/state.ts'
import { ACTIVE_NUMBER, NOW } from '../server/openServer.ts'
import { freePort } from '../server/setup/setupWorld.ts'
import { denrei, scratch } from './runDenrei.ts'

const SWITCHED_OFF: AccountState = {
  ...{
    id: ACTIVE_NUMBER.accountId,
    name: '伝令商会',
    portfolioId: null,
    enabled: false,
    setUpAt: NOW,
    access: 'stored',
  },
  ...{ appId: null, tokenExpiresAt: null, scopes: [], reviewStatus: 'APPROVED', currency: 'USD', zone: 'Asia/Tokyo' },
  ...{ country: 'JP', troubles: [], checkedAt: null, updatedAt: NOW },
}

const WORKFLOW = {
  kind: 'workflow',
  name: 'tag-web-lead',
  module: 'Leads',
  trigger: { on: 'record.created' },
  branches: [{ actions: [{ type: 'addTags', tags: ['web'] }] }],
}

test.each([
  ['check', ['check', '.'], 0],
  ['plan', ['plan', '.'], 0],
  ['explain', ['explain', 'nothing'], 2],
  ['doctor', ['doctor'], 1],
])('%s makes no database where there is none', async (_, args, code) => {
  const folder = scratch({ 'tag.json': WORKFLOW })
  const ended = await denrei(folder, args)
  expect(ended.code, ended.err).toBe(code)
  expect(existsSync(join(folder, 'denrei.db'))).toBe(false)
})

test('apply makes the database, so that what it says is applied is there at the next start', async () => {
  const folder = scratch({ 'tag.json': WORKFLOW })
  expect((await denrei(folder, ['apply', '.'])).out).toContain('create  workflow/tag-web-lead@1')
  expect((await denrei(folder, ['plan', '.', '--json'])).out).toContain('"change":"unchanged"')
})

test('a running server has the file: the command says how to reach it, and the doctor still examines the account', async () => {
  const emulator = await startEmulator({ token: 't', appSecret: 's', seed: 1 })
  onTestFinished(() => emulator.close())
  const folder = scratch({ 'broken.json': { ...WORKFLOW, name: 'broken', module: 'Leeds' }, 'tag.json': WORKFLOW })
  const env = {
    DENREI_DB: join(folder, 'denrei.db'),
    DENREI_PORT: '0',
    DENREI_LOG_LEVEL: 'silent',
    WHATSAPP_BASE_URL: emulator.url,
    WHATSAPP_ACCOUNT_ID: emulator.wabaId,
    WHATSAPP_TOKEN: 't',
    WHATSAPP_APP_SECRET: 's',
    WHATSAPP_VERIFY_TOKEN: 'v',
  }
  const server = await startServer(readConfig(env))
  onTestFinished(() => server.close())

  const local = await denrei(folder, ['check', '.'], env)
  expect(local.code).toBe(2)
  expect(local.err).toMatch(/ERR_STORE_LOCKED.*--url/)

  const doctor = await denrei(folder, ['doctor'], env)
  expect(doctor.code, doctor.out).toBe(0)
  expect(doctor.out).toMatch(/\[skipped\] database: a server has it open/)
  expect(doctor.out).toMatch(/\[ok\] number .*: CONNECTED/)

  const remote = { DENREI_URL: server.url, DENREI_KEY: server.adminKey ?? '' }
  const applied = await denrei(folder, ['apply', '.'], remote)
  expect(applied.code).toBe(1)
  expect(applied.out).toContain('broken.json#/module  error unknown_module')
  expect(applied.out).toContain('Errors: 1, warnings: 0.')
})

test('the doctor tells which webhook fields the app lacks, and that all come when they do', async () => {
  const env = async (fields?: string[]) => {
    const port = await freePort()
    const url = `http://127.0.0.1:${port}`
    const emulator = await startEmulator({
      token: 't',
      appSecret: 's',
      webhookUrl: `${url}/v1/whatsapp/webhook`,
      ...(fields && { webhookFields: fields }),
    })
    onTestFinished(() => emulator.close())
    return {
      WHATSAPP_BASE_URL: emulator.url,
      WHATSAPP_ACCOUNT_ID: emulator.wabaId,
      WHATSAPP_TOKEN: 't',
      WHATSAPP_APP_ID: '634974688087057',
      WHATSAPP_APP_SECRET: 's',
      WHATSAPP_VERIFY_TOKEN: 'v',
      DENREI_PUBLIC_URL: url,
      DENREI_DB: ':memory:',
    }
  }
  const lacking = await denrei(scratch({}), ['doctor', '--lang', 'ja'], await env(['messages']))
  expect(lacking.code).toBe(1)
  expect(lacking.out).toMatch(/Webhookのフィールド: アプリが account_alerts, .*template_category_update/)
  expect((await denrei(scratch({}), ['doctor'], await env())).out).toMatch(/\[ok\] webhook fields: all come here/)
})

test('the doctor asks the server that has the file about accounts that only the file knows', async () => {
  const folder = scratch({})
  const env = { DENREI_DB: join(folder, 'denrei.db'), DENREI_PORT: '0', DENREI_LOG_LEVEL: 'silent' }
  const server = await startServer(readConfig(env))
  onTestFinished(() => server.close())
  const alone = await denrei(folder, ['doctor'], env)
  expect(alone.out).toMatch(/\[skipped\] WhatsApp account: the server that runs knows/)
  expect(alone.out).not.toContain('[problem]')

  const { store } = server.denrei
  const remote = { ...env, DENREI_URL: server.url, DENREI_KEY: server.adminKey ?? '' }
  expect((await denrei(folder, ['doctor'], remote)).out).toMatch(/\[skipped\] WhatsApp account: none is connected/)
  await store.saveAccounts([SWITCHED_OFF], NOW)
  await store.saveNumbers([ACTIVE_NUMBER], NOW)
  const off = await denrei(folder, ['doctor'], remote)
  expect(off.code).toBe(1)
  expect(off.out).toMatch(/\[problem\] account 伝令商会: switched off/)
  expect(off.out).toMatch(/\[ok\] number .*: CONNECTED/)
  const afar = await denrei(scratch({}), ['doctor'], { DENREI_URL: server.url, DENREI_KEY: server.adminKey ?? '' })
  expect(afar.out).toMatch(/\[skipped\] database: on the machine of the server/)
  expect(afar.out).toMatch(/\[problem\] account 伝令商会: switched off/)
  expect(afar.out).not.toContain('webhook')
  const stranger = await denrei(folder, ['doctor'], { ...remote, DENREI_KEY: 'denrei_wrong' })
  expect(stranger.out).toMatch(/\[problem\] WhatsApp account: ERR_/)
})

test('a server inside another application is reached below its prefix, and knows the actions of its plugins', async () => {
  const faxing = { ...WORKFLOW, branches: [{ actions: [{ type: 'sendFax', to: '$[Leads.Phone]', text: 'ようこそ' }] }] }
  const folder = scratch({ 'fax.json': faxing })
  let key = ''
  const env = { DENREI_DB: ':memory:', DENREI_LOG_LEVEL: 'silent' }
  const host = await buildHost(env, { send: () => Promise.resolve('sent') }, (made) => (key = made))
  onTestFinished(() => host.close())
  const url = `${await host.listen({ host: '127.0.0.1', port: 0 })}/denrei`
  const ended = await denrei(folder, ['apply', '.', '--url', url], { DENREI_KEY: key })
  expect(ended.out, ended.err).toContain('create  workflow/tag-web-lead@1')
  expect((await denrei(folder, ['check', '.'])).out).toContain('unknown_value')
})
