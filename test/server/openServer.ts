import type { FastifyInstance, InjectOptions } from 'fastify'
import { v7 } from 'uuid'
import { onTestFinished } from 'vitest'
import { NUMBER_DEFAULTS, type NumberState } from '#engine/state.ts'
import type { RecordEvent } from '#engine/trigger.ts'
import { buildApp } from '#server/app.ts'
import { createAuth } from '#server/auth.ts'
import { readConfig } from '#server/config.ts'
import { createConnecting, openKept } from '#server/connecting.ts'
import { createDenrei, type DenreiParts } from '#server/createDenrei.ts'
import { createHealth } from '#server/health.ts'
import { createLogger } from '#server/logger.ts'
import { createMetrics } from '#server/metrics.ts'
import { observers, type Loop, type Observer } from '#server/observer.ts'
import type { Role } from '#server/roles.ts'
import { Secret } from '#server/secret.ts'
import { openSqlite } from '#store/sqlite/openSqlite.ts'

export const NOW = Date.parse('2026-08-12T12:00:00+09:00')

export const SECRETS = {
  WHATSAPP_APP_SECRET: 'app-secret-for-tests',
  WHATSAPP_VERIFY_TOKEN: 'verify-token-for-tests',
  ZOHO_CHANNEL_TOKEN: 'zoho-token-for-tests',
  ZOHO_WEBHOOK_SECRET: 'zoho-secret-for-tests',
}

export interface Setup {
  env?: Record<string, string>
  accounts?: DenreiParts['accounts']
  payments?: DenreiParts['payments']
  limits?: DenreiParts['limits']
  /** Hears every line of the log. */
  log?: (line: string) => void
  loops?: Loop[]
  probe?: () => void
  /** False leaves the loops off, so that nothing is decided. */
  started?: boolean
}

export interface Answer {
  status: number
  body: Body
  text: string
  headers: Record<string, string | string[] | number | undefined>
}
/** What the tests look into; a field that an answer lacks is undefined. */
export interface Body {
  id: string
  code: string
  key: string
  version: number
  triggerId: string
  messageId: string
  events: [Accepted, ...Accepted[]]
  problems: object[]
  items: Listed[]
  next: string | null
  paths: Record<string, Record<string, Operation>>
  components: { schemas: Record<string, object> }
  openapi: string
}
interface Accepted {
  id: string
  triggerId: string
  status: string
}
interface Listed {
  id: string
  key: string
  version: number
}
export interface Operation {
  operationId: string
  summary: string
  tags: string[]
  security: object[]
  parameters?: { name: string; in: string; required?: boolean; schema: object }[]
  requestBody?: { content: Record<string, { schema: object }> }
  responses: Record<string, { description: string; content?: Record<string, { schema: object }> }>
}

/** The real application over the real engine and store, in memory, at a time that stands still. */
export async function openServer(setup: Setup = {}) {
  const clock = { at: NOW, now: () => clock.at }
  const { store, database } = openSqlite(':memory:')
  const ears: Observer[] = []
  const config = readConfig({ ...SECRETS, ...setup.env })
  const kept = await openKept(store, clock, config)
  const denrei = await createDenrei({
    store,
    clock,
    newId: v7,
    random: () => 0.5,
    accounts: setup.accounts ?? kept.accounts,
    observer: observers(ears),
    ...(setup.limits ? { limits: setup.limits } : {}),
    ...(setup.payments ? { payments: setup.payments } : {}),
  })
  const auth = createAuth({ database, clock, secret: new Secret('s'.repeat(40)) })
  const metrics = createMetrics({ store, clock })
  const health = createHealth({
    store,
    clock,
    probe: setup.probe ?? (() => undefined),
    inboxLagMaxMs: 60_000,
    loops: setup.loops ?? [],
    report: () => undefined,
  })
  ears.push(metrics.observer, health.observer)
  const connecting = createConnecting({ denrei, kept, config, newId: v7 })
  const parts = { denrei, connecting, auth, metrics, health, newId: v7, config }
  const logger = createLogger(setup.log ? 'trace' : 'silent', { write: (line) => setup.log?.(line) })
  const app = buildApp({ ...parts, logger })
  if (setup.started !== false) denrei.start()
  onTestFinished(async () => {
    await app.close()
    await denrei.stop()
  })

  const keys = new Map<Role, Promise<string>>()
  const keyOf = (role: Role) => {
    if (!keys.has(role))
      keys.set(
        role,
        auth.createKey({ name: `${role} for tests`, role }).then(({ key }) => key),
      )
    return keys.get(role)!
  }
  return { app, auth, clock, denrei, kept, store, database, parts, keyOf, call: caller(app, keyOf) }
}

/** `await call('POST /v1/events', event)`; an admin calls unless it is said otherwise; null sends no key. */
function caller(app: FastifyInstance, keyOf: (role: Role) => Promise<string>) {
  return async (
    route: string,
    payload?: unknown,
    { role = 'admin', headers = {} }: { role?: Role | null; headers?: Record<string, string> } = {},
  ): Promise<Answer> => {
    const [method, url] = route.split(' ') as [InjectOptions['method'], string]
    const answer = await app.inject({
      method,
      url,
      headers: { ...(role === null ? {} : { authorization: `Bearer ${await keyOf(role)}` }), ...headers },
      ...(payload === undefined ? {} : { payload: payload as InjectOptions['payload'] }),
    } as InjectOptions)
    const isJson = /json/.test(String(answer.headers['content-type']))
    return {
      status: answer.statusCode,
      text: answer.body,
      body: (isJson && answer.body !== '' ? JSON.parse(answer.body) : undefined) as Body,
      headers: answer.headers,
    }
  }
}

/** A number that can send: without one no credits are bought (S38). */
export const ACTIVE_NUMBER: NumberState = {
  id: '3001',
  accountId: '2001',
  displayNumber: '+81 3-1234-5678',
  nickname: null,
  verifiedName: '伝令商会',
  status: 'CONNECTED',
  verified: true,
  quality: 'GREEN',
  throughput: 80,
  ...NUMBER_DEFAULTS,
  reachMax: null,
  updatedAt: NOW,
}

/** A lead in our own event shape. */
export function leadCreated(id = 'evt-1', fields: Partial<RecordEvent['values']> = {}) {
  return {
    id,
    type: 'record.created',
    module: 'Leads',
    recordId: `L-${id}`,
    values: { Last_Name: '山田', Company: '株式会社テスト', Mobile: '+819012345678', ...fields },
  }
}
