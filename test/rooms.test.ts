import { execFile } from 'node:child_process'
import { copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'

const run = promisify(execFile)
const cruiser = resolve('node_modules/dependency-cruiser/bin/dependency-cruiser.mjs')

async function cruise(cwd: string, rooms: string[]): Promise<{ ok: boolean; output: string }> {
  try {
    const { stdout } = await run(process.execPath, [cruiser, '--config', '.dependency-cruiser.cjs', ...rooms], { cwd })
    return { ok: true, output: stdout }
  } catch (error) {
    const { stdout, stderr } = error as { stdout: string; stderr: string }
    return { ok: false, output: stdout + stderr }
  }
}

test('every import goes in a direction that the rooms allow', async () => {
  const rooms = ['definitions', 'engine', 'triggers', 'actions', 'store', 'server', 'cli', 'emulator']
  const { output, ok } = await cruise('.', rooms)
  expect(output).toContain('no dependency violations found')
  expect(ok).toBe(true)
})

test('an import against the direction is found', async () => {
  const house = await mkdtemp(join(tmpdir(), 'denrei-rooms-'))
  try {
    for (const file of ['.dependency-cruiser.cjs', 'tsconfig.json', 'package.json'])
      await copyFile(file, join(house, file))
    await mkdir(join(house, 'engine'))
    await mkdir(join(house, 'store'))
    await writeFile(join(house, 'store/disk.ts'), 'export const disk = 1\n')
    await writeFile(
      join(house, 'engine/leak.ts'),
      "export { disk } from '#store/disk.ts'\nexport { readFile } from 'node:fs'\n",
    )
    const { output, ok } = await cruise(house, ['engine'])
    expect(ok).toBe(false)
    expect(output).toContain('rooms-of-engine')
    expect(output).toContain('node-of-engine')
  } finally {
    await rm(house, { recursive: true })
  }
})
