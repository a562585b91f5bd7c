import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { request } from 'undici'
import { expect, onTestFinished, test } from 'vitest'
import { readConfig } from '#server/config.ts'
import { createLogger } from '#server/logger.ts'
import { startServer } from '#server/main.ts'
import { leadCreated } from './openServer.ts'

async function folder(): Promise<string> {
  const made = await mkdtemp(join(tmpdir(), 'denrei-'))
  onTestFinished(() => rm(made, { recursive: true }))
  return made
}
const start = async (directory: string, env: Record<string, string> = {}) => {
  const config = readConfig({ DENREI_DB: join(directory, 'denrei.db'), DENREI_PORT: '0', ...env })
  const server = await startServer(config, { logger: createLogger('silent') })
  onTestFinished(() => server.close())
  return server
}
const get = async (url: string, key?: string) => {
  const { statusCode, body } = await request(
    url,
    key === undefined ? {} : { headers: { authorization: `Bearer ${key}` } },
  )
  return { status: statusCode, body: (await body.json()) as object }
}

test('the first start shows an admin key once; it is kept nowhere, and opens the door after a restart', async () => {
  const directory = await folder()
  const first = await start(directory)
  expect(first.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/)
  const key = first.adminKey!
  expect(await get(`${first.url}/v1/keys`, key)).toMatchObject({ status: 200, body: { items: [{ role: 'admin' }] } })
  await first.close()
  for (const file of ['denrei.db', 'denrei.db.secret']) {
    expect((await readFile(join(directory, file))).includes(key.slice(12)), file).toBe(false)
  }
  const second = await start(directory)
  expect(second.adminKey).toBeUndefined()
  expect((await get(`${second.url}/v1/keys`, key)).status).toBe(200)
})

test('a port in use is an error; the store is free again, and no key was made that nobody has seen', async () => {
  const directory = await folder()
  const other = createServer()
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => new Promise<void>((resolve) => other.close(() => resolve())))
  const { port } = other.address() as AddressInfo
  await expect(start(directory, { DENREI_PORT: String(port) })).rejects.toMatchObject({
    code: 'ERR_ADDRESS_UNUSABLE',
    message: expect.stringContaining(`127.0.0.1:${port}`) as string,
  })
  const { url, adminKey } = await start(directory)
  expect((await get(`${url}/v1/keys`, adminKey)).status).toBe(200)
})

test('an event that was accepted is decided after a restart', async () => {
  const directory = await folder()
  const first = await start(directory)
  const answer = await request(`${first.url}/v1/events`, {
    method: 'POST',
    headers: { authorization: `Bearer ${first.adminKey}`, 'content-type': 'application/json' },
    body: JSON.stringify(leadCreated()),
  })
  const { events } = (await answer.body.json()) as { events: [{ triggerId: string }] }
  await first.close()
  const second = await start(directory)
  await second.denrei.drain()
  const trigger = await get(`${second.url}/v1/triggers/${events[0].triggerId}`, first.adminKey)
  expect(trigger).toMatchObject({ status: 200, body: { entry: { state: 'done' } } })
})

test('ready once the loops have started', async () => {
  const { url } = await start(await folder())
  expect(await get(`${url}/readyz`)).toMatchObject({ status: 200, body: { ready: true } })
})

test('a second server on the same file refuses to start', async () => {
  const directory = await folder()
  const first = await start(directory)
  await expect(start(directory)).rejects.toMatchObject({ code: 'ERR_STORE_LOCKED' })
  expect((await get(`${first.url}/healthz`)).status).toBe(200)
})

test('closing twice is closing once', async () => {
  const server = await start(await folder())
  await Promise.all([server.close(), server.close()])
  await server.close()
})
