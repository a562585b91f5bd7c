import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, onTestFinished, test } from 'vitest'
import { startProcess } from '../server/serverProcess.ts'

const run = promisify(execFile)

test('who lost the admin key makes another in the file of the stopped server', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'denrei-key-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  const env = { DENREI_DB: join(folder, 'denrei.db'), DENREI_PORT: '0' }
  const made = (role: string) =>
    run(process.execPath, ['cli/main.ts', 'key', '--json', '--role', role], { env: { ...process.env, ...env } })
  const { stdout } = await made('admin')
  const { key } = JSON.parse(stdout) as { key: string }

  const server = await startProcess(env)
  onTestFinished(() => server.kill())
  const answer = await fetch(`${server.url}/v1/keys`, { headers: { authorization: `Bearer ${key}` } })
  expect(answer.status).toBe(200)
  expect(server.adminKey).toBeUndefined()

  await expect(made('viewer')).rejects.toMatchObject({
    code: 2,
    stderr: expect.stringContaining('ERR_STORE_LOCKED') as string,
  })
  await expect(made('boss')).rejects.toMatchObject({
    code: 2,
    stderr: expect.stringContaining('ERR_INVALID_INPUT') as string,
  })
})
