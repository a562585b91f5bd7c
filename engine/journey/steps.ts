import { strict as assert } from 'node:assert'
import type { SendStep, Span, Step } from '#definitions/definitions.ts'
import type { Json, Values } from '#definitions/json.ts'
import type { Instant } from '../clock.ts'
import { runActions, sceneOf } from '../decide/actions.ts'
import { allKeys } from '../decide/contact.ts'
import type { Draft } from '../decide/draft.ts'
import { factsOf } from '../decide/factSource.ts'
import type { Occasion } from '../decide/occasion.ts'
import { recordZone } from '../decide/recordSource.ts'
import { enqueueSend, type JourneyContext } from '../decide/sendIntent.ts'
import { withLists } from '../decide/lists.ts'
import type { Change, LeafTrace } from '../decision.ts'
import type { Instance } from '../instance.ts'
import { quietUntil } from '../quietHours.ts'
import type { FactSource } from '../rules/condition.ts'
import { spanFromNow } from '../time/span.ts'
import { bodyOf, reached, withHeard, withSent, type JourneyBody } from './body.ts'
import type { CompiledJourney, CompiledStep } from './compile.ts'
import { leaving } from './leaving.ts'
import { chooseWay } from './split.ts'
import { atTimeOfDay, plannedAt } from './times.ts'

/** An instance on its way through a journey, within one decision. */
export interface Walk {
  draft: Draft
  journey: CompiledJourney
  occasion: Occasion
  leaves: LeafTrace[]
  /** Ids of what the steps put into the outbox, the timers and the inbox. */
  produced: string[]
}

/** What comes of a step: it goes on to another (null: the journey is at its end), waits, or leaves. */
export type StepOutcome =
  | ({ kind: 'go'; to: string | null; via: string } & Remembered)
  | { kind: 'wait'; name: 'wait' | 'timeout' | 'quiet' | 'resume'; dueAt: Instant }
  | { kind: 'end'; reason: string }

interface Remembered {
  body?: JourneyBody
  addresses?: string[]
}

/**
 * Does what a step does. What it changes in its own record follows as an event of its own; the steps after it in the same
 * decision see the record as that event will leave it, and so do the goal and the exits.
 *
 * @param since from when its waits count: when the instance came to this step
 */
export function perform(walk: Walk, instance: Instance, at: CompiledStep, since: Instant): StepOutcome {
  const { step } = at
  if ('send' in step) return send(walk, instance, at, step)
  if ('wait' in step) return wait(walk, at, step, since)
  if ('waitUntil' in step) return waitUntil(walk, at, step)
  if ('waitFor' in step) return waitFor(walk, instance, at, step, since)
  if ('branch' in step) return branch(walk, instance, at, step)
  if ('split' in step) return split(instance, step)
  if ('do' in step) return act(walk, instance, at, step)
  if ('goto' in step) return jump(instance, at, step)
  return { kind: 'end', reason: step.exit }
}

/** Where a step goes on to when nothing else is said. */
export function after({ step, below }: CompiledStep): string | null {
  if ('next' in step && step.next !== undefined) return step.next
  if ('else' in step && step.else !== undefined) return step.else
  return below
}

/** What the conditions of steps can ask about: `message` is the one that a step waited for last, however long ago. */
function factsIn({ draft, occasion }: Walk, body: JourneyBody): FactSource {
  const message = body.heard ?? occasion.message
  return factsOf(draft, message === undefined ? occasion : { ...occasion, message })
}

function go(to: string | null, via: string, remembered: Remembered = {}): StepOutcome {
  return { kind: 'go', to, via, ...remembered }
}

/** Within the quiet hours it waits here, or passes over. The message carries them too: it may wait in the outbox until they begin. */
function send(walk: Walk, instance: Instance, at: CompiledStep, { send: wish }: SendStep): StepOutcome {
  const { draft, journey, occasion } = walk
  const quiet = journey.journey.quietHours
  if (quiet !== undefined) {
    const zone = quiet.timezone === 'contact' ? zoneOf(walk) : quiet.timezone
    const until = quietUntil(draft.now, quiet.from, quiet.to, zone)
    if (until !== null && quiet.otherwise === 'skip') return go(after(at), 'quiet_hours')
    if (until !== null) return { kind: 'wait', name: 'quiet', dueAt: until }
  }
  const scene = sceneOf(draft, occasion, journey.id, instance.causedBy)
  const changesBefore = draft.changes.length
  walk.produced.push(enqueueSend(draft, scene, wish, `${at.pointer}/send`, contextOf(journey, instance, at)))
  return go(after(at), 'next', heardOf(walk, instance, at, changesBefore))
}

/** What every message of the journey carries, so that the guards ask again when it is claimed. */
function contextOf({ journey }: CompiledJourney, instance: Instance, at: CompiledStep): JourneyContext {
  const { quietHours, frequencyCap } = journey
  return {
    instanceId: instance.id,
    step: at.id,
    ...(quietHours !== undefined && { quietHours: { ...quietHours, otherwise: blockOr(quietHours.otherwise) } }),
    ...(frequencyCap !== undefined && {
      frequencyCap: { ...frequencyCap, otherwise: blockOr(frequencyCap.otherwise) },
    }),
  }
}

function blockOr(otherwise: 'hold' | 'skip'): 'hold' | 'block' {
  return otherwise === 'skip' ? 'block' : 'hold'
}

/** Remembers the messages that were just queued, and whom they are for. */
function heardOf({ draft }: Walk, instance: Instance, at: CompiledStep, changesBefore: number): Remembered {
  let body = bodyOf(instance)
  const addresses = new Set(instance.addresses)
  for (const change of draft.changes.slice(changesBefore)) {
    if (change.kind !== 'enqueue' || change.intent.kind !== 'sendTemplate') continue
    body = withSent(body, at.id, change.intent.id, draft.now)
    for (const key of allKeys(change.intent.to)) addresses.add(key)
  }
  return { body, addresses: [...addresses] }
}

function wait(
  walk: Walk,
  at: CompiledStep,
  { wait: span, at: time }: Extract<Step, { wait: unknown }>,
  since: Instant,
): StepOutcome {
  const due = spanFrom(walk, span, since)
  const dueAt = time === undefined ? due : atTimeOfDay(due, time, zoneOf(walk))
  return dueAt <= walk.draft.now ? go(after(at), 'next') : { kind: 'wait', name: 'wait', dueAt }
}

function waitUntil(walk: Walk, at: CompiledStep, step: Extract<Step, { waitUntil: unknown }>): StepOutcome {
  const dueAt = planOf(walk, step)
  const { now } = walk.draft
  if (dueAt !== null && dueAt > now) return { kind: 'wait', name: 'wait', dueAt }
  if (dueAt === now) return go(after(at), 'next')
  switch (step.waitUntil.ifPast ?? 'skip') {
    case 'send':
      return go(after(at), 'past')
    case 'exit':
      return { kind: 'end', reason: 'date_past' }
    case 'skip': {
      const skipped = after(at)
      return go(skipped === null ? null : after(stepOf(walk.journey, skipped)), 'skip')
    }
  }
}

/** When a `waitUntil` is over, as the record stands now; null when its field is blank. */
export function planOf(walk: Walk, { waitUntil }: Extract<Step, { waitUntil: unknown }>): Instant | null {
  const { module, values } = walk.occasion
  const value = Object.hasOwn(values, waitUntil.field) ? values[waitUntil.field] : undefined
  const daily = walk.draft.definitions.modules.get(module)?.fields[waitUntil.field]?.type === 'date'
  return plannedAt(value, waitUntil, daily, zoneOf(walk))
}

/** What it waits for may have come already: a status of the message, or a reply while the steps before were under way. */
function waitFor(
  walk: Walk,
  instance: Instance,
  at: CompiledStep,
  step: Extract<Step, { waitFor: unknown }>,
  since: Instant,
): StepOutcome {
  const body = bodyOf(instance)
  const came = cameBefore(walk, body, at, step)
  if (came !== null) return go(step.then ?? at.below, 'then', { body: came })
  const dueAt = spanFrom(walk, step.timeout, since)
  return dueAt <= walk.draft.now ? go(after(at), 'timeout') : { kind: 'wait', name: 'timeout', dueAt }
}

/** @returns what is remembered then; null when it has not come */
function cameBefore(
  walk: Walk,
  body: JourneyBody,
  at: CompiledStep,
  { waitFor }: Extract<Step, { waitFor: unknown }>,
): JourneyBody | null {
  const fits = (message: Json) =>
    at.when === null || at.when(factsOf(walk.draft, { ...walk.occasion, message }), walk.leaves)
  if (waitFor.on === 'message.status') {
    const sent = sentBy(body, waitFor.of)
    return sent !== null && reached(sent, waitFor.status) && fits(sent.fact)
      ? withHeard(body, sent.fact, body.replies)
      : null
  }
  if (waitFor.on === 'message.received') {
    const index = body.replies.findIndex((reply) => at.isReply(reply) && fits(reply))
    return index < 0 ? null : withHeard(body, body.replies[index] ?? null, body.replies.slice(index + 1))
  }
  return null
}

/** The message of a step, or the latest of the journey. */
export function sentBy(body: JourneyBody, step: string | undefined) {
  const name = step ?? body.latest
  return name === null || !Object.hasOwn(body.sent, name) ? null : (body.sent[name] ?? null)
}

function branch(
  walk: Walk,
  instance: Instance,
  at: CompiledStep,
  step: Extract<Step, { branch: unknown }>,
): StepOutcome {
  const facts = factsIn(walk, bodyOf(instance))
  const index = at.branches.findIndex((when) => when(facts, walk.leaves))
  const way = step.branch[index]
  return way === undefined ? go(after(at), 'else') : go(way.goto, `branch/${index}`)
}

function split(instance: Instance, step: Extract<Step, { split: unknown }>): StepOutcome {
  const index = chooseWay(
    instance.id,
    step.id,
    step.split.map(({ weight }) => weight),
  )
  return go(step.split[index]?.goto ?? null, `split/${index}`)
}

function act(walk: Walk, instance: Instance, at: CompiledStep, step: Extract<Step, { do: unknown }>): StepOutcome {
  const { draft, journey, occasion } = walk
  const scene = {
    ...sceneOf(draft, occasion, journey.id, instance.causedBy),
    journey: contextOf(journey, instance, at),
  }
  const changesBefore = draft.changes.length
  walk.produced.push(...runActions(draft, scene, step.do, `${at.pointer}/do`))
  const values = changedBy(draft.changes.slice(changesBefore), occasion)
  if (values !== occasion.values) {
    walk.occasion = { ...occasion, values }
    const reason = leaving(draft, journey, walk.occasion, walk.leaves)
    if (reason !== null) return { kind: 'end', reason }
  }
  return go(after(at), 'next', heardOf(walk, instance, at, changesBefore))
}

/** The record as these changes will leave it, once they have come through the inbox. */
function changedBy(changes: Change[], { module, recordId, values }: Occasion): Values {
  let after = values
  for (const change of changes) {
    if (change.kind !== 'accept' || change.event.kind !== 'record') continue
    const { event } = change
    if (event.module === module && event.recordId === recordId) after = withLists(event, { ...after, ...event.values })
  }
  return after
}

function jump(instance: Instance, at: CompiledStep, step: Extract<Step, { goto: unknown }>): StepOutcome {
  const body = bodyOf(instance)
  const count = Object.hasOwn(body.gotos, at.id) ? (body.gotos[at.id] ?? 0) : 0
  if (count >= step.max) return go(step.next ?? at.below, 'next')
  return go(step.goto, 'goto', { body: { ...body, gotos: { ...body.gotos, [at.id]: count + 1 } } })
}

/** @throws AssertionError: compiling has seen to it that every step is there */
export function stepOf({ steps, id }: CompiledJourney, name: string): CompiledStep {
  const step = steps.get(name)
  assert(step !== undefined, `${id} has no step "${name}"`)
  return step
}

function spanFrom({ draft, occasion }: Walk, span: Span, since: Instant): Instant {
  return spanFromNow({ ...draft, now: since }, span, occasion.module, occasion.values)
}

function zoneOf({ draft, occasion }: { draft: Draft; occasion: { module: string; values: Values } }): string {
  return recordZone(draft, occasion.module, occasion.values)
}
