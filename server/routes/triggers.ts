import { z } from 'zod'
import { NotFound } from '#engine/errors.ts'
import type { Api, ApiParts } from '../api.ts'
import { page, pageQuery } from '../schemas/shared.ts'
import { explanation, inboxEntry, language, notification, timer, trace } from '../schemas/triggers.ts'

const oneTrigger = z.strictObject({ id: z.string().min(1).max(200) })

/** What became of events, and what waits for its time. */
export function triggerRoutes(api: Api, { denrei }: ApiParts): void {
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
        summary: 'What `notify` actions said',
        querystring: pageQuery,
        response: { 200: page(notification) },
      },
    },
    async ({ query }) => denrei.store.notifications(query),
  )
}
