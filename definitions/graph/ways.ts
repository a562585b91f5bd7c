import type { Journey, Step } from '../definitions.ts'

/** A way from one step of a journey to another. */
export interface Way {
  /** Index of the step. */
  from: number
  /** Index of the step; null: the journey is at its end. */
  to: number | null
  /** How: the engine's history says the same words, but for `timeout`, which is the `else` of a `waitFor`. */
  via: 'next' | 'then' | 'else' | 'branch' | 'split' | 'goto' | 'skip'
  /** Which branch or share it is. */
  nth?: number
}

/**
 * Every way through the steps. Steps without a place to go on to lead to the one below, the last one to the end; `exit` leads nowhere,
 * and neither does a name that no step has.
 */
export function waysOf({ steps }: Pick<Journey, 'steps'>): Way[] {
  const indexes = new Map<string, number>()
  for (const [index, { id }] of steps.entries()) if (!indexes.has(id)) indexes.set(id, index)
  const below = (index: number) => (index + 1 < steps.length ? index + 1 : null)
  /** Undefined: it is said, but there is no such step. */
  const target = (index: number, name: string | undefined) => (name === undefined ? below(index) : indexes.get(name))
  /** Where a step goes on to when nothing decides otherwise. */
  const after = (index: number) => target(index, onward(steps[index]!))

  return steps.flatMap((step, from) => {
    const way = (to: number | null | undefined, via: Way['via'], nth?: number): Way[] =>
      to === undefined ? [] : [{ from, to, via, ...(nth !== undefined && { nth }) }]
    if ('exit' in step) return []
    if ('split' in step) return step.split.flatMap(({ goto }, nth) => way(target(from, goto), 'split', nth))
    if ('branch' in step) {
      return [
        ...step.branch.flatMap(({ goto }, nth) => way(target(from, goto), 'branch', nth)),
        ...way(after(from), 'else'),
      ]
    }
    if ('waitFor' in step) return [...way(target(from, step.then), 'then'), ...way(after(from), 'else')]
    if ('goto' in step) return [...way(target(from, step.goto), 'goto'), ...way(after(from), 'next')]
    if ('waitUntil' in step && (step.waitUntil.ifPast ?? 'skip') === 'skip') {
      const skipped = after(from)
      const past = typeof skipped === 'number' ? after(skipped) : skipped
      return [...way(skipped, 'next'), ...way(past, 'skip')]
    }
    return way(after(from), 'next')
  })
}

function onward(step: Step): string | undefined {
  if ('next' in step && step.next !== undefined) return step.next
  return 'else' in step ? step.else : undefined
}

/** Indexes of the steps that some way from one of these comes to, they themselves among them. */
export function reachableFrom(starts: readonly number[], ways: readonly Way[]): Set<number> {
  const out = Map.groupBy(ways, ({ from }) => from)
  const reached = new Set(starts)
  for (const step of reached) for (const { to } of out.get(step) ?? []) if (to !== null) reached.add(to)
  return reached
}
