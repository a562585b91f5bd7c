import { Agent, request } from 'undici'
import { AddressRefused, checkUrl, guardedLookup, type Resolve, type UrlRefusal } from './ssrf.ts'

/** The headers of a template that show a file. */
export type SampleKind = 'image' | 'video' | 'document'

/** A file that the review of a template is shown. */
export interface SampleFile {
  bytes: Buffer
  mimeType: string
  filename: string
}

export type FetchedSample =
  | { kind: 'file'; file: SampleFile }
  /** `reason` is stable; trying again changes nothing. */
  | { kind: 'failed'; reason: UrlRefusal | 'sample_too_large' | 'sample_type' | 'sample_refused'; detail: string }
  | { kind: 'retry'; reason: 'sample_unreachable'; detail: string }

export type FetchSample = (link: string, kind: SampleKind, signal: AbortSignal) => Promise<FetchedSample>

export interface FetchSampleOptions {
  /** The setting `webhooksMayBePrivate`, asked at each call. Default: never. */
  mayBePrivate?: () => boolean
  resolve?: Resolve
  /** From the call to the last byte, redirects included. Leaves time within the lease for the upload. */
  timeoutMs?: number
}

const MEBIBYTE = 1024 * 1024

/**
 * What may be a sample, by kind, and how many bytes it may have.
 *
 * Source: Meta, Cloud API, "Media" (sizes); Meta, Graph API, "Resumable Upload API" (file types: of the videos only MP4, of the
 * documents only PDF).
 */
export const SAMPLES: Record<SampleKind, { mimeTypes: readonly string[]; bytesMax: number }> = {
  image: { mimeTypes: ['image/jpeg', 'image/png'], bytesMax: 5 * MEBIBYTE },
  video: { mimeTypes: ['video/mp4'], bytesMax: 16 * MEBIBYTE },
  document: { mimeTypes: ['application/pdf'], bytesMax: 100 * MEBIBYTE },
}

const EXTENSIONS: Record<string, string> = {
  'image/jpeg': 'jpg',
  'image/png': 'png',
  'video/mp4': 'mp4',
  'application/pdf': 'pdf',
}

const REDIRECTS_MAX = 3

/**
 * Gets the file behind a link, as far as it may be fetched and shown: no private address unless they are allowed, no more bytes
 * than its kind may have, and a type that its own bytes show. What a server says of the type counts for nothing; many say
 * `application/octet-stream`, and a page that says "not found" comes as an image too.
 */
export function createFetchSample(options: FetchSampleOptions = {}): FetchSample {
  const mayBePrivate = options.mayBePrivate ?? (() => false)
  return async (link, kind, signal) => {
    // One for each file: a template is submitted rarely, and no socket opened while private addresses were allowed is left.
    const allowed = mayBePrivate()
    const agent = new Agent({
      connect: { lookup: guardedLookup(() => allowed, options.resolve), timeout: 10_000 },
      headersTimeout: 0,
      bodyTimeout: 0,
    })
    try {
      const deadline = AbortSignal.any([signal, AbortSignal.timeout(options.timeoutMs ?? 20_000)])
      return await follow(link, kind, { allowed, agent, signal: deadline })
    } catch (error) {
      return faultOf(error)
    } finally {
      await agent.destroy()
    }
  }
}

interface Way {
  allowed: boolean
  agent: Agent
  signal: AbortSignal
}

async function follow(link: string, kind: SampleKind, { allowed, agent, signal }: Way): Promise<FetchedSample> {
  let from = link
  for (let hop = 0; hop <= REDIRECTS_MAX; hop++) {
    const checked = checkUrl(from, allowed)
    if ('refused' in checked) return failed(checked.refused, 'The link of the sample may not be fetched.')
    const { statusCode, headers, body } = await request(checked.url, {
      method: 'GET',
      headers: { 'user-agent': 'Denrei', accept: SAMPLES[kind].mimeTypes.join(', ') },
      dispatcher: agent,
      signal,
    })
    const to = headers['location']
    if (statusCode >= 300 && statusCode < 400 && typeof to === 'string' && URL.canParse(to, checked.url.href)) {
      await body.dump({ limit: 64 * 1024 }).catch(() => undefined)
      from = new URL(to, checked.url).href
      continue
    }
    if (statusCode < 200 || statusCode >= 300) return refusedWith(statusCode)
    const bytes = await read(body, SAMPLES[kind].bytesMax, headers['content-length'])
    return bytes === null ? tooLarge(kind) : fileOf(bytes, kind, checked.url)
  }
  return failed('sample_refused', `The link of the sample leads on more than ${REDIRECTS_MAX} times.`)
}

/** Null when there are more bytes than may be; no more than that many are ever kept. */
async function read(
  body: AsyncIterable<Buffer>,
  bytesMax: number,
  announced: string | string[] | undefined,
): Promise<Buffer | null> {
  if (Number(announced ?? 0) > bytesMax) return null
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of body) {
    size += chunk.length
    if (size > bytesMax) return null
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

function fileOf(bytes: Buffer, kind: SampleKind, url: URL): FetchedSample {
  const { mimeTypes } = SAMPLES[kind]
  const mimeType = typeOf(bytes)
  if (mimeType === null || !mimeTypes.includes(mimeType)) {
    const shown = mimeType ?? 'of no type that is known here'
    return failed('sample_type', `The file is ${shown}; a sample for a header with ${an(kind)} is ${list(mimeTypes)}.`)
  }
  return { kind: 'file', file: { bytes, mimeType, filename: `${nameOf(url)}.${EXTENSIONS[mimeType] ?? 'bin'}` } }
}

/** What the first bytes show. Source: the formats' specifications (JFIF, PNG, ISO 14496-12 `ftyp`, ISO 32000). */
function typeOf(bytes: Buffer): string | null {
  const begins = (text: string, at = 0) => bytes.toString('latin1', at, at + text.length) === text
  if (begins('\xff\xd8\xff')) return 'image/jpeg'
  if (begins('\x89PNG\r\n\x1a\n')) return 'image/png'
  if (begins('GIF8')) return 'image/gif'
  if (begins('RIFF') && begins('WEBP', 8)) return 'image/webp'
  if (begins('ftyp', 4)) {
    if (begins('3gp', 8) || begins('3g2', 8)) return 'video/3gpp'
    if (begins('qt  ', 8)) return 'video/quicktime'
    return begins('hei', 8) || begins('mif1', 8) || begins('avif', 8) ? 'image/heif' : 'video/mp4'
  }
  // Readers take a PDF whose header stands anywhere in its first kilobyte.
  return bytes.toString('latin1', 0, 1024).includes('%PDF-') ? 'application/pdf' : null
}

/** The last part of the path, as far as every file system can bear it. */
function nameOf({ pathname }: URL): string {
  const last = pathname.split('/').at(-1) ?? ''
  const plain = last
    .replace(/\.\w{1,5}$/, '')
    .replace(/[^\w-]+/g, '_')
    .slice(0, 60)
  return plain === '' ? 'sample' : plain
}

function refusedWith(status: number): FetchedSample {
  const detail = `The link of the sample answered HTTP ${status}.`
  if (status >= 500 || status === 408 || status === 425 || status === 429) {
    return { kind: 'retry', reason: 'sample_unreachable', detail }
  }
  return failed('sample_refused', detail)
}

function tooLarge(kind: SampleKind): FetchedSample {
  const megabytes = SAMPLES[kind].bytesMax / MEBIBYTE
  return failed('sample_too_large', `A sample for a header with ${an(kind)} has at most ${megabytes} MB.`)
}

function faultOf(error: unknown): FetchedSample {
  if (error instanceof AddressRefused) return failed('url_private', error.message)
  const { code, name, message } = error as { code?: string; name?: string; message?: string }
  const why = name === 'TimeoutError' ? 'no answer in time' : (code ?? message ?? 'unknown fault')
  return { kind: 'retry', reason: 'sample_unreachable', detail: `The link of the sample cannot be reached: ${why}.` }
}

const an = (kind: SampleKind) => (kind === 'image' ? 'an image' : `a ${kind}`)
const list = (words: readonly string[]) => words.join(' or ')

const failed = (
  reason: Extract<FetchedSample, { kind: 'failed' }>['reason'],
  detail: string,
): Extract<FetchedSample, { kind: 'failed' }> => ({ kind: 'failed', reason, detail })
