import type { Json } from '#definitions/json.ts'
import type { Instance, InstanceStep } from '#engine/instance.ts'
import type { Cause } from '#engine/trigger.ts'
import type { instance, instanceStep } from './schema/instances.ts'

export type InstanceRow = typeof instance.$inferSelect
export type StepRow = Omit<typeof instanceStep.$inferSelect, 'seq'>

export function toRow(instance: Instance): Omit<InstanceRow, 'seq'> {
  return {
    ...instance,
    body: JSON.stringify(instance.body),
    addresses: JSON.stringify(instance.addresses),
    causedBy: JSON.stringify(instance.causedBy),
  }
}

export function toInstance({ seq: _seq, ...row }: InstanceRow): Instance {
  return {
    ...row,
    body: JSON.parse(row.body) as Json,
    addresses: JSON.parse(row.addresses) as string[],
    causedBy: JSON.parse(row.causedBy) as Cause[],
  }
}

export function toStepRow(instanceSeq: number, step: InstanceStep): StepRow {
  return { instanceSeq, ...step, data: step.data === null ? null : JSON.stringify(step.data) }
}

export function toStep({ at, kind, from, to, via, by, tookMs, data }: StepRow): InstanceStep {
  return { at, kind, from, to, via, by, tookMs, data: data === null ? null : (JSON.parse(data) as Json) }
}
