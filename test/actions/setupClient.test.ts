import { expect, onTestFinished, test } from 'vitest'
import { WhatsAppRefused } from '#actions/whatsapp/faults.ts'
import { createAppClient, createSetupClient, type AppClient, type SetupClient } from '#actions/whatsapp/setup.ts'
import { loopback } from './loopback.ts'

const TOKEN = 'EAAGtokenofasystemuser123'
const APP = { id: '634974688087057', secret: 'the-secret-of-the-app' }

/** Meta at its most talkative: each refusal repeats the address, the headers and the body. */
async function parrot() {
  const server = await loopback((request, response) => {
    const message = `Refused ${decodeURIComponent(request.url)} ${request.headers.authorization} ${request.body}`
    response
      .writeHead(400, { 'content-type': 'application/json', 'retry-after': '90' })
      .end(JSON.stringify({ error: { message, code: 100, error_data: { details: message } } }))
  })
  const setup = createSetupClient({ baseUrl: server.url }, () => TOKEN)
  const app = createAppClient({ baseUrl: server.url }, APP)
  onTestFinished(async () => {
    await Promise.all([setup.close(), app.close()])
    await server.close()
  })
  return { setup, app, server }
}

type Clients = { setup: SetupClient; app: AppClient }
const CALLS: [string, (clients: Clients) => Promise<unknown>, string][] = [
  ['the code of a number', ({ setup }) => setup.verifyCode('1001', '482915'), '482915'],
  ['the PIN at the registration', ({ setup }) => setup.register('1001', '739105'), '739105'],
  ['a new PIN', ({ setup }) => setup.setPin('1001', '739105'), '739105'],
  [
    'the verify token for an account',
    ({ setup }) => setup.subscribe('2001', { callback: 'https://denrei.example/', verifyToken: 'our-own-word' }),
    'our-own-word',
  ],
  [
    'the verify token for the app',
    ({ app }) => app.subscribe({ callback: 'https://denrei.example/', verifyToken: 'our-own-word', fields: [] }),
    'our-own-word',
  ],
  ['the code of a sign-up', ({ app }) => app.exchangeCode('AQBx-sign-up-code'), 'AQBx-sign-up-code'],
  ['a token that is looked at', ({ app }) => app.debugToken('a-token-of-no-known-form'), 'a-token-of-no-known-form'],
  ['the token itself', ({ setup }) => setup.businesses(), TOKEN],
]
test.each(CALLS)('a refusal that repeats what it refuses does not tell %s', async (_, call, secret) => {
  const clients = await parrot()
  const error = await call(clients).then(
    () => null,
    (reason: unknown) => reason,
  )
  expect(
    clients.server.received.some(({ url, body, headers }) =>
      `${decodeURIComponent(url)}${body}${headers.authorization}`.includes(secret),
    ),
  ).toBe(true)
  expect(error).toBeInstanceOf(WhatsAppRefused)
  const told = JSON.stringify([(error as WhatsAppRefused).message, (error as WhatsAppRefused).details])
  for (const one of [secret, TOKEN, APP.secret]) expect(told).not.toContain(one)
  expect(told).toContain('[secret]')
  expect((error as WhatsAppRefused).details).toMatchObject({ code: 100, retryAfterMs: 90_000 })
})
