import { canonicalJson } from '../canonical.ts'
import type { Condition } from '../condition.ts'
import type { Branch, Module, Workflow, WorkflowTrigger } from '../definitions.ts'
import type { Json } from '../json.ts'
import type { FieldType } from '../module.ts'
import type { Place, Report } from '../report.ts'
import { checkAction } from './actions.ts'
import { checkCondition, checkNamedConditions, type Conditions } from './conditions.ts'
import { requireField, requireModule, type Scope } from './scope.ts'
import { checkValue } from './values.ts'

/** Checks a workflow: trigger, conditions, the order of its branches, and every action. */
export function checkWorkflow(scope: Scope, report: Report, workflow: Workflow) {
  const module = requireModule(scope, report, ['module'], workflow.module)
  const conditions: Conditions = { scope, report, module, named: workflow.conditions ?? {} }
  if (module !== null) checkTrigger(scope, report, workflow.trigger, module)
  if (workflow.trigger.on === 'date' || workflow.trigger.on === 'schedule') {
    report(['trigger', 'on'], 'not_yet_active', { on: workflow.trigger.on })
  }
  if (workflow.trigger.on === 'schedule') checkSchedule(report, workflow.trigger)
  checkNamedConditions(conditions, ['conditions'])
  workflow.branches.forEach((branch, index) => {
    checkBranch(conditions, ['branches', index], branch, workflow)
  })
  checkOrder(report, workflow.branches)
}

function checkBranch(conditions: Conditions, place: Place, branch: Branch, workflow: Workflow) {
  const { scope, report, module } = conditions
  const checkActions = (at: Place, actions: Branch['actions']) => {
    if (module === null) return
    actions?.forEach((action, index) => checkAction(scope, report, [...at, index], action, workflow, module))
  }
  if (branch.when !== undefined) checkCondition(conditions, [...place, 'when'], branch.when)
  checkActions([...place, 'actions'], branch.actions)
  branch.later?.forEach((later, index) => {
    const at = [...place, 'later', index]
    if (workflow.trigger.on === 'record.deleted') report(at, 'acts_on_deleted_record', { what: 'later' })
    if (later.when !== undefined) checkCondition(conditions, [...at, 'when'], later.when)
    checkActions([...at, 'actions'], later.actions)
  })
}

/** The first branch that matches wins, so one behind an else, or behind the same condition, never runs. */
function checkOrder(report: Report, branches: readonly Branch[]) {
  const elseIndex = branches.findIndex(({ when }) => when === undefined || isAlways(when))
  const seen = new Map<string, number>()
  for (const [index, { when }] of branches.entries()) {
    if (elseIndex !== -1 && index > elseIndex) {
      report(['branches', index], 'unreachable_branch', { branch: elseIndex + 1 })
      continue
    }
    if (when === undefined) continue
    const text = canonicalJson(when as unknown as Json)
    const before = seen.get(text)
    if (before === undefined) seen.set(text, index)
    else report(['branches', index, 'when'], 'duplicate_branch', { branch: before + 1 })
  }
}

function isAlways(when: Condition): boolean {
  return ('all' in when && when.all.length === 0) || ('any' in when && when.any.length === 0)
}

function checkTrigger(scope: Scope, report: Report, trigger: WorkflowTrigger, module: Module) {
  if (trigger.on === 'field.changed') {
    for (const [index, { field: name, from, to }] of trigger.fields.entries()) {
      const place = ['trigger', 'fields', index]
      if (!requireField(scope, report, [...place, 'field'], module, name)) continue
      const field = module.fields[name]!
      if (from !== undefined) checkValue(report, [...place, 'from'], name, field, from)
      if (to !== undefined) checkValue(report, [...place, 'to'], name, field, to)
    }
  } else if (trigger.on === 'date') {
    const place = ['trigger', 'field']
    const expected: FieldType[] = ['date', 'datetime']
    if (!requireField(scope, report, place, module, trigger.field)) return
    const got = module.fields[trigger.field]!.type
    if (!expected.includes(got)) report(place, 'wrong_field_type', { name: trigger.field, got, expected })
  } else if (trigger.on === 'message.received' && module.phone === undefined) {
    report(['trigger', 'on'], 'module_without_phone', { module: module.name })
  }
}

function checkSchedule(report: Report, { cron }: Extract<WorkflowTrigger, { on: 'schedule' }>) {
  const fields = cron.trim().split(/\s+/)
  const fine =
    (fields.length === 5 || fields.length === 6) && fields.every((field) => /^[\dA-Za-z*,/?#-]+$/.test(field))
  if (!fine) report(['trigger', 'cron'], 'invalid_cron', { value: cron })
}
