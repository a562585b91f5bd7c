import { recordKey } from '../state.ts'
import type { SendEvent, Trigger } from '../trigger.ts'
import { sceneOf } from './actions.ts'
import type { Draft } from './draft.ts'
import { enqueueSend } from './sendIntent.ts'

/** The `definition` of messages that a person sent. */
export const SENT_BY_HAND = 'send'

/** A person's send from a record takes the same path as an automation's. Its message has the ordinal 0. */
export function decideSend(draft: Draft<SendEvent & Trigger>): Draft {
  const { trigger, known } = draft
  const record = known.records.get(recordKey(trigger.module, trigger.recordId)) ?? null
  const values = record?.values ?? {}
  if (record === null || record.deleted) draft.notes.push('record_missing')
  const { template, language, to, numberId, parameters, header } = trigger
  enqueueSend(
    draft,
    sceneOf(
      draft,
      { module: trigger.module, recordId: trigger.recordId, values },
      SENT_BY_HAND,
      trigger.causedBy ?? [],
    ),
    {
      template,
      ...(language && { language }),
      ...(to && { to }),
      ...(numberId && { from: numberId }),
      ...(parameters && { parameters }),
      ...(header && { header }),
    },
    '',
  )
  draft.notes.push(`sent_by ${trigger.actor}`)
  return draft
}
