import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { STATUSES } from '#server/errors.ts'
import { faultPosition } from '#server/json.ts'
import { openServer } from './openServer.ts'

test.each([
  ['{"id": x}', 1, 8],
  ['{"id": 1,}', 1, 10],
  ['{"id": "a"', 1, 11],
  ['{\n  "顧客": "山田"\n  "b": 1\n}', 3, 3],
  ["{'id': 1}", 1, 2],
  ['nul', 1, 4],
  ['{"a": 1} {', 1, 10],
])('malformed JSON %j is refused with line %i and column %i', async (text, line, column) => {
  const { call } = await openServer({ started: false })
  const answer = await call('POST /v1/events', text, { headers: { 'content-type': 'application/json' } })
  expect(answer).toMatchObject({
    status: 400,
    headers: { 'content-type': expect.stringContaining('application/problem+json') as string },
    body: { code: 'ERR_MALFORMED_JSON', details: { line, column } },
  })
})

test('the place where JSON breaks is never before a sound part and never after a wrong one', () => {
  fc.assert(
    fc.property(fc.json(), fc.nat(), fc.constantFrom('x', '}', ',', '"', '\n'), (text, at, junk) => {
      const cut = at % (text.length + 1)
      const broken = text.slice(0, cut) + junk + text.slice(cut)
      const position = faultPosition(broken)
      if (position === null) return
      expect(position).toBeLessThanOrEqual(broken.length)
      // What stands before the place can still become JSON, so it was right to read on until there.
      const before = faultPosition(broken.slice(0, position))
      expect(before === null || before === position).toBe(true)
    }),
  )
})

test('a body that reaches for the prototype is refused', async () => {
  const { call } = await openServer({ started: false })
  const body = `{"id":"a","type":"record.created","module":"Leads","recordId":"1","values":{"__proto__":{"admin":true}}}`
  const answer = await call('POST /v1/events', body, { headers: { 'content-type': 'application/json' } })
  expect(answer).toMatchObject({ status: 400, body: { code: 'ERR_MALFORMED_JSON' } })
})

test('an unknown route answers 404 as a problem, with a key and without', async () => {
  const { call } = await openServer({ started: false })
  for (const role of ['admin', null] as const) {
    expect(await call('GET /v1/nothing?token=abc', undefined, { role })).toMatchObject({
      status: 404,
      body: { code: 'ERR_NO_SUCH_ROUTE', detail: 'There is no GET /v1/nothing.' },
    })
  }
  expect((await call('GET /%zz')).body).toMatchObject({ code: 'ERR_NO_SUCH_ROUTE' })
})

test('every problem has the documented shape and names the request', async () => {
  const { call } = await openServer({ started: false })
  const { body, headers } = await call('GET /v1/messages?limit=many&colour=red', undefined, {
    headers: { 'x-request-id': 'my-request.7' },
  })
  expect(headers['x-request-id']).toBe('my-request.7')
  expect(body).toMatchObject({
    type: 'about:blank',
    title: 'Bad Request',
    status: 400,
    code: 'ERR_INVALID_INPUT',
    retryable: false,
    requestId: 'my-request.7',
    problems: [
      { in: 'query', pointer: '/limit', message: 'Use a number.' },
      { in: 'query', pointer: '/colour', code: 'unknown_field' },
    ],
  })
})

test('an id that could forge a line of the log is replaced', async () => {
  const { call } = await openServer({ started: false })
  const { headers } = await call('GET /healthz', undefined, { headers: { 'x-request-id': 'a b {"level":60}' } })
  expect(headers['x-request-id']).toMatch(/^[0-9a-f-]{36}$/)
})

test('a fault of ours answers 500 without its message', async () => {
  const { call, denrei } = await openServer({ started: false })
  denrei.store.messages = () => Promise.reject(new Error('SQLITE_CORRUPT at /var/secret/place'))
  const { status, text, body } = await call('GET /v1/messages')
  expect(status).toBe(500)
  expect(body).toMatchObject({ code: 'ERR_INTERNAL' })
  expect(text).not.toContain('secret')
})

test('wrong keys from one address are told to slow down, and a right one is still let in', async () => {
  const { call } = await openServer({ started: false, env: { DENREI_FAILURES_PER_MINUTE: '3' } })
  const wrong = () => call('GET /v1/messages', undefined, { role: null, headers: { 'x-api-key': 'hunter2' } })
  for (let n = 0; n < 3; n++) expect((await wrong()).status).toBe(401)
  const { status, headers, body } = await wrong()
  expect({ status, code: body.code }).toEqual({ status: 429, code: 'ERR_RATE_LIMITED' })
  expect(Number(headers['retry-after'])).toBeGreaterThan(0)
  expect((await call('GET /v1/messages')).status).toBe(200)
})

test('one key may make so many requests a minute, and another is not harmed', async () => {
  const { call } = await openServer({ started: false, env: { DENREI_REQUESTS_PER_MINUTE: '2' } })
  const statuses = []
  for (let n = 0; n < 3; n++) statuses.push((await call('GET /v1/numbers')).status)
  expect(statuses).toEqual([200, 200, 429])
  expect((await call('GET /v1/numbers', undefined, { role: 'viewer' })).status).toBe(200)
})

test('every answer carries the headers that keep a browser from harm', async () => {
  const { call } = await openServer({ started: false })
  for (const route of ['GET /healthz', 'GET /v1/nothing', 'GET /v1/credits', 'GET /docs/']) {
    const { headers } = await call(route)
    expect(headers, route).toMatchObject({ 'x-content-type-options': 'nosniff', 'x-frame-options': 'DENY' })
    expect(headers['content-security-policy'], route).toContain("frame-ancestors 'none'")
  }
})

test('every code that a room can throw has a status', async () => {
  const rooms = ['definitions', 'engine', 'triggers', 'actions', 'store', 'server']
  const files = await Promise.all(
    rooms.map((room) => readdir(room, { recursive: true }).then((all) => all.map((file) => join(room, file)))),
  )
  const sources = await Promise.all(
    files
      .flat()
      .filter((file) => file.endsWith('.ts'))
      .map((file) => readFile(file, 'utf8')),
  )
  const codes = new Set(
    sources.flatMap((text) => [...text.matchAll(/readonly code = '(ERR_[A-Z_]+)'/g)].map(([, code]) => code!)),
  )
  expect(codes.size).toBeGreaterThan(10)
  // Thrown before there is a server.
  for (const code of ['ERR_CONFIG_INVALID', 'ERR_ADDRESS_UNUSABLE']) codes.delete(code)
  expect([...codes].filter((code) => !(code in STATUSES))).toEqual([])
})
