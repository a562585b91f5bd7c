import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Account } from '../account.ts'
import { pricingAnalytics } from '../analytics.ts'
import { noSuchObject } from '../graphError.ts'
import { healthOf } from '../health.ts'
import type { World } from '../world.ts'
import { fieldsOf, only } from './fields.ts'
import { pageOf, type PageQuery } from './pages.ts'
import { callerOf, sees } from './params.ts'

type Route = { Params: { version: string; id: string }; Querystring: { fields?: string; find?: string } & PageQuery }

/** The business and the accounts that a token sees. Source: Meta, Business Management API, "WhatsApp Business accounts". */
export function businessRoutes(app: FastifyInstance, world: World): void {
  app.get<Route>('/v:version/me/businesses', async (request) => ({
    data: mayList(request) ? [only(businessNode(world), request.query.fields, ['id', 'name'])] : [],
  }))
  app.get<Route>('/v:version/me/assigned_whatsapp_business_accounts', async (request) =>
    accountPage(world, request, null),
  )
  for (const ownership of ['owned', 'client'] as const) {
    app.get<Route>(`/v:version/:id/${ownership}_whatsapp_business_accounts`, async (request) => {
      if (request.params.id !== world.portfolio.id) throw noSuchObject(request.params.id, 'GET')
      return accountPage(world, request, ownership)
    })
  }
}

/** A token for certain accounts only, as a customer's is, has not the permission to look at the business. */
function mayList(request: FastifyRequest): boolean {
  const caller = callerOf(request)
  return caller.kind === 'token' && caller.token.scopes.includes('business_management')
}

function accountPage(world: World, request: FastifyRequest<Route>, ownership: 'owned' | 'client' | null): object {
  const { query } = request
  const caller = callerOf(request)
  const seen = world.accounts.filter(
    (account) =>
      !account.state.gone &&
      sees(caller, account.wabaId) &&
      (ownership === null || (account.own.ownership ?? 'owned') === ownership) &&
      (query.find === undefined || query.find === account.wabaId),
  )
  const { items, paging } = pageOf(seen, query, ({ wabaId }) => wabaId)
  return {
    data: items.map((account) => accountNode(account, query.fields)),
    ...(paging === undefined ? {} : { paging }),
  }
}

export const businessNode = ({ portfolio }: World): Record<string, unknown> => ({
  id: portfolio.id,
  name: portfolio.name,
  verification_status: portfolio.verified ? 'verified' : 'not_verified',
})

const ACCOUNT_FIELDS = ['id', 'name', 'currency', 'timezone_id', 'message_template_namespace']

/** An account as REST tells it. @throws GraphError 100 for a question about prices that is not as it should be */
export function accountNode(account: Account, fields: string | undefined): Record<string, unknown> {
  const { own, state, portfolio, wabaId } = account
  const client = own.ownership === 'client'
  const asked = fields === undefined ? [] : fieldsOf(fields)
  const pricing = asked.find(({ name }) => name === 'pricing_analytics')
  const node: Record<string, unknown> = {
    id: wabaId,
    name: own.name ?? '伝令商会',
    currency: own.currency ?? 'USD',
    timezone_id: own.timezoneId ?? '94',
    message_template_namespace: `${wabaId}_denrei`,
    account_review_status: state.review,
    business_verification_status: portfolio.verified ? 'verified' : 'not_verified',
    country: own.country ?? 'JP',
    primary_business_location: own.country ?? 'JP',
    ownership_type: client ? 'CLIENT_OWNED' : 'SELF_OWNED',
    owner_business_info: client ? { id: '990000000000001', name: `${own.name ?? 'お客様'} (owner)` } : ownerOf(account),
    status: state.ban === 'DISABLE' ? 'DISABLED' : 'ACTIVE',
    ...(state.paymentProblem === null ? { primary_funding_id: '2313748932' } : {}),
    ...(client ? { on_behalf_of_business_info: { ...ownerOf(account), status: 'APPROVED' } } : {}),
    ...(pricing === undefined ? {} : { pricing_analytics: pricingAnalytics(account, pricing) }),
    health_status: healthOf(account),
  }
  return only(node, fields, ACCOUNT_FIELDS)
}

const ownerOf = ({ portfolio }: Account): { id: string; name: string } => ({ id: portfolio.id, name: portfolio.name })
