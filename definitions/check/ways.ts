import { reachableFrom, waysOf, type Way } from '../graph/ways.ts'
import type { Step } from '../definitions.ts'
import { cycles } from './cycles.ts'
import type { WithinJourney } from './journey.ts'
import { isZero } from './spans.ts'
import { sends } from './step.ts'
import { closedAt } from './window.ts'

/** Checks the ways through a journey: steps that none comes to, circles, what is waited for in vain, free text outside the window. */
export function checkWays(within: WithinJourney) {
  const { report, journey } = within
  const { steps } = journey
  const ways = waysOf(journey)
  const reached = reachableFrom([0], ways)
  // A name that no step has leads nowhere; what it was meant for is not called unreachable because of that.
  if (!hasStray(within)) {
    for (const [index, { id }] of steps.entries()) {
      if (!reached.has(index)) report(['steps', index, 'id'], 'unreachable_step', { name: id })
    }
  }
  const isBounded = checkCircles(within, ways)
  const from = (which: (step: Step) => boolean) =>
    reachableFrom(
      [...steps.keys()].filter((index) => reached.has(index) && which(steps[index]!)),
      ways,
    )
  for (const [index, step] of steps.entries()) {
    if (!('waitFor' in step) || step.waitFor.on !== 'message.status' || !reached.has(index)) continue
    const { of } = step.waitFor
    const sending = from((one) => sends([one]) && (of === undefined || one.id === of))
    const isKnown = of === undefined || steps.some((one) => one.id === of && sends([one]))
    if (isKnown && !sending.has(index)) report(['steps', index, 'waitFor'], 'nothing_sent_before', { name: step.id })
  }
  if (!isBounded) return
  const closed = closedAt(journey, ways)
  for (const [index, step] of steps.entries()) {
    const isText = 'send' in step && step.send.template === undefined
    if (isText && reached.has(index) && closed.has(index)) {
      report(['steps', index, 'send', 'text'], 'text_outside_window', { name: step.id })
    }
  }
}

function hasStray({ journey: { steps } }: WithinJourney): boolean {
  const known = new Set(steps.map(({ id }) => id))
  return steps.some((step) => {
    const { next, then, else: otherwise, goto } = step as Partial<Record<'next' | 'then' | 'else' | 'goto', string>>
    const listed = 'branch' in step ? step.branch : 'split' in step ? step.split : []
    const named = [next, then, otherwise, goto, ...listed.map((one) => one.goto)]
    return known.size < steps.length || named.some((name) => name !== undefined && !known.has(name))
  })
}

/** Only a `goto` counts its rounds, and rounds without a wait are all over at once. @returns whether every circle has a `goto` */
function checkCircles({ report, journey: { steps } }: WithinJourney, ways: readonly Way[]): boolean {
  const between = ways.filter((way): way is Way & { to: number } => way.to !== null)
  const tell = (code: 'unbounded_loop' | 'loop_without_wait', circle: readonly Way[]) => {
    const start = circle.reduce((first, { from }, index) => (from < circle[first]!.from ? index : first), 0)
    const turned = [...circle.slice(start), ...circle.slice(0, start)].map(({ from }) => from)
    const names = [...turned, turned[0]!].map((index) => steps[index]!.id)
    report(['steps', turned[0]!], code, { steps: names })
  }
  const busy = () => () => false
  const unbounded = cycles(
    between.filter(({ via }) => via !== 'goto'),
    busy,
  )
  for (const circle of unbounded) tell('unbounded_loop', circle)
  const hasty = cycles(
    between.filter((way) => !waits(steps[way.from]!, way)),
    busy,
  )
  for (const circle of hasty) {
    // One without a `goto` is told already.
    if (circle.some(({ via }) => via === 'goto')) tell('loop_without_wait', circle)
  }
  return unbounded.length === 0
}

/** Whether a way takes time. A date that lies behind is no wait, and in a circle it does from the second round on. */
export function waits(step: Step, { via }: Way): boolean {
  if ('wait' in step) return !isZero(step.wait) || step.at !== undefined
  return 'waitFor' in step && (via === 'then' || !isZero(step.timeout))
}
