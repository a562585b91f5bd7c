import type { Workflow } from '../definitions.ts'
import type { Report } from '../report.ts'
import { canTrigger, possibleBranches } from './consequence.ts'
import { cycles, type Edge, type FindIdle } from './cycles.ts'
import { settles, writesOf, type Write } from './writes.ts'

/** One branch of a workflow, as `repeat` and its writes go. */
interface Step {
  workflow: Workflow
  branch: number
}

interface Link extends Edge {
  write: Write
}

/**
 * Reports rules that set one another off in a circle. A circle is left alone when it surely comes to rest: when a link of
 * it waits for a change of a field that is only ever set to one constant, or asks for a value that nobody writes.
 *
 * An error when each rule of it runs each time (`repeat: "always"`), or when it makes a new record each round, which
 * `once` does not hold back; otherwise a warning. A warning too when it goes through a message, because answering a
 * failed message with another is a common wish, and the engine runs a rule once in a chain of causes.
 */
export function checkLoops(checked: readonly { workflow: Workflow; report: Report }[], others: readonly Workflow[]) {
  const reports = new Map(checked.map(({ workflow, report }) => [workflow, report]))
  const steps: Step[] = [...reports.keys(), ...others].flatMap((workflow) =>
    workflow.branches.map((_, branch) => ({ workflow, branch })),
  )
  const told = new Set<string>()
  for (const cycle of cycles(linksBetween(steps), comesToRest(steps))) {
    // The circle is told at the first of its rules that is under check.
    const start = cycle.findIndex(({ from }) => reports.has(steps[from]!.workflow))
    if (start === -1) continue
    const turned = [...cycle.slice(start), ...cycle.slice(0, start)]
    const workflows = turned.map(({ from }) => steps[from]!.workflow)
    const names = workflows.map(({ name }) => name)
    const key = [...new Set(names)].sort().join(' ')
    if (told.has(key)) continue
    told.add(key)
    const kinds = turned.map(({ write }) => write.kind)
    const always = workflows.every(runsAlways) || kinds.includes('create')
    // A rule that sets itself off and runs once per record does just that.
    if (!always && new Set(workflows).size === 1) continue
    const forever = always && !kinds.includes('send')
    const rules = [...names, names[0]!].filter((name, index, all) => index === 0 || all[index - 1] !== name)
    if (rules.length === 1) rules.push(rules[0]!)
    const { write } = turned[0]!
    reports.get(workflows[0]!)!(write.place, 'rule_loop', { rules, forever }, forever ? 'error' : 'warning')
  }
}

/** Default of `repeat`: once for updates and changes, each time for the others. */
function runsAlways({ repeat, trigger }: Workflow): boolean {
  if (repeat !== undefined) return repeat === 'always'
  return !['record.updated', 'record.saved', 'field.changed'].includes(trigger.on)
}

function linksBetween(steps: readonly Step[]): Link[] {
  const byModule = new Map<string, Set<Workflow>>()
  const indexOf = new Map<Workflow, number>()
  for (const [index, { workflow, branch }] of steps.entries()) {
    if (branch === 0) indexOf.set(workflow, index)
    const there = byModule.get(workflow.module) ?? new Set()
    byModule.set(workflow.module, there.add(workflow))
  }
  return steps.flatMap(({ workflow, branch }, from) =>
    writesOf(workflow, branch).flatMap((write) =>
      [...(byModule.get(write.module) ?? [])]
        .filter((other) => canTrigger(write, other))
        .flatMap((other) =>
          possibleBranches(write, other).map((to) => ({ from, to: indexOf.get(other)! + to, write })),
        ),
    ),
  )
}

/** Among links that lead round and round, those that fire only a first time. */
function comesToRest(steps: readonly Step[]): FindIdle<Link> {
  return (around) => {
    const writes = [...new Set(around.map(({ write }) => write))]
    const known = new Map<string, boolean>()
    const isSettled = (module: string, field: string) => {
      const key = `${module}.${field}`
      const settled = known.get(key) ?? settles(writes, module, field)
      known.set(key, settled)
      return settled
    }
    return ({ to, write }) => {
      const { trigger, module } = steps[to]!.workflow
      if (trigger.on !== 'field.changed' || write.kind !== 'update') return false
      const watched = trigger.fields.filter(({ field }) => write.values.has(field))
      const settled = watched.map(({ field }) => isSettled(module, field))
      return trigger.match === 'all' ? settled.some(Boolean) : settled.every(Boolean)
    }
  }
}
