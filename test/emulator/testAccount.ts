import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { request } from 'undici'
import { startEmulator, type Emulator } from '#emulator/emulator.ts'
import type { EmulatorOptions } from '#emulator/options.ts'
import { virtualTime } from '#emulator/scheduler.ts'

export const NOON = Date.UTC(2026, 10, 2, 3)
export const TOKEN = 'test-token'
export const SECRET = 'test-secret'
export const NUMBER = '106540352242922'

export interface Post {
  raw: Buffer
  headers: IncomingHttpHeaders
  at: number
  body: { object: string; entry: { id: string; time?: number; changes: { field: string; value: Value }[] }[] }
}
export interface Status {
  id: string
  status: string
  timestamp: string
  recipient_id: string
  recipient_user_id: string
  biz_opaque_callback_data?: string
  pricing?: Record<string, unknown>
  conversation?: Record<string, unknown>
  errors?: { code: number; title: string; message: string; error_data: { details: string } }[]
}
interface Value {
  statuses?: Status[]
  messages?: Record<string, unknown>[]
  contacts?: Record<string, unknown>[]
  event?: string
  [part: string]: unknown
}

export interface GraphAnswer {
  status: number
  body: Record<string, unknown> & {
    error?: Record<string, unknown> & { code: number; error_data?: { details: string } }
  }
}

/** An emulator with virtual time, a receiver that keeps what it is told, and a caller. */
export async function openAccount(options: Partial<EmulatorOptions> = {}) {
  const time = options.schedule ?? virtualTime(NOON)
  const posts: Post[] = []
  /** What the receiver answers to each POST, in turn; 200 when it is empty. */
  const answers: (number | 'close')[] = []
  const receiver = createServer((incoming, outgoing) => {
    const chunks: Buffer[] = []
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk))
    incoming.on('end', () => {
      if (incoming.method === 'GET') {
        const query = new URL(incoming.url!, 'http://x').searchParams
        const known = query.get('hub.verify_token') === 'test-verify' && query.get('hub.mode') === 'subscribe'
        outgoing.statusCode = known ? 200 : 403
        outgoing.end(known ? query.get('hub.challenge') : '')
        return
      }
      const answer = answers.shift() ?? 200
      const raw = Buffer.concat(chunks)
      posts.push({ raw, headers: incoming.headers, at: time.now(), body: JSON.parse(raw.toString()) as Post['body'] })
      if (answer === 'close') incoming.socket.destroy()
      else outgoing.writeHead(answer).end()
    })
  })
  await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve))
  const webhookUrl = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/webhook`
  const emulator = await startEmulator({
    token: TOKEN,
    appSecret: SECRET,
    verifyToken: 'test-verify',
    webhookUrl,
    seed: 7,
    schedule: time,
    ...options,
  })
  const account = {
    emulator,
    posts,
    answers,
    webhookUrl,
    call: (method: string, path: string, body?: unknown) => callGraph(emulator, method, path, body),
    send: (message: object, number = NUMBER) =>
      callGraph(emulator, 'POST', `/v25.0/${number}/messages`, { messaging_product: 'whatsapp', ...message }),
    sendTemplate: (to: string, more: object = {}) =>
      account.send({ to, type: 'template', template: { name: 'hello', language: { code: 'ja' } }, ...more }),
    statuses: (): Status[] =>
      posts.flatMap(({ body }) =>
        body.entry.flatMap(({ changes }) => changes.flatMap(({ value }) => value.statuses ?? [])),
      ),
    changes: (field: string) =>
      posts.flatMap(({ body }) =>
        body.entry.flatMap(({ changes }) => changes.filter((change) => change.field === field)),
      ),
    /** A template with that text, approved. */
    approve: async (template: object = {}) => {
      const answer = await callGraph(emulator, 'POST', `/v25.0/${emulator.wabaId}/message_templates`, {
        ...HELLO,
        ...template,
      })
      if (answer.status !== 200) throw new Error(JSON.stringify(answer.body))
      await emulator.advance(2_000)
      posts.length = 0
      return answer.body['id'] as string
    },
    [Symbol.asyncDispose]: async () => {
      await emulator.close()
      receiver.closeAllConnections()
      receiver.close()
    },
  }
  return account
}

export const HELLO = {
  name: 'hello',
  language: 'ja',
  category: 'UTILITY',
  components: [{ type: 'BODY', text: 'ご来店ありがとうございます。' }],
}

export async function callGraph(
  emulator: Emulator,
  method: string,
  path: string,
  body?: unknown,
  token = TOKEN,
): Promise<GraphAnswer> {
  const answer = await request(`${emulator.url}${path}`, {
    method: method as 'GET',
    headers: { ...(token === '' ? {} : { authorization: `Bearer ${token}` }), 'content-type': 'application/json' },
    body: body === undefined ? null : typeof body === 'string' ? body : JSON.stringify(body),
  })
  return { status: answer.statusCode, body: (await answer.body.json()) as GraphAnswer['body'] }
}

/** `200`, or the error's code, with its subcode when it has one. */
export const codeOf = ({ status, body }: GraphAnswer): string => {
  if (body.error === undefined) return String(status)
  const subcode = body.error['error_subcode']
  return typeof subcode === 'number' ? `${body.error.code}/${subcode}` : String(body.error.code)
}
