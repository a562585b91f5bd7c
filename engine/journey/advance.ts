import type { Instant } from '../clock.ts'
import type { Draft } from '../decide/draft.ts'
import { cancelTimers, end, move, park, trace } from '../decide/instances.ts'
import type { Occasion } from '../decide/occasion.ts'
import type { InstanceTrace } from '../decision.ts'
import type { Instance } from '../instance.ts'
import { asJson, type JourneyBody } from './body.ts'
import type { CompiledJourney } from './compile.ts'
import { perform, stepOf, type StepOutcome, type Walk } from './steps.ts'

/** Steps of one instance in one decision, beyond each of the journey's steps once: so many go round without a wait. */
export const STEPS_MAX = 200

/** How an instance is set going: the step where it stands is done, or what it waited for has come. */
export type Beginning =
  | { kind: 'arrive'; since: Instant }
  | { kind: 'go'; to: string | null; via: string; body?: JourneyBody }
  | { kind: 'end'; reason: string }

/** An instance goes round without a wait; `check` refuses such a journey, a migration may still lead into one. */
class GoesRound extends Error {}

/**
 * Sets an instance going and walks on until a step waits or the journey is over. Every step it comes to is one line of its
 * history. While the journey is paused it comes to the next step and stands there until it is resumed.
 *
 * A step that throws ends its own instance as `failed`, and one that goes round for ever as `failed_steps`: what it did in this
 * decision is taken back, no message of it goes out, the trace has the reason, and the rest of the decision goes on.
 *
 * @param told of the trace, where it is more than a move
 */
export function proceed(
  draft: Draft,
  journey: CompiledJourney,
  before: Instance,
  occasion: Occasion,
  beginning: Beginning,
  told: Partial<InstanceTrace> = {},
): void {
  const walk: Walk = { draft, journey, occasion, leaves: told.leaves ?? [], produced: [] }
  contain(draft, journey, before, { from: before.position, ...told, leaves: walk.leaves }, () => {
    const after = walkOn(walk, before, beginning)
    const to = after.status === 'ended' ? null : after.position
    const outcome = after.status === 'ended' ? 'ended' : after.visit === before.visit ? 'noted' : 'moved'
    const own = { definition: journey.id, instanceId: before.id, from: before.position, leaves: walk.leaves }
    const reason = after.reason ?? told.reason ?? null
    trace(draft, { ...own, outcome, to, produced: walk.produced, ...told, reason })
  })
}

/** What `work` throws ends the instance where it stood, and takes back what was changed since. */
export function contain(
  draft: Draft,
  journey: CompiledJourney,
  before: Instance,
  told: Partial<InstanceTrace>,
  work: () => void,
): void {
  const changesBefore = draft.changes.length
  try {
    work()
  } catch (error) {
    draft.changes.length = changesBefore
    const reason = error instanceof GoesRound ? 'failed_steps' : 'failed'
    // From where it stood before: also what this decision knows of it is so again.
    end(draft, before, reason, { by: journey.id })
    const detail = error instanceof Error ? error.message : String(error)
    const own = { definition: journey.id, instanceId: before.id, from: before.position }
    trace(draft, { ...own, ...told, outcome: 'failed', reason, to: null, detail })
  }
}

function walkOn(walk: Walk, before: Instance, beginning: Beginning): Instance {
  const { draft, journey } = walk
  const by = journey.id
  let instance = before
  const stepsMax = journey.steps.size + STEPS_MAX
  let outcome: StepOutcome = beginning.kind === 'arrive' ? arrive(walk, instance, beginning.since) : beginning
  for (let steps = 0; ; steps++) {
    if (outcome.kind === 'wait') {
      walk.produced.push(park(draft, instance, outcome.name, outcome.dueAt))
      return instance
    }
    const remembered = outcome.kind === 'go' ? rememberedBy(outcome) : {}
    if (outcome.kind === 'end') return end(draft, instance, outcome.reason, { by })
    if (outcome.to === null) return end(draft, instance, 'completed', { by, ...remembered })
    if (steps === stepsMax) {
      throw new GoesRound(`It went ${stepsMax} steps without a wait, last from "${instance.position}".`)
    }
    instance = move(draft, instance, outcome.to, { via: outcome.via, by, ...remembered })
    outcome = arrive(walk, instance, draft.now)
  }
}

function rememberedBy({ body, addresses }: Extract<StepOutcome, { kind: 'go' }>) {
  return { ...(body !== undefined && { body: asJson(body) }), ...(addresses !== undefined && { addresses }) }
}

function arrive(walk: Walk, instance: Instance, since: Instant): StepOutcome {
  const { draft, journey } = walk
  if (isPaused(draft, journey)) return { kind: 'wait', name: 'resume', dueAt: draft.now }
  return perform(walk, instance, stepOf(journey, instance.position), since)
}

/** Its instances stand still until it is resumed; goals and exits are looked at all the same. */
export function isPaused({ known }: Draft, { key }: CompiledJourney): boolean {
  return known.paused.has(key)
}

/** What it waits for by time is planned anew. */
export function waitAnew(draft: Draft, journey: CompiledJourney, instance: Instance, occasion: Occasion): void {
  cancelTimers(draft, instance, 'replanned')
  proceed(draft, journey, instance, occasion, { kind: 'arrive', since: instance.movedAt }, { reason: 'replanned' })
}
