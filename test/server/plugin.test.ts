import fastify, { type FastifyInstance } from 'fastify'
import swagger from '@fastify/swagger'
import rateLimit from '@fastify/rate-limit'
import { expect, onTestFinished, test } from 'vitest'
import { readConfig } from '#server/config.ts'
import denrei from '#server/plugin.ts'
import { leadCreated, openServer, SECRETS } from './openServer.ts'

const PREFIX = '/crm/denrei'

/** An application of somebody else, with parsers, hooks, errors and documentation of its own. */
async function openHost(): Promise<{ host: FastifyInstance; key: string; lines: string[] }> {
  const lines: string[] = []
  const host = fastify({ logger: { level: 'info', stream: { write: (line: string) => void lines.push(line) } } })
  onTestFinished(() => host.close())
  await host.register(swagger, { openapi: { info: { title: 'Host', version: '1' } } })
  await host.register(rateLimit, { max: 10_000 })
  host.removeContentTypeParser('application/json')
  host.addContentTypeParser('application/json', { parseAs: 'string' }, (_, body, done) => done(null, { host: body }))
  host.addContentTypeParser('application/x-host', { parseAs: 'string' }, (_, body, done) => done(null, body))
  host.setErrorHandler((error, _, reply) => reply.code(418).send({ host: String(error) }))
  host.setNotFoundHandler((_, reply) => reply.code(404).send({ host: 'not found' }))
  host.post('/echo', { schema: { body: { type: 'object' } } }, (request) => ({ got: request.body }))
  host.post('/echo-text', (request) => ({ got: request.body }))
  host.get('/fails', () => {
    throw new Error('of the host')
  })
  let key = ''
  await host.register(denrei, {
    prefix: PREFIX,
    config: readConfig({ ...SECRETS, DENREI_DB: ':memory:', DENREI_LOG_LEVEL: 'silent' }),
    onAdminKey: (made) => (key = made),
  })
  await host.ready()
  return { host, key, lines }
}

test('all of it works under a prefix in another application', async () => {
  const { host, key } = await openHost()
  const headers = { authorization: `Bearer ${key}` }
  const posted = await host.inject({ method: 'POST', url: `${PREFIX}/v1/events`, headers, payload: leadCreated() })
  expect({ status: posted.statusCode, body: posted.json<object>() }).toMatchObject({
    status: 202,
    body: { events: [{ status: 'accepted' }] },
  })
  const values = { Last_Name: '山田' }
  const made = await host.inject({
    method: 'POST',
    url: `${PREFIX}/v1/modules/Leads/records`,
    headers,
    payload: { values },
  })
  expect(made.statusCode).toBe(201)
  expect(made.headers.location).toMatch(/^\/crm\/denrei\/v1\/modules\/Leads\/records\//)
  expect((await host.inject({ url: String(made.headers.location), headers })).json()).toMatchObject({ values })
  expect((await host.inject(`${PREFIX}/readyz`)).statusCode).toBe(200)
  expect((await host.inject(`${PREFIX}/docs`)).headers.location).toBe(`${PREFIX}/docs/`)
  expect((await host.inject(`${PREFIX}/docs/`)).statusCode).toBe(200)
  const nothing = await host.inject(`${PREFIX}/v1/nothing`)
  expect(nothing.json()).toMatchObject({ code: 'ERR_NO_SUCH_ROUTE' })
  expect((await host.inject(`${PREFIX}/v1/events`)).headers['x-request-id']).toBeDefined()
})

test('the host keeps its parsers, errors and answers', async () => {
  const { host } = await openHost()
  const json = { 'content-type': 'application/json' }
  const echo = await host.inject({ method: 'POST', url: '/echo', headers: json, payload: '{"a":1}' })
  expect(echo.json()).toEqual({ got: { host: '{"a":1}' } })
  const text = await host.inject({
    method: 'POST',
    url: '/echo-text',
    headers: { 'content-type': 'application/x-host' },
    payload: 'x',
  })
  expect(text.json()).toEqual({ got: 'x' })
  const raw = await host.inject({
    method: 'POST',
    url: '/echo-text',
    headers: { 'content-type': 'image/png' },
    payload: 'x',
  })
  expect(raw.statusCode).toBe(418)
  expect((await host.inject('/fails')).json()).toEqual({ host: 'Error: of the host' })
  expect((await host.inject('/nothing')).json()).toEqual({ host: 'not found' })
  expect((await host.inject('/fails')).headers).not.toHaveProperty('x-frame-options')
  expect(echo.headers).not.toHaveProperty('content-security-policy')
})

test('a host that logs every address does not log the secrets in their queries', async () => {
  const { host, lines } = await openHost()
  const { WHATSAPP_VERIFY_TOKEN: verify, ZOHO_WEBHOOK_SECRET: secret } = SECRETS
  await host.inject(`${PREFIX}/v1/whatsapp/webhook?hub.mode=subscribe&hub.challenge=1&hub.verify_token=${verify}`)
  await host.inject({
    method: 'POST',
    url: `${PREFIX}/v1/zoho/workflow?secret=${secret}`,
    payload: { module: 'Leads' },
  })
  await host.inject({ method: 'POST', url: `${PREFIX}/v1/zoho/workflow?secret=guessed`, payload: { module: 'Leads' } })
  await host.inject(`${PREFIX}/v1/credits`)
  const log = lines.join('')
  expect(log).toContain(`${PREFIX}/v1/credits`)
  expect(log).toContain('ERR_NOT_AUTHENTIC')
  for (const hidden of [verify, secret, 'guessed']) expect(log).not.toContain(hidden)
})

test('each documents its own routes', async () => {
  const { host } = await openHost()
  const own = host.swagger() as { paths: object }
  expect(Object.keys(own.paths)).toEqual(['/echo', '/echo-text', '/fails'])
  const { paths, servers } = (await host.inject(`${PREFIX}/openapi.json`)).json<{ paths: object; servers: object[] }>()
  expect(Object.keys(paths)).toContain('/v1/events')
  expect(Object.keys(paths)).not.toContain('/echo')
  expect(servers).toEqual([{ url: PREFIX }])
})

test('a host may build the parts itself and mount them twice', async () => {
  const { parts, keyOf } = await openServer()
  const host = fastify()
  onTestFinished(() => host.close())
  await host.register(denrei, { prefix: '/a', parts })
  await host.register(denrei, { prefix: '/b', parts })
  const headers = { 'x-api-key': await keyOf('viewer') }
  for (const prefix of ['/a', '/b'])
    expect((await host.inject({ url: `${prefix}/v1/credits`, headers })).statusCode).toBe(200)
})
