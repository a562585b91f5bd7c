import { createServer, type AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'
import { startEmulator } from '#emulator/emulator.ts'
import type { EmulatorOptions } from '#emulator/options.ts'
import type { SetupView, StepView } from '#server/setup/view.ts'
import { openServer } from '../openServer.ts'

export const KEY = Buffer.alloc(32, 7).toString('base64')
export const OTHER_KEY = Buffer.alloc(32, 8).toString('base64')
export const APP = { appId: '634974688087057', appSecret: 'emulator-app-secret' }
export const TOKEN = 'EAAsystemusertokenofthetests'
export const WABA = '102290129340398'
export const NEW_NUMBER = '1001'

/** A number in every state that matters (S22, S30, S31). */
export const NUMBERS: NonNullable<EmulatorOptions['numbers']> = [
  {
    id: NEW_NUMBER,
    displayNumber: '+81 3-4567-8901',
    verifiedName: '伝令商会',
    status: 'PENDING',
    verified: false,
    platform: 'NOT_APPLICABLE',
  },
  {
    id: '1002',
    displayNumber: '+81 3-4567-8902',
    verifiedName: '伝令商会 旧',
    platform: 'ON_PREMISE',
    status: 'DISCONNECTED',
  },
  { id: '1003', displayNumber: '+81 90-4567-8903', verifiedName: '伝令商会 店', onBizApp: true },
  { id: '1004', displayNumber: '+81 3-4567-8904', verifiedName: '却下商会', nameStatus: 'DECLINED' },
  { id: '1005', displayNumber: '+81 3-4567-8905', verifiedName: '停止商会', status: 'BANNED' },
  { id: '1006', displayNumber: '+81 3-4567-8906', verifiedName: '移行商会', status: 'MIGRATED' },
  { id: '1007', displayNumber: '+81 3-4567-8907', verifiedName: '伝令商会 2' },
  { id: '1008', displayNumber: '+81 3-4567-8908', verifiedName: '伝令商会 3', status: 'DISCONNECTED', pin: '654321' },
]

interface Given {
  emulator?: Partial<EmulatorOptions>
  env?: Record<string, string>
  log?: (line: string) => void
}

/** The server on a real socket, so that Meta's handshake can come in, and an emulated Meta without an account of ours. */
export async function openSetupWorld({ emulator: given = {}, env = {}, log }: Given = {}) {
  const emulator = await startEmulator({
    seed: 7,
    token: TOKEN,
    appSecret: APP.appSecret,
    appId: APP.appId,
    wabaId: WABA,
    name: '伝令商会 アカウント',
    numbers: NUMBERS.map((one) => ({ ...one })),
    subscribed: false,
    webhookFields: [],
    ...given,
  })
  const port = await freePort()
  const server = await openServer({
    env: {
      WHATSAPP_BASE_URL: emulator.url,
      DENREI_ENCRYPTION_KEY: KEY,
      DENREI_PUBLIC_URL: `http://127.0.0.1:${port}`,
      ...env,
    },
    ...(log && { log }),
  })
  onTestFinished(() => emulator.close())
  await server.app.listen({ port, host: '127.0.0.1' })

  const call = async (route: string, body?: unknown) => {
    const answer = await server.call(route, body)
    return { ...answer, body: answer.body as unknown as SetupView & Refused }
  }
  const step = (id: string, name: string, body: unknown = {}, query = '') =>
    call(`POST /v1/setups/${id}/steps/${name}${query}`, body)
  const start = async () => (await call('POST /v1/setups')).body.id
  /** Takes steps one after the other; the answers must all be 200. */
  async function take(id: string, ...steps: [string, unknown?][]): Promise<SetupView> {
    let view: SetupView | undefined
    for (const [name, body] of steps) {
      const answer = await step(id, name, body ?? {})
      if (answer.status !== 200) throw new Error(`${name}: ${answer.status} ${answer.text}`)
      view = answer.body
    }
    return view!
  }
  return { emulator, ...server, call, step, start, take, port }
}

export interface Refused {
  code: string
  detail: string
  details: Record<string, unknown>
}

/** To the choice of the number. */
export const TO_NUMBER: [string, unknown?][] = [
  ['app', APP],
  ['access', { token: TOKEN }],
  ['account', { accountId: WABA }],
]

/** All of it, with a number that is registered already. */
export const ALL: [string, unknown?][] = [
  ...TO_NUMBER,
  ['number', { numberId: '1007' }],
  ['webhook'],
  ['profile', { nickname: '本店' }],
  ['people', { registerAs: 'Leads' }],
  ['active'],
]

export const stepOf = (view: SetupView, name: string): StepView => view.steps.find(({ step }) => step === name)!

export async function freePort(): Promise<number> {
  const probe = createServer()
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve))
  const { port } = probe.address() as AddressInfo
  await new Promise((resolve) => probe.close(resolve))
  return port
}
