import type { FastifyInstance } from 'fastify'
import { randomBytes } from 'node:crypto'
import type { Account } from '../account.ts'
import { GraphError } from '../graphError.ts'
import type { NumberOptions } from '../options.ts'
import { digitsOf, waIdOf } from '../phone.ts'
import type { World } from '../world.ts'
import { numberOf } from './numberRoutes.ts'
import { pageOf, type PageQuery } from './pages.ts'
import { objectOf, textOf } from './params.ts'

type Route = { Params: { id: string }; Querystring: PageQuery }
interface Outcome {
  input: string
  wa_id?: string
  errors?: object[]
}

const BLOCKED_MAX = 64_000

/** Users who may not write to a number. Only who wrote within 24 hours can be blocked. Source: Meta, Cloud API, "Block users". */
export function blockRoutes(app: FastifyInstance, world: World): void {
  const path = '/v:version/:id/block_users'
  app.get<Route>(path, async ({ params, query }) => {
    const { account, number } = numberOf(world, params.id, 'GET')
    const all = [...account.extrasOf(number.id).blocked].toSorted((a, b) => Number(a) - Number(b))
    const { items, paging } = pageOf(all, query, (waId) => waId)
    const data = items.map((waId) => ({ messaging_product: 'whatsapp', wa_id: waId }))
    return { data, ...(paging === undefined ? {} : { paging }) }
  })
  app.post<Route>(path, async ({ params, body }, reply) => {
    const { account, number } = numberOf(world, params.id, 'POST')
    const { done, failed } = settle(usersOf(body), number, (waId) => block(account, number, waId))
    if (failed.length === 0) return answer({ added_users: done })
    const error = new GraphError(139100, 'Some of the users could not be blocked.')
    const traceId = randomBytes(8).toString('base64url')
    return reply.code(400).send({ ...answer({ added_users: done, failed_users: failed }), ...error.body(traceId) })
  })
  app.delete<Route>(path, async ({ params, body }) => {
    const { account, number } = numberOf(world, params.id, 'DELETE')
    const { blocked } = account.extrasOf(number.id)
    const { done } = settle(usersOf(body), number, (waId) => {
      blocked.delete(waId)
      return null
    })
    return answer({ removed_users: done })
  })
}

const answer = (users: object): object => ({ messaging_product: 'whatsapp', block_users: users })

/** @throws GraphError 100 */
function usersOf(body: unknown): string[] {
  const { messaging_product: product, block_users: users } = objectOf(body)
  if (product !== 'whatsapp') throw new GraphError(100, "Param messaging_product must be 'whatsapp'.")
  if (!Array.isArray(users) || users.length === 0) throw new GraphError(100, 'The parameter block_users is required.')
  return users.map((one) => textOf((one as { user?: unknown } | null)?.user))
}

function settle(
  users: string[],
  number: NumberOptions,
  act: (waId: string) => string | null,
): { done: Outcome[]; failed: Outcome[] } {
  const done: Outcome[] = []
  const failed: Outcome[] = []
  for (const input of users) {
    const digits = digitsOf(input, number.displayNumber.replace(/\D/g, ''))
    const waId = digits === null ? null : waIdOf(digits)
    const problem = waId === null ? 'This is not a phone number.' : act(waId)
    const told = { input, ...(waId === null ? {} : { wa_id: waId }) }
    if (problem === null) done.push(told)
    else {
      const error = { message: 'Failed to block/unblock user', code: 139100, error_data: { details: problem } }
      failed.push({ ...told, errors: [error] })
    }
  }
  return { done, failed }
}

function block(account: Account, number: NumberOptions, waId: string): string | null {
  const { blocked } = account.extrasOf(number.id)
  if (blocked.size >= BLOCKED_MAX) throw new GraphError(139101, `A number can block ${BLOCKED_MAX} users.`)
  if (!account.windows.isOpen(number.id, waId, account.scheduler.now()))
    return 'Only users who wrote to the number in the last 24 hours can be blocked.'
  blocked.add(waId)
  return null
}
