import type { ChildTransition, Transition } from '../definitions.ts'
import type { Place } from '../report.ts'
import { checkAction } from './actions.ts'
import type { WithinBlueprint } from './blueprint.ts'
import { checkCondition, checkWhen } from './conditions.ts'
import { requireField } from './scope.ts'
import { checkSpan } from './spans.ts'

/** Checks what a transition asks for and does, and its parallel parts. Where it leads is checked with the states. */
export function checkTransition(within: WithinBlueprint, place: Place, transition: Transition) {
  const { scope, report, conditions } = within
  const { auto, during, parallel = [] } = transition
  checkStep(within, place, transition)
  if (auto !== undefined && 'when' in auto) checkCondition(conditions, [...place, 'auto', 'when'], auto.when)
  if (auto !== undefined && 'after' in auto) checkSpan(scope, report, [...place, 'auto', 'after'], auto.after)
  if (parallel.length > 0) {
    if (during !== undefined) report([...place, 'during'], 'parallel_parent_holds', { key: 'during' })
    if (auto !== undefined) report([...place, 'auto'], 'parallel_parent_holds', { key: 'auto' })
  } else if (auto !== undefined && during !== undefined) report([...place, 'during'], 'auto_with_during', {})
  for (const [index, part] of parallel.entries()) {
    const at = [...place, 'parallel', index]
    if (parallel.findIndex(({ name }) => name === part.name) !== index) {
      report([...at, 'name'], 'duplicate_name', { name: part.name })
    }
    checkStep(within, at, part)
  }
}

/** What a transition and a part of one have in common: before, during, after. */
function checkStep(within: WithinBlueprint, place: Place, { before, during, after = [] }: ChildTransition) {
  const { scope, report, blueprint, module, conditions } = within
  if (before?.when !== undefined) checkCondition(conditions, [...place, 'before', 'when'], before.when)
  const { fields = [], checklist = [] } = during ?? {}
  for (const [index, { field, when }] of fields.entries()) {
    const at = [...place, 'during', 'fields', index]
    if (when !== undefined) checkWhen(conditions, [...at, 'when'], when)
    if (field === blueprint.field) report([...at, 'field'], 'writes_state_field', { field })
    else if (fields.findIndex((one) => one.field === field) !== index) {
      report([...at, 'field'], 'duplicate_name', { name: field })
    } else if (module !== null) requireField(scope, report, [...at, 'field'], module, field)
  }
  for (const [index, name] of checklist.entries()) {
    if (checklist.indexOf(name) !== index) report([...place, 'during', 'checklist', index], 'duplicate_name', { name })
  }
  if (module === null) return
  after.forEach((action, index) => {
    checkAction(scope, report, [...place, 'after', index], action, blueprint, module)
  })
}
