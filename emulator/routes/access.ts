import type { FastifyInstance, FastifyRequest } from 'fastify'
import { GraphError, noSuchObject } from '../graphError.ts'
import type { Scope } from '../options.ts'
import { checkScope } from '../tokens.ts'
import type { World } from '../world.ts'
import { isOpenPath } from './oauthRoutes.ts'
import { callerIn, sees, setCaller, type Caller } from './params.ts'

/** What each edge needs. Source: Meta, Cloud API, "Permissions". Nodes themselves need what their routes check. */
const SCOPE_OF_EDGE: Record<string, Scope> = {
  messages: 'whatsapp_business_messaging',
  media: 'whatsapp_business_messaging',
  block_users: 'whatsapp_business_messaging',
  message_templates: 'whatsapp_business_management',
  phone_numbers: 'whatsapp_business_management',
  subscribed_apps: 'whatsapp_business_management',
  request_code: 'whatsapp_business_management',
  verify_code: 'whatsapp_business_management',
  register: 'whatsapp_business_management',
  deregister: 'whatsapp_business_management',
  settings: 'whatsapp_business_management',
  username: 'whatsapp_business_management',
  unpause: 'whatsapp_business_management',
  businesses: 'business_management',
  owned_whatsapp_business_accounts: 'business_management',
  client_whatsapp_business_accounts: 'business_management',
}

/** The token of every call, what it may do, and which accounts it may see. The control doors need none. */
export function accessRules(app: FastifyInstance, world: World): void {
  app.addHook('onRequest', async (request, reply) => {
    const path = request.url.split('?')[0]!
    if (path.startsWith('/_emulator/') || isOpenPath(request.url)) return
    const caller = callerIn(request, world)
    setCaller(request, caller)
    if (!/^\/v\d+\.\d+\//.test(path) && !path.startsWith('/whatsapp_media/')) throw unknownPath(path)
    const [, , id = '', edge] = path.split('/')
    const needed = edge === undefined ? undefined : SCOPE_OF_EDGE[edge]
    if (needed !== undefined) checkCaller(caller, needed)
    const found = accountOfNode(world, id)
    if (found === undefined) return
    if (caller.kind === 'token' && !sees(caller, found.wabaId)) throw noSuchObject(id, request.method)
    if (needed === 'whatsapp_business_management')
      void reply.header('x-business-use-case-usage', usage(found.wabaId, found.managementUsed()))
  })
}

/** An app with only its own id and secret has no permission on any account. */
function checkCaller(caller: Caller, needed: Scope): void {
  if (caller.kind === 'token') return checkScope(caller.token, needed)
  throw new GraphError(200, 'An app access token cannot do this; use the token of a system user.', {
    message: '(#200) You do not have the necessary permissions',
  })
}

const accountOfNode = (world: World, id: string) =>
  world.account(id) ?? world.number(id)?.account ?? world.template(id)?.account

/** Source: Meta, Graph API, "Rate limits" (business use case). */
const usage = (wabaId: string, percent: number): string =>
  JSON.stringify({
    [wabaId]: [
      {
        type: 'whatsapp_business_management',
        call_count: percent,
        total_cputime: percent,
        total_time: percent,
        estimated_time_to_regain_access: percent >= 100 ? 60 : 0,
      },
    ],
  })

export const unknownPath = (url: string): GraphError => {
  const path = url.split('?')[0]!
  return new GraphError(2500, `Unknown path components: ${path}`, { message: `Unknown path components: ${path}` })
}

/** The token as it was given, for addresses that repeat it. */
export const tokenOf = (request: FastifyRequest): string =>
  request.headers.authorization?.replace(/^(Bearer|OAuth) /i, '') ??
  (request.query as { access_token?: string }).access_token ??
  ''
