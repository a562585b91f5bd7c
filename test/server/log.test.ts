import { createHmac } from 'node:crypto'
import { expect, test } from 'vitest'
import { createLogger } from '#server/logger.ts'
import { leadCreated, openServer, SECRETS } from './openServer.ts'

test('whatever is asked, no key, token, secret, signature or customer reaches the log', async () => {
  const lines: string[] = []
  const { call, keyOf, denrei } = await openServer({ log: (line) => lines.push(line) })
  const admin = await keyOf('admin')
  const nobody = { role: null }
  await call('POST /v1/events', leadCreated())
  await call('POST /v1/events', '{"Mobile": +819012345678', { headers: { 'content-type': 'application/json' } })
  await call('GET /v1/credits', undefined, { role: null, headers: { authorization: 'Bearer wrong-key-wrong-key' } })
  await call('GET /v1/credits', undefined, { role: null, headers: { 'x-api-key': `denrei_${'w'.repeat(64)}` } })
  await call(
    `GET /v1/whatsapp/webhook?hub.mode=subscribe&hub.challenge=1&hub.verify_token=${SECRETS.WHATSAPP_VERIFY_TOKEN}`,
    undefined,
    nobody,
  )
  await call(
    'GET /v1/whatsapp/webhook?hub.mode=subscribe&hub.challenge=1&hub.verify_token=wrong-token',
    undefined,
    nobody,
  )
  const bytes = '{"object":"whatsapp_business_account","entry":[]}'
  const signature = createHmac('sha256', SECRETS.WHATSAPP_APP_SECRET).update(bytes).digest('hex')
  await call('POST /v1/whatsapp/webhook', bytes, {
    ...nobody,
    headers: { 'content-type': 'application/json', 'x-hub-signature-256': `sha256=${signature}` },
  })
  await call(`POST /v1/zoho/workflow?secret=${SECRETS.ZOHO_WEBHOOK_SECRET}`, { module: 'Leads', recordId: '1' }, nobody)
  await call('POST /v1/zoho/notifications', { token: SECRETS.ZOHO_CHANNEL_TOKEN, module: 'Leads' }, nobody)
  await call('GET /v1/nothing?apiKey=query-secret')
  const made = await call('POST /v1/keys', { name: 'a', role: 'viewer' })
  denrei.store.balance = () => Promise.reject(new Error('the store failed'))
  await call('GET /v1/credits')

  const log = lines.join('')
  expect(lines.length).toBeGreaterThan(10)
  expect(log).toContain('the store failed')
  const secrets = [
    ...Object.values(SECRETS),
    admin.slice(10),
    made.body.key.slice(10),
    'wrong-key',
    'wwww',
    'wrong-token',
    'query-secret',
    signature,
  ]
  for (const secret of [...secrets, '山田', '9012345678']) expect(log).not.toContain(secret)
})

test('what carries the name of a secret is redacted, however it came into a line', () => {
  const lines: string[] = []
  const log = createLogger('info', { write: (line) => lines.push(line) })
  log.info(
    {
      headers: { authorization: 'Bearer abcdef', 'x-api-key': 'abcdef' },
      token: 'abcdef',
      config: { secret: 'abcdef' },
    },
    'a',
  )
  expect(lines.join('')).not.toContain('abcdef')
  expect(lines.join('')).toContain('[redacted]')
})
