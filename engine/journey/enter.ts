import type { Draft } from '../decide/draft.ts'
import { factsOf } from '../decide/factSource.ts'
import { enter, entryOf, runningOf, trace } from '../decide/instances.ts'
import type { Occasion } from '../decide/occasion.ts'
import { recordSource, recordZone } from '../decide/recordSource.ts'
import { CAUSES_MAX } from '../decide/rules.ts'
import type { LeafTrace } from '../decision.ts'
import { addDuration } from '../duration.ts'
import { entryKey, type Instance } from '../instance.ts'
import { resolveText } from '../merge.ts'
import { recordKey } from '../state.ts'
import { proceed } from './advance.ts'
import { asJson, EMPTY_BODY } from './body.ts'
import type { CompiledJourney } from './compile.ts'
import { leaving } from './leaving.ts'

/** Why a record did not enter, in order of precedence. docs/errors.md says what each means. */
export type Refusal =
  | 'record_missing'
  | 'inactive'
  | 'same_cause'
  | 'depth_exceeded'
  | 'key_missing'
  | 'already_entered'
  | 'still_running'
  | 'too_soon'
  | 'no_match'
  | 'matched_before'
  | 'goal_matches'
  | 'exit_matches'
  | 'failed'

export type Entering = { kind: 'entered'; instance: Instance } | { kind: 'refused'; reason: Refusal }

/** An event that a journey's trigger is about. What does not fit the details of the trigger is no news and leaves no trace. */
export function enterByEvent(
  draft: Draft,
  journey: CompiledJourney,
  occasion: Occasion,
  ran: ReadonlySet<string>,
): void {
  const leaves: LeafTrace[] = []
  if (!journey.entry.applies(factsOf(draft, occasion), occasion.changed, leaves)) return
  tryToEnter(draft, journey, occasion, { by: draft.trigger.source, ran, leaves, isEvent: true })
}

/**
 * Puts a record into a journey unless something speaks against it. In order of precedence: see {@link Refusal}. Either way the
 * trace tells.
 *
 * @param how.by a person, a source, or the definition
 * @param how.isEvent the trigger is met; otherwise a person asks, or the time has come, and that the record matches is enough
 * @param how.ran `entryKey`s of what ran when it happened, in case it has ended meanwhile
 */
export function tryToEnter(
  draft: Draft,
  journey: CompiledJourney,
  occasion: Occasion,
  how: { by: string; isEvent?: boolean; ran?: ReadonlySet<string>; leaves?: LeafTrace[] },
): Entering {
  const { leaves = [] } = how
  const asked = ask(draft, journey, occasion, { ...how, leaves })
  if (asked.kind !== 'welcome') {
    const { reason } = asked
    if (asked.kind === 'threw') {
      trace(draft, { definition: journey.id, outcome: 'failed', reason, leaves, detail: asked.detail })
    } else {
      trace(draft, { definition: journey.id, outcome: 'refused', reason, leaves })
    }
    return { kind: 'refused', reason }
  }
  const { key } = asked
  const { message } = occasion
  const body = message === undefined ? EMPTY_BODY : { ...EMPTY_BODY, heard: message }
  const { module, recordId } = occasion
  const instance = enter(
    draft,
    {
      kind: 'journey',
      definition: journey.key,
      version: journey.version,
      module,
      recordId,
      key,
      position: journey.first.id,
      body: asJson(body),
    },
    how.by,
  )
  const beginning = { kind: 'arrive', since: draft.now } as const
  proceed(draft, journey, instance, occasion, beginning, { outcome: 'entered', from: null, leaves })
  return { kind: 'entered', instance }
}

interface How {
  ran?: ReadonlySet<string>
  isEvent?: boolean
  leaves: LeafTrace[]
}

type Asked =
  | { kind: 'welcome'; key: string }
  | { kind: 'refused'; reason: Refusal }
  | { kind: 'threw'; reason: 'failed'; detail: string }

/** A condition that throws keeps its own journey from being entered, and no other. */
function ask(draft: Draft, journey: CompiledJourney, occasion: Occasion, how: How): Asked {
  try {
    const key = keyOf(draft, journey, occasion)
    const reason = refusalOf(draft, journey, occasion, key, how)
    if (reason !== null) return { kind: 'refused', reason }
    return key === null ? { kind: 'refused', reason: 'key_missing' } : { kind: 'welcome', key }
  } catch (error) {
    return { kind: 'threw', reason: 'failed', detail: error instanceof Error ? error.message : String(error) }
  }
}

function refusalOf(
  draft: Draft,
  journey: CompiledJourney,
  occasion: Occasion,
  key: string | null,
  { ran = new Set(), isEvent = false, leaves }: How,
): Refusal | null {
  if (!journey.open) return 'inactive'
  const causes = draft.trigger.causedBy ?? []
  if (causes.some(({ definition }) => definition.startsWith(`${journey.key}@`))) return 'same_cause'
  if (causes.length >= CAUSES_MAX) return 'depth_exceeded'
  if (key === null) return 'key_missing'
  return (
    againstReentry(draft, journey, occasion, key, ran) ??
    againstMatch(draft, journey, occasion, isEvent, leaves) ??
    againstLeaving(draft, journey, occasion)
  )
}

function againstReentry(
  draft: Draft,
  { key: definition, journey }: CompiledJourney,
  { module, recordId, values }: Occasion,
  key: string,
  ran: ReadonlySet<string>,
): Refusal | null {
  const { reentry = 'never' } = journey.entry
  if (reentry === 'always') return null
  const entry = entryOf(draft, { definition, module, recordId, key })
  if (entry === undefined) return null
  if (reentry === 'never') return 'already_entered'
  const own = entryKey({ definition, module, recordId, key })
  if (ran.has(own) || runningOf(draft, module, recordId, 'journey').some((one) => entryKey(one) === own)) {
    return 'still_running'
  }
  if (reentry === 'after_exit') return null
  return addDuration(entry.lastEnteredAt, reentry.after, recordZone(draft, module, values)) > draft.now
    ? 'too_soon'
    : null
}

function againstMatch(
  draft: Draft,
  { entry, journey }: CompiledJourney,
  occasion: Occasion,
  isEvent: boolean,
  leaves: LeafTrace[],
): Refusal | null {
  const { when } = entry
  if (when?.(factsOf(draft, occasion), leaves) === false) return 'no_match'
  if (!isEvent || journey.entry.trigger.on !== 'condition' || occasion.on !== 'record.updated') return null
  // As it was when it was saved last: what matches by time alone since then comes to match now.
  const savedAt = draft.known.records.get(recordKey(occasion.module, occasion.recordId))?.updatedAt ?? draft.now
  const before = { ...occasion, values: occasion.previous, changed: [] }
  return when === null || when(factsOf({ ...draft, now: savedAt }, before)) ? 'matched_before' : null
}

function againstLeaving(draft: Draft, journey: CompiledJourney, occasion: Occasion): Refusal | null {
  const reason = leaving(draft, journey, occasion)
  return reason === null ? null : reason === 'goal' ? 'goal_matches' : 'exit_matches'
}

/** Which of several at once it is; '' when the journey has one per record, null when the record does not say. */
function keyOf(draft: Draft, { journey }: CompiledJourney, { module, values }: Occasion): string | null {
  const { key } = journey.entry
  if (key === undefined) return ''
  const { definitions, known } = draft
  const words = { language: known.settings.defaultLanguage, zone: recordZone(draft, module, values) }
  const text = resolveText(key, module, definitions, recordSource(draft, module, values), words)
  return text === null || text.trim() === '' ? null : text
}
