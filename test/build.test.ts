import { execFile } from 'node:child_process'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'

const run = promisify(execFile)

/** What another project does with the package: plain JavaScript, the plugin in its own Fastify application. */
const HOST = `
  import fastify from 'fastify'
  const [folder] = process.argv.slice(1)
  const { default: denrei, readConfig } = await import(folder + '/fastify.js')
  const { createDenrei, openDenrei } = await import(folder + '/library.js')
  const { definitionSchemas } = await import(folder + '/definitions.js')
  const app = fastify()
  let key = ''
  await app.register(denrei, { prefix: '/denrei', config: readConfig({ DENREI_DB: ':memory:' }), onAdminKey: (made) => { key = made } })
  const answer = await app.inject({ url: '/denrei/v1/modules', headers: { authorization: 'Bearer ' + key } })
  const simulated = await app.inject({
    method: 'POST',
    url: '/denrei/v1/simulations',
    headers: { authorization: 'Bearer ' + key },
    payload: { start: '2026-11-01T00:00:00Z', end: '2026-11-02T00:00:00Z' },
  })
  console.log(JSON.stringify({ status: answer.statusCode, simulated: simulated.json().version, kinds: [typeof createDenrei, typeof openDenrei, typeof definitionSchemas] }))
  await app.close()
`

test('the bundle that other projects import mounts in their application', { timeout: 60_000 }, async () => {
  const out = resolve('node_modules/.cache/dist-of-test')
  await run(process.execPath, ['scripts/build.ts', '--out', out])
  const { stdout } = await run(process.execPath, ['--input-type=module', '-e', HOST, pathToFileURL(out).href])
  expect(JSON.parse(stdout.trim().split('\n').at(-1) ?? '')).toEqual({
    status: 200,
    simulated: 1,
    kinds: ['function', 'function', 'function'],
  })
})
