import { access } from 'node:fs/promises'
import { v7 } from 'uuid'
import type { Problem, SourceFile } from '#definitions/problem.ts'
import { DefinitionsInvalid, InvalidInput, StoreLocked, type AppError } from '#engine/errors.ts'
import { readConfig } from '#server/config.ts'
import type { Definition, Explanation, Migrations, PlanEntry, RecordExplanation, Standing } from '#server/denrei.ts'
import { openDenrei, type Opened } from '#server/openDenrei.ts'
import type { TemplateDesk } from '#server/templates/desk.ts'
import { remoteTemplates } from './remoteTemplates.ts'
import type { Language } from './texts.ts'
import { localPeople, remotePeople, type People } from './people.ts'
import { localCredits, remoteCredits, type CreditDoor } from './creditDoor.ts'
import { callServer, ServerRefused, type ServerCall } from './remote.ts'

/** Where a command does its work: in a running server over HTTP, or in the database file itself. */
export interface DoorOptions {
  /** Address of a running server. Default: `DENREI_URL`; without it the database is opened. */
  url?: string
}

/** Whether the work changes what is stored. Who only looks at a database that is not there looks at an empty one, and leaves none behind. */
export type DoorUse = 'look' | 'change'

export interface PlanOptions {
  language: Language
  migrations?: Migrations
}

export interface Door {
  check(files: SourceFile[], language: Language): Promise<Problem[]>
  plan(files: SourceFile[], options: PlanOptions): Promise<{ entries: PlanEntry[]; problems: Problem[] }>
  /** Problems that are errors mean: nothing was applied. */
  apply(files: SourceFile[], options: PlanOptions): Promise<{ entries: PlanEntry[]; problems: Problem[] }>
  /** @param id of a message, an instance or an event; or a record as `Module/id` */
  explain(id: string, language: Language): Promise<Explanation | RecordExplanation>
  people: People
  templates: TemplateDesk
  standings(kind: 'blueprint' | 'journey'): Promise<Standing[]>
  definitions(): Promise<Definition[]>
  credits: CreditDoor
  close(): Promise<void>
}

type Env = Readonly<Record<string, string | undefined>>

/**
 * @throws StoreLocked when a server has the database open: then `--url` is the way
 * @throws InvalidInput when a server is named but no key is there
 */
export async function openDoor(env: Env, options: DoorOptions, use: DoorUse): Promise<Door> {
  const url = options.url ?? env.DENREI_URL
  return url === undefined || url === '' ? openLocal(env, use) : openRemote(env, url)
}

async function openLocal(env: Env, use: DoorUse): Promise<Door> {
  const config = readConfig(env)
  const empty = use === 'look' && !(await isThere(config.DENREI_DB))
  try {
    return doorOf(await openDenrei(empty ? { ...config, DENREI_DB: ':memory:' } : config))
  } catch (error) {
    if (!(error instanceof StoreLocked)) throw error
    const message = `A server works on "${config.DENREI_DB}". Name it with --url (and DENREI_KEY), or stop it first.`
    throw new StoreLocked(message, error.details, { cause: error })
  }
}

/** Whether a database is there to be opened; opening one that is not makes it. */
export function isThere(database: string): Promise<boolean> {
  return access(database).then(
    () => true,
    () => false,
  )
}

function doorOf(opened: Opened): Door {
  const { denrei } = opened
  return {
    check: (files, language) => denrei.check(files, language),
    plan: (files, options) => denrei.plan(files, options),
    async apply(files, options) {
      try {
        return await denrei.apply(files, 'cli', options)
      } catch (error) {
        if (error instanceof DefinitionsInvalid) return refusedWith(error)
        throw error
      }
    },
    explain: (id, language) => {
      const place = recordOf(id)
      return place === null
        ? denrei.explain(id, language)
        : denrei.explainRecord(place.module, place.recordId, language)
    },
    people: localPeople(denrei, v7),
    templates: denrei.templates,
    standings: (kind) => denrei.standings(kind),
    definitions: async () => (await denrei.definitions()).map(({ definition }) => definition),
    credits: localCredits(denrei),
    close: () => opened.close(),
  }
}

function openRemote(env: Env, url: string): Door {
  const key = env.DENREI_KEY
  if (key === undefined || key === '') {
    throw new InvalidInput('Set DENREI_KEY to an API key of the server. An admin makes one with POST /v1/keys.', {
      variable: 'DENREI_KEY',
    })
  }
  const call: ServerCall = <T>(...request: Parameters<ServerCall>) => callServer<T>({ url, key }, ...request)
  return {
    check: async (files, language) =>
      (await call<{ problems: Problem[] }>('POST', `/v1/definitions/check?language=${language}`, { files })).problems,
    plan: (files, { language, migrations }) =>
      call('POST', `/v1/definitions/plan?language=${language}`, { files, migrations }),
    async apply(files, { language, migrations }) {
      try {
        return await call('POST', `/v1/definitions/apply?language=${language}`, { files, migrations })
      } catch (error) {
        if (error instanceof ServerRefused && error.code === 'ERR_DEFINITIONS_INVALID') return refusedWith(error)
        throw error
      }
    },
    explain: (id, language) => {
      const place = recordOf(id)
      const path =
        place === null
          ? `/v1/messages/${encodeURIComponent(id)}`
          : `/v1/modules/${encodeURIComponent(place.module)}/records/${encodeURIComponent(place.recordId)}`
      return call('GET', `${path}/explain?language=${language}`)
    },
    people: remotePeople(call),
    templates: remoteTemplates({ url, key }),
    standings: async (kind) => (await call<{ items: Standing[] }>('GET', `/v1/${kind}s`)).items,
    definitions: async () =>
      (await call<{ items: { definition: Definition }[] }>('GET', '/v1/definitions')).items.map(
        ({ definition }) => definition,
      ),
    credits: remoteCredits({ url, key }),
    close: () => Promise.resolve(),
  }
}

/** `Deals/D-1` is a record; no other id has a slash. */
function recordOf(id: string): { module: string; recordId: string } | null {
  const slash = id.indexOf('/')
  return slash < 1 ? null : { module: id.slice(0, slash), recordId: id.slice(slash + 1) }
}

/** Nothing was applied, and these are all the reasons. */
function refusedWith(error: AppError): { entries: PlanEntry[]; problems: Problem[] } {
  return { entries: [], problems: error.details.problems as Problem[] }
}
