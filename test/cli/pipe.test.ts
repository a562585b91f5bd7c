import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const MAIN = fileURLToPath(new URL('../../cli/main.ts', import.meta.url))

test('a reader that has seen enough is no failure', async () => {
  const child = spawn(process.execPath, [MAIN, 'graph', 'deal-desk', '--dir', 'definitions/library'], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  child.stdout.destroy()
  let complaint = ''
  child.stderr.on('data', (text: Buffer) => (complaint += text.toString()))
  const [code] = (await once(child, 'close')) as [number]
  expect(complaint).toBe('')
  expect(code).toBe(0)
})
