import type { Branch, Workflow } from '../definitions.ts'
import type { Place, Report } from '../report.ts'
import { checkAction } from './actions.ts'
import { checkBranchOrder } from './branches.ts'
import { checkWhen, checkNamedConditions, type Conditions } from './conditions.ts'
import { requireModule, type Scope } from './scope.ts'
import { checkLength } from './spans.ts'
import { checkTrigger } from './trigger.ts'

/** Checks a workflow: trigger, conditions, the order of its branches, and every action. */
export function checkWorkflow(scope: Scope, report: Report, workflow: Workflow) {
  const module = requireModule(scope, report, ['module'], workflow.module)
  const conditions: Conditions = { scope, report, module, named: workflow.conditions ?? {} }
  checkTrigger(scope, report, ['trigger'], workflow.trigger, module)
  checkNamedConditions(conditions, ['conditions'])
  workflow.branches.forEach((branch, index) => {
    checkBranch(conditions, ['branches', index], branch, workflow)
  })
  checkBranchOrder(report, ['branches'], workflow.branches)
}

function checkBranch(conditions: Conditions, place: Place, branch: Branch, workflow: Workflow) {
  const { scope, report, module } = conditions
  const checkActions = (at: Place, actions: Branch['actions']) => {
    if (module === null) return
    actions?.forEach((action, index) => checkAction(scope, report, [...at, index], action, workflow, module))
  }
  if (branch.when !== undefined) checkWhen(conditions, [...place, 'when'], branch.when)
  checkActions([...place, 'actions'], branch.actions)
  branch.later?.forEach((later, index) => {
    const at = [...place, 'later', index]
    if (workflow.trigger.on === 'record.deleted') report(at, 'acts_on_deleted_record', { what: 'later' })
    checkLength(scope, report, [...at, 'after'], later.after, 'later')
    if (later.when !== undefined) checkWhen(conditions, [...at, 'when'], later.when)
    checkActions([...at, 'actions'], later.actions)
  })
}
