import type { Output } from './output.ts'

/** What every command is handed: how to talk, and the environment it reads its configuration from. */
export interface Context {
  output: Output
  env: Readonly<Record<string, string | undefined>>
}

/** Options that every command has. */
export interface GlobalOptions {
  json?: boolean
  lang?: 'ja' | 'en'
}

/** Exit codes: 0 done, 1 the answer is no (problems found, something unhealthy), 2 the command could not run. */
export const EXIT = { ok: 0, no: 1, failed: 2 } as const
