import { mkdtemp, rm } from 'node:fs/promises'
import { randomBytes } from 'node:crypto'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { startEmulator, type Emulator } from '#emulator/emulator.ts'
import { readConfig } from '#server/config.ts'
import { startServer, type StartedServer } from '#server/main.ts'
import { EXIT, type Context } from '../context.ts'
import { feed, readEvents, type Target } from '../demo/feed.ts'
import { compare, readOutcome } from '../demo/outcome.ts'
import { messageTable, summaryLines } from '../demo/table.ts'
import { LIBRARY } from '../places.ts'
import { readFolder } from '../readFolder.ts'
import { callServer } from '../remote.ts'
import { say } from '../texts.ts'
import { untilStopped } from './start.ts'

const DEADLINE_MS = 60_000

/**
 * `denrei demo`: the main job from end to end, with the real server, the real store and an emulated WhatsApp, over real HTTP on
 * loopback. Exit 1 when what the store says and what the emulator counted do not agree.
 */
export async function demo({ output }: Context, options: { keep?: boolean }): Promise<number> {
  const began = performance.now()
  const folder = await mkdtemp(join(tmpdir(), 'denrei-demo-'))
  const secrets = { token: secret(), appSecret: secret(), verifyToken: secret(), zohoToken: secret().slice(0, 40) }
  const emulator = await startEmulator({
    ...secrets,
    seed: 20261122,
    statusDelaysMs: { sent: 20, delivered: 60, read: 120 },
    reviewDelayMs: 200,
    readRate: 0.6,
    delivery: { duplicateRate: 0.05, reorderRate: 0.1, reorderMs: 40, beforeAnswerRate: 0.05 },
    numbers: [{ id: '106540352242922', displayNumber: '+81 3-4567-8901', verifiedName: '伝令商会', throughput: 1000 }],
  })
  let server: StartedServer | undefined
  try {
    server = await startServer(configOf(folder, emulator, secrets))
    const target: Target = { url: server.url, key: server.adminKey ?? '', zohoToken: secrets.zohoToken }
    output.line(say(output.language, 'demoStarted', server.url, emulator.url))
    await play({ server, emulator, target, output })
    const { outcome, all } = await readOutcome(server.denrei.store)
    const wrong = compare(all, outcome, emulator)
    const seconds = Math.round((performance.now() - began) / 100) / 10
    output.result({ ...outcome, seconds, disagreements: wrong }, () => {
      output.line(messageTable(all, output.language))
      for (const line of summaryLines(outcome, output.language)) output.line(line)
      for (const line of wrong) output.line(`! ${line}`)
      output.line(say(output.language, wrong.length === 0 ? 'demoAgrees' : 'demoDisagrees', seconds))
    })
    if (options.keep === true) {
      output.line(say(output.language, 'demoKept', server.url, emulator.url, target.key))
      await untilStopped()
    }
    return wrong.length === 0 ? EXIT.ok : EXIT.no
  } finally {
    await server?.close()
    await emulator.close()
    await rm(folder, { recursive: true, force: true })
  }
}

interface Stage {
  server: StartedServer
  emulator: Emulator
  target: Target
  output: Context['output']
}

/** The story, in the order in which a company would live it. */
async function play({ server, emulator, target, output }: Stage): Promise<void> {
  const startedAt = Date.now()
  const call = <T>(method: 'GET' | 'POST' | 'PUT', path: string, body?: unknown) =>
    callServer<T>(target, method, path, body)
  const events = await readEvents()
  const { language } = output
  emulator.setWebhookUrl(`${target.url}/v1/whatsapp/webhook`)

  await call('POST', '/v1/account/sync', {})
  const files = await output.progress(say(language, 'reading', 'definitions/library'), () => readFolder(LIBRARY))
  await output.progress(say(language, 'demoApply', files.length), async () => {
    await call('POST', '/v1/definitions/apply', { files })
    await until(
      'the templates are reviewed',
      () =>
        emulator
          .templates()
          .filter(({ status }) => status === 'PENDING')
          .every(({ name }) => name.includes('slow')) && emulator.templates().length > 0,
    )
    await settle(server, emulator)
  })
  await output.progress(say(language, 'demoFirst'), async () => {
    await call('POST', '/v1/credits/purchases', { amountMicros: 3_000_000, memo: '初回購入 / first purchase' })
    await feed(
      events.filter(({ phase }) => phase === 1),
      target,
      startedAt,
    )
    await settle(server, emulator)
  })
  await output.progress(say(language, 'demoAnswers'), async () => {
    await call('POST', '/v1/credits/purchases', { amountMicros: 20_000_000, memo: '追加購入 / second purchase' })
    await settle(server, emulator)
    const welcomed = emulator
      .messages()
      .filter(({ template, waId }) => template?.name === 'welcome_lead' && waId !== null)
    for (const [index, text] of [
      [0, '停止'],
      [2, 'STOP'],
      [4, '配信停止'],
      [6, '電話でお願いします'],
    ] as const) {
      await emulator.inbound({ from: `+${welcomed[index]?.waId ?? ''}`, text })
    }
    await settle(server, emulator)
  })
  await output.progress(say(language, 'demoSecond'), async () => {
    await feed(
      events.filter(({ phase }) => phase === 2),
      target,
      startedAt,
    )
    await settle(server, emulator)
  })
  await output.progress(say(language, 'demoApprove'), async () => {
    for (const { name, language: one } of emulator.templates().filter(({ status }) => status === 'PENDING'))
      await emulator.decide('approve', name, one)
    await settle(server, emulator)
  })
}

/** Until nothing is due here and nothing is on its way there. */
async function settle({ denrei }: StartedServer, emulator: Emulator): Promise<void> {
  await until('everything has come to rest', async () => {
    await denrei.drain()
    await emulator.settled()
    const { inboxPending, outbox } = await denrei.store.depths(denrei.clock.now())
    return inboxPending === 0 && (outbox.queued ?? 0) === 0 && (outbox.sending ?? 0) === 0 && emulator.nextAt() === null
  })
}

async function until(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = Date.now() + DEADLINE_MS
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error(`The demo waited ${DEADLINE_MS / 1000} s in vain until ${what}.`)
    await wait(20)
  }
}

function configOf(
  folder: string,
  emulator: Emulator,
  secrets: { token: string; appSecret: string; verifyToken: string; zohoToken: string },
) {
  return readConfig({
    DENREI_PORT: '0',
    DENREI_DB: join(folder, 'denrei.db'),
    DENREI_LOG_LEVEL: 'error',
    WHATSAPP_BASE_URL: emulator.url,
    WHATSAPP_ACCOUNT_ID: emulator.wabaId,
    WHATSAPP_TOKEN: secrets.token,
    WHATSAPP_APP_SECRET: secrets.appSecret,
    WHATSAPP_VERIFY_TOKEN: secrets.verifyToken,
    ZOHO_CHANNEL_TOKEN: secrets.zohoToken,
  })
}

function secret(): string {
  return randomBytes(24).toString('hex')
}
