import type { FastifyInstance } from 'fastify'
import type { Account } from '../account.ts'
import type { SentMessage } from '../messages.ts'
import type { World } from '../world.ts'
import { listOf } from './fields.ts'
import { numberOf } from './numberRoutes.ts'
import { pageOf, type PageQuery } from './pages.ts'

type Route = { Params: { id: string }; Querystring: { message_id?: string; status_filter?: string } & PageQuery }

/** What became of messages, without their bodies. Source: Meta, Cloud API, "Message history". */
export function historyRoutes(app: FastifyInstance, world: World): void {
  app.get<Route>('/v:version/:id/message_history', async ({ params, query }) => {
    const { account, number } = numberOf(world, params.id, 'GET')
    const asked = query.message_id === undefined ? account.messages.list() : [account.messages.get(query.message_id)]
    const ours = asked.filter((message) => message?.numberId === number.id) as SentMessage[]
    const { items, paging } = pageOf(ours, query, ({ historyId }) => historyId)
    const data = items.map((message) => ({
      id: message.historyId,
      message_id: message.wamid,
      events: { data: eventsOf(account, message) },
    }))
    return { data, ...(paging === undefined ? {} : { paging }) }
  })

  app.get<Route>('/v:version/:id/events', async ({ params, query }) => {
    for (const account of world.accounts) {
      const message = account.messages.list().find(({ historyId }) => historyId === params.id)
      if (message === undefined) continue
      const wanted = listOf(query.status_filter ?? '')
      const events = eventsOf(account, message)
      const kept = events.filter(({ delivery_status: status }) => wanted.length === 0 || wanted.includes(status))
      const { items, paging } = pageOf(kept, query, ({ id }) => id)
      return { data: items, ...(paging === undefined ? {} : { paging }) }
    }
    return { data: [] }
  })
}

function eventsOf(account: Account, message: SentMessage) {
  const told = message.history.filter(({ status }) => status !== 'accepted')
  return told.map(({ status, at }, index) => ({
    id: `${message.historyId}${index}`,
    delivery_status: status.toUpperCase(),
    timestamp: Math.floor(at / 1000),
    ...(status === 'failed' ? { error_description: String(message.errorCode) } : {}),
    // Whether the webhook arrived is not kept for each; without a callback it surely did not.
    webhook_update_state: account.webhooks.url === null ? 'FAILED' : 'DELIVERED',
    ...(account.webhooks.url === null ? {} : { webhook_uri: account.webhooks.url }),
    application: { id: account.appId },
  }))
}
