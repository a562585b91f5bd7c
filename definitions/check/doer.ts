import type { Blueprint, Journey, Workflow } from '../definitions.ts'
import { blueprintDoer } from './blueprintDoer.ts'
import { canTrigger, isAtRest, possibleBranches, type IsSettled } from './consequence.ts'
import { journeyDoer } from './journeyDoer.ts'
import { writesOf, type Write } from './writes.ts'

export type Automation = Workflow | Blueprint | Journey

/** An automation as a loop sees it: what sets it off, and what it writes then. */
export interface Doer {
  automation: Automation
  /** What each of its parts writes: a branch, an automatic transition, a whole journey. */
  writes: Write[][]
  /** The parts that a write can set off. */
  setOffBy: (write: Write) => number[]
  /** Whether it acts each time, not just once for a record. */
  runsAlways: boolean
  /**
   * Whether a part that is set off by a write again and again acts only a first time.
   *
   * @param around all that is written in the meantime
   * @param isSettled whether those writes change a field of a module only once
   */
  rests: (part: number, write: Write, around: readonly Write[], isSettled: IsSettled) => boolean
}

export function doerOf(automation: Automation): Doer {
  if (automation.kind === 'workflow') return workflowDoer(automation)
  return automation.kind === 'journey' ? journeyDoer(automation) : blueprintDoer(automation)
}

function workflowDoer(workflow: Workflow): Doer {
  const { module, trigger, repeat, branches } = workflow
  return {
    automation: workflow,
    writes: branches.map(({ actions, later = [] }, index) => [
      ...writesOf(module, actions, ['branches', index, 'actions']),
      ...later.flatMap((each, at) => writesOf(module, each.actions, ['branches', index, 'later', at, 'actions'])),
    ]),
    setOffBy: (write) => (canTrigger(write, module, trigger) ? possibleBranches(write, workflow) : []),
    // Default: once for updates and changes, each time for the others.
    runsAlways:
      repeat === undefined
        ? !['record.updated', 'record.saved', 'field.changed'].includes(trigger.on)
        : repeat === 'always',
    rests: (_, write, __, isSettled) => isAtRest(trigger, write, isSettled, module),
  }
}
