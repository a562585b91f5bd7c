import type { WorkflowTrigger } from '#definitions/definitions.ts'
import type { LeafTrace } from '../decision.ts'
import { compileCondition, type CompiledCondition, type FactSource } from '../rules/condition.ts'

/** Whether the details of a trigger fit what happened. Leaves its leaves in the trace, as conditions do. */
export type CompiledTrigger = (facts: FactSource, changed: readonly string[], trace?: LeafTrace[]) => boolean

/**
 * What the index cannot know: from which value to which a field changed, which status a message got. `from` and `to` are
 * compared by `equal`, so `"from": null` means that the field was empty. Facts used: the field, `previous`, `message`.
 *
 * @param pointer where the trigger stands in its definition
 */
export function compileTrigger(trigger: WorkflowTrigger, pointer = '/trigger'): CompiledTrigger {
  if (trigger.on === 'field.changed') {
    const fields = trigger.fields.map((field, index) => compileChange(field, `${pointer}/fields/${index}`))
    return trigger.match === 'all'
      ? (facts, changed, trace) => fields.every((applies) => applies(facts, changed, trace))
      : (facts, changed, trace) => fields.some((applies) => applies(facts, changed, trace))
  }
  if (trigger.on === 'message.status' && trigger.status !== undefined) {
    const leaf = { fact: 'message', path: '$.status', operator: 'in', value: trigger.status }
    const status = compileCondition(leaf, {}, `${pointer}/status`)
    return (facts, _, trace) => status(facts, trace)
  }
  return () => true
}

type ChangedField = Extract<WorkflowTrigger, { on: 'field.changed' }>['fields'][number]

function compileChange({ field, from, to }: ChangedField, pointer: string): CompiledTrigger {
  const tests: CompiledCondition[] = []
  if (from !== undefined) {
    const leaf = { fact: 'previous', path: `$.${field}`, operator: 'equal', value: from }
    tests.push(compileCondition(leaf, {}, `${pointer}/from`))
  }
  if (to !== undefined) {
    tests.push(compileCondition({ fact: field, operator: 'equal', value: to }, {}, `${pointer}/to`))
  }
  return (facts, changed, trace) => {
    const result = changed.includes(field)
    trace?.push({
      pointer: `${pointer}/field`,
      fact: 'changed',
      operator: 'contains',
      seen: [...changed],
      expected: field,
      result,
    })
    return result && tests.every((test) => test(facts, trace))
  }
}
