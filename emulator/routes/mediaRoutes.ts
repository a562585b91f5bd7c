import type { FastifyInstance } from 'fastify'
import { randomUUID } from 'node:crypto'
import { GraphError, noSuchObject } from '../graphError.ts'
import type { Media, StoredMedia } from '../media.ts'
import type { World } from '../world.ts'
import { failBefore } from './faulty.ts'

/** The longest body: a document of 100 MB and its wrapping. */
const UPLOAD_MAX = 101 * 1024 * 1024

type Upload = { Params: { id: string }; Querystring: { messaging_product?: string } }

/** `POST /{number}/media` and the addresses of files. Source: Meta, Cloud API, "Media". */
export function mediaRoutes(app: FastifyInstance, world: World): void {
  app.post<Upload>('/v:version/:id/media', { bodyLimit: UPLOAD_MAX }, async (request, reply) => {
    const { id } = request.params
    const fault = world.shared.faults.pick({ path: 'media', numberId: id, body: null })
    if (fault !== null) return failBefore(fault, reply)
    if (world.number(id) === undefined) throw noSuchObject(id, 'POST')
    if (!Buffer.isBuffer(request.body)) throw new GraphError(100, 'Upload files as multipart/form-data.')
    const form = await new Response(new Uint8Array(request.body), {
      headers: { 'content-type': request.headers['content-type']! },
    })
      .formData()
      .catch((error: unknown) => {
        throw new GraphError(100, `The multipart body cannot be read: ${String(error)}`)
      })
    if ((form.get('messaging_product') ?? request.query.messaging_product) !== 'whatsapp')
      throw new GraphError(100, 'The parameter messaging_product is required.')
    const file = form.get('file')
    if (!(file instanceof File)) throw new GraphError(100, 'The parameter file is required.')
    const type = form.get('type')
    const bytes = Buffer.from(await file.arrayBuffer())
    // The file's own content type counts; `type` stands in when a client left it out.
    const declared =
      file.type === '' || file.type === 'application/octet-stream' ? (typeof type === 'string' ? type : '') : file.type
    return { id: world.shared.media.store(bytes, declared).id }
  })

  app.get<{ Params: { token: string } }>('/whatsapp_media/:token', async (request, reply) => {
    const media = world.shared.media.at(request.params.token)
    if (media === undefined) return reply.code(404).type('text/plain').send('URL expired')
    return reply.type(media.mimeType).send(media.bytes)
  })
}

/** A file as REST tells it, with an address that works for five minutes. */
export const mediaNode = (files: Media, media: StoredMedia, address: string): object => ({
  messaging_product: 'whatsapp',
  url: `${address}/whatsapp_media/${files.address(media, randomUUID())}`,
  mime_type: media.mimeType,
  sha256: media.sha256,
  // A string, as Meta's own API description has it.
  file_size: String(media.bytes.length),
  id: media.id,
})
