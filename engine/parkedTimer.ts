import type { Json } from '#definitions/json.ts'
import type { Instant } from './clock.ts'
import type { Cause } from './trigger.ts'

interface ParkedTimer {
  id: string
  dueAt: Instant
  /** `workflow/welcome-web-lead@3` */
  definition: string
  /** Both empty when it is about no record. */
  module: string
  recordId: string
  causedBy: Cause[]
}

/** A later action of a workflow. It carries all it needs, so a new version does not change it. */
export interface LaterTimer extends ParkedTimer {
  kind: 'later'
  /** The `later` block and where it stands in the definition (JSON pointer). */
  later: Json
  pointer: string
  /** Named conditions of the definition, which `later.when` may refer to. */
  conditions?: Json
}

/** A date of a record comes near, is there, or is over, for a workflow or the entry of a journey. */
export interface DateTimer extends ParkedTimer {
  kind: 'date'
  /** The value of the field it was planned by: a record that says another date by now has another timer. */
  anchor: string
}

/** A schedule is due. Its id is made of the definition, the version and the minute, so that each fires once. */
export interface ScheduleTimer extends ParkedTimer {
  kind: 'schedule'
}

/** Something an instance waits for by time. */
export interface InstanceTimer extends ParkedTimer {
  kind: 'instance'
  instanceId: string
  /** The position and the visit it belongs to; when the instance has moved on it does nothing. */
  position: string
  visit: number
  /** `wait`, `timeout`, `quiet`, `resume`, `sla/0`, `auto/Give up` */
  name: string
}

/** The next records of a broadcast. */
export interface BroadcastTimer extends ParkedTimer {
  kind: 'broadcast'
  broadcastId: string
}

/** Parked until it is due: a row, claimed once, in the transaction that puts its trigger into the inbox. */
export type Timer = LaterTimer | DateTimer | ScheduleTimer | InstanceTimer | BroadcastTimer
