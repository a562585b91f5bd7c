import { z } from 'zod'
import type { Api, ApiParts } from '../api.ts'
import { role } from '../roles.ts'
import { apiSchemas, instant } from '../schemas/shared.ts'

const keyFields = {
  id: z.string(),
  name: z.string(),
  role,
  start: z.string().describe('The first characters, to tell keys apart.'),
  enabled: z.boolean().describe('False once it is revoked.'),
  createdAt: instant,
  lastUsedAt: instant.nullable().describe('To the minute.'),
  expiresAt: instant.nullable(),
}
const keyInfo = z.object(keyFields).register(apiSchemas, { id: 'Key' })

export function keyRoutes(api: Api, { auth }: ApiParts): void {
  api.post(
    '/v1/keys',
    {
      config: { permission: 'administer' },
      schema: {
        operationId: 'createKey',
        tags: ['keys'],
        summary: 'Make a key. It is shown in this answer and never again',
        body: z.strictObject({
          name: z.string().trim().min(1).max(100),
          role: role.describe('`ingest` posts events and nothing else.'),
          expiresInDays: z.int().min(1).max(3_650).optional(),
        }),
        response: { 201: z.object({ ...keyFields, key: z.string().describe('The key itself, this once.') }) },
      },
    },
    async ({ body }, reply) => reply.code(201).send(await auth.createKey(body)),
  )

  api.get(
    '/v1/keys',
    {
      config: { permission: 'administer' },
      schema: {
        operationId: 'listKeys',
        tags: ['keys'],
        summary: 'Keys, newest first, without the keys themselves',
        response: { 200: z.object({ items: z.array(keyInfo) }) },
      },
    },
    async () => ({ items: await auth.keys() }),
  )

  api.delete(
    '/v1/keys/:id',
    {
      config: { permission: 'administer' },
      schema: {
        operationId: 'revokeKey',
        tags: ['keys'],
        summary: 'Revoke a key, at once',
        params: z.strictObject({ id: z.string().min(1).max(100) }),
        response: { 204: z.undefined().describe('Revoked.') },
      },
    },
    async ({ params: { id } }, reply) => {
      await auth.revokeKey(id)
      return reply.code(204).send()
    },
  )
}
