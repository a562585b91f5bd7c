import type { JourneyTrigger, Module, WorkflowTrigger } from '../definitions.ts'
import type { FieldType } from '../module.ts'
import type { Place, Report } from '../report.ts'
import { requireField, type Scope } from './scope.ts'
import { checkValue } from './values.ts'

/** Types of fields that say a day. */
export const dateTypes: FieldType[] = ['date', 'datetime']

/** Checks what sets a workflow off, or lets records into a journey. `module` is null when there is none of its name. */
export function checkTrigger(
  scope: Scope,
  report: Report,
  place: Place,
  trigger: WorkflowTrigger | JourneyTrigger,
  module: Module | null,
) {
  if (trigger.on === 'schedule') checkSchedule(scope, report, place, trigger)
  if (module === null) return
  if (trigger.on === 'field.changed') {
    for (const [index, { field: name, from, to }] of trigger.fields.entries()) {
      const at = [...place, 'fields', index]
      if (!requireField(scope, report, [...at, 'field'], module, name)) continue
      const field = module.fields[name]!
      if (from !== undefined) checkValue(report, [...at, 'from'], name, field, from)
      if (to !== undefined) checkValue(report, [...at, 'to'], name, field, to)
    }
  } else if (trigger.on === 'date') {
    requireType(scope, report, [...place, 'field'], module, trigger.field, dateTypes)
  } else if (trigger.on === 'message.received' && module.phone === undefined) {
    report([...place, 'on'], 'module_without_phone', { module: module.name })
  }
}

/** Reports a field that is not there or not of one of these types. */
export function requireType(
  scope: Scope,
  report: Report,
  place: Place,
  module: Module,
  name: string,
  expected: FieldType[],
): boolean {
  if (!requireField(scope, report, place, module, name)) return false
  const got = module.fields[name]!.type
  if (!expected.includes(got)) report(place, 'wrong_field_type', { name, got, expected })
  return expected.includes(got)
}

function checkSchedule(
  { analyse }: Scope,
  report: Report,
  place: Place,
  { cron, timezone }: Extract<WorkflowTrigger, { on: 'schedule' }>,
) {
  const problem = analyse.cron(cron, timezone ?? 'UTC')
  if (problem?.kind === 'invalid') {
    report([...place, 'cron'], 'invalid_cron', { value: cron, detail: problem.detail })
  } else if (problem?.kind === 'never') report([...place, 'cron'], 'cron_never', { value: cron })
}
