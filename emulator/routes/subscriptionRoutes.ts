import type { FastifyInstance } from 'fastify'
import { GraphError } from '../graphError.ts'
import { handshake } from '../handshake.ts'
import type { World } from '../world.ts'
import { accountOf } from './numberRoutes.ts'
import { paramsOf } from './params.ts'

type Route = { Params: { id: string } }

/** Whether the app hears of an account, and where. Source: Meta, Cloud API, "Webhook overrides". */
export function subscriptionRoutes(app: FastifyInstance, world: World): void {
  const path = '/v:version/:id/subscribed_apps'
  const { webhooks } = world.shared
  app.get<Route>(path, async ({ params }) => {
    const { wabaId, own } = accountOf(world, params.id, 'GET')
    const others = (own.otherApps ?? []).map((other) => ({ whatsapp_business_api_data: other }))
    return { data: [...(webhooks.unsubscribed.has(wabaId) ? [] : [subscription(world, wabaId)]), ...others] }
  })
  app.post<Route>(path, async (request) => {
    const { wabaId } = accountOf(world, request.params.id, 'POST')
    const { override_callback_uri: uri, verify_token: token } = paramsOf(request)
    if (uri !== undefined) await checkCallback(uri, token)
    if (typeof uri === 'string') webhooks.overrides.set(wabaId, uri)
    else webhooks.overrides.delete(wabaId)
    webhooks.unsubscribed.delete(wabaId)
    return { success: true, ...(uri === undefined ? {} : { data: [subscription(world, wabaId)] }) }
  })
  app.delete<Route>(path, async ({ params }) => {
    const { wabaId } = accountOf(world, params.id, 'DELETE')
    webhooks.unsubscribed.add(wabaId)
    return { success: true }
  })
}

/** Asks a callback to prove itself. @throws GraphError 100 for an address that cannot be, or that does not answer the challenge */
export async function checkCallback(uri: unknown, token: unknown): Promise<void> {
  if (typeof uri !== 'string' || uri.length > 200 || !URL.canParse(uri)) {
    throw new GraphError(100, 'Param override_callback_uri must be an address of at most 200 characters.')
  }
  if (typeof token !== 'string') throw new GraphError(100, 'The parameter verify_token is required.')
  if (await handshake(uri, token)) return
  throw new GraphError(100, 'The callback did not answer the verification request with the challenge.')
}

function subscription(world: World, wabaId: string): object {
  const override = world.shared.webhooks.overrides.get(wabaId)
  return {
    whatsapp_business_api_data: { id: world.shared.appId, name: 'Denrei', link: 'https://example.test/' },
    ...(override === undefined ? {} : { override_callback_uri: override }),
  }
}
