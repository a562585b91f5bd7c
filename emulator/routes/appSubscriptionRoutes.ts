import type { FastifyInstance, FastifyRequest } from 'fastify'
import { GraphError, noSuchObject } from '../graphError.ts'
import { handshake } from '../handshake.ts'
import { SAMPLES } from '../samples.ts'
import type { World } from '../world.ts'
import { callerOf, paramsOf, textOf } from './params.ts'
import { listOf } from './fields.ts'

type Route = { Params: { id: string } }

const OBJECT = 'whatsapp_business_account'
const URL_MAX = 2048

/**
 * What the app itself is told, and where: its own callback and the fields that it has subscribed to. Only the app may ask, with its
 * own id and secret.
 *
 * Source: Meta, Graph API, "Application subscriptions".
 */
export function appSubscriptionRoutes(app: FastifyInstance, world: World): void {
  const path = '/v:version/:id/subscriptions'
  const { webhooks, appId } = world.shared

  const check = (request: FastifyRequest<Route>): void => {
    const { id } = request.params
    if (id !== appId && id !== 'app') throw noSuchObject(id, request.method)
    if (callerOf(request).kind === 'app') return
    throw new GraphError(15, 'This method must be called with an app access_token.', {
      message: '(#15) This method must be called with an app access_token.',
    })
  }

  app.get<Route>(path, async (request) => {
    check(request)
    const { url, fields } = webhooks
    if (url === null) return { data: [] }
    const version = `v${(request.params as { version?: string }).version ?? '25.0'}`
    const names = [...(fields ?? Object.keys(SAMPLES))].sort()
    return {
      data: [{ object: OBJECT, callback_url: url, active: true, fields: names.map((name) => ({ name, version })) }],
    }
  })

  app.post<Route>(path, async (request) => {
    check(request)
    const { object, callback_url: url, verify_token: token, fields } = paramsOf(request)
    if (object !== OBJECT) throw new GraphError(100, `Param object must be one of {${OBJECT}}.`)
    const names = namesOf(fields)
    if (typeof url !== 'string' || url.length > URL_MAX || !URL.canParse(url))
      throw new GraphError(100, 'Param callback_url must be a valid URI.')
    if (textOf(token) === '') throw new GraphError(100, 'The parameter verify_token is required.')
    // What came with the call counts once the receiver has proved itself, and not before.
    if (!(await handshake(url, textOf(token)))) {
      throw new GraphError(2200, 'The URL could not be validated. The callback did not answer with the challenge.', {
        message: '(#2200) Callback verification failed with the following errors: the challenge was not answered.',
      })
    }
    webhooks.url = url
    webhooks.fields = new Set(names)
    return { success: true }
  })

  app.delete<Route>(path, async (request) => {
    check(request)
    const { fields } = paramsOf(request)
    const gone = fields === undefined ? null : new Set(namesOf(fields))
    webhooks.fields =
      gone === null
        ? new Set()
        : new Set([...(webhooks.fields ?? Object.keys(SAMPLES))].filter((one) => !gone.has(one)))
    if (gone === null) webhooks.url = null
    return { success: true }
  })
}

/** A list, or text with commas. @throws GraphError 100 for a field that the object does not have */
function namesOf(fields: unknown): string[] {
  const names = Array.isArray(fields) ? fields.map(textOf) : listOf(textOf(fields))
  if (names.length === 0) throw new GraphError(100, 'The parameter fields is required.')
  const unknown = names.find((name) => !Object.hasOwn(SAMPLES, name))
  if (unknown === undefined) return names
  throw new GraphError(100, `Param fields must be one of {${Object.keys(SAMPLES).join(', ')}}: "${unknown}" is none.`)
}
