import { GraphError } from './graphError.ts'

interface Upload {
  type: string
  name: string
  bytes: Buffer
  length: number
}

const TYPES = new Set(['image/jpeg', 'image/jpg', 'image/png', 'video/mp4', 'application/pdf'])
const LENGTH_MAX = 100 * 1024 * 1024

/** Samples for templates and profile pictures, sent in pieces. Source: Meta, Graph API, "Resumable Upload API". */
export class Uploads {
  private readonly open = new Map<string, Upload>()
  /** Handles that stand for a whole file. */
  readonly handles = new Map<string, { type: string; name: string; bytes: Buffer }>()
  private readonly hex: (length: number) => string

  constructor(hex: (length: number) => string) {
    this.hex = hex
  }

  /** @returns `upload:…`, where the bytes go. @throws GraphError 100 */
  start({ file_length: length, file_type: type, file_name: name }: Record<string, unknown>): string {
    const bytes = Number(length)
    if (!Number.isInteger(bytes) || bytes < 1 || bytes > LENGTH_MAX)
      throw new GraphError(100, `Param file_length must be a number from 1 to ${LENGTH_MAX}.`)
    if (typeof type !== 'string' || !TYPES.has(type))
      throw new GraphError(100, `Param file_type must be one of ${[...TYPES].join(', ')}.`)
    const id = `upload:${this.hex(32)}`
    this.open.set(id, { type, name: typeof name === 'string' ? name : '', bytes: Buffer.alloc(0), length: bytes })
    return id
  }

  /** Where to go on. Undefined for an id that is not known. */
  offsetOf(id: string): number | undefined {
    return this.open.get(id)?.bytes.length
  }

  /** @param offset where these bytes belong. @returns the handle, or null while bytes are missing. @throws GraphError 100 */
  put(id: string, offset: number, bytes: Buffer): string | null {
    const upload = this.open.get(id)
    if (upload === undefined) throw new GraphError(100, `There is no upload session ${id}.`)
    if (offset !== upload.bytes.length)
      throw new GraphError(100, `The header file_offset must be ${upload.bytes.length}, not ${offset}.`)
    if (upload.bytes.length + bytes.length > upload.length)
      throw new GraphError(100, `The file is longer than the ${upload.length} bytes that were announced.`)
    upload.bytes = Buffer.concat([upload.bytes, bytes])
    if (upload.bytes.length < upload.length) return null
    this.open.delete(id)
    const handle = `4::${Buffer.from(upload.type).toString('base64')}:${this.hex(32)}:e:${this.hex(10)}`
    this.handles.set(handle, upload)
    return handle
  }
}
