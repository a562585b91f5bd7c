import type { Step } from '#definitions/definitions.ts'
import type { Draft } from '../decide/draft.ts'
import { factsOf } from '../decide/factSource.ts'
import { instanceOf, remember, runningOf, trace } from '../decide/instances.ts'
import type { Occasion } from '../decide/occasion.ts'
import { zoneField } from '../decide/recordSource.ts'
import type { LeafTrace } from '../decision.ts'
import { entryKey, versionedKey, type Instance } from '../instance.ts'
import type { Trigger } from '../trigger.ts'
import { contain, proceed, waitAnew } from './advance.ts'
import { asJson, bodyOf, reached, withHeard, withReply, withStatus, type JourneyBody } from './body.ts'
import type { CompiledJourney, CompiledStep } from './compile.ts'
import { enterByEvent } from './enter.ts'
import { leaving } from './leaving.ts'
import { sentBy, stepOf } from './steps.ts'

/**
 * Running journeys of the record look at their goal, their exits and what they wait for, in this order; then others are
 * entered. One that ran when it happened counts as running for re-entry, also when this very event ended it.
 */
export function journeysMeet(draft: Draft, occasion: Occasion): void {
  const running = runningOf(draft, occasion.module, occasion.recordId, 'journey')
  for (const instance of running) hear(draft, instance, occasion)
  enterOthers(draft, occasion, running)
}

/** Those that run hear nothing of it. */
export function journeysEnter(draft: Draft, occasion: Occasion): void {
  enterOthers(draft, occasion, runningOf(draft, occasion.module, occasion.recordId, 'journey'))
}

function enterOthers(draft: Draft, occasion: Occasion, running: readonly Instance[]): void {
  const ran = new Set(running.map(entryKey))
  const { journeys } = draft.definitions
  for (const journey of journeys.candidates(occasion.on, occasion.module, occasion.changed)) {
    enterByEvent(draft, journey, occasion, ran)
  }
}

/** Somebody wrote to whom these instances had written, though their records do not have the address. */
export function journeysHear(
  draft: Draft,
  instanceIds: Iterable<string>,
  occasionOf: (instance: Instance) => Occasion | null,
): void {
  for (const id of instanceIds) {
    const instance = instanceOf(draft, id)
    if (instance === null || instance.kind !== 'journey' || instance.status === 'ended') continue
    const occasion = occasionOf(instance)
    if (occasion !== null) hear(draft, instance, occasion)
  }
}

function hear(draft: Draft, instance: Instance, occasion: Occasion): void {
  const journey = draft.definitions.journeys.get(versionedKey(instance))
  if (journey === undefined) {
    const told = { definition: versionedKey(instance), instanceId: instance.id, reason: 'definition_missing' }
    trace(draft, { ...told, outcome: 'ignored' })
    return
  }
  const leaves: LeafTrace[] = []
  contain(draft, journey, instance, { leaves }, () => listen(draft, journey, instance, occasion, leaves))
}

function listen(
  draft: Draft,
  journey: CompiledJourney,
  instance: Instance,
  occasion: Occasion,
  leaves: LeafTrace[],
): void {
  const reason = leaving(draft, journey, occasion, leaves)
  if (reason !== null) {
    proceed(draft, journey, instance, occasion, { kind: 'end', reason }, { leaves })
    return
  }
  const at = stepOf(journey, instance.position)
  switch (occasion.on) {
    case 'record.updated':
      hearChange(draft, journey, instance, at, occasion, leaves)
      return
    case 'message.received':
      hearReply(draft, journey, instance, at, occasion, leaves)
      return
    case 'message.status':
      hearStatus(draft, journey, instance, at, occasion, leaves)
      return
    case 'record.created':
    case 'record.deleted':
      return
  }
}

function hearChange(
  draft: Draft,
  journey: CompiledJourney,
  instance: Instance,
  at: CompiledStep,
  occasion: Occasion,
  leaves: LeafTrace[],
): void {
  const { step } = at
  if ('waitUntil' in step) {
    const zone = zoneField(draft.definitions, occasion.module)
    const told = [step.waitUntil.field, ...(zone === undefined ? [] : [zone])]
    if (told.some((field) => occasion.changed.includes(field))) waitAnew(draft, journey, instance, occasion)
    return
  }
  if (!('waitFor' in step) || step.waitFor.on !== 'record.updated' || isOwnDoing(draft.trigger, instance)) return
  const { fields } = step.waitFor
  if (fields !== undefined && !fields.some((field) => occasion.changed.includes(field))) return
  if (matches(draft, at, occasion, leaves)) cameTo(draft, journey, instance, at, step, occasion, leaves)
}

/** What a step of this very instance has changed, as the event that tells it: no news to the steps after it. */
function isOwnDoing({ causedBy }: Trigger, instance: Instance): boolean {
  const [told, own] = [causedBy?.at(-1), instance.causedBy.at(-1)]
  return told !== undefined && told.triggerId === own?.triggerId && keyOf(told.definition) === instance.definition
}

/** Of any version. @param definition `journey/trial-nurture@3` */
function keyOf(definition: string): string {
  return definition.slice(0, definition.lastIndexOf('@'))
}

function hearReply(
  draft: Draft,
  journey: CompiledJourney,
  instance: Instance,
  at: CompiledStep,
  occasion: Occasion,
  leaves: LeafTrace[],
): void {
  if (!journey.waitsForReply || answersAnother(draft, instance)) return
  const { step } = at
  const body = bodyOf(instance)
  const latest = sentBy(body, undefined)
  // A message from before ours, that came late, is no answer to it.
  if (draft.trigger.occurredAt + SKEW_MS < (latest?.at ?? instance.movedAt)) return
  const { message = null } = occasion
  if (at.isReply(message) && 'waitFor' in step && matches(draft, at, occasion, leaves)) {
    cameTo(draft, journey, instance, at, step, occasion, leaves, withHeard(body, message))
  } else if (latest !== null) {
    remember(draft, instance, { body: asJson(withReply(body, message)) })
  }
}

/** It quotes a message, or taps a button of one, that another instance has sent: it is no answer to this one. */
function answersAnother({ trigger, known }: Draft, { id }: Instance): boolean {
  const quoted = trigger.kind === 'message' ? trigger.message.contextId : undefined
  const message = quoted === undefined ? undefined : known.messages.get(known.messageByWamid.get(quoted) ?? '')
  const intent = message?.intent
  return intent?.kind === 'sendTemplate' && intent.instanceId !== undefined && intent.instanceId !== id
}

/** WhatsApp tells when something was written in whole seconds, by a clock of its own. */
const SKEW_MS = 10_000

function hearStatus(
  draft: Draft,
  journey: CompiledJourney,
  instance: Instance,
  at: CompiledStep,
  occasion: Occasion,
  leaves: LeafTrace[],
): void {
  const { intent, message = null } = occasion
  if (!journey.waitsForStatus || intent?.instanceId !== instance.id || intent.step === undefined) return
  const { status } = message as { status: string }
  const before = bodyOf(instance)
  const body = withStatus(before, intent.step, intent.id, status, message)
  if (body === before) return
  const { step } = at
  if ('waitFor' in step && step.waitFor.on === 'message.status') {
    const sent = sentBy(body, step.waitFor.of)
    const isAbout = sent?.id === intent.id && reached(sent, step.waitFor.status)
    if (isAbout && matches(draft, at, occasion, leaves)) {
      cameTo(draft, journey, instance, at, step, occasion, leaves, withHeard(body, message, body.replies))
      return
    }
  }
  remember(draft, instance, { body: asJson(body) })
}

function matches(draft: Draft, at: CompiledStep, occasion: Occasion, leaves: LeafTrace[]): boolean {
  return at.when === null || at.when(factsOf(draft, occasion), leaves)
}

/** What the step waits for has come. */
function cameTo(
  draft: Draft,
  journey: CompiledJourney,
  instance: Instance,
  at: CompiledStep,
  step: Extract<Step, { waitFor: unknown }>,
  occasion: Occasion,
  leaves: LeafTrace[],
  body?: JourneyBody,
): void {
  const to = step.then ?? at.below
  proceed(draft, journey, instance, occasion, { kind: 'go', to, via: 'then', ...(body && { body }) }, { leaves })
}
