import type { SourceFile } from '#definitions/problem.ts'
import { beginDays } from './days.ts'
import { businessFiles } from './definitions.ts'
import { beginDesk, clearDesk } from './desk.ts'
import { processFiles } from './processes.ts'
import type { World } from './world.ts'

/** What is done with Denrei in a world. */
export interface Business {
  /** Its definitions as they are edited for the nth time. */
  files: (version: number) => SourceFile[]
  /** Lets people and programs act, for as long as the world lasts. */
  begin: (world: World) => void
  /** Puts in order what people left lying when the day is over: what is paused or switched off goes on. */
  clear: (world: World) => void
}

/** Messages alone: workflows, sends by hand, replies. Seeds that broke a law of messages once are kept in it. */
export const MESSAGES: Business = { files: businessFiles, begin: beginDays, clear: () => undefined }

/** All of it: besides those messages a blueprint, journeys, dates and schedules. */
export const EVERYTHING: Business = {
  files: (version) => [...businessFiles(version), ...processFiles(version)],
  begin(world) {
    beginDays(world, 0.5)
    beginDesk(world)
  },
  clear: clearDesk,
}
