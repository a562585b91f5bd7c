import type { FastifyInstance } from 'fastify'
import type { Account } from '../account.ts'
import { GraphError, noSuchObject } from '../graphError.ts'
import { healthOf } from '../health.ts'
import type { NumberOptions } from '../options.ts'
import type { World } from '../world.ts'
import { accountNode, businessNode } from './businessRoutes.ts'
import { only } from './fields.ts'
import { mediaNode } from './mediaRoutes.ts'
import { NUMBER_FIELDS, numberNode } from './numberRoutes.ts'
import { objectOf, paramsOf } from './params.ts'
import { checkCallback } from './subscriptionRoutes.ts'
import { DEFAULT_FIELDS, templateNode } from './templateNode.ts'
import { isUpload, putUpload } from './uploadRoutes.ts'

type Route = { Params: { version: string; id: string }; Querystring: { fields?: string; phone_number_id?: string } }

/** The longest piece of an upload. */
const UPLOAD_MAX = 101 * 1024 * 1024

/** Single nodes by id: a number, a template, a file, an account, the business, the app, an upload. */
export function nodeRoutes(app: FastifyInstance, world: World, address: () => string): void {
  const { media } = world.shared

  app.get<Route>('/v:version/:id', async ({ params, query }) => {
    const { id, version } = params
    const found = world.number(id)
    if (found !== undefined) return only(numberNode(found.account, found.number, version), query.fields, NUMBER_FIELDS)
    const written = world.template(id)
    if (written !== undefined) {
      const { account, template } = written
      account.checkManagement()
      const node = { ...templateNode(template), health_status: healthOf(account, { template }) }
      return only(node, query.fields, DEFAULT_FIELDS)
    }
    const file = media.get(id)
    if (file !== undefined) {
      if (query.phone_number_id !== undefined && !world.number(query.phone_number_id)) throw noSuchObject(id, 'GET')
      return mediaNode(media, file, address())
    }
    const account = world.account(id)
    if (account !== undefined) return accountNode(account, query.fields)
    if (id === world.portfolio.id) return only(businessNode(world), query.fields, ['id', 'name'])
    if (id === world.shared.appId || id === 'app')
      return only({ id: world.shared.appId, name: 'Denrei', link: 'https://example.test/' }, query.fields, [
        'id',
        'name',
        'link',
      ])
    const offset = world.uploads.offsetOf(id)
    if (offset !== undefined) return { id, file_offset: offset }
    throw noSuchObject(id, 'GET')
  })

  app.post<Route>('/v:version/:id', { bodyLimit: UPLOAD_MAX }, async (request) => {
    const { id } = request.params
    if (isUpload(id)) return putUpload(world, id, request.headers['file_offset'], request.body)
    const found = world.number(id)
    if (found !== undefined) return changeNumber(found.account, found.number, paramsOf(request))
    const written = world.template(id)
    if (written === undefined) throw noSuchObject(id, 'POST')
    const { account, template } = written
    account.checkManagement()
    account.templates.edit(template, objectOf(request.body))
    return { success: true, id: template.id, name: template.name, category: template.category }
  })

  app.delete<Route>('/v:version/:id', async ({ params }) => {
    if (media.remove(params.id)) return { success: true }
    throw noSuchObject(params.id, 'DELETE')
  })
}

/** Sets the PIN, or where webhooks of this number go. @throws GraphError 100 */
async function changeNumber(account: Account, number: NumberOptions, given: Record<string, unknown>): Promise<object> {
  const { pin, webhook_configuration: webhook } = given
  if (pin !== undefined) {
    account.registrations.setPin(number, pin)
    void account.webhooks.deliverDue()
    return { success: true }
  }
  if (webhook === undefined) throw new GraphError(100, 'Give pin or webhook_configuration.')
  const { override_callback_uri: uri, verify_token: token } = objectOf(webhook)
  if (uri === undefined || uri === '') account.webhooks.overrides.delete(number.id)
  else {
    await checkCallback(uri, token)
    account.webhooks.overrides.set(number.id, uri as string)
  }
  return { success: true }
}
