import type { Draft } from '../decide/draft.ts'
import { park, trace } from '../decide/instances.ts'
import type { Occasion } from '../decide/occasion.ts'
import type { LeafTrace } from '../decision.ts'
import { NotFound } from '../errors.ts'
import { versionedKey, type Instance } from '../instance.ts'
import type { InstanceTimer } from '../parkedTimer.ts'
import { contain, isPaused, proceed, waitAnew, type Beginning } from './advance.ts'
import type { CompiledJourney } from './compile.ts'
import { leaving } from './leaving.ts'
import { liveRecord, quietOccasion } from './occasions.ts'
import { after, planOf, stepOf } from './steps.ts'

/**
 * A wait, a timeout, quiet hours or a pause is over. The instance runs, and the timer is of its present visit. The goal and the
 * exits are looked at first: what they ask about may lie behind a lookup, and no event told of it.
 *
 * @throws NotFound when this version of the engine cannot run the journey: the timer is set aside and can be run again later
 */
export function journeyTimer(draft: Draft, instance: Instance, timer: InstanceTimer): void {
  const journey = draft.definitions.journeys.get(versionedKey(instance))
  if (journey === undefined) {
    throw new NotFound(`There is no journey "${versionedKey(instance)}" that can be run.`, { instanceId: instance.id })
  }
  const record = liveRecord(draft, instance.module, instance.recordId)
  if (record === null) return // instances.ts has ended it.
  contain(draft, journey, instance, {}, () => comeDue(draft, journey, instance, timer, quietOccasion(record)))
}

function comeDue(
  draft: Draft,
  journey: CompiledJourney,
  instance: Instance,
  timer: InstanceTimer,
  occasion: Occasion,
): void {
  const leaves: LeafTrace[] = []
  const reason = leaving(draft, journey, occasion, leaves)
  if (reason !== null) {
    proceed(draft, journey, instance, occasion, { kind: 'end', reason }, { leaves })
    return
  }
  if (isPaused(draft, journey)) {
    // It fired just before the pause. The store keeps its successor until the journey is resumed.
    const own = { definition: journey.id, instanceId: instance.id, from: instance.position, to: instance.position }
    trace(draft, {
      ...own,
      outcome: 'noted',
      reason: 'paused',
      produced: [park(draft, instance, timer.name, draft.now)],
    })
    return
  }
  const at = stepOf(journey, instance.position)
  if (timer.name === 'wait' && 'waitUntil' in at.step) {
    // The settings' zone, and so the time of day, may have changed; no event tells that to a record.
    const planned = planOf({ draft, journey, occasion, leaves, produced: [] }, at.step)
    if (planned !== null && planned > draft.now) {
      waitAnew(draft, journey, instance, occasion)
      return
    }
  }
  proceed(draft, journey, instance, occasion, beginningOf(timer, after(at), instance), { leaves })
}

function beginningOf({ name }: InstanceTimer, to: string | null, { movedAt }: Instance): Beginning {
  if (name === 'wait') return { kind: 'go', to, via: 'next' }
  if (name === 'timeout') return { kind: 'go', to, via: 'timeout' }
  return { kind: 'arrive', since: movedAt } // quiet, resume
}
