import type { FastifyInstance } from 'fastify'
import type { Account } from '../account.ts'
import { GraphError, noSuchObject } from '../graphError.ts'
import { answerUnder, failBefore, isAfterAccept } from './faulty.ts'

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
      return await answerUnder(fault, reply, closing, acceptance.answer)
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
