import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { askFor, type Asker } from '../../cli/connect/ask.ts'
import { localDoor } from '../../cli/connect/door.ts'
import { walk } from '../../cli/connect/walk.ts'
import { createOutput } from '../../cli/output.ts'
import { APP, NEW_NUMBER, openSetupWorld, TOKEN, WABA } from '../server/setup/setupWorld.ts'
import { denrei, scratch } from './runDenrei.ts'

const key = () => randomBytes(32).toString('base64')

test(
  'connect --emulator walks the whole set-up by itself, to a delivered message, in under a minute',
  { timeout: 60_000 },
  async () => {
    const began = performance.now()
    const { code, out, err } = await denrei(scratch({}), ['connect', '--emulator', '--lang', 'ja'])
    expect({ code, err: err.replace(/^npm warn.*\n/gm, '') }).toEqual({ code: 0, err: '' })
    for (const title of [
      'Metaのアプリ',
      'アクセスの許可',
      '電話番号',
      '番号の確認',
      '登録',
      'Webhook',
      'ニックネーム',
      '有効化',
    ])
      expect(out).toContain(`✓ ${title}`)
    expect(out).toContain('× 106540352242923')
    expect(out).toContain('配信されました: wamid.')
    expect(out).not.toMatch(/EAA[0-9a-f]{20}/)
    expect(performance.now() - began).toBeLessThan(60_000)
  },
)

test(
  'a script that does not say enough is told what is missing, and the next call goes on there',
  { timeout: 60_000 },
  async () => {
    const folder = scratch({})
    const env = { DENREI_DB: join(folder, 'denrei.db'), DENREI_PORT: '0', DENREI_ENCRYPTION_KEY: key() }
    const first = await denrei(folder, ['connect', '--json'], env)
    expect(first.code).toBe(1)
    const told = JSON.parse(first.out) as { setup: string; step: string; missing: string[] }
    expect(told).toMatchObject({ step: 'app', missing: ['appId', 'appSecret'] })
    const again = await denrei(folder, ['connect', '--json'], env)
    expect((JSON.parse(again.out) as { setup: string }).setup).toBe(told.setup)
    const other = await denrei(folder, ['connect', '--json', '--new'], env)
    expect((JSON.parse(other.out) as { setup: string }).setup).not.toBe(told.setup)
  },
)

test('without a key to seal with, connect says how to make one', { timeout: 30_000 }, async () => {
  const folder = scratch({})
  const { code, err } = await denrei(folder, ['connect'], { DENREI_DB: join(folder, 'denrei.db'), DENREI_PORT: '0' })
  expect(code).toBe(2)
  expect(err).toContain('ERR_ENCRYPTION_KEY_MISSING')
  expect(err).toContain('openssl rand -base64 32')
})

test('a person is asked again after a wrong secret, a wrong code and a wrong PIN', async () => {
  const { denrei: engine, parts, emulator } = await openSetupWorld()
  const lines: string[] = []
  const output = createOutput({ json: false, language: 'ja', isTerminal: false, write: (text) => lines.push(text) })
  let wrongSecret = true
  let wrongCode = true
  const asker: Asker = {
    text: async (message) => {
      if (message === 'アプリID') return APP.appId
      if (message === 'アプリシークレット') {
        const given = wrongSecret ? 'mistyped-secret' : APP.appSecret
        wrongSecret = false
        return given
      }
      if (message.startsWith('システムユーザー')) return TOKEN
      if (message.startsWith('確認コード')) {
        const right = emulator.codes().at(-1)!.code
        const given = wrongCode ? (right === '000000' ? '111111' : '000000') : right
        wrongCode = false
        return given
      }
      if (message.startsWith('6桁のPIN')) return '123456'
      if (message === 'ニックネーム') return '本店'
      return ''
    },
    choose: async (_message, choices) => {
      const wanted = [WABA, NEW_NUMBER, 'SMS', 'Contacts']
      return choices.find(({ value }) => wanted.includes(value))!.value
    },
  }
  const door = localDoor({ denrei: engine, connecting: parts.connecting }, 'ja')
  const code = await walk(
    door,
    await door.start(),
    async (step) => ({ input: await askFor(step, asker, 'ja'), mayAskAgain: true }),
    output,
  )
  expect(code).toBe(0)
  const told = lines.join('')
  expect(told).toContain('コードが違います。あと 2 回')
  expect(told).toContain('このアプリIDとシークレットの組み合わせをMetaが認めません')
  for (const secret of ['mistyped-secret', APP.appSecret, TOKEN, '123456']) expect(told).not.toContain(secret)
  expect((await parts.connecting.accounts.list())[0]).toMatchObject({ account: { id: WABA, enabled: true } })
})
