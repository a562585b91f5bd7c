import { z } from 'zod'
import { settings } from '#definitions/settings.ts'
import type { Api, ApiParts } from '../api.ts'
import { numberState, templateState } from '../schemas/account.ts'
import { anyJson, instant } from '../schemas/shared.ts'

/** The WhatsApp account as we know it, and the settings of the installation. */
export function accountRoutes(api: Api, { denrei }: ApiParts): void {
  api.get(
    '/v1/numbers',
    {
      config: { permission: 'read' },
      schema: {
        operationId: 'listNumbers',
        tags: ['account'],
        summary: 'Our WhatsApp numbers',
        response: { 200: z.object({ items: z.array(numberState) }) },
      },
    },
    async () => ({ items: await denrei.store.numbers() }),
  )

  api.post(
    '/v1/account/sync',
    {
      config: { permission: 'administer' },
      schema: {
        operationId: 'syncAccount',
        tags: ['account'],
        summary: 'Read numbers and templates from WhatsApp again',
        description: 'Each account alone: those that WhatsApp refused stand in `failed`, the others are saved.',
        response: {
          200: z.object({
            numbers: z.array(numberState),
            templates: z.array(templateState),
            failed: z.array(z.object({ accountId: z.string(), code: z.string(), message: z.string() })),
          }),
        },
      },
    },
    async () => {
      const { failed, ...synced } = await denrei.syncAccount()
      return {
        ...synced,
        failed: failed.map(({ accountId, error: { code, message } }) => ({ accountId, code, message })),
      }
    },
  )

  api.get(
    '/v1/account/events',
    {
      config: { permission: 'read' },
      schema: {
        operationId: 'listAccountEvents',
        tags: ['account'],
        summary: 'What WhatsApp told and nothing reads yet, kept raw',
        querystring: z.strictObject({
          field: z.string().min(1).max(200).optional(),
          limit: z.coerce.number('Use a number.').int().min(1).max(500).default(50),
        }),
        response: {
          200: z.object({ items: z.array(z.object({ field: z.string(), value: anyJson, at: instant })) }),
        },
      },
    },
    async ({ query }) => ({ items: await denrei.store.kept(query) }),
  )

  api.get(
    '/v1/account/events/counts',
    {
      config: { permission: 'read' },
      schema: {
        operationId: 'countAccountEvents',
        tags: ['account'],
        summary: 'How many of each field WhatsApp told and were kept raw, ever',
        response: { 200: z.object({ items: z.array(z.object({ field: z.string(), count: z.int() })) }) },
      },
    },
    async () => ({ items: await denrei.store.keptCounts() }),
  )

  api.get(
    '/v1/settings',
    {
      config: { permission: 'read' },
      schema: {
        operationId: 'readSettings',
        tags: ['account'],
        summary: 'The settings of this installation',
        response: { 200: settings },
      },
    },
    async () => denrei.settings(),
  )

  api.put(
    '/v1/settings',
    {
      config: { permission: 'administer' },
      schema: {
        operationId: 'writeSettings',
        tags: ['account'],
        summary: 'Replace the settings; what is left out gets its default',
        body: settings,
        response: { 200: settings },
      },
    },
    async ({ body }) => {
      await denrei.saveSettings(body)
      return denrei.settings()
    },
  )
}
