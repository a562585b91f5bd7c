import type { FastifyInstance, FastifyReply } from 'fastify'
import { setTimeout as wait } from 'node:timers/promises'
import type { Account } from '../account.ts'
import type { Fault } from '../faults.ts'
import { GraphError, isGraphCode, noSuchObject } from '../graphError.ts'

const LATE_MS = 30_000

/** `POST /{number}/messages` (send, mark read) and `GET /{number}/message_history`. */
export function messageRoutes(app: FastifyInstance, account: Account, closing: AbortSignal): void {
  app.post<{ Params: { version: string; id: string } }>('/v:version/:id/messages', async (request, reply) => {
    const { id, version } = request.params
    const { body } = request
    const fault = account.faults.pick({ path: 'messages', numberId: id, body })
    if (fault !== null && !isAfterAccept(fault)) return failBefore(fault, reply)
    const number = account.number(id)
    if (number === undefined) throw noSuchObject(id, 'POST')
    if (isReadReceipt(body)) return markRead(account, body)
    if ((number.status ?? 'CONNECTED') !== 'CONNECTED')
      throw new GraphError(133010, 'The phone number is not registered.')
    try {
      const acceptance = account.messages.accept(number, Number.parseInt(version, 10), body)
      if (account.random.chance(account.delivery.beforeAnswerRate)) {
        const sent = acceptance.takeSent()
        if (sent !== null) await account.webhooks.deliverAtOnce(sent)
      }
      acceptance.start()
      if (fault?.kind === 'close_after_accept') return drop(reply)
      if (fault?.kind === 'answer_late_after_accept') {
        // Cut short when the emulator closes; then there is no answer at all.
        const waited = wait(fault.delayMs ?? LATE_MS, undefined, { signal: closing })
        if (!(await waited.then(yes, no))) return drop(reply)
      }
      return acceptance.answer
    } catch (error) {
      if (error instanceof GraphError) account.messages.refused(error.code)
      throw error
    }
  })

  app.get<{ Params: { id: string }; Querystring: { message_id?: string } }>(
    '/v:version/:id/message_history',
    async (request) => {
      const { id } = request.params
      if (account.number(id) === undefined) throw noSuchObject(id, 'GET')
      const message = account.messages.get(request.query.message_id ?? '')
      if (message?.numberId !== id) return { data: [] }
      const told = message.history.filter(({ status }) => status !== 'accepted')
      const events = told.map(({ status, at }, index) => ({
        id: `${message.acceptedAt}${index}`,
        delivery_status: status.toUpperCase(),
        timestamp: Math.floor(at / 1000),
        ...(status === 'failed' ? { error_description: String(message.errorCode) } : {}),
      }))
      return { data: [{ id: String(message.acceptedAt), message_id: message.wamid, events: { data: events } }] }
    },
  )
}

const yes = (): boolean => true
const no = (): boolean => false

const isAfterAccept = ({ kind }: Fault): boolean => kind === 'close_after_accept' || kind === 'answer_late_after_accept'

/** Ends the connection without an answer. */
function drop(reply: FastifyReply): FastifyReply {
  reply.hijack()
  reply.raw.socket?.destroy()
  return reply
}

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

const isReadReceipt = (body: unknown): body is { status: unknown; message_id: unknown } =>
  typeof body === 'object' && body !== null && 'status' in body

/** Source: Meta, Cloud API, "Mark messages as read". */
function markRead(account: Account, { status, message_id: id }: { status: unknown; message_id: unknown }): object {
  if (status !== 'read') throw new GraphError(131009, "Param 'status' must be 'read'.")
  if (typeof id !== 'string') throw new GraphError(131008, "Parameter 'message_id' is required.")
  if (!account.inboundIds.has(id))
    throw new GraphError(131009, `Param 'message_id': ${id} is not a message to this number.`)
  account.readIds.add(id)
  return { success: true }
}
