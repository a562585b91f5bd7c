import type { AccountEvent, NoticeEvent, Trigger } from '../trigger.ts'
import type { Draft } from './draft.ts'

/** Kept raw. Nothing that WhatsApp tells is dropped. */
export function decideAccount(draft: Draft<AccountEvent & Trigger>): Draft {
  const { trigger } = draft
  draft.changes.push({ kind: 'keep', field: trigger.field, value: trigger.value, at: trigger.occurredAt })
  return draft
}

/** Told to the admins. */
export function decideNotice(draft: Draft<NoticeEvent & Trigger>): Draft {
  const { code, severity, details, occurredAt } = draft.trigger
  draft.changes.push({
    kind: 'notify',
    to: { role: 'admin' },
    message: '',
    notice: { code, severity, details },
    module: '',
    recordId: '',
    at: occurredAt,
  })
  return draft
}
