import { z } from 'zod'
import type { SimulationReport, Sums } from './report.ts'

const change = z.object({
  /** What is counted: a template, a reason, a way. */
  name: z.string(),
  before: z.number(),
  after: z.number(),
})
export type Difference = z.output<typeof change>

/** What a change of definitions alters on the same events. Only what differs is listed, the largest change first. */
export const simulationComparison = z.object({
  totals: z.array(change).describe('`messages`, `sent`, `read`, ..., `spentMicros`.'),
  templates: z.array(change).describe('Messages sent.'),
  states: z.array(change).describe('Messages by state and reason.'),
  holds: z.array(change).describe('Messages that waited, by reason.'),
  categories: z.array(change).describe('Micro-credits.'),
  markets: z.array(change).describe('Micro-credits.'),
  rules: z.array(change).describe('Ways through workflows, without their versions.'),
  instances: z.array(change).describe('Ways through blueprints and journeys.'),
})
export type SimulationComparison = z.output<typeof simulationComparison>

export function compareReports(before: SimulationReport, after: SimulationReport): SimulationComparison {
  const of = <T>(
    list: (report: SimulationReport) => readonly T[],
    name: (one: T) => string,
    value: (one: T) => number,
  ) => differences(sumUp(list(before), name, value), sumUp(list(after), name, value))
  return {
    totals: of(
      (report) => Object.entries(report.totals) as [keyof Sums, number][],
      ([name]) => name,
      ([, value]) => value,
    ),
    templates: of(
      ({ templates }) => templates,
      ({ template }) => template ?? '-',
      ({ sent }) => sent,
    ),
    states: of(
      ({ states }) => states,
      ({ state, reason }) => (reason === null ? state : `${state} ${reason}`),
      ({ count }) => count,
    ),
    holds: of(
      ({ holds }) => holds,
      ({ reason }) => reason,
      ({ count }) => count,
    ),
    categories: of(
      ({ categories }) => categories,
      ({ category }) => category,
      ({ spentMicros }) => spentMicros,
    ),
    markets: of(
      ({ markets }) => markets,
      ({ market }) => market ?? '-',
      ({ spentMicros }) => spentMicros,
    ),
    rules: of(
      ({ rules }) => rules,
      ({ definition, outcome, branch }) =>
        `${definition.replace(/@\d+$/, '')} ${branch === null ? outcome : `branch ${branch + 1}`}`,
      ({ count }) => count,
    ),
    instances: of(
      ({ instances }) => instances.flatMap(({ definition, passes }) => passes.map((pass) => ({ definition, ...pass }))),
      ({ definition, from, to, via }) => `${definition} ${from ?? '*'} → ${to ?? '*'} (${via})`,
      ({ count }) => count,
    ),
  }
}

function sumUp<T>(list: readonly T[], name: (one: T) => string, value: (one: T) => number): Map<string, number> {
  const sums = new Map<string, number>()
  for (const one of list) sums.set(name(one), (sums.get(name(one)) ?? 0) + value(one))
  return sums
}

function differences(before: ReadonlyMap<string, number>, after: ReadonlyMap<string, number>): Difference[] {
  return [...new Set([...before.keys(), ...after.keys()])]
    .map((name) => ({ name, before: before.get(name) ?? 0, after: after.get(name) ?? 0 }))
    .filter((one) => one.before !== one.after)
    .sort((a, b) => Math.abs(b.after - b.before) - Math.abs(a.after - a.before) || (a.name < b.name ? -1 : 1))
}
