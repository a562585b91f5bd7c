/**
 * The package's front door (`import ... from 'denrei'`): the engine without HTTP. `denrei/fastify` is the plugin,
 * `denrei/definitions` the schemas.
 */
export { readConfig, type Config } from './config.ts'
export { createDenrei, type DenreiParts } from './createDenrei.ts'
export type {
  ApplyOptions,
  BlueprintReport,
  CommandOptions,
  CommandOutcome,
  Denrei,
  Explanation,
  InFlight,
  InFlightChoice,
  JourneyReportAnswer,
  MigrationChoice,
  Migrations,
  PlanEntry,
  Preview,
  SendOptions,
  SendRequest,
  Standing,
} from './denrei.ts'
export { openDenrei, type Opened, type OpenOptions } from './openDenrei.ts'
export { compareReports, type SimulationComparison } from './simulation/compare.ts'
export type { SimulationReport } from './simulation/report.ts'
export type { SimulationRequest, SimulationRun } from './simulation/request.ts'
export { simulate } from './simulation/simulate.ts'
export type { Observer } from './observer.ts'
export type { Performer, WorkOutcome } from '#actions/performer.ts'
export type { ProcessView } from '#engine/blueprint/possible.ts'
export type { Broadcast, Instance, InstanceStep } from '#engine/instance.ts'
export type { Actor, Command } from '#engine/command.ts'
export type { WorldEvent } from '#engine/trigger.ts'
