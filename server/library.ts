/**
 * The package's front door (`import ... from 'denrei'`): the engine without HTTP. `denrei/fastify` is the plugin,
 * `denrei/definitions` the schemas.
 */
export { readConfig, type Config } from './config.ts'
export { createDenrei, type DenreiParts } from './createDenrei.ts'
export type { Denrei, Explanation, PlanEntry, Preview, SendOptions, SendRequest } from './denrei.ts'
export { openDenrei, type Opened, type OpenOptions } from './openDenrei.ts'
export type { Observer } from './observer.ts'
export type { Performer, WorkOutcome } from '#actions/performer.ts'
export type { WorldEvent } from '#engine/trigger.ts'
