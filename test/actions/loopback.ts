import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'

export interface Received {
  method: string
  url: string
  headers: IncomingMessage['headers']
  /** The body as text. */
  body: string
  socket: Socket
}

export type Answer = (request: Received, response: ServerResponse) => void

export interface Loopback {
  url: string
  received: Received[]
  /** What the server does from now on. */
  answer: Answer
  close(): Promise<void>
}

/** A server on a free loopback port that answers as the test says and keeps what it was asked. */
export async function loopback(answer: Answer): Promise<Loopback> {
  const received: Received[] = []
  const server: Server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const one: Received = {
        method: request.method ?? '',
        url: request.url ?? '',
        headers: request.headers,
        body: Buffer.concat(chunks).toString(),
        socket: request.socket,
      }
      received.push(one)
      loop.answer(one, response)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const loop: Loopback = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    received,
    answer,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
  return loop
}

/** Answers JSON. */
export const json =
  (status: number, body: unknown, headers: Record<string, string> = {}): Answer =>
  (_request, response) => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body))
  }

export const graphError = (code: number, status = 400, more: Record<string, unknown> = {}): Answer =>
  json(status, { error: { message: `(#${code}) refused`, type: 'OAuthException', code, fbtrace_id: 'A', ...more } })

export const accepted = (wamid: string): Answer =>
  json(200, {
    messaging_product: 'whatsapp',
    contacts: [{ input: '+818012345678', wa_id: '818012345678' }],
    messages: [{ id: wamid, message_status: 'accepted' }],
  })
