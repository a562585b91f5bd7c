import type { FastifyInstance } from 'fastify'
import type { Account } from '../account.ts'
import { GraphError } from '../graphError.ts'
import type { World } from '../world.ts'
import { answerUnder, failBefore, isAfterAccept } from './faulty.ts'
import { numberOf } from './numberRoutes.ts'

/** `POST /{number}/messages`: sends, and marks as read. */
export function messageRoutes(app: FastifyInstance, world: World, closing: AbortSignal): void {
  app.post<{ Params: { version: string; id: string } }>('/v:version/:id/messages', async (request, reply) => {
    const { id, version } = request.params
    const { body } = request
    const fault = world.shared.faults.pick({ path: 'messages', numberId: id, body })
    if (fault !== null && !isAfterAccept(fault)) return failBefore(fault, reply)
    const { account, number } = numberOf(world, id, 'POST')
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
