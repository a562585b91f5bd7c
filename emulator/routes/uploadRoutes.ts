import type { FastifyInstance } from 'fastify'
import { GraphError, noSuchObject } from '../graphError.ts'
import type { World } from '../world.ts'
import { paramsOf } from './params.ts'

type Route = { Params: { id: string } }

/** Where a sample of a template begins its way. Its bytes go to the id of the session. Source: Meta, Graph API, "Resumable Upload API". */
export function uploadRoutes(app: FastifyInstance, world: World): void {
  app.post<Route>('/v:version/:id/uploads', async (request) => {
    if (request.params.id !== world.shared.appId && request.params.id !== 'app')
      throw noSuchObject(request.params.id, 'POST')
    return { id: world.uploads.start(paramsOf(request)) }
  })
}

export const isUpload = (id: string): boolean => id.startsWith('upload:')

/** @param body the bytes as they came. @returns the handle, or where to go on */
export function putUpload(world: World, id: string, offset: unknown, body: unknown): object {
  if (!Buffer.isBuffer(body)) throw new GraphError(100, 'Send the bytes of the file as the body.')
  const from = Number(offset ?? 0)
  if (!Number.isInteger(from) || from < 0) throw new GraphError(100, 'The header file_offset must be a whole number.')
  const handle = world.uploads.put(id, from, body)
  return handle === null ? { id, file_offset: world.uploads.offsetOf(id) } : { h: handle }
}
