import type { TemplateCategory } from '../message.ts'
import { templateKey, type TemplateState } from '../state.ts'
import type { ReleaseEvent, TemplateEvent, Trigger } from '../trigger.ts'
import type { Draft } from './draft.ts'

const SECOND_MS = 1000

/** A template moved at WhatsApp. Approval lets the messages go that waited for it. */
export function decideTemplate(draft: Draft<TemplateEvent & Trigger>): Draft {
  const { trigger, known, now } = draft
  const { name, language } = trigger
  const before = known.templates.get(templateKey(trigger))
  // Statuses may overtake one another; the newest stands. WhatsApp tells whole seconds, and we submit within one.
  if (before !== undefined && trigger.occurredAt + SECOND_MS <= before.updatedAt) {
    draft.notes.push('late_template_event')
    return draft
  }
  const template: TemplateState = {
    name,
    language,
    accountId: trigger.accountId,
    metaId: trigger.metaId ?? before?.metaId ?? null,
    status: trigger.status ?? before?.status ?? 'PENDING',
    category: categoryOf(trigger.category) ?? before?.category ?? 'UTILITY',
    quality: trigger.quality ?? before?.quality ?? null,
    reason: trigger.reason ?? (trigger.status === undefined ? (before?.reason ?? null) : null),
    submittedHash: before?.submittedHash ?? null,
    definition: trigger.definition?.name ?? before?.definition ?? null,
    definitionVersion: trigger.definition?.version ?? before?.definitionVersion ?? null,
    pausedUntil: trigger.pausedUntil ?? null,
    agreedCategory: before?.agreedCategory ?? null,
    nextCategory: before?.nextCategory ?? null,
    checkedAt: trigger.occurredAt,
    updatedAt: trigger.occurredAt,
  }
  draft.changes.push({ kind: 'putTemplate', template })
  if (template.status === 'APPROVED' && before?.status !== 'APPROVED') {
    draft.changes.push({ kind: 'release', waitsFor: 'template_approved', template: { name, language }, at: now })
    draft.notes.push('template_approved')
  }
  return draft
}

function categoryOf(category: string | undefined): TemplateCategory | undefined {
  return category === 'UTILITY' || category === 'MARKETING' || category === 'AUTHENTICATION' ? category : undefined
}

export function decideRelease(draft: Draft<ReleaseEvent & Trigger>): Draft {
  draft.changes.push({ kind: 'release', waitsFor: draft.trigger.waitsFor, at: draft.now })
  return draft
}
