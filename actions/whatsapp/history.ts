import { z } from 'zod'
import type { Instant } from '#engine/clock.ts'
import type { StatusEvent } from '#engine/trigger.ts'

/** What became of one message by one of its statuses, as WhatsApp remembers it. */
export interface HistoryEvent {
  status: StatusEvent['status']
  at: Instant
  /** Of `failed`, in WhatsApp's words. */
  error: string | null
}

export const HISTORY_FIELDS = 'id,message_id,events{delivery_status,timestamp,error_description}'

/** Source: Meta, Cloud API, "Message history". Times are epoch seconds, as a number or as text. */
export const historyAnswer = z.object({
  data: z.array(
    z.looseObject({
      id: z.string(),
      message_id: z.string().optional(),
      events: z
        .object({
          data: z.array(
            z.looseObject({
              delivery_status: z.string().catch(''),
              timestamp: z.coerce.number().catch(NaN),
              error_description: z.string().optional().catch(undefined),
            }),
          ),
        })
        .optional()
        .catch(undefined),
    }),
  ),
})

/** `DELETED` says nothing about the delivery; a status that is new to us is left out as well. */
const STATUSES: Readonly<Record<string, StatusEvent['status']>> = {
  SENT: 'sent',
  DELIVERED: 'delivered',
  READ: 'read',
  FAILED: 'failed',
}

/** @param wamid asked for; an entry of another message is none of ours */
export function historyOf(answer: z.infer<typeof historyAnswer>, wamid: string): HistoryEvent[] {
  return answer.data
    .filter(({ message_id: id }) => id === undefined || id === wamid)
    .flatMap(({ events }) => events?.data ?? [])
    .flatMap(({ delivery_status: word, timestamp, error_description: error }) => {
      const status = STATUSES[word.toUpperCase()]
      if (status === undefined || !Number.isFinite(timestamp)) return []
      return [{ status, at: Math.round(timestamp * 1000), error: error ?? null }]
    })
}
