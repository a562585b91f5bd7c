import type { FastifyReply } from 'fastify'
import { setTimeout as wait } from 'node:timers/promises'
import type { Fault } from '../faults.ts'
import { GraphError, isGraphCode } from '../graphError.ts'

const LATE_MS = 30_000

export const isAfterAccept = ({ kind }: Fault): boolean =>
  kind === 'close_after_accept' || kind === 'answer_late_after_accept'

/** Does to a call what the fault says. Nothing was accepted. @throws GraphError for faults that answer as the Graph API does */
export function failBefore(fault: Fault, reply: FastifyReply): FastifyReply {
  switch (fault.kind) {
    case '500':
      throw new GraphError(131000, 'Message failed to send due to an unknown error.')
    case '503_transient':
      throw new GraphError(2, 'Temporary because of downtime or overload.', { transient: true })
    case '190':
      throw new GraphError(190, 'The access token has expired.', {
        subcode: 463,
        message: 'Error validating access token: Session has expired.',
      })
    case '131057':
      throw new GraphError(131057, 'The business account is in maintenance mode.')
    case 'error': {
      const code = fault.code ?? 1
      throw new GraphError(isGraphCode(code) ? code : 1, 'Asked for by a fault of the emulator.')
    }
    case 'hang':
      return reply.hijack()
    case 'garbage':
      return reply.code(502).type('text/html').send('<html><body>Bad Gateway</body></html>')
    case 'close_before':
    case 'close_after_accept':
    case 'answer_late_after_accept':
      return drop(reply)
  }
}

/**
 * Gives the answer to a call that did its work: at once, late, or not at all, as the fault says.
 *
 * @param closing aborts when the emulator closes; a late answer is then never given
 */
export async function answerUnder(
  fault: Fault | null,
  reply: FastifyReply,
  closing: AbortSignal,
  answer: object,
): Promise<object> {
  if (fault === null) return answer
  if (fault.kind === 'close_after_accept') return drop(reply)
  const waited = wait(fault.delayMs ?? LATE_MS, undefined, { signal: closing })
  const isLate = await waited.then(
    () => true,
    () => false,
  )
  return isLate ? answer : drop(reply)
}

/** Ends the connection without an answer. */
function drop(reply: FastifyReply): FastifyReply {
  reply.hijack()
  reply.raw.socket?.destroy()
  return reply
}
