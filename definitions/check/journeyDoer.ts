import type { Journey } from '../definitions.ts'
import { reachableFrom, waysOf } from '../graph/ways.ts'
import { canTrigger, holds, isAtRest } from './consequence.ts'
import type { Doer } from './doer.ts'
import { isZero } from './spans.ts'
import { factsIn } from './together.ts'
import { waits } from './ways.ts'
import { sendingOf, writesOf, type Write } from './writes.ts'

/** A journey is set off when it lets a record in. One that lets it in again only after a while goes round no faster than that. */
export function journeyDoer(journey: Journey): Doer {
  const { module, entry, goal, conditions = {} } = journey
  const { trigger, when, reentry = 'never' } = entry
  return {
    automation: journey,
    writes: [writesIn(journey)],
    setOffBy: (write) => {
      if (!canTrigger(write, module, trigger)) return []
      if (when !== undefined && holds(when, write, conditions) === 'no') return []
      // Who has reached the goal stays out.
      return goal !== undefined && holds(goal.when, write, conditions) === 'yes' ? [] : [0]
    },
    runsAlways: typeof reentry === 'string' ? reentry !== 'never' : isZero(reentry.after),
    rests: (_, write, __, isSettled) => {
      if (trigger.on !== 'condition') return isAtRest(trigger, write, isSettled, module)
      // It must come to match: what does not touch its facts, or changes them only once, lets nobody in again.
      if (write.kind !== 'update' || when === undefined) return false
      const asked = factsIn(when, conditions).filter((fact) => write.values.has(fact))
      return asked.every((fact) => isSettled(module, fact))
    },
  }
}

/**
 * Who is on the way does not enter a second time before it is over, so with `after_exit` only what is written just before the end counts,
 * and messages, whose fate is told later.
 */
function writesIn(journey: Journey): Write[] {
  const { module, entry, steps } = journey
  const writes = steps.map((step, index): Write[] => {
    if ('do' in step) return writesOf(module, step.do, ['steps', index, 'do'])
    if (!('send' in step) || step.send.template === undefined) return []
    return [sendingOf(module, step.send.template, ['steps', index, 'send'])]
  })
  if (entry.reentry !== 'after_exit') return writes.flat()
  const hasty = waysOf(journey).filter((way) => !waits(steps[way.from]!, way))
  const ends = (index: number) => {
    const reached = reachableFrom([index], hasty)
    return (
      hasty.some(({ from, to }) => to === null && reached.has(from)) || [...reached].some((at) => 'exit' in steps[at]!)
    )
  }
  return writes.flatMap((own, index) =>
    own.length === 0 || ends(index) ? own : own.filter(({ kind }) => kind === 'send'),
  )
}
