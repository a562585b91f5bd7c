import { createHash } from 'node:crypto'
import { GraphError } from './graphError.ts'
import type { Scheduler } from './scheduler.ts'

const MIB = 1024 * 1024
const URL_MS = 5 * 60_000
const DAY_MS = 86_400_000

/** Largest size by type. Source: Meta, Cloud API, "Media" (supported media types). */
const SIZE_MAX: Record<string, number> = {
  'image/jpeg': 5 * MIB,
  'image/png': 5 * MIB,
  'video/mp4': 16 * MIB,
  'video/3gpp': 16 * MIB,
  'audio/aac': 16 * MIB,
  'audio/amr': 16 * MIB,
  'audio/mpeg': 16 * MIB,
  'audio/mp4': 16 * MIB,
  'audio/ogg': 16 * MIB,
  'text/plain': 100 * MIB,
  'application/pdf': 100 * MIB,
  'application/msword': 100 * MIB,
  'application/vnd.openxmlformats-officedocument.wordprocessingml.document': 100 * MIB,
  'application/vnd.ms-excel': 100 * MIB,
  'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet': 100 * MIB,
  'application/vnd.ms-powerpoint': 100 * MIB,
  'application/vnd.openxmlformats-officedocument.presentationml.presentation': 100 * MIB,
  'image/webp': 500 * 1024,
}

/** First bytes that a type must have; types without an entry are not looked into. */
const SIGNATURES: Record<string, RegExp> = {
  'image/jpeg': /^\xff\xd8\xff/,
  'image/png': /^\x89PNG\r\n/,
  'image/webp': /^RIFF[^]{4}WEBP/,
  'application/pdf': /^%PDF-/,
  'video/mp4': /^[^]{4}ftyp/,
  'video/3gpp': /^[^]{4}ftyp3g/,
  'audio/mp4': /^[^]{4}ftyp/,
  'audio/ogg': /^OggS[^]*OpusHead/,
  'audio/amr': /^#!AMR/,
  'audio/mpeg': /^(ID3|\xff[\xe2-\xfb])/,
  'audio/aac': /^\xff[\xf0-\xf9]/,
}

export interface StoredMedia {
  id: string
  mimeType: string
  bytes: Buffer
  sha256: string
  expiresAt: number
}

/** Uploaded and received files. Uploads live 30 days, received ones 7, and the address of one 5 minutes. */
export class Media {
  private readonly byId = new Map<string, StoredMedia>()
  /** Address token to media id and end of life. */
  private readonly addresses = new Map<string, { id: string; until: number }>()
  private nextId = 1_003_383_421_387_256
  private readonly scheduler: Scheduler

  constructor(scheduler: Scheduler) {
    this.scheduler = scheduler
  }

  /** @throws GraphError 100 for a type that is not taken, 131053 for bytes of another type or too many */
  store(bytes: Buffer, mimeType: string, from: 'upload' | 'user' = 'upload'): StoredMedia {
    const type = mimeType.split(';')[0]!.trim().toLowerCase()
    const max = SIZE_MAX[type]
    if (max === undefined) {
      throw new GraphError(
        100,
        `Param file must be a file with one of the following types: ${Object.keys(SIZE_MAX).join(', ')}. Received ${type}.`,
      )
    }
    if (bytes.length === 0 || bytes.length > max) {
      throw new GraphError(131053, `A file of type ${type} may have 1 to ${max} bytes; received ${bytes.length}.`)
    }
    const signature = SIGNATURES[type]
    if (signature !== undefined && !signature.test(bytes.subarray(0, 4096).toString('latin1'))) {
      throw new GraphError(131053, `The file is not of its declared type ${type}.`)
    }
    const media: StoredMedia = {
      id: String(this.nextId++),
      mimeType: type,
      bytes,
      sha256: createHash('sha256').update(bytes).digest('hex'),
      expiresAt: this.scheduler.now() + (from === 'upload' ? 30 : 7) * DAY_MS,
    }
    this.byId.set(media.id, media)
    return media
  }

  get(id: string): StoredMedia | undefined {
    const media = this.byId.get(id)
    return media !== undefined && media.expiresAt > this.scheduler.now() ? media : undefined
  }

  remove(id: string): boolean {
    return this.byId.delete(id)
  }

  /** A new address for a file, good for five minutes. @returns the token in it */
  address(media: StoredMedia, token: string): string {
    this.addresses.set(token, { id: media.id, until: this.scheduler.now() + URL_MS })
    return token
  }

  /** The file behind an address; undefined when it has run out. */
  at(token: string): StoredMedia | undefined {
    const address = this.addresses.get(token)
    if (address === undefined) return undefined
    if (address.until > this.scheduler.now()) return this.get(address.id)
    this.addresses.delete(token)
    return undefined
  }
}

/** The smallest picture, for users who send one. */
export const TINY_PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==',
  'base64',
)
