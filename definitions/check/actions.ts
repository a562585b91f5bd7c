import type { Action, Blueprint, BuiltinAction, Journey, Module, Workflow } from '../definitions.ts'
import { formatHints } from '../formatHints.ts'
import type { Json } from '../json.ts'
import { duration } from '../primitives.ts'
import type { Place, Report } from '../report.ts'
import { checkMergeFields } from './mergeFields.ts'
import { requireField, requireModule, type Scope } from './scope.ts'
import { checkSendTemplate } from './sendTemplate.ts'
import { checkValue } from './values.ts'

/** Actions that write into the record itself, which is no use once it is deleted. */
const ownWrites: readonly string[] = ['updateRecord', 'addTags', 'removeTags', 'assignOwner']

/**
 * Checks one action of a definition. A plugin's action has been checked by its schema; here only its merge fields are.
 */
export function checkAction(
  scope: Scope,
  report: Report,
  place: Place,
  someAction: Action,
  owner: Workflow | Blueprint | Journey,
  module: Module,
) {
  const action = someAction as BuiltinAction
  checkMergeFields(scope, report, place, action, module)
  if (owner.kind === 'workflow' && owner.trigger.on === 'record.deleted' && ownWrites.includes(action.type)) {
    report(place, 'acts_on_deleted_record', { what: action.type })
  }
  switch (action.type) {
    case 'sendTemplate':
      checkSendTemplate(scope, report, place, action, owner, module)
      break
    case 'updateRecord':
      if (owner.kind === 'blueprint' && Object.hasOwn(action.set, owner.field)) {
        report([...place, 'set', owner.field], 'writes_state_field', { field: owner.field })
      }
      checkSet(scope, report, [...place, 'set'], action.set, module)
      break
    case 'createRecord': {
      const target = requireModule(scope, report, [...place, 'module'], action.module)
      if (target === null) break
      checkSet(scope, report, [...place, 'set'], action.set, target)
      for (const [name, { required }] of Object.entries(target.fields)) {
        if (required === true && !Object.hasOwn(action.set, name)) {
          report([...place, 'set'], 'required_field_missing', { name, module: target.name })
        }
      }
      break
    }
    case 'createTask':
      if (action.dueIn !== undefined && !duration.safeParse(action.dueIn).success) {
        const value = JSON.stringify(action.dueIn)
        report([...place, 'dueIn'], 'invalid_format', { value, hint: formatHints.duration })
      }
      break
    case 'addTags':
    case 'removeTags':
      requireField(scope, report, place, module, 'Tag')
      break
    case 'assignOwner':
      requireField(scope, report, place, module, 'Owner')
      break
    case 'notify':
      if (!action.user && !action.role && !action.group) report(place, 'notify_nobody', {})
      break
    case 'callWebhook':
      break
    default:
      action satisfies never // A plugin's.
  }
}

function checkSet(scope: Scope, report: Report, place: Place, set: Record<string, Json>, module: Module) {
  for (const [name, value] of Object.entries(set)) {
    if (requireField(scope, report, [...place, name], module, name)) {
      checkValue(report, [...place, name], name, module.fields[name]!, value)
    }
  }
}
