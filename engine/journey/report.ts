import type { Journey, Step } from '#definitions/definitions.ts'
import type { InstanceCounts } from '../reads.ts'

/** How a journey fares, over all its versions. */
export interface JourneyReport {
  /** Entries, so a record that came twice counts twice. */
  entered: number
  running: number
  ended: number
  /** Null when the journey has no goal. `rate`: of all entries, 0 to 1; null while there are none. */
  goal: { reached: number; rate: number | null } | null
  /** Most frequent first. */
  endedBy: { reason: string; count: number }[]
  /** Of the newest version, in order. */
  steps: StepReport[]
  /** Steps of older versions that the newest has no more, by id. */
  former: StepReport[]
}

export interface StepReport {
  id: string
  name: string | null
  /** `send`, `wait`, `waitFor`, ...; null of a former step. */
  kind: string | null
  /** How many stand there now. */
  standing: number
  /** How often it was come to, also by the same instance again. */
  reached: number
  /** Where they went from here, most frequent first; `to` is null for those that left the journey. */
  ways: { to: string | null; via: string; count: number; averageMs: number }[]
  /** Those that left here for another reason than the goal or the end of the journey: an exit, a failure, a deleted record. */
  droppedOut: number
  /** How long those that went on, or left, had stood here; null while there are none. */
  averageMs: number | null
}

/** @param journey the newest version */
export function journeyReport(counts: InstanceCounts, { steps, goal }: Journey): JourneyReport {
  const endedBy = counts.ended.toSorted((a, b) => b.count - a.count || (a.reason < b.reason ? -1 : 1))
  const reached = endedBy.find(({ reason }) => reason === 'goal')?.count ?? 0
  const ids = new Set(steps.map(({ id }) => id))
  const former = new Set<string>()
  for (const { from, to } of counts.passes) {
    for (const id of [from, to]) if (id !== null && !ids.has(id)) former.add(id)
  }
  return {
    entered: counts.entered,
    running: sum(counts.standing, ({ count }) => count),
    ended: sum(endedBy, ({ count }) => count),
    goal: goal === undefined ? null : { reached, rate: counts.entered === 0 ? null : reached / counts.entered },
    endedBy,
    steps: steps.map((step) => stepReport(counts, step.id, step)),
    former: [...former].sort().map((id) => stepReport(counts, id, null)),
  }
}

function stepReport({ standing, passes }: InstanceCounts, id: string, step: Step | null): StepReport {
  const left = passes.filter(({ from }) => from === id)
  const count = sum(left, (way) => way.count)
  return {
    id,
    name: step?.name ?? null,
    kind: step === null ? null : kindOf(step),
    standing: sum(
      standing.filter(({ position }) => position === id),
      (one) => one.count,
    ),
    reached: sum(
      passes.filter(({ to }) => to === id),
      (way) => way.count,
    ),
    ways: left
      .map(({ to, via, count, totalMs }) => ({ to, via, count, averageMs: Math.round(totalMs / count) }))
      .sort((a, b) => b.count - a.count),
    droppedOut: sum(
      left.filter(({ to, via }) => to === null && !isEnd(via, step)),
      (way) => way.count,
    ),
    averageMs: count === 0 ? null : Math.round(sum(left, ({ totalMs }) => totalMs) / count),
  }
}

function isEnd(via: string, step: Step | null): boolean {
  return via === 'goal' || via === 'completed' || (step !== null && 'exit' in step && step.exit === via)
}

const KINDS = ['send', 'wait', 'waitUntil', 'waitFor', 'branch', 'split', 'do', 'goto', 'exit'] as const

function kindOf(step: Step): string {
  return KINDS.find((kind) => kind in step) ?? 'unknown'
}

function sum<T>(list: readonly T[], of: (one: T) => number): number {
  return list.reduce((total, one) => total + of(one), 0)
}
