import { access } from 'node:fs/promises'
import type { Problem, SourceFile } from '#definitions/problem.ts'
import { DefinitionsInvalid, InvalidInput } from '#engine/errors.ts'
import { readConfig } from '#server/config.ts'
import type { Denrei, Explanation, PlanEntry } from '#server/denrei.ts'
import { openDenrei } from '#server/openDenrei.ts'
import { callServer } from './remote.ts'

/** Where a command does its work: in a running server over HTTP, or in the database file itself. */
export interface DoorOptions {
  /** Address of a running server. Default: `DENREI_URL`; without it the database is opened. */
  url?: string
}

export interface Door {
  check(files: SourceFile[]): Promise<Problem[]>
  plan(files: SourceFile[]): Promise<{ entries: PlanEntry[]; problems: Problem[] }>
  /** Problems that are errors mean: nothing was applied. */
  apply(files: SourceFile[]): Promise<{ entries: PlanEntry[]; problems: Problem[] }>
  explain(id: string, language: 'ja' | 'en'): Promise<Explanation>
  close(): Promise<void>
}

type Env = Readonly<Record<string, string | undefined>>

/**
 * @throws StoreLocked when a server has the database open: then `--url` is the way
 * @throws InvalidInput when a server is named but no key is there
 */
export async function openDoor(env: Env, options: DoorOptions): Promise<Door> {
  const url = options.url ?? env.DENREI_URL
  return url === undefined ? openLocal(env) : openRemote(env, url)
}

async function openLocal(env: Env): Promise<Door> {
  const config = readConfig(env)
  // A check needs no database; without one it looks at the files alone.
  const there = await access(config.DENREI_DB).then(
    () => true,
    () => false,
  )
  const opened = await openDenrei(there ? config : { ...config, DENREI_DB: env.DENREI_DB ?? ':memory:' })
  return doorOf(opened.denrei, opened.close)
}

function doorOf(denrei: Denrei, close: () => Promise<void>): Door {
  return {
    check: (files) => denrei.check(files),
    plan: (files) => denrei.plan(files),
    async apply(files) {
      try {
        return await denrei.apply(files, 'cli')
      } catch (error) {
        if (error instanceof DefinitionsInvalid) return { entries: [], problems: error.details.problems as Problem[] }
        throw error
      }
    },
    explain: (id, language) => denrei.explain(id, language),
    close,
  }
}

function openRemote(env: Env, url: string): Door {
  const key = env.DENREI_KEY
  if (key === undefined || key === '') {
    throw new InvalidInput('Set DENREI_KEY to an API key of the server. An admin makes one with POST /v1/keys.', {
      variable: 'DENREI_KEY',
    })
  }
  const call = <T>(method: 'GET' | 'POST', path: string, body?: unknown) =>
    callServer<T>({ url, key }, method, path, body)
  return {
    check: async (files) => (await call<{ problems: Problem[] }>('POST', '/v1/definitions/check', { files })).problems,
    plan: (files) => call('POST', '/v1/definitions/plan', { files }),
    apply: (files) => call('POST', '/v1/definitions/apply', { files }),
    explain: (id, language) => call('GET', `/v1/messages/${encodeURIComponent(id)}/explain?language=${language}`),
    close: () => Promise.resolve(),
  }
}
