import type { FastifyInstance } from 'fastify'
import type { Fault } from '../faults.ts'
import { GraphError, noSuchObject } from '../graphError.ts'
import type { EmulatedTemplate } from '../templates.ts'
import type { World } from '../world.ts'
import { tokenOf } from './access.ts'
import { listOf, only } from './fields.ts'
import { answerUnder, failBefore, isAfterAccept } from './faulty.ts'
import { accountOf } from './numberRoutes.ts'
import { pageOf, type PageQuery } from './pages.ts'
import { objectOf, textOf } from './params.ts'
import { DEFAULT_FIELDS, templateNode } from './templateNode.ts'

interface ListQuery extends PageQuery {
  fields?: string
  name?: string
  name_or_content?: string
  status?: string
  category?: string
  language?: string
  summary?: string
  hsm_id?: string
  hsm_ids?: string
}
type Route = { Params: { version: string; id: string }; Querystring: ListQuery }

/** `/{waba}/message_templates`: create, list, delete. Source: Meta, Cloud API, "Template management". */
export function templateRoutes(app: FastifyInstance, world: World, address: () => string, closing: AbortSignal): void {
  const path = '/v:version/:id/message_templates'

  app.addHook<Route>('preHandler', async (request) => {
    if (request.routeOptions.url !== path) return
    accountOf(world, request.params.id, request.method).checkManagement()
  })

  const faultOf = ({ params, body }: { params: Route['Params']; body: unknown }): Fault | null =>
    world.shared.faults.pick({ path: 'templates', numberId: params.id, body })

  app.post<Route>(path, async (request, reply) => {
    const fault = faultOf(request)
    if (fault !== null && !isAfterAccept(fault)) return failBefore(fault, reply)
    const account = accountOf(world, request.params.id, 'POST')
    account.limits.checkCreation(account.scheduler.now())
    const body = objectOf(request.body)
    account.state.checkTemplateCreation(textOf(body['category']).toUpperCase(), account.scheduler.now())
    const { id, status, category } = account.templates.create(body)
    return answerUnder(fault, reply, closing, { id, status, category })
  })

  app.post<Route>('/v:version/:id/unpause', async ({ params }) => {
    const found = world.template(params.id)
    if (found === undefined) throw noSuchObject(params.id, 'POST')
    if (!found.account.templates.mayUnpause(found.template))
      throw new GraphError(100, 'The template is not paused, or was paused by pacing less than 5 minutes ago.')
    found.account.templates.unpause(found.template)
    return { success: true }
  })

  app.get<Route>(path, async (request, reply) => {
    const fault = faultOf(request)
    if (fault !== null) return failBefore(fault, reply)
    const { query } = request
    const account = accountOf(world, request.params.id, 'GET')
    const all = account.templates.list().filter((template) => isAsked(template, query))
    const { items, paging, hasNext } = pageOf(all, query, ({ id }) => id)
    return {
      data: items.map((template) => only(templateNode(template), query.fields, DEFAULT_FIELDS)),
      ...(paging === undefined
        ? {}
        : {
            // As Meta does, with the access token in it: never to be logged or stored.
            paging: hasNext
              ? { ...paging, next: nextPage(address(), request.params, query, tokenOf(request), paging.cursors.after) }
              : paging,
          }),
      ...(query.summary === undefined
        ? {}
        : {
            summary: {
              total_count: all.length,
              message_template_count: all.length,
              message_template_limit: account.portfolio.verified ? 6_000 : 250,
              are_translations_complete: true,
            },
          }),
    }
  })

  app.delete<Route>(path, async (request, reply) => {
    const fault = faultOf(request)
    if (fault !== null) return failBefore(fault, reply)
    const account = accountOf(world, request.params.id, 'DELETE')
    const { name, hsm_id: id, hsm_ids: ids } = request.query
    const many = ids === undefined ? (id === undefined ? undefined : [id]) : listOf(ids)
    if (many === undefined) {
      if (name === undefined) throw new GraphError(100, 'The parameter name is required.')
      account.templates.remove(name)
      return { success: true }
    }
    for (const one of many) account.templates.remove(name ?? account.templates.get(one)?.name ?? '', one)
    return { success: true }
  })
}

function isAsked(template: EmulatedTemplate, query: ListQuery): boolean {
  const text = template.components.map((component) => component.text ?? '').join('\n')
  return (
    (query.name === undefined || template.name === query.name) &&
    (query.name_or_content === undefined || `${template.name}\n${text}`.includes(query.name_or_content)) &&
    (query.status === undefined || listOf(query.status).includes(template.status)) &&
    (query.category === undefined || listOf(query.category).includes(template.category)) &&
    (query.language === undefined || listOf(query.language).includes(template.language))
  )
}

function nextPage(
  address: string,
  params: { version: string; id: string },
  query: ListQuery,
  token: string,
  after: string,
): string {
  const url = new URL(`${address}/v${params.version}/${params.id}/message_templates`)
  for (const [key, value] of Object.entries(query)) if (key !== 'before') url.searchParams.set(key, String(value))
  url.searchParams.set('access_token', token)
  url.searchParams.set('after', after)
  return url.href
}
