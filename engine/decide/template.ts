import type { Json } from '#definitions/json.ts'
import type { TemplateCategory } from '../message.ts'
import type { NoticeCode, Severity } from '../notice.ts'
import { templateKey, type TemplateState } from '../state.ts'
import { servingOf } from '../templateVersions.ts'
import type { ReleaseEvent, TemplateEvent, Trigger } from '../trigger.ts'
import type { Draft } from './draft.ts'

const SECOND_MS = 1000

/** What the account was seen to hold when it was read, as opposed to what WhatsApp told or a submission was answered. */
export const TEMPLATE_POLL_SOURCE = 'denrei:templates'

/**
 * A template moved at WhatsApp, or was seen to stand as it did. What waited for it is asked again; approval lets it go, and a newer
 * version take over. Admins are told of what changed, once.
 */
export function decideTemplate(draft: Draft<TemplateEvent & Trigger>): Draft {
  const { trigger, known } = draft
  const before = known.templates.get(templateKey(trigger))
  if (trigger.agreed === true) return agree(draft, before)
  if (before !== undefined && isLate(trigger, before)) {
    draft.notes.push('late_template_event')
    return draft
  }
  const after = stateAfter(trigger, before)
  const served = serving(draft, after)
  draft.changes.push({ kind: 'putTemplate', template: after })
  const takesOver = serving(draft, after, after)
  if (after.status === 'APPROVED' && before?.status !== 'APPROVED') {
    release(draft, after)
    draft.notes.push('template_approved')
  } else if (before !== undefined && (after.status !== before.status || after.category !== before.category)) {
    // What waits is asked again: it is blocked when it has no more to wait for, and tells what it waits for now.
    release(draft, after)
  }
  if (before !== undefined) tellChanges(draft, before, after)
  // Of what never went out nothing is taken over.
  const wentOut = served !== null && (served.status === 'APPROVED' || served.status === 'PAUSED')
  if (wentOut && takesOver === after && served !== before && after.status === 'APPROVED') {
    notify(draft, 'template_took_over', 'info', after, { instead: served.name, version: after.definitionVersion })
  }
  return draft
}

/**
 * Statuses may overtake one another; the newest stands. WhatsApp tells whole seconds, and we submit within one. What was read from
 * the account may have been answered before WhatsApp told, so it must be newer by that second.
 */
function isLate({ source, occurredAt }: TemplateEvent, before: TemplateState): boolean {
  return source === TEMPLATE_POLL_SOURCE
    ? occurredAt < before.updatedAt + SECOND_MS && before.checkedAt !== null
    : occurredAt + SECOND_MS <= before.updatedAt
}

function stateAfter(trigger: TemplateEvent, before: TemplateState | undefined): TemplateState {
  const { name, language, accountId, occurredAt } = trigger
  const status = trigger.status ?? before?.status ?? 'PENDING'
  const category = categoryOf(trigger.category) ?? before?.category ?? 'UTILITY'
  return {
    name,
    language,
    accountId,
    metaId: trigger.metaId ?? before?.metaId ?? null,
    status,
    category,
    quality: trigger.quality ?? before?.quality ?? null,
    reason: reasonAfter(trigger, before),
    submittedHash: before?.submittedHash ?? null,
    definition: trigger.definition?.name ?? before?.definition ?? null,
    definitionVersion: trigger.definition?.version ?? before?.definitionVersion ?? null,
    // The account's list does not say how long a pause lasts; WhatsApp told it once.
    pausedUntil: status === 'PAUSED' ? (trigger.pausedUntil ?? pauseBefore(before)) : null,
    agreedCategory: before?.agreedCategory ?? null,
    nextCategory: nextCategoryOf(trigger, before, category),
    checkedAt: occurredAt,
    updatedAt: occurredAt,
  }
}

const pauseBefore = (before: TemplateState | undefined) => (before?.status === 'PAUSED' ? before.pausedUntil : null)

/** The account's list gives the code alone; the words that came with it once are kept. */
function reasonAfter(trigger: TemplateEvent, before: TemplateState | undefined): string | null {
  const { status, reason } = trigger
  const was = before?.reason ?? null
  const stays = status === undefined || status === before?.status
  const words = [
    textAt(trigger.raw, 'rejection_info', 'reason'),
    textAt(trigger.raw, 'rejection_info', 'recommendation'),
  ]
  const told = [...new Set([reason, ...words].filter((one) => one !== undefined && one !== ''))]
  if (told.length === 0) return stays ? was : null
  const text = told.length === 1 ? told[0]! : `${told[0]}: ${told.slice(1).join(' ')}`
  return stays && was?.startsWith(text) === true ? was : text
}

function nextCategoryOf(
  { nextCategory: told }: TemplateEvent,
  before: TemplateState | undefined,
  category: TemplateCategory,
): TemplateState['nextCategory'] {
  const to = categoryOf(told?.category)
  const next = told === undefined || to === undefined ? (before?.nextCategory ?? null) : { category: to, at: told.at }
  return next?.category === category ? null : next
}

/** The version that messages of this definition are decided by; with `after` as it will be. */
function serving({ known, definitions }: Draft, about: TemplateState, after?: TemplateState): TemplateState | null {
  const key = templateKey({ name: about.definition ?? about.name, language: about.language })
  const versions = definitions.templateVersions.get(key)
  if (versions === undefined) return null
  const states = new Map(known.templates)
  if (after !== undefined) states.set(templateKey(after), after)
  return servingOf(versions, states.values())?.state ?? null
}

/** An admin agrees to what WhatsApp made of a template. */
function agree(draft: Draft<TemplateEvent & Trigger>, before: TemplateState | undefined): Draft {
  if (before === undefined) {
    draft.notes.push('template_unknown')
    return draft
  }
  draft.changes.push({ kind: 'putTemplate', template: { ...before, agreedCategory: before.category } })
  draft.notes.push('template_category_agreed')
  release(draft, before)
  return draft
}

function release({ changes, now }: Draft, { name, language }: TemplateState): void {
  changes.push({ kind: 'release', waitsFor: 'template_approved', template: { name, language }, at: now })
}

/** Out of which a template does not come back by itself. */
const STOPPED = new Set(['DISABLED', 'ARCHIVED', 'LIMIT_EXCEEDED'])
const GONE = new Set(['DELETED', 'PENDING_DELETION'])
/** WhatsApp stops it for a while, or has not said yet that it goes on. */
const PAUSED = new Set(['PAUSED', 'FLAGGED', 'LOCKED'])

function tellChanges(draft: Draft<TemplateEvent & Trigger>, before: TemplateState, after: TemplateState): void {
  if (after.status !== before.status) tellStatus(draft, before, after)
  // WhatsApp refused to take it at all, so that it is still a draft.
  else if (after.status === 'DRAFT' && after.reason !== null && after.reason !== before.reason) {
    notify(draft, 'template_rejected', 'warning', after, { status: 'DRAFT', from: 'DRAFT', reason: after.reason })
  }
  if (after.category !== before.category) {
    notify(draft, 'template_category_changed', 'warning', after, { from: before.category, to: after.category })
  }
  const { nextCategory: next } = after
  if (next !== null && (next.category !== before.nextCategory?.category || next.at !== before.nextCategory.at)) {
    const details = { from: after.category, to: next.category, at: next.at }
    notify(draft, 'template_category_will_change', 'warning', after, details)
  }
  if (before.quality !== null && after.quality !== null && after.quality !== before.quality) {
    const details = { from: before.quality, to: after.quality }
    notify(draft, 'template_quality_changed', after.quality === 'RED' ? 'warning' : 'info', after, details)
  }
}

function tellStatus(draft: Draft<TemplateEvent & Trigger>, before: TemplateState, after: TemplateState): void {
  const { status, reason } = after
  const was = { status, from: before.status, reason }
  if (status === 'APPROVED') {
    const resumed = PAUSED.has(before.status) || STOPPED.has(before.status) || before.status === 'REINSTATED'
    notify(draft, resumed ? 'template_resumed' : 'template_approved', 'info', after, was)
  } else if (status === 'REJECTED') notify(draft, 'template_rejected', 'warning', after, was)
  else if (PAUSED.has(status)) {
    notify(draft, 'template_paused', 'warning', after, { ...was, until: after.pausedUntil })
  } else if (STOPPED.has(status)) notify(draft, 'template_disabled', 'critical', after, was)
  else if (GONE.has(status) && !GONE.has(before.status)) {
    // Who deletes it here knows.
    notify(draft, 'template_gone', draft.trigger.source === 'api' ? 'info' : 'critical', after, was)
  }
}

function notify(
  draft: Draft<TemplateEvent & Trigger>,
  code: NoticeCode,
  severity: Severity,
  { name, language, definition, accountId }: TemplateState,
  details: Record<string, Json>,
): void {
  draft.changes.push({
    kind: 'notify',
    to: { role: 'admin' },
    message: '',
    notice: { code, severity, details: { name, language, definition: definition ?? name, accountId, ...details } },
    module: '',
    recordId: '',
    at: draft.now,
  })
}

function categoryOf(category: string | undefined): TemplateCategory | undefined {
  return category === 'UTILITY' || category === 'MARKETING' || category === 'AUTHENTICATION' ? category : undefined
}

/** Of what came along and has no name in the event. */
function textAt(raw: Json | undefined, ...path: string[]): string | undefined {
  let at = raw
  for (const part of path) {
    if (typeof at !== 'object' || at === null || Array.isArray(at)) return undefined
    at = at[part]
  }
  return typeof at === 'string' ? at : undefined
}

export function decideRelease(draft: Draft<ReleaseEvent & Trigger>): Draft {
  draft.changes.push({ kind: 'release', waitsFor: draft.trigger.waitsFor, at: draft.now })
  return draft
}
