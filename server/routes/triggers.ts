import { z } from 'zod'
import { NotFound } from '#engine/errors.ts'
import type { Api, ApiParts } from '../api.ts'
import { noticeText } from '../noticeTexts.ts'
import { moduleName, page, pageQuery, recordId } from '../schemas/shared.ts'
import {
  became,
  explanation,
  inboxEntry,
  language,
  listedTrigger,
  notification,
  recordExplanation,
  timer,
  trace,
  triggerKind,
} from '../schemas/triggers.ts'

const oneTrigger = z.strictObject({ id: z.string().min(1).max(200) })

/** What became of events, and what waits for its time. */
export function triggerRoutes(api: Api, { denrei }: ApiParts): void {
  api.get(
    '/v1/triggers',
    {
      config: { permission: 'read' },
      schema: {
        operationId: 'listTriggers',
        tags: ['messages'],
        summary: 'Accepted events, newest first, and what became of each',
        description:
          'A page looks back over 20,000 events at most, so with a filter it may be short, or empty, while `next` leads on.',
        querystring: pageQuery.extend({
          kind: triggerKind.optional(),
          source: z.string().min(1).max(512).optional().describe('`crm`, `zoho`, `whatsapp`, `api`, `denrei`, ...'),
          state: z.enum(['pending', 'done', 'quarantined']).optional(),
          module: moduleName.optional(),
          recordId: recordId.optional(),
        }),
        response: { 200: page(listedTrigger) },
      },
    },
    async ({ query: { after, limit, ...filter } }) => {
      const { items, next } = await denrei.store.triggers(filter, { limit, ...(after === undefined ? {} : { after }) })
      const traces = await Promise.all(items.map(({ trigger: { id } }) => denrei.store.trace(id)))
      return { items: items.map((entry, index) => ({ ...entry, became: became(traces[index] ?? null) })), next }
    },
  )

  api.get(
    '/v1/modules/:module/records/:id/explain',
    {
      config: { permission: 'read' },
      schema: {
        operationId: 'explainRecord',
        tags: ['messages'],
        summary: 'What happened to a record lately: events, places in blueprints and journeys, messages',
        params: z.strictObject({ module: moduleName, id: recordId }),
        querystring: z.strictObject({ language }),
        response: { 200: recordExplanation },
      },
    },
    async ({ params, query }) => denrei.explainRecord(params.module, params.id, query.language),
  )

  api.get(
    '/v1/triggers/:id',
    {
      config: { permission: 'read' },
      schema: {
        operationId: 'readTrigger',
        tags: ['messages'],
        summary: 'An accepted event, and the trace of its decision',
        params: oneTrigger,
        response: { 200: z.object({ entry: inboxEntry, trace: trace.nullable() }) },
      },
    },
    async ({ params: { id } }) => {
      const [entry, found] = await Promise.all([denrei.store.trigger(id), denrei.store.trace(id)])
      if (!entry) throw new NotFound(`There is no trigger "${id}". Take an id from the answer to an event.`, { id })
      return { entry, trace: found }
    },
  )

  api.get(
    '/v1/triggers/:id/explain',
    {
      config: { permission: 'read' },
      schema: {
        operationId: 'explainTrigger',
        tags: ['messages'],
        summary: 'What an event set off, in words',
        params: oneTrigger,
        querystring: z.strictObject({ language }),
        response: { 200: explanation },
      },
    },
    async ({ params, query }) => denrei.explain(params.id, query.language),
  )

  api.post(
    '/v1/triggers/:id/requeue',
    {
      config: { permission: 'administer' },
      schema: {
        operationId: 'requeueTrigger',
        tags: ['messages'],
        summary: 'Decide a quarantined event again, after its definition was mended; `all` takes every one',
        params: oneTrigger,
        response: { 200: z.object({ requeued: z.int().describe('0 when it was not quarantined.') }) },
      },
    },
    async ({ params: { id } }) => ({ requeued: await denrei.requeue(id === 'all' ? undefined : id) }),
  )

  api.get(
    '/v1/timers',
    {
      config: { permission: 'read' },
      schema: {
        operationId: 'listTimers',
        tags: ['messages'],
        summary: 'What waits for its time, fired or was cancelled',
        querystring: z.strictObject({
          module: z.string().min(1).max(100).optional(),
          recordId: z.string().min(1).max(200).optional(),
          instanceId: z.string().min(1).max(200).optional(),
          definition: z
            .string()
            .min(1)
            .max(200)
            .optional()
            .describe('`workflow/welcome-web-lead`, with or without `@version`.'),
          state: z.enum(['waiting', 'paused', 'fired', 'cancelled']).optional(),
        }),
        response: { 200: z.object({ items: z.array(timer) }) },
      },
    },
    async ({ query }) => ({ items: await denrei.store.timers(query) }),
  )

  api.get(
    '/v1/notifications',
    {
      config: { permission: 'read' },
      schema: {
        operationId: 'listNotifications',
        tags: ['messages'],
        summary: 'What `notify` actions said, and what admins should know of the account, templates, money and people',
        querystring: pageQuery.extend({ language }),
        response: { 200: page(notification) },
      },
    },
    async ({ query: { language, ...query } }) => {
      const { items, next } = await denrei.store.notifications(query)
      const reader = { language, zone: (await denrei.settings()).timezone }
      const texts = items.map(({ notice, message }) => (notice === null ? message : noticeText(notice, reader)))
      return { items: items.map((item, index) => ({ ...item, text: texts[index] ?? '' })), next }
    },
  )
}
