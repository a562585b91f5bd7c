import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { countsOf } from '../counts.ts'
import { faultSchema } from '../faults.ts'
import { inboundSchema } from '../inbound.ts'
import { MAGIC } from '../magic.ts'
import { handshake } from '../handshake.ts'
import { actOnTemplate, isTemplateAct, templateActSchema } from '../templateActs.ts'
import { SCOPES } from '../options.ts'
import type { World } from '../world.ts'
import { templateNode } from './templateNode.ts'

const rate = z.number().min(0).max(1).optional()
const webhookSchema = z.strictObject({
  url: z.url().nullable().optional(),
  /** Fields that are subscribed; null for all. */
  fields: z.array(z.string()).nullable().optional(),
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
const emitSchema = z.strictObject({ field: z.string().min(1), value: z.looseObject({}), wabaId: z.string().optional() })
const signUpSchema = z.strictObject({
  wabaId: z.string().optional(),
  numberId: z.string().optional(),
  /** How long the token that the code becomes will live; default for ever. */
  expiresInS: z.int().min(1).optional(),
  scopes: z.array(z.enum(SCOPES)).optional(),
})
/** The doors that only the emulator has: what it counted, faults, inbound messages, time, reviews. Without a token; loopback only. */
export function controlRoutes(app: FastifyInstance, world: World): void {
  const { scheduler, webhooks, faults } = world.shared
  app.get('/_emulator/health', async () => ({
    status: 'ok',
    now: scheduler.now(),
    virtual: scheduler.virtual,
  }))
  app.get('/_emulator/magic', async () => MAGIC)
  app.get('/_emulator/counts', async () => {
    const { byOpaqueId, ...counts } = countsOf(...world.accounts)
    return { ...counts, byOpaqueId: Object.fromEntries(byOpaqueId) }
  })
  app.get<{ Querystring: { limit?: string; after?: string; opaqueId?: string } }>(
    '/_emulator/messages',
    async ({ query }) => {
      const all = world.accounts.flatMap(({ messages }) => messages.list())
      const asked = query.opaqueId === undefined ? all : all.filter(({ opaqueId }) => opaqueId === query.opaqueId)
      const from = Number(query.after ?? 0)
      const data = asked.slice(from, from + Number(query.limit ?? 100))
      return { data, total: asked.length, next: from + data.length < asked.length ? from + data.length : null }
    },
  )
  app.get('/_emulator/codes', async () => ({
    data: world.accounts.flatMap(({ registrations }) => registrations.codes()),
  }))
  app.post('/_emulator/signup', async ({ body }) => {
    const { wabaId, numberId, expiresInS, scopes } = signUpSchema.parse(body ?? {})
    const account = world.meant({ wabaId, numberId })
    const code = world.tokens.grantCode({
      wabaIds: [account.wabaId],
      ...(scopes === undefined ? {} : { scopes }),
      ...(expiresInS === undefined ? {} : { expiresAt: scheduler.now() + expiresInS * 1000 }),
    })
    const phone_number_id = numberId ?? account.numbers[0]?.id
    return { code, waba_id: account.wabaId, phone_number_id, business_id: world.portfolio.id }
  })
  app.get('/_emulator/templates', async () => ({
    data: world.accounts.flatMap(({ templates }) => templates.list()).map(templateNode),
  }))

  app.get('/_emulator/faults', async () => ({ data: faults.list() }))
  app.post('/_emulator/faults', async ({ body }) => ({ id: faults.add(faultSchema.parse(body)) }))
  app.delete<{ Querystring: { id?: string } }>('/_emulator/faults', async ({ query }) => {
    if (query.id === undefined) faults.clear()
    else faults.remove(Number(query.id))
    return { success: true }
  })

  app.post('/_emulator/inbound', async ({ body }) => {
    const inbound = inboundSchema.parse(body)
    return { id: await world.meant(inbound).receiveAndSend(inbound) }
  })
  app.post('/_emulator/emit', async ({ body }) => {
    const { field, value, wabaId } = emitSchema.parse(body)
    world.meant({ wabaId }).tell(field, value)
    void webhooks.deliverDue()
    return { success: true }
  })
  app.post('/_emulator/advance', async ({ body }) => {
    await scheduler.advance(z.strictObject({ ms: z.int().min(0) }).parse(body).ms)
    return { now: scheduler.now() }
  })
  app.post('/_emulator/webhook', async ({ body }, reply) => {
    const { url, verify, fields, ...delivery } = webhookSchema.parse(body)
    if (verify === true && !(typeof url === 'string' && (await handshake(url, world.options.verifyToken ?? '')))) {
      return reply.code(400).send({ error: 'The receiver did not answer the verification request with the challenge.' })
    }
    if (url !== undefined) webhooks.url = url
    if (fields !== undefined) webhooks.fields = fields === null ? null : new Set(fields)
    Object.assign(world.shared.delivery, delivery)
    return {
      url: webhooks.url,
      fields: webhooks.fields === null ? null : [...webhooks.fields],
      ...world.shared.delivery,
    }
  })

  app.post<{ Params: { name: string; act: string } }>('/_emulator/templates/:name/:act', async (request, reply) => {
    const { name, act } = request.params
    const asked = templateActSchema.parse(request.body ?? {})
    const found = world.accounts.flatMap(({ templates }) =>
      templates
        .list()
        .filter((one) => one.name === name && (asked.language === undefined || one.language === asked.language))
        .map((template) => ({ templates, template })),
    )
    if (found.length === 0) return reply.code(404).send({ error: `There is no template "${name}".` })
    if (!isTemplateAct(act)) return reply.code(404).send({ error: `There is no action "${act}".` })
    for (const { templates, template } of found) actOnTemplate(templates, template, act, asked)
    void webhooks.deliverDue()
    return { success: true, templates: found.map(({ template }) => templateNode(template)) }
  })
}
