import type { FastifyInstance } from 'fastify'
import type { Account } from '../account.ts'
import { GraphError, noSuchObject } from '../graphError.ts'
import type { NumberOptions } from '../options.ts'
import { handshake } from '../webhooks.ts'
import { only } from './fields.ts'
import { mediaNode } from './mediaRoutes.ts'
import { DEFAULT_FIELDS, objectOf, templateNode } from './templateRoutes.ts'

type Route = { Params: { version: string; id: string }; Querystring: { fields?: string; phone_number_id?: string } }

const NUMBER_FIELDS = [
  'verified_name',
  'code_verification_status',
  'display_phone_number',
  'quality_rating',
  'platform_type',
  'throughput',
  'id',
]

/** Numbers, subscriptions, and single nodes by id: a number, a template, a file, the account. */
export function nodeRoutes(app: FastifyInstance, account: Account, address: () => string): void {
  const now = (): number => account.scheduler.now()

  app.get<Route>('/v:version/:id/phone_numbers', async ({ params, query }) => {
    if (params.id !== account.wabaId) throw noSuchObject(params.id, 'GET')
    account.limits.checkManagement(now())
    const data = account.numbers.map((number) => only(numberNode(number, params.version), query.fields, NUMBER_FIELDS))
    const cursor = Buffer.from(String(data.length)).toString('base64url')
    return { data, paging: { cursors: { before: cursor, after: cursor } } }
  })

  app.get<Route>('/v:version/:id', async ({ params, query }) => {
    const { id, version } = params
    const number = account.number(id)
    if (number !== undefined) return only(numberNode(number, version), query.fields, NUMBER_FIELDS)
    const template = account.templates.get(id)
    if (template !== undefined) {
      account.limits.checkManagement(now())
      return only(
        { ...templateNode(template), health_status: health('MESSAGE_TEMPLATE', id) },
        query.fields,
        DEFAULT_FIELDS,
      )
    }
    const media = account.media.get(id)
    if (media !== undefined) {
      if (query.phone_number_id !== undefined && !account.number(query.phone_number_id)) throw noSuchObject(id, 'GET')
      return mediaNode(account, media, address())
    }
    if (id !== account.wabaId) throw noSuchObject(id, 'GET')
    const node = { id, name: '伝令商会', currency: 'USD', timezone_id: '94', health_status: health('WABA', id) }
    return only(node, query.fields, ['id', 'name', 'currency', 'timezone_id'])
  })

  app.post<Route>('/v:version/:id', async ({ params, body }) => {
    const template = account.templates.get(params.id)
    if (template === undefined) throw noSuchObject(params.id, 'POST')
    account.limits.checkManagement(now())
    account.templates.edit(template, objectOf(body))
    return { success: true, id: template.id, name: template.name, category: template.category }
  })

  app.post<Route>('/v:version/:id/unpause', async ({ params }) => {
    const template = account.templates.get(params.id)
    if (template?.status !== 'PAUSED') throw noSuchObject(params.id, 'POST')
    account.templates.unpause(template)
    return { success: true }
  })

  app.delete<Route>('/v:version/:id', async ({ params }) => {
    if (account.media.remove(params.id)) return { success: true }
    throw noSuchObject(params.id, 'DELETE')
  })

  subscriptionRoutes(app, account)
}

/** Whether this app hears of the account, and where. Source: Meta, Cloud API, "Webhook overrides". */
function subscriptionRoutes(app: FastifyInstance, account: Account): void {
  const path = '/v:version/:id/subscribed_apps'
  const appUrl = account.webhooks.url
  let override: string | null = null
  const known = (id: string, method: string): void => {
    if (id !== account.wabaId) throw noSuchObject(id, method)
  }
  app.get<Route>(path, async ({ params }) => {
    known(params.id, 'GET')
    const data = { whatsapp_business_api_data: { id: account.appId, name: 'Denrei', link: 'https://example.test/' } }
    if (!account.webhooks.subscribed) return { data: [] }
    return { data: [override === null ? data : { ...data, override_callback_uri: override }] }
  })
  app.post<Route>(path, async ({ params, body }) => {
    known(params.id, 'POST')
    const { override_callback_uri: uri, verify_token: token } = objectOf(body)
    if (uri !== undefined) {
      if (typeof uri !== 'string' || uri.length > 200 || !URL.canParse(uri)) {
        throw new GraphError(100, 'Param override_callback_uri must be an address of at most 200 characters.')
      }
      if (!(await handshake(uri, String(token)))) {
        throw new GraphError(100, 'The callback did not answer the verification request with the challenge.')
      }
      override = account.webhooks.url = uri
    } else if (override !== null) {
      override = null
      account.webhooks.url = appUrl
    }
    account.webhooks.subscribed = true
    return { success: true }
  })
  app.delete<Route>(path, async ({ params }) => {
    known(params.id, 'DELETE')
    account.webhooks.subscribed = false
    return { success: true }
  })
}

const health = (type: string, id: string): object => ({
  can_send_message: 'AVAILABLE',
  entities: [{ entity_type: type, id, can_send_message: 'AVAILABLE' }],
})

function numberNode(number: NumberOptions, version: string): Record<string, unknown> {
  const tier = number.tier ?? 'TIER_UNLIMITED'
  const status = number.status ?? 'CONNECTED'
  return {
    id: number.id,
    display_phone_number: number.displayNumber,
    verified_name: number.verifiedName,
    status,
    quality_rating: number.quality ?? 'GREEN',
    code_verification_status: number.verified === false ? 'NOT_VERIFIED' : 'VERIFIED',
    name_status: 'APPROVED',
    account_mode: 'LIVE',
    platform_type: 'CLOUD_API',
    is_official_business_account: false,
    throughput: { level: (number.throughput ?? 80) > 80 ? 'HIGH' : 'STANDARD' },
    // The field's name changed with v24.
    ...(Number.parseInt(version, 10) >= 24
      ? { whatsapp_business_manager_messaging_limit: tier }
      : { messaging_limit_tier: tier }),
    health_status: {
      can_send_message: status === 'CONNECTED' ? 'AVAILABLE' : 'BLOCKED',
      entities: [
        {
          entity_type: 'PHONE_NUMBER',
          id: number.id,
          can_send_message: status === 'CONNECTED' ? 'AVAILABLE' : 'BLOCKED',
        },
      ],
    },
  }
}
