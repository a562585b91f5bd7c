import type { Action, BuiltinAction } from '#definitions/definitions.ts'
import type { Json, Values } from '#definitions/json.ts'
import { addDuration } from '../duration.ts'
import { fillText, resolveJson, type RecordSource } from '../merge.ts'
import type { Cause, RecordEvent } from '../trigger.ts'
import type { Draft } from './draft.ts'
import { recordSource, recordZone } from './recordSource.ts'
import { enqueueSend, wantedLanguage, type JourneyContext } from './sendIntent.ts'

/** The record an action is about, and who asks. */
export interface Scene {
  module: string
  recordId: string
  values: Values
  source: RecordSource
  /** `workflow/welcome-web-lead@3` */
  rule: string
  causedBy: Cause[]
  /** When a step of a journey asks: holds for every message that its actions send. */
  journey?: JourneyContext
}

/** The scene of actions about a record, as it stands in `values`. */
export function sceneOf(
  draft: Pick<Draft, 'known' | 'definitions'>,
  { module, recordId, values }: Pick<Scene, 'module' | 'recordId' | 'values'>,
  rule: string,
  causedBy: Cause[],
): Scene {
  return { module, recordId, values, source: recordSource(draft, module, values), rule, causedBy }
}

/**
 * Turns actions into changes, in order. What changes our own records becomes a follow-up record event, so it meets rules
 * and history like any other change; what touches the world becomes an intent in the outbox.
 *
 * @param pointer JSON pointer of the list of actions
 * @returns the ids of what they made
 */
export function runActions(draft: Draft, scene: Scene, actions: Action[], pointer: string): string[] {
  return actions.map((action, index) => runAction(draft, scene, action as BuiltinAction, `${pointer}/${index}`))
}

function runAction(draft: Draft, scene: Scene, action: BuiltinAction, pointer: string): string {
  const text = (value: string) => fillText(value, scene.module, draft.definitions, scene.source, words(draft, scene))
  const json = (value: Json) => resolveJson(value, scene.module, draft.definitions, scene.source, words(draft, scene))
  const own = { module: scene.module, recordId: scene.recordId }
  switch (action.type) {
    case 'sendTemplate':
      return enqueueSend(draft, scene, action, pointer)
    case 'updateRecord':
      return followUp(draft, scene, { ...own, op: 'updated', values: json(action.set) as Values })
    case 'addTags':
      return followUp(draft, scene, {
        ...own,
        op: 'updated',
        values: {},
        lists: [{ field: TAG_FIELD, add: action.tags }],
      })
    case 'removeTags':
      return followUp(draft, scene, {
        ...own,
        op: 'updated',
        values: {},
        lists: [{ field: TAG_FIELD, remove: action.tags }],
      })
    case 'assignOwner':
      return followUp(draft, scene, {
        ...own,
        op: 'updated',
        values: { Owner: nextOwner(draft, scene, action.users, pointer) },
      })
    case 'createRecord':
      return create(draft, scene, action.module, json(action.set) as Values)
    case 'createTask':
      return create(draft, scene, 'Tasks', {
        Subject: text(action.subject),
        Status: 'Not Started',
        ...(action.description === undefined ? {} : { Description: text(action.description) }),
        ...(action.dueIn === undefined ? {} : { Due_Date: dateAfter(draft, scene, action.dueIn) }),
        ...(action.priority === undefined ? {} : { Priority: PRIORITIES[action.priority] }),
        ...ownerOf(scene, action.owner === undefined ? undefined : text(action.owner)),
        What_Id: scene.recordId,
        $se_module: scene.module,
      })
    case 'notify': {
      const { user, role, group } = action
      const to = { ...(user && { user }), ...(role && { role }), ...(group && { group }) }
      draft.changes.push({ kind: 'notify', to, message: text(action.message), ...own, at: draft.now })
      return draft.nextId()
    }
    case 'callWebhook':
    default: // A plugin's action.
      return enqueueWork(draft, scene, action, pointer, json)
  }
}

/** The field of tags, as Zoho CRM names it. */
const TAG_FIELD = 'Tag'
const PRIORITIES = { low: 'Low', normal: 'Normal', high: 'High' }

/** Merge fields outside templates speak the settings' language. */
function words(draft: Draft, scene: Scene) {
  return {
    language: wantedLanguage(draft, scene) ?? draft.known.settings.defaultLanguage,
    zone: recordZone(draft, scene.module, scene.values),
  }
}

function enqueueWork(
  draft: Draft,
  scene: Scene,
  action: Extract<Action, { type: string }>,
  pointer: string,
  json: (value: Json) => Json,
): string {
  const id = draft.nextId()
  const payload = json(action as unknown as Json)
  // A webhook without a body of its own tells the whole record.
  const filled =
    action.type === 'callWebhook' && !('body' in action)
      ? { ...(payload as Values), body: { module: scene.module, id: scene.recordId, values: scene.values } }
      : payload
  draft.changes.push({
    kind: 'enqueue',
    intent: {
      kind: 'work',
      id,
      triggerId: draft.trigger.id,
      definition: scene.rule,
      pointer,
      module: scene.module,
      recordId: scene.recordId,
      type: action.type,
      payload: filled,
      causedBy: scene.causedBy,
    },
    contactId: null,
    verdict: null,
    guards: [],
    at: draft.now,
  })
  return id
}

function followUp(
  draft: Draft,
  scene: Scene,
  event: Pick<RecordEvent, 'module' | 'recordId' | 'op' | 'values' | 'lists'>,
): string {
  const id = draft.nextId()
  draft.changes.push({
    kind: 'accept',
    at: draft.now,
    event: {
      kind: 'record',
      mode: 'merge',
      source: 'denrei',
      sourceId: id,
      occurredAt: draft.now,
      causedBy: scene.causedBy,
      actor: scene.rule,
      ...event,
    },
  })
  return id
}

/** The new record's id is the id of the event that makes it: deciding twice makes it once. */
function create(draft: Draft, scene: Scene, module: string, values: Values): string {
  const recordId = draft.nextId()
  followUp(draft, scene, { module, recordId, op: 'created', values })
  return recordId
}

function ownerOf(scene: Scene, named: string | undefined): Values {
  const owner = named ?? scene.values.Owner
  return owner === undefined || owner === null || owner === '' ? {} : { Owner: owner }
}

function dateAfter(draft: Draft, scene: Scene, duration: string): string {
  const zone = recordZone(draft, scene.module, scene.values)
  const due = addDuration(draft.now, duration, zone)
  return dateFormat(zone).format(due)
}

const dateFormats = new Map<string, Intl.DateTimeFormat>()

/** Making one costs a hundred times as much as using it. Zones that exist are few. */
function dateFormat(zone: string): Intl.DateTimeFormat {
  let format = dateFormats.get(zone)
  if (format === undefined) {
    format = new Intl.DateTimeFormat('sv-SE', { timeZone: zone, dateStyle: 'short' })
    dateFormats.set(zone, format)
  }
  return format
}

/** Users take turns, counted over all records of this action; the count survives restarts and new versions. */
function nextOwner(draft: Draft, scene: Scene, users: string[], pointer: string): string {
  const counter = `${scene.rule.slice(0, scene.rule.lastIndexOf('@'))}#${pointer}`
  const pending = draft.changes.findLast((change) => change.kind === 'count' && change.counter === counter)
  const turn = pending?.kind === 'count' ? pending.value : (draft.known.counters.get(counter) ?? 0)
  if (users.length > 1) draft.changes.push({ kind: 'count', counter, value: turn + 1 })
  return users[turn % users.length] ?? ''
}
