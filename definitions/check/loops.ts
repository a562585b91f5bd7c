import { definitionKey } from '../definitions.ts'
import type { Report } from '../report.ts'
import { cycles, type Edge, type FindIdle } from './cycles.ts'
import { doerOf, type Automation, type Doer } from './doer.ts'
import { settles, type Write } from './writes.ts'

/** One part of an automation: a branch of a workflow, an automatic transition or an escalation of a blueprint, a journey. */
interface Part {
  doer: Doer
  part: number
}

interface Link extends Edge {
  write: Write
}

/**
 * Reports workflows, blueprints and journeys that set one another off in a circle. A circle is left alone when it surely comes to rest:
 * when a link of it waits for a change of a field that is only ever set to one constant, or asks for a value that nobody writes.
 *
 * An error when each automation of it runs each time, or when it makes a new record each round, which running once does not hold back;
 * otherwise a warning. A warning too when it goes through a message, because answering a failed message with another is a common wish,
 * and the engine runs a rule once in a chain of causes.
 */
export function checkLoops(
  checked: readonly { automation: Automation; report: Report }[],
  others: readonly Automation[],
) {
  const reports = new Map(checked.map(({ automation, report }) => [automation, report]))
  const parts: Part[] = [...reports.keys(), ...others].flatMap((automation) => {
    const doer = doerOf(automation)
    return doer.writes.map((_, part) => ({ doer, part }))
  })
  const told = new Set<string>()
  for (const cycle of cycles(linksBetween(parts), comesToRest(parts))) {
    // The circle is told at the first of its automations that is under check.
    const start = cycle.findIndex(({ from }) => reports.has(parts[from]!.doer.automation))
    if (start === -1) continue
    const turned = [...cycle.slice(start), ...cycle.slice(0, start)]
    const doers = turned.map(({ from }) => parts[from]!.doer)
    if (isWithinBlueprint(turned, parts)) continue
    const names = namesOf(doers.map(({ automation }) => automation))
    const key = [...new Set(names)].sort().join(' ')
    if (told.has(key)) continue
    told.add(key)
    const kinds = turned.map(({ write }) => write.kind)
    const always = doers.every(({ runsAlways }) => runsAlways) || kinds.includes('create')
    // What sets itself off and runs once per record does just that.
    if (!always && new Set(doers).size === 1) continue
    const forever = always && !kinds.includes('send')
    const rules = [...names, names[0]!].filter((name, index, all) => index === 0 || all[index - 1] !== name)
    if (rules.length === 1) rules.push(rules[0]!)
    const { write } = turned[0]!
    reports.get(doers[0]!.automation)!(write.place, 'rule_loop', { rules, forever }, forever ? 'error' : 'warning')
  }
}

/** A blueprint whose own transitions lead round is looked at by itself: as long as one of them takes time, that may be its purpose. */
function isWithinBlueprint(links: readonly Link[], parts: readonly Part[]): boolean {
  const [first, ...more] = new Set(links.map(({ from }) => parts[from]!.doer))
  const isOne = first?.automation.kind === 'blueprint' && more.length === 0
  return isOne && links.every(({ write }) => write.kind === 'update')
}

/** Their names, when they are all workflows; else with their kinds. */
function namesOf(automations: readonly Automation[]): string[] {
  const plain = automations.every(({ kind }) => kind === 'workflow')
  return automations.map((automation) => (plain ? automation.name : definitionKey(automation)))
}

function linksBetween(parts: readonly Part[]): Link[] {
  const byModule = new Map<string, Set<Doer>>()
  const indexOf = new Map<Doer, number>()
  for (const [index, { doer, part }] of parts.entries()) {
    if (part === 0) indexOf.set(doer, index)
    const there = byModule.get(doer.automation.module) ?? new Set()
    byModule.set(doer.automation.module, there.add(doer))
  }
  return parts.flatMap(({ doer, part }, from) =>
    doer.writes[part]!.flatMap((write) =>
      [...(byModule.get(write.module) ?? [])].flatMap((other) =>
        other.setOffBy(write).map((to) => ({ from, to: indexOf.get(other)! + to, write })),
      ),
    ),
  )
}

/** Among links that lead round and round, those that fire only a first time. */
function comesToRest(parts: readonly Part[]): FindIdle<Link> {
  return (around) => {
    const writes = [...new Set(around.map(({ write }) => write))]
    const isOneBlueprint = isWithinBlueprint(around, parts)
    const known = new Map<string, boolean>()
    const isSettled = (module: string, field: string) => {
      const key = `${module}.${field}`
      // A new record each round begins anew.
      const isNew = writes.some((write) => write.kind === 'create' && write.module === module)
      const settled = known.get(key) ?? (!isNew && settles(writes, module, field))
      known.set(key, settled)
      return settled
    }
    return ({ to, write }) => {
      const { doer, part } = parts[to]!
      return isOneBlueprint || doer.rests(part, write, writes, isSettled)
    }
  }
}
