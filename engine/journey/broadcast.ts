import type { Condition } from '#definitions/condition.ts'
import type { Json } from '#definitions/json.ts'
import type { Instant } from '../clock.ts'
import { answer, refuse } from '../decide/answer.ts'
import type { Draft } from '../decide/draft.ts'
import { factsOf } from '../decide/factSource.ts'
import { PAGE_MAX } from '../facts.ts'
import type { Broadcast } from '../instance.ts'
import { compileCondition, ConditionInvalid, type CompiledCondition } from '../rules/condition.ts'
import type { Command } from '../command.ts'
import type { BroadcastTimer } from '../parkedTimer.ts'
import type { CommandEvent, Trigger } from '../trigger.ts'
import type { CompiledJourney } from './compile.ts'
import { enrollOne } from './enroll.ts'
import { liveRecord, quietOccasion } from './occasions.ts'

type Asked = Extract<Command, { do: 'broadcast' }>

/** A list of records, or all that match, is to go into a journey, from `startAt` on and no faster than `rate`. */
export function decideBroadcast(draft: Draft<CommandEvent & Trigger>, { broadcast: asked, records }: Asked): void {
  const { definitions, now, trigger } = draft
  const journey = definitions.journeys.newest(asked.definition)
  if (journey === undefined) {
    refuse(draft, 'ERR_NOT_FOUND', `There is no journey "${asked.definition}".`)
    return
  }
  const problem = problemOf(journey, asked, records)
  if (problem !== null) {
    refuse(draft, 'ERR_INVALID_INPUT', problem)
    return
  }
  const recordIds = 'ids' in records ? [...new Set(records.ids)] : undefined
  const broadcast: Broadcast = {
    id: draft.nextId(),
    definition: journey.key,
    name: asked.name,
    state: asked.startAt > now ? 'scheduled' : 'running',
    // At once is now, not whenever was said.
    startAt: Math.max(asked.startAt, now),
    rate: asked.rate,
    source:
      'ids' in records ? { kind: 'list', total: recordIds?.length ?? 0 } : { kind: 'condition', when: records.when },
    cursor: '',
    entered: 0,
    refused: {},
    createdBy: trigger.actor.user,
    createdAt: now,
    endedAt: null,
  }
  const planned = plan(draft, journey, broadcast, Math.max(asked.startAt, now))
  draft.changes.push({ kind: 'putBroadcast', broadcast: planned, ...(recordIds !== undefined && { recordIds }) })
  answer(draft, { broadcastId: planned.id, state: planned.state })
}

function problemOf(
  journey: CompiledJourney,
  { rate, startAt }: Asked['broadcast'],
  records: Asked['records'],
): string | null {
  if (!journey.open) return `Journey "${journey.journey.name}" is switched off. Switch it on first.`
  if (!Number.isSafeInteger(startAt)) return 'The start is no instant.'
  if (
    rate !== null &&
    !(Number.isSafeInteger(rate.count) && rate.count > 0 && Number.isSafeInteger(rate.perMs) && rate.perMs > 0)
  ) {
    return 'A rate needs a count and a time, both above zero.'
  }
  if ('ids' in records) return records.ids.length === 0 ? 'The list of records is empty.' : null
  try {
    conditionOf(journey, records.when)
    return null
  } catch (error) {
    if (error instanceof ConditionInvalid) return error.message
    throw error
  }
}

/** @throws ConditionInvalid */
function conditionOf({ journey }: CompiledJourney, when: Json): CompiledCondition {
  return compileCondition(when as unknown as Condition, journey.conditions ?? {}, '/when')
}

/**
 * The next records of a broadcast: no more than the rate allows, and no more than a page. When all are through it is done; a page
 * that is short of what was asked for was the last.
 */
export function broadcastTimer(draft: Draft, timer: BroadcastTimer): void {
  const before = draft.known.broadcasts.get(timer.broadcastId)
  // Paused, cancelled, or resumed with a timer of its own since this one fired.
  if (before?.timerId !== timer.id) {
    draft.notes.push('stale_timer')
    return
  }
  const journey = draft.definitions.journeys.newest(before.definition)
  if (journey === undefined || !journey.open) {
    // Somebody switched the journey off: nobody would enter. It goes on when a person resumes it.
    put(draft, idle(before, 'paused'))
    draft.notes.push('definition_inactive')
    return
  }
  const { rate, source } = before
  const most = Math.min(rate?.count ?? PAGE_MAX, PAGE_MAX)
  const ids = (draft.known.pages.get(draft.trigger.id) ?? []).slice(0, most)
  const after = enrollAll(draft, journey, before, ids)
  const isLast = source.kind === 'list' ? Number(after.cursor) >= source.total : ids.length < most
  if (isLast || ids.length === 0) {
    put(draft, { ...idle(after, 'done'), endedAt: draft.now })
    return
  }
  // As much of the time as of the count: a page that is smaller than the count has the shorter pause.
  const pauseMs = rate === null ? 0 : Math.ceil((rate.perMs * ids.length) / rate.count)
  put(draft, plan(draft, journey, { ...after, state: 'running' }, draft.now + pauseMs))
}

function enrollAll(draft: Draft, journey: CompiledJourney, before: Broadcast, ids: string[]): Broadcast {
  const { source } = before
  const when = source.kind === 'condition' ? conditionOf(journey, source.when) : null
  const refused = { ...before.refused }
  let { entered } = before
  for (const recordId of ids) {
    const reason = matches(draft, journey, recordId, when)
      ? reasonAgainst(draft, journey, recordId, before)
      : 'not_selected'
    if (reason === null) entered++
    else if (reason !== 'not_selected') refused[reason] = (refused[reason] ?? 0) + 1
  }
  const cursor = source.kind === 'list' ? String(Number(before.cursor) + ids.length) : (ids.at(-1) ?? before.cursor)
  return { ...before, cursor, entered, refused }
}

function reasonAgainst(
  draft: Draft,
  journey: CompiledJourney,
  recordId: string,
  { createdBy }: Broadcast,
): string | null {
  const entering = enrollOne(draft, journey, recordId, createdBy)
  return entering.kind === 'entered' ? null : entering.reason
}

/** Records that a broadcast by condition does not mean are no refusals; they are as good as not there. */
function matches(draft: Draft, journey: CompiledJourney, recordId: string, when: CompiledCondition | null): boolean {
  if (when === null) return true
  const record = liveRecord(draft, journey.journey.module, recordId)
  return record !== null && when(factsOf(draft, quietOccasion(record)))
}

/** Holds a broadcast, lets it go on, or ends it. What is done stays done. */
export function moveBroadcast(
  draft: Draft<CommandEvent & Trigger>,
  { id, to }: Extract<Command, { do: 'moveBroadcast' }>,
): void {
  const { known, definitions, now } = draft
  const before = known.broadcasts.get(id)
  if (before === undefined) {
    refuse(draft, 'ERR_NOT_FOUND', `There is no broadcast "${id}".`)
    return
  }
  if (before.state === 'done' || before.state === 'cancelled') {
    refuse(draft, 'ERR_INVALID_INPUT', `Broadcast "${before.name}" is over.`, { state: before.state })
    return
  }
  if (to === 'running') {
    if (before.state === 'paused') {
      const journey = definitions.journeys.newest(before.definition)
      if (journey === undefined || !journey.open) {
        refuse(draft, 'ERR_INVALID_INPUT', `The journey of broadcast "${before.name}" is switched off.`)
        return
      }
      const state = before.startAt > now ? 'scheduled' : 'running'
      // A pause is no way round the rate.
      put(draft, plan(draft, journey, { ...before, state }, Math.max(before.nextAt ?? before.startAt, now)))
    }
  } else if (before.state !== to) {
    if (before.timerId !== undefined) {
      draft.changes.push({ kind: 'cancelTimers', which: { id: before.timerId }, reason: to, at: now })
    }
    put(draft, to === 'cancelled' ? { ...idle(before, to), endedAt: now } : idle(before, to))
  }
  answer(draft, { broadcastId: id, state: stateOf(draft, before) })
}

function stateOf({ changes }: Draft, before: Broadcast): Broadcast['state'] {
  const put = changes.find((change) => change.kind === 'putBroadcast')
  return put?.kind === 'putBroadcast' ? put.broadcast.state : before.state
}

/** Plants the timer of the next page. */
function plan(draft: Draft, journey: CompiledJourney, broadcast: Broadcast, dueAt: Instant): Broadcast {
  const timerId = draft.nextId()
  draft.changes.push({
    kind: 'timer',
    at: draft.now,
    timer: {
      kind: 'broadcast',
      id: timerId,
      dueAt,
      definition: journey.id,
      module: journey.journey.module,
      recordId: '',
      causedBy: [],
      broadcastId: broadcast.id,
    },
  })
  return { ...broadcast, timerId, nextAt: dueAt }
}

/** Nothing waits for it any more. */
function idle({ timerId: _, ...broadcast }: Broadcast, state: Broadcast['state']): Broadcast {
  return { ...broadcast, state }
}

function put(draft: Draft, broadcast: Broadcast): void {
  draft.changes.push({ kind: 'putBroadcast', broadcast })
}
