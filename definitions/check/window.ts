import type { Journey, Step } from '../definitions.ts'
import type { Way } from '../graph/ways.ts'
import { DAY_MS, lengthWithinDay } from './spans.ts'

/** What has happened at the latest on the way to a step, over all ways to it. Infinity: a day or more ago, or never. */
interface Ago {
  /** Ms since the contact wrote to us. */
  heardMs: number
  /** Ms since the journey last sent; what was written since then counts as an answer when it is waited for. -Infinity: it has not. */
  sentMs: number
}

/** Rounds of all `goto`s together that are followed; a journey with more of them is taken for one that goes on for ever. */
const ROUNDS_MAX = 500

/**
 * Indexes of the steps that can be come to although the contact has surely not written for 24 hours, as far as the journey knows. It
 * is sure to be open when a message let the record in or a `waitFor` took one, and less than 24 hours were waited since.
 *
 * @param ways without circles, but for those through a `goto`: each round of one is followed as a layer of its own
 */
export function closedAt(journey: Journey, ways: readonly Way[]): Set<number> {
  const { steps, entry } = journey
  const out = Map.groupBy(ways, ({ from }) => from)
  const worst = new Map<number, Ago>()
  let layer = new Map<number, Ago>([
    [0, { heardMs: entry.trigger.on === 'message.received' ? 0 : Infinity, sentMs: -Infinity }],
  ])
  const rounds = steps.reduce((sum, step) => sum + ('goto' in step ? step.max : 0), 0)
  for (let round = 0; layer.size > 0; round++) {
    const next = new Map<number, Ago>()
    const queue = [...layer.keys()]
    for (const index of queue) {
      const here = layer.get(index)!
      if (!grow(worst, index, here)) continue
      for (const way of out.get(index) ?? []) {
        if (way.to === null) continue
        const there = afterStep(steps[index]!, way, here)
        if (way.via === 'goto') grow(next, way.to, round < ROUNDS_MAX ? there : FOR_EVER)
        else if (grow(layer, way.to, there)) queue.push(way.to)
      }
    }
    if (round >= rounds) break
    layer = next
  }
  return new Set([...worst].flatMap(([index, { heardMs }]) => (heardMs >= DAY_MS ? [index] : [])))
}

const FOR_EVER: Ago = { heardMs: Infinity, sentMs: Infinity }

/** @returns whether the worst that is known of the step has become worse */
function grow(of: Map<number, Ago>, index: number, ago: Ago): boolean {
  const before = of.get(index)
  const after = {
    heardMs: Math.max(before?.heardMs ?? 0, ago.heardMs),
    sentMs: Math.max(before?.sentMs ?? -Infinity, ago.sentMs),
  }
  of.set(index, after)
  return before === undefined || after.heardMs > before.heardMs || after.sentMs > before.sentMs
}

function afterStep(step: Step, { via }: Way, { heardMs, sentMs }: Ago): Ago {
  const later = (ms: number): Ago => ({ heardMs: grown(heardMs, ms), sentMs: grown(sentMs, ms) })
  if ('send' in step) return { heardMs, sentMs: 0 }
  // Until a time of day may be all but a day.
  if ('wait' in step) return later(step.at === undefined ? lengthWithinDay(step.wait) : Infinity)
  if ('waitUntil' in step) return via === 'skip' ? { heardMs, sentMs } : later(Infinity)
  if (!('waitFor' in step)) return { heardMs, sentMs }
  const waited = later(lengthWithinDay(step.timeout))
  return via === 'then' && step.waitFor.on === 'message.received' ? { ...waited, heardMs: Math.max(0, sentMs) } : waited
}

/** What is a day ago or more stays the same, however much longer it takes; and what has not been stays so. */
function grown(before: number, ms: number): number {
  if (before === -Infinity) return before
  return before + ms < DAY_MS ? before + ms : Infinity
}
