import type { Json } from '#definitions/json.ts'
import type { RuleTrace } from '../decision.ts'
import type { CompiledRule } from '../definitionSet.ts'
import type { Trigger } from '../trigger.ts'
import type { Draft } from './draft.ts'
import { spanFromNow } from '../time/span.ts'
import type { Occasion, TimedOccasion } from './occasion.ts'
import { ranKey } from '../workingSet.ts'
import { factsOf } from './factSource.ts'
import { runActions, sceneOf } from './actions.ts'

/**
 * How many causes a trigger may have behind it before its rules no longer run. A chain this long is a loop that
 * `check` could not see, and each link may cost a message.
 */
export const CAUSES_MAX = 5

/** Runs every rule that the occasion could meet, in order. One rule that fails harms only itself. */
export function runRules(draft: Draft, occasion: Occasion): void {
  const rules = draft.definitions.candidates(occasion.on, occasion.module, occasion.changed)
  for (const rule of rules) draft.rules.push(runRule(draft, occasion, rule))
}

/** One rule for one record. A failure is told by the trace, and what it had begun is taken back. */
export function runRule(draft: Draft, occasion: Occasion | TimedOccasion, rule: CompiledRule): RuleTrace {
  const trace: RuleTrace = { definition: rule.id, outcome: 'no_branch_matched', branch: null, leaves: [], produced: [] }
  const stopped = stoppedBy(draft, occasion, rule)
  if (stopped !== null) return { ...trace, outcome: stopped }

  const changesBefore = draft.changes.length
  try {
    const facts = factsOf(draft, occasion)
    if (!rule.applies(facts, occasion.changed, trace.leaves)) return trace
    const branch = rule.branches.find((one) => one.when === null || one.when(facts, trace.leaves))
    if (branch === undefined) return trace
    trace.outcome = 'matched'
    trace.branch = branch.index
    if (rule.once) {
      draft.changes.push({
        kind: 'ruleRan',
        rule: rule.workflow.name,
        module: occasion.module,
        recordId: occasion.recordId,
        at: draft.now,
      })
    }
    const pointer = `/branches/${branch.index}`
    const scene = sceneOf(draft, occasion, rule.id, causesOf(draft.trigger, rule.id))
    trace.produced.push(...runActions(draft, scene, branch.branch.actions ?? [], `${pointer}/actions`))
    for (const [index, later] of (branch.branch.later ?? []).entries()) {
      const id = draft.nextId()
      draft.changes.push({
        kind: 'timer',
        at: draft.now,
        timer: {
          id,
          kind: 'later',
          dueAt: spanFromNow(draft, later.after, occasion.module, occasion.values),
          definition: rule.id,
          module: occasion.module,
          recordId: occasion.recordId,
          later: later as unknown as Json,
          pointer: `${pointer}/later/${index}`,
          ...(rule.workflow.conditions === undefined
            ? {}
            : { conditions: rule.workflow.conditions as unknown as Json }),
          causedBy: scene.causedBy,
        },
      })
      trace.produced.push(id)
    }
    return trace
  } catch (error) {
    // What the rule had begun is taken back, the failure is told by the trace, and the other rules go on.
    draft.changes.length = changesBefore
    return { ...trace, outcome: 'failed', produced: [], detail: error instanceof Error ? error.message : String(error) }
  }
}

function stoppedBy(draft: Draft, occasion: Occasion | TimedOccasion, rule: CompiledRule): RuleTrace['outcome'] | null {
  const causes = draft.trigger.causedBy ?? []
  if (causes.some((cause) => sameRule(cause.definition, rule.id))) return 'same_cause'
  if (causes.length >= CAUSES_MAX) return 'depth_exceeded'
  if (rule.once && draft.known.ran.has(ranKey(rule.workflow.name, occasion.module, occasion.recordId)))
    return 'already_ran'
  return null
}

/** Versions apart: a rule edited in the middle of its own loop is still the same rule. */
function sameRule(a: string, b: string): boolean {
  return a.slice(0, a.lastIndexOf('@')) === b.slice(0, b.lastIndexOf('@'))
}

function causesOf(trigger: Trigger, definition: string) {
  return [...(trigger.causedBy ?? []), { triggerId: trigger.id, definition }]
}
