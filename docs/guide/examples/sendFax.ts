import { z } from 'zod'
import type { Performer } from 'denrei'

/** What a person writes in a workflow. Strict, so that a slip of the pen is found by `denrei check`. */
const sendFax = z.strictObject({
  type: z.literal('sendFax'),
  to: z.string().min(1).describe('Fax number; merge fields allowed.'),
  text: z.string().min(1).describe('What the page says; merge fields allowed.'),
})

/** The other side. It must take the same id twice without sending twice, as most APIs do with an idempotency key. */
export interface FaxGateway {
  send(fax: { id: string; to: string; text: string }, signal: AbortSignal): Promise<'sent' | 'busy' | 'no_such_number'>
}

export function createSendFax(gateway: FaxGateway): Performer {
  return {
    type: 'sendFax',
    schema: sendFax,
    async perform(intent, signal) {
      // Merge fields are filled in by now. One without a value is null, so the payload is read again.
      const parsed = sendFax.safeParse(intent.payload)
      if (!parsed.success) return { kind: 'failed', reason: 'payload_invalid', detail: z.prettifyError(parsed.error) }
      const { to, text } = parsed.data
      const answer = await gateway.send({ id: intent.id, to, text }, signal)
      switch (answer) {
        case 'sent':
          return { kind: 'done' }
        case 'busy':
          return { kind: 'retry', reason: 'fax_busy', detail: `${to} is busy.` }
        case 'no_such_number':
          return { kind: 'failed', reason: 'fax_number_unknown', detail: `${to} is no fax.` }
      }
    },
  }
}
