import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { ACTS, runAct } from '../acts.ts'
import { NotKnown } from '../notKnown.ts'
import { historyChunk, SAMPLES } from '../samples.ts'
import type { World } from '../world.ts'

const sampleSchema = z.strictObject({
  wabaId: z.string().optional(),
  numberId: z.string().optional(),
  /** Laid over the sample, at its top level. */
  value: z.looseObject({}).optional(),
  /** For `history`: about how long the body is to be. A webhook has 3 MB at most. */
  bytes: z.int().min(0).max(3_000_000).optional(),
})

const delayMs = z.int().min(0).optional()
const delaysSchema = z.strictObject({
  sent: delayMs,
  delivered: delayMs,
  read: delayMs,
  review: delayMs,
  readRate: z.number().min(0).max(1).optional(),
})

/** What happens to accounts, and every webhook by the name of its field. */
export function lifeRoutes(app: FastifyInstance, world: World): void {
  app.get('/_emulator/account', async () => ({ acts: Object.keys(ACTS), fields: Object.keys(SAMPLES) }))
  app.post<{ Params: { act: string } }>('/_emulator/account/:act', async ({ params, body }) => {
    runAct(world, params.act, body)
    void world.shared.webhooks.deliverDue()
    return { success: true }
  })
  app.post('/_emulator/delays', async ({ body }) => {
    const { review, readRate, ...status } = delaysSchema.parse(body)
    for (const { templates, messages } of world.accounts) {
      if (review !== undefined) templates.reviewDelayMs = review
      if (readRate !== undefined) messages.readRate = readRate
      Object.assign(messages.delaysMs, status)
    }
    const { templates, messages } = world.first
    return { ...messages.delaysMs, review: templates.reviewDelayMs, readRate: messages.readRate }
  })
  app.post<{ Params: { field: string } }>('/_emulator/emit/:field', async ({ params, body }) => {
    const value = emitSample(world, params.field, body)
    void world.shared.webhooks.deliverDue()
    return { field: params.field, value }
  })
}

/** Queues the sample webhook of a field. @returns its value. @throws NotKnown, ZodError */
function emitSample(world: World, field: string, body: unknown): object {
  const { value, bytes, ...where } = sampleSchema.parse(body ?? {})
  const sample = Object.hasOwn(SAMPLES, field) ? SAMPLES[field] : undefined
  if (sample === undefined) throw new NotKnown(`The emulator has no sample of the field "${field}".`)
  const account = world.meant(where)
  const number = account.number(where.numberId ?? '') ?? account.numbers[0]
  if (number === undefined) throw new NotKnown(`The account ${account.wabaId} has no number.`)
  const about = { account, number, at: Math.floor(account.scheduler.now() / 1000) }
  const made = field === 'history' && bytes !== undefined ? historyChunk(about, bytes) : sample(about)
  const told = { ...made, ...value }
  account.tell(field, told, number.id)
  return field === 'history' ? {} : told
}
