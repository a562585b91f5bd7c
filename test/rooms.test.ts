import { execFile } from 'node:child_process'
import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'

const run = promisify(execFile)
const cruiser = join('node_modules', 'dependency-cruiser', 'bin', 'dependency-cruise.mjs')

async function cruise(args: string[]): Promise<{ ok: boolean; output: string }> {
  try {
    const { stdout } = await run(process.execPath, [cruiser, '--config', '.dependency-cruiser.cjs', ...args])
    return { ok: true, output: stdout }
  } catch (error) {
    return { ok: false, output: String((error as { stdout?: string }).stdout) }
  }
}

test('every import goes in a direction that the rooms allow', async () => {
  const { output, ok } = await cruise([
    'definitions',
    'engine',
    'triggers',
    'actions',
    'store',
    'server',
    'cli',
    'emulator',
  ])
  expect(output).toContain('no dependency violations found')
  expect(ok).toBe(true)
})

test('an import against the direction is found', async () => {
  const file = join('engine', 'zz-against-the-direction.ts')
  await writeFile(file, "export { openSqlite } from '#store/sqlite/openSqlite.ts'\nexport { request } from 'undici'\n")
  try {
    const { output, ok } = await cruise(['engine'])
    expect(ok).toBe(false)
    expect(output).toContain('rooms-of-engine')
    expect(output).toContain('packages-of-engine')
  } finally {
    await rm(file)
  }
})
