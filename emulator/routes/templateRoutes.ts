import type { FastifyInstance } from 'fastify'
import type { Account } from '../account.ts'
import type { Fault } from '../faults.ts'
import { GraphError, noSuchObject } from '../graphError.ts'
import type { EmulatedTemplate } from '../templates.ts'
import { only } from './fields.ts'
import { answerUnder, failBefore, isAfterAccept } from './faulty.ts'

interface ListQuery {
  fields?: string
  limit?: string
  after?: string
  before?: string
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

const PAGE_DEFAULT = 25

/** `/{waba}/message_templates`: create, list, delete. Source: Meta, Cloud API, "Template management". */
export function templateRoutes(
  app: FastifyInstance,
  account: Account,
  address: () => string,
  closing: AbortSignal,
): void {
  const path = '/v:version/:id/message_templates'

  app.addHook<Route>('preHandler', async (request) => {
    if (request.routeOptions.url !== path) return
    if (request.params.id !== account.wabaId) throw noSuchObject(request.params.id, request.method)
    account.limits.checkManagement(account.scheduler.now())
  })

  const faultOf = ({ params, body }: { params: Route['Params']; body: unknown }): Fault | null =>
    account.faults.pick({ path: 'templates', numberId: params.id, body })

  app.post<Route>(path, async (request, reply) => {
    const fault = faultOf(request)
    if (fault !== null && !isAfterAccept(fault)) return failBefore(fault, reply)
    account.limits.checkCreation(account.scheduler.now())
    const { id, status, category } = account.templates.create(objectOf(request.body))
    return answerUnder(fault, reply, closing, { id, status, category })
  })

  app.get<Route>(path, async (request, reply) => {
    const fault = faultOf(request)
    if (fault !== null) return failBefore(fault, reply)
    const { query } = request
    const all = account.templates.list().filter((template) => isAsked(template, query))
    const limit = pageOf(query.limit)
    const from = query.after !== undefined ? placeOf(all, query.after) + 1 : startBefore(all, query.before, limit)
    const page = all.slice(from, from + limit)
    const rest = from + page.length < all.length
    return {
      data: page.map((template) => only(templateNode(template), query.fields, DEFAULT_FIELDS)),
      ...(page.length === 0
        ? {}
        : {
            paging: {
              cursors: { before: cursorOf(page[0]!), after: cursorOf(page.at(-1)!) },
              // As Meta does, with the access token in it: never to be logged or stored.
              ...(rest
                ? { next: nextPage(address(), request.params, query, account.options.token, cursorOf(page.at(-1)!)) }
                : {}),
            },
          }),
      ...(query.summary === undefined
        ? {}
        : { summary: { total_count: all.length, message_template_count: all.length, message_template_limit: 250 } }),
    }
  })

  app.delete<Route>(path, async (request, reply) => {
    const fault = faultOf(request)
    if (fault !== null) return failBefore(fault, reply)
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

export const DEFAULT_FIELDS = [
  ...['name', 'parameter_format', 'components', 'language', 'status', 'category', 'previous_category', 'id'],
  'message_send_ttl_seconds',
]

/** A template as REST tells it. `quality_score` and `rejected_reason` only come when asked for. */
export const templateNode = (template: EmulatedTemplate): Record<string, unknown> => ({
  name: template.name,
  parameter_format: template.parameterFormat,
  components: template.components,
  language: template.language,
  status: template.status,
  category: template.category,
  ...(template.previousCategory === null ? {} : { previous_category: template.previousCategory }),
  ...(template.timeToLiveSeconds === undefined ? {} : { message_send_ttl_seconds: template.timeToLiveSeconds }),
  id: template.id,
  rejected_reason: template.rejectedReason,
  quality_score: { score: template.pauses > 0 ? 'RED' : 'UNKNOWN', date: Math.floor(template.createdAt / 1000) },
})

export const objectOf = (body: unknown): Record<string, unknown> =>
  typeof body === 'object' && body !== null && !Array.isArray(body) ? (body as Record<string, unknown>) : {}

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

/** `A`, `A,B` or `["A","B"]`. */
const listOf = (text: string): string[] =>
  text
    .replace(/[[\]"\s]/g, '')
    .split(',')
    .filter((part) => part !== '')

function pageOf(limit: string | undefined): number {
  if (limit === undefined) return PAGE_DEFAULT
  const size = Number(limit)
  if (Number.isInteger(size) && size > 0) return Math.min(size, 1_000)
  throw new GraphError(100, 'Param limit must be a positive whole number.')
}

const cursorOf = ({ id }: EmulatedTemplate): string => Buffer.from(id).toString('base64url')

/** Where a cursor points; after a deletion, at the template before it. */
function placeOf(all: EmulatedTemplate[], cursor: string): number {
  const id = Buffer.from(cursor, 'base64url').toString()
  if (!/^\d+$/.test(id)) throw new GraphError(100, 'Param after or before is not a valid cursor.')
  return all.findLastIndex((template) => Number(template.id) <= Number(id))
}

const startBefore = (all: EmulatedTemplate[], before: string | undefined, limit: number): number =>
  before === undefined ? 0 : Math.max(0, placeOf(all, before) - limit)

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
