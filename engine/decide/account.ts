import { purchase } from '../ledger.ts'
import type { TemplateCategory } from '../message.ts'
import { templateKey, type TemplateState } from '../state.ts'
import type { AccountEvent, CreditsEvent, ReleaseEvent, TemplateEvent, Trigger } from '../trigger.ts'
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

/** Kept raw. Nothing that WhatsApp tells is dropped. */
export function decideAccount(draft: Draft<AccountEvent & Trigger>): Draft {
  const { trigger } = draft
  draft.changes.push({ kind: 'keep', field: trigger.field, value: trigger.value, at: trigger.occurredAt })
  return draft
}

/** Credits arrive, and messages that waited for them go on. */
export function decideCredits(draft: Draft<CreditsEvent & Trigger>): Draft {
  const { trigger, now } = draft
  draft.changes.push(
    {
      kind: 'post',
      postings: purchase(trigger.id, trigger.amountMicros, trigger.memo, now),
    },
    { kind: 'release', waitsFor: 'credits_added', at: now },
  )
  draft.notes.push(`credits_added by ${trigger.actor}`)
  return draft
}

export function decideRelease(draft: Draft<ReleaseEvent & Trigger>): Draft {
  draft.changes.push({ kind: 'release', waitsFor: draft.trigger.waitsFor, at: draft.now })
  return draft
}
