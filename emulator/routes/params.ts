import type { FastifyRequest } from 'fastify'
import { GraphError } from '../graphError.ts'
import type { IssuedToken } from '../tokens.ts'
import type { World } from '../world.ts'

/** A JSON object or a form as key and value; empty for everything else. */
export function objectOf(body: unknown): Record<string, unknown> {
  if (Buffer.isBuffer(body)) return Object.fromEntries(new URLSearchParams(body.toString()))
  return typeof body === 'object' && body !== null && !Array.isArray(body) ? (body as Record<string, unknown>) : {}
}

/** The Graph API takes a parameter from the query, a form or a JSON body alike. */
export const paramsOf = (request: Pick<FastifyRequest, 'query' | 'body'>): Record<string, unknown> => ({
  ...(request.query as Record<string, unknown>),
  ...objectOf(request.body),
})

/** A parameter as text; numbers come as either. Empty for what is neither. */
export const textOf = (value: unknown): string =>
  typeof value === 'string' ? value : typeof value === 'number' ? String(value) : ''

/** Who calls: a token, or the app itself with its id and secret. */
export type Caller = { kind: 'app' } | { kind: 'token'; token: IssuedToken }

const callers = new WeakMap<FastifyRequest, Caller>()
export const setCaller = (request: FastifyRequest, caller: Caller): void => void callers.set(request, caller)
export const callerOf = (request: FastifyRequest): Caller => callers.get(request)!

/** @throws GraphError 0 without a token, 190 for a bad one */
export function callerIn(request: FastifyRequest, world: World): Caller {
  const { access_token: inQuery } = request.query as { access_token?: string }
  const given = request.headers.authorization?.replace(/^(Bearer|OAuth) /i, '') ?? inQuery
  if (given === undefined) throw new GraphError(0, 'An access token is required to request this resource.')
  if (given === `${world.shared.appId}|${world.options.appSecret}`) return { kind: 'app' }
  return { kind: 'token', token: world.tokens.check(given) }
}

/** Whether a caller may see an account. */
export const sees = (caller: Caller, wabaId: string): boolean =>
  caller.kind === 'token' && (caller.token.wabaIds === null || caller.token.wabaIds.includes(wabaId))
