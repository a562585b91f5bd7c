import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import type { Account } from '../account.ts'
import { countsOf } from '../counts.ts'
import { faultSchema } from '../faults.ts'
import { inboundSchema } from '../inbound.ts'
import { MAGIC } from '../magic.ts'
import { handshake } from '../webhooks.ts'
import { templateNode } from './templateRoutes.ts'

const rate = z.number().min(0).max(1).optional()
const webhookSchema = z.strictObject({
  url: z.url().nullable().optional(),
  /** Ask the receiver to prove itself first. */
  verify: z.boolean().optional(),
  batchMax: z.int().min(1).max(1000).optional(),
  concurrency: z.int().min(1).max(64).optional(),
  duplicateRate: rate,
  reorderRate: rate,
  reorderMs: z.int().min(0).optional(),
  beforeAnswerRate: rate,
  forgedRate: rate,
})
const emitSchema = z.strictObject({ field: z.string().min(1), value: z.looseObject({}) })
const templateSchema = z
  .strictObject({
    language: z.string().optional(),
    reason: z.string().optional(),
    category: z.enum(['UTILITY', 'MARKETING', 'AUTHENTICATION']).optional(),
  })
  .default({})

/** The doors that only the emulator has: what it counted, faults, inbound messages, time, reviews. Without a token; loopback only. */
export function controlRoutes(app: FastifyInstance, account: Account): void {
  app.get('/_emulator/health', async () => ({
    status: 'ok',
    now: account.scheduler.now(),
    virtual: account.scheduler.virtual,
  }))
  app.get('/_emulator/magic', async () => MAGIC)
  app.get('/_emulator/counts', async () => {
    const { byOpaqueId, ...counts } = countsOf(account)
    return { ...counts, byOpaqueId: Object.fromEntries(byOpaqueId) }
  })
  app.get<{ Querystring: { limit?: string; after?: string; opaqueId?: string } }>(
    '/_emulator/messages',
    async ({ query }) => {
      const all = account.messages.list()
      const asked = query.opaqueId === undefined ? all : all.filter(({ opaqueId }) => opaqueId === query.opaqueId)
      const from = Number(query.after ?? 0)
      const data = asked.slice(from, from + Number(query.limit ?? 100))
      return { data, total: asked.length, next: from + data.length < asked.length ? from + data.length : null }
    },
  )
  app.get('/_emulator/templates', async () => ({ data: account.templates.list().map(templateNode) }))

  app.get('/_emulator/faults', async () => ({ data: account.faults.list() }))
  app.post('/_emulator/faults', async ({ body }) => ({ id: account.faults.add(faultSchema.parse(body)) }))
  app.delete<{ Querystring: { id?: string } }>('/_emulator/faults', async ({ query }) => {
    if (query.id === undefined) account.faults.clear()
    else account.faults.remove(Number(query.id))
    return { success: true }
  })

  app.post('/_emulator/inbound', async ({ body }) => ({ id: await account.receiveAndSend(inboundSchema.parse(body)) }))
  app.post('/_emulator/emit', async ({ body }) => {
    const { field, value } = emitSchema.parse(body)
    account.tell(field, value)
    void account.webhooks.deliverDue()
    return { success: true }
  })
  app.post('/_emulator/advance', async ({ body }) => {
    await account.scheduler.advance(z.strictObject({ ms: z.int().min(0) }).parse(body).ms)
    return { now: account.scheduler.now() }
  })
  app.post('/_emulator/webhook', async ({ body }, reply) => {
    const { url, verify, ...delivery } = webhookSchema.parse(body)
    if (verify === true && !(typeof url === 'string' && (await handshake(url, account.options.verifyToken ?? '')))) {
      return reply.code(400).send({ error: 'The receiver did not answer the verification request with the challenge.' })
    }
    if (url !== undefined) account.webhooks.url = url
    Object.assign(account.delivery, delivery)
    return { url: account.webhooks.url, ...account.delivery }
  })

  app.post<{ Params: { name: string; act: string } }>('/_emulator/templates/:name/:act', async (request, reply) => {
    const { name, act } = request.params
    const asked = templateSchema.parse(request.body ?? {})
    const found = account.templates
      .list()
      .filter((one) => one.name === name && (asked.language === undefined || one.language === asked.language))
    if (found.length === 0) return reply.code(404).send({ error: `There is no template "${name}".` })
    for (const template of found) {
      if (act === 'approve') account.templates.approve(template)
      else if (act === 'reject') account.templates.reject(template, asked.reason ?? 'INVALID_FORMAT')
      else if (act === 'pause') account.templates.pause(template)
      else if (act === 'unpause') account.templates.unpause(template)
      else if (act === 'disable') account.templates.disable(template)
      else if (act === 'recategorize') account.templates.recategorize(template, asked.category ?? 'MARKETING')
      else return reply.code(404).send({ error: `There is no action "${act}".` })
    }
    void account.webhooks.deliverDue()
    return { success: true, templates: found.map(templateNode) }
  })
}
