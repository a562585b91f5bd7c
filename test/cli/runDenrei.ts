import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'

const MAIN = fileURLToPath(new URL('../../cli/main.ts', import.meta.url))

/** The command as a person types it, in a folder of its own and with an environment of its own. */
export function denrei(folder: string, args: string[], env: Record<string, string> = {}) {
  return new Promise<{ code: number; out: string; err: string }>((resolve) => {
    const started = { cwd: folder, env: { PATH: process.env.PATH, ...env } }
    execFile(process.execPath, [MAIN, ...args], started, (error, out, err) => {
      resolve({ code: error === null ? 0 : Number(error.code), out, err })
    })
  })
}

/** A folder with these files, for the length of the test. */
export function scratch(definitions: Record<string, unknown>): string {
  const folder = mkdtempSync(join(tmpdir(), 'denrei-cli-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  for (const [name, definition] of Object.entries(definitions))
    writeFileSync(join(folder, name), JSON.stringify(definition))
  return folder
}
