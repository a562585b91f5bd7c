import type { SourceFile } from '#definitions/problem.ts'
import { beginAccountDays, healAccount } from './accountDays.ts'
import { beginDays } from './days.ts'
import { businessFiles } from './definitions.ts'
import { beginDesk, clearDesk } from './desk.ts'
import { processFiles } from './processes.ts'
import type { World } from './world.ts'

/** What is done with Denrei in a world. */
export interface Business {
  /** How many numbers it has. With more than one it lives through all that happens to an account. */
  numbers: 1 | 2
  /** Its definitions as they are edited for the nth time. */
  files: (version: number) => SourceFile[]
  /** Lets people and programs act, for as long as the world lasts. */
  begin: (world: World) => void
  /** Puts in order what people left lying when the day is over: what is paused or switched off goes on. */
  clear: (world: World) => void
}

/** Messages alone: workflows, sends by hand, replies. Seeds that broke a law of messages once are kept in it. */
export const MESSAGES: Business = { numbers: 1, files: businessFiles, begin: beginDays, clear: () => undefined }

/** All of it: besides those messages a blueprint, journeys, dates and schedules. */
export const EVERYTHING: Business = {
  numbers: 2,
  files: (version) => [...businessFiles(version).map((one) => ofSeason(one, version)), ...processFiles(version)],
  begin(world) {
    beginDays(world, 0.5)
    beginDesk(world)
    beginAccountDays(world)
  },
  clear(world) {
    clearDesk(world)
    healAccount(world)
  },
}

const SEASONS = ['春', '夏', '秋', '冬']

/** The same with other words in it: what WhatsApp has approved cannot be changed, so this one goes there under a new name. */
function ofSeason({ file, json }: SourceFile, version: number): SourceFile {
  const { kind, name, language, body } = json as { kind: string; name: string; language?: string; body?: string }
  const changes = kind === 'template' && language === 'ja' && ['reminder', 'spring_sale'].includes(name)
  if (!changes) return { file, json }
  return { file, json: { ...(json as object), body: `${body}（${SEASONS[version % SEASONS.length]}）担当より。` } }
}
