import { randomBytes, randomInt } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { startEmulator, type Emulator } from '#emulator/emulator.ts'
import type { NumberOptions } from '#emulator/options.ts'
import { readConfig } from '#server/config.ts'
import { createLogger } from '#server/logger.ts'
import { startServer, type StartedServer } from '#server/main.ts'
import type { StepView } from '#server/setup/view.ts'
import { EXIT, type Context } from '../context.ts'
import { say } from '../texts.ts'
import type { ConnectOptions } from './answers.ts'
import { localDoor } from './door.ts'
import { walk } from './walk.ts'

/** One that can be connected, and one of each kind that cannot. */
const NUMBERS: NumberOptions[] = [
  {
    id: '106540352242922',
    displayNumber: '+81 3-4567-8901',
    verifiedName: '伝令商会',
    status: 'PENDING',
    verified: false,
    platform: 'NOT_APPLICABLE',
  },
  {
    id: '106540352242923',
    displayNumber: '+81 3-4567-8902',
    verifiedName: '伝令商会 旧',
    status: 'DISCONNECTED',
    platform: 'ON_PREMISE',
  },
  { id: '106540352242924', displayNumber: '+81 90-4567-8903', verifiedName: '伝令商会 店', onBizApp: true },
  { id: '106540352242925', displayNumber: '+81 3-4567-8904', verifiedName: '伝令', nameStatus: 'DECLINED' },
  { id: '106540352242926', displayNumber: '+81 3-4567-8905', verifiedName: '伝令商会 前', status: 'BANNED' },
]
const APP_ID = '634974688087057'
const DEADLINE_MS = 30_000

/** The whole set-up by itself, against an emulated Meta on loopback, to the first message. */
export async function connectEmulator({ env, output }: Context, options: ConnectOptions): Promise<number> {
  const { language } = output
  const folder = options.db === undefined ? await mkdtemp(join(tmpdir(), 'denrei-connect-')) : null
  const secrets = {
    verifyToken: randomBytes(16).toString('hex'),
    token: `EAA${randomBytes(24).toString('hex')}`,
    appSecret: randomBytes(16).toString('hex'),
  }
  const port = await freePort()
  const emulator = await startEmulator({
    ...secrets,
    // The app is subscribed to nothing yet.
    webhookFields: [],
    appId: APP_ID,
    numbers: NUMBERS.map((one) => ({ ...one })),
    subscribed: false,
    reviewDelayMs: 300,
    name: '伝令商会',
  })
  let server: StartedServer | undefined
  try {
    server = await startServer(
      readConfig({
        DENREI_PORT: String(port),
        DENREI_DB: options.db ?? join(folder!, 'denrei.db'),
        DENREI_ENCRYPTION_KEY: env.DENREI_ENCRYPTION_KEY ?? randomBytes(32).toString('base64'),
        DENREI_PUBLIC_URL: `http://127.0.0.1:${port}`,
        WHATSAPP_BASE_URL: emulator.url,
      }),
      { logger: createLogger('silent') },
    )
    output.line(say(language, 'emulatedStarted', server.url, emulator.url))
    const door = localDoor(server, language)
    const code = await walk(
      door,
      await door.start(),
      async (step) => ({ input: answerOf(step, emulator, secrets, (line) => output.line(line)), mayAskAgain: false }),
      output,
    )
    return code === EXIT.ok ? await sendTest(server, emulator, output) : code
  } finally {
    await server?.close()
    await emulator.close()
    if (folder !== null) await rm(folder, { recursive: true, force: true })
  }
}

/** What a person would type, each shown as it is given. */
function answerOf(
  { step, missing, choices }: StepView,
  emulator: Emulator,
  secrets: { token: string; appSecret: string; verifyToken: string },
  show: (line: string) => void,
): object {
  const shown = (answer: object, told: object = answer) => {
    if (Object.keys(told).length > 0) show(`    > ${JSON.stringify(told)}`)
    return answer
  }
  const first = (choices ?? []).find(({ choosable }) => choosable)?.id ?? ''
  switch (step) {
    case 'app':
      return shown(
        { appId: APP_ID, appSecret: secrets.appSecret, verifyToken: secrets.verifyToken },
        { appId: APP_ID, appSecret: '***' },
      )
    case 'access':
      return shown({ token: secrets.token }, { token: '***' })
    case 'business':
      return shown({ businessId: first })
    case 'account':
      return shown({ accountId: first })
    case 'number':
      return shown({ numberId: first })
    case 'verify':
      return missing.includes('code')
        ? shown({ code: emulator.codes().at(-1)?.code ?? '' })
        : shown({ method: 'SMS', language: 'ja' })
    case 'register':
      return shown({ pin: String(randomInt(1e6)).padStart(6, '0') }, { pin: '******' })
    case 'profile':
      return shown({ nickname: '本店' })
    case 'people':
      return shown({ registerAs: 'Leads', assignTo: null })
    case 'webhook':
    case 'active':
      return {}
  }
}

/** A template is approved, credits are booked, and one message goes all the way. */
async function sendTest(server: StartedServer, emulator: Emulator, output: Context['output']): Promise<number> {
  const { denrei } = server
  const { language } = output
  const name = 'connect_test'
  await output.progress(say(language, 'connectTemplate'), async () => {
    await denrei.apply([{ file: 'connect_test.json', json: TEMPLATE }], 'connect')
    await until(async () => {
      await denrei.drain()
      return (await denrei.store.templates()).some((one) => one.name.startsWith(name) && one.status === 'APPROVED')
    })
  })
  const now = () => denrei.clock.now()
  await denrei.accept([
    {
      kind: 'credits',
      source: 'connect',
      sourceId: 'test',
      occurredAt: now(),
      amountMicros: 1_000_000,
      memo: 'connect',
      actor: 'connect',
    },
    {
      kind: 'record',
      source: 'connect',
      sourceId: 'lead',
      occurredAt: now(),
      op: 'created',
      module: 'Leads',
      recordId: 'L-1',
      mode: 'replace',
      values: { Last_Name: '山田', Mobile: '+818012345678' },
    },
  ])
  await denrei.drain()
  const sent = await output.progress(say(language, 'connectSends'), async () => {
    const { messageId } = await denrei.send(
      { module: 'Leads', recordId: 'L-1', template: name, language: 'ja' },
      'connect',
    )
    await until(async () => {
      await denrei.drain()
      const state = (await denrei.store.message(messageId))?.state ?? ''
      return ['delivered', 'read', 'blocked', 'failed', 'held'].includes(state)
    })
    return denrei.store.message(messageId)
  })
  const delivered = sent?.state === 'delivered' || sent?.state === 'read'
  output.line(
    delivered
      ? say(language, 'connectDelivered', sent.wamid ?? '', emulator.messages().length)
      : say(language, 'connectNotDelivered', sent?.state ?? '', sent?.reason ?? ''),
  )
  return delivered ? EXIT.ok : EXIT.no
}

const TEMPLATE = {
  kind: 'template',
  name: 'connect_test',
  language: 'ja',
  category: 'UTILITY',
  module: 'Leads',
  body: 'お客様 {{name}} 様、WhatsAppの接続テストです。ご返信は不要です。',
  parameters: { name: { value: '$[Leads.Last_Name]', example: '山田' } },
} as const

async function until(holds: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + DEADLINE_MS
  while (!(await holds())) {
    if (performance.now() > deadline) throw new Error(`Nothing came of it within ${DEADLINE_MS / 1000} s.`)
    await wait(50)
  }
}

/** The webhook's address is told before the server listens, so its port has to be known. */
async function freePort(): Promise<number> {
  const probe = createServer()
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve))
  const { port } = probe.address() as AddressInfo
  await new Promise((resolve) => probe.close(resolve))
  return port
}
