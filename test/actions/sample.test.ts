import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { createFetchSample, SAMPLES } from '#actions/sampleFile.ts'
import { createSubmitTemplate, type SubmitTemplateDeps } from '#actions/submitTemplate.ts'
import { oneAccount } from '#actions/whatsapp/accounts.ts'
import { createCloudClient, type CloudClient } from '#actions/whatsapp/client.ts'
import { WhatsAppRefused } from '#actions/whatsapp/faults.ts'
import type { Json } from '#definitions/json.ts'
import { template } from '#definitions/template.ts'
import { startEmulator, type Emulator } from '#emulator/emulator.ts'
import { virtualTime } from '#emulator/scheduler.ts'
import type { TemplateEvent, WorldEvent } from '#engine/trigger.ts'
import { aWorkIntent } from './intents.ts'
import { graphError, json, loopback, type Answer, type Loopback } from './loopback.ts'

/** A WhatsApp that takes only handles, and a server of files, both on this machine. */
const START = Date.parse('2026-11-22T12:00:00+09:00')
const PNG = Buffer.concat([Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), Buffer.alloc(2000, 7)])
let emulator: Emulator
let client: CloudClient
let files: Loopback
let told: WorldEvent[]
beforeAll(async () => {
  emulator = await startEmulator({
    token: 'token',
    appSecret: 'secret',
    schedule: virtualTime(START),
    numbers: [{ id: '1055', displayNumber: '+81 3-1234-5678', verifiedName: '伝令商店' }],
  })
  client = createCloudClient({ baseUrl: emulator.url, token: () => 'token' })
  files = await loopback(json(404, {}))
})
afterAll(async () => {
  await client.close()
  await files.close()
  await emulator.close()
})
beforeEach(() => {
  told = []
  files.received.length = 0
})

const file =
  (bytes: Buffer, headers: Record<string, string> = {}): Answer =>
  (_request, response) =>
    void response.writeHead(200, { 'content-type': 'application/octet-stream', ...headers }).end(bytes)

let count = 0
const withHeader = (type: 'image' | 'video' | 'document', example: string, name = `annai_${String((count += 1))}`) =>
  template.parse({
    kind: 'template',
    name,
    language: 'ja',
    category: 'UTILITY',
    module: 'Leads',
    header: { type, example },
    body: 'いつもお世話になっております。ご予約の案内図をお送りいたします。',
  })

const submit = (definition: ReturnType<typeof withHeader>, more: Partial<SubmitTemplateDeps> = {}) =>
  createSubmitTemplate({
    accounts: oneAccount(client, emulator.wabaId),
    clock: { now: () => emulator.now() },
    accept: async (events) => void told.push(...events),
    fetchSample: createFetchSample({ mayBePrivate: () => true }),
    ...more,
  }).perform(
    aWorkIntent({ type: 'submitTemplate', payload: { definition: definition as unknown as Json } }),
    new AbortController().signal,
  )
const handleOf = (name: string): string => {
  const header = emulator
    .templates()
    .find((one) => one.name === name)
    ?.components.find(({ type }) => type === 'HEADER')
  return (header?.example?.['header_handle'] as string[] | undefined)?.[0] ?? ''
}

describe('a sample that is a link', () => {
  test('is uploaded, and the template goes with its handle and is approved', async () => {
    files.answer = file(PNG)
    const definition = withHeader('image', `${files.url}/案内図.png?v=1`)
    expect(await submit(definition)).toEqual({ kind: 'done', detail: 'PENDING.' })
    expect(handleOf(definition.name)).toMatch(/^4::aW1hZ2UvcG5n:/)
    await emulator.advance(10_000)
    expect(await submit(definition)).toEqual({ kind: 'done', detail: 'APPROVED.' })
    // What is there already is taken up without its sample.
    expect(files.received).toHaveLength(1)
  })

  test('is found where the link leads on to', async () => {
    files.answer = (request, response) =>
      request.url === '/a.pdf'
        ? void response.writeHead(302, { location: '/b' }).end()
        : file(Buffer.from('%PDF-1.7 見積書'))(request, response)
    const definition = withHeader('document', `${files.url}/a.pdf`)
    expect(await submit(definition)).toEqual({ kind: 'done', detail: 'PENDING.' })
    expect(handleOf(definition.name)).toContain(Buffer.from('application/pdf').toString('base64'))
  })

  test('of the app that we know is asked nothing more; of an unknown app the token tells', async () => {
    files.answer = file(PNG)
    const asked: string[] = []
    const watched: CloudClient = {
      ...client,
      uploadSample: (appId, one) => (asked.push(appId), client.uploadSample(appId, one)),
    }
    const accounts = oneAccount(watched, emulator.wabaId)
    await submit(withHeader('image', `${files.url}/a.png`), { accounts })
    await submit(withHeader('image', `${files.url}/a.png`), { accounts, appIdOf: async () => 'app' })
    expect(asked).toEqual([(await client.ownToken()).app_id, 'app'])
  })

  const refused = new WhatsAppRefused('no', { code: 190, subcode: null, httpStatus: 401 }, false)
  test('fails, and says what to set, when no app is known', async () => {
    files.answer = file(PNG)
    const silent: CloudClient = { ...client, ownToken: () => Promise.reject(refused) }
    const definition = withHeader('image', `${files.url}/a.png`)
    const outcome = await submit(definition, { accounts: oneAccount(silent, emulator.wabaId) })
    expect(outcome).toMatchObject({ kind: 'failed', reason: 'app_unknown' })
    expect((told as TemplateEvent[])[0]?.reason).toContain('WHATSAPP_APP_ID')
    expect(files.received).toEqual([])
  })

  const big = (kind: keyof typeof SAMPLES) => Buffer.concat([PNG, Buffer.alloc(SAMPLES[kind].bytesMax)])
  const jpeg = Buffer.from('\xff\xd8\xff\xe0', 'latin1')
  const video = (brand: string) => Buffer.from(`\0\0\0\x18ftyp${brand}`, 'latin1')
  const failures: [string, 'image' | 'video' | 'document', Answer, object][] = [
    ['too large, as it says', 'image', file(big('image')), { kind: 'failed', reason: 'sample_too_large' }],
    [
      'too large without saying so',
      'image',
      (_request, response) => void (response.write(PNG), response.end(big('image'))),
      { kind: 'failed', reason: 'sample_too_large' },
    ],
    [
      'a page that calls itself an image',
      'image',
      file(Buffer.from('<!doctype html>'), { 'content-type': 'image/png' }),
      { kind: 'failed', reason: 'sample_type' },
    ],
    ['nothing', 'image', file(Buffer.alloc(0)), { kind: 'failed', reason: 'sample_type' }],
    ['an image for a video', 'video', file(jpeg), { kind: 'failed', reason: 'sample_type' }],
    ['a 3GPP video', 'video', file(video('3gp4')), { kind: 'failed', reason: 'sample_type' }],
    ['a WebP', 'image', file(Buffer.from('RIFF\0\0\0\0WEBPVP8 ')), { kind: 'failed', reason: 'sample_type' }],
    ['not there', 'image', json(404, {}), { kind: 'failed', reason: 'sample_refused' }],
    ['for somebody else', 'document', json(403, {}), { kind: 'failed', reason: 'sample_refused' }],
    [
      'led on for ever',
      'image',
      (_request, response) => void response.writeHead(302, { location: '/again' }).end(),
      { kind: 'failed', reason: 'sample_refused' },
    ],
    [
      'led on to a file',
      'image',
      (_request, response) => void response.writeHead(302, { location: 'file:///etc/passwd' }).end(),
      { kind: 'failed', reason: 'url_scheme' },
    ],
    [
      'led on to the metadata of the cloud',
      'image',
      (_request, response) => void response.writeHead(302, { location: 'http://169.254.169.254/' }).end(),
      { kind: 'failed', reason: 'url_private' },
    ],
    ['a server in trouble', 'image', json(503, {}), { kind: 'retry', reason: 'sample_unreachable' }],
    ['cut off', 'image', ({ socket }) => void socket.destroy(), { kind: 'retry', reason: 'sample_unreachable' }],
  ]
  test.each(failures)('that is %s (%s header) is not submitted', async (_name, kind, answer, outcome) => {
    files.answer = answer
    const definition = withHeader(kind, `${files.url}/a`)
    const given = await submit(definition)
    expect(given).toMatchObject(outcome)
    expect(emulator.templates().some(({ name }) => name === definition.name)).toBe(false)
    // Its page says why; what another try may mend is not called refused.
    const reasons = told.map((event) => (event as TemplateEvent).reason?.split(':')[0])
    expect(reasons).toEqual(given.kind === 'failed' ? [given.reason] : [])
  })

  test('on a private address is not fetched unless the setting allows it', async () => {
    files.answer = file(PNG)
    const outcome = await submit(withHeader('image', `${files.url}/a.png`), { fetchSample: createFetchSample() })
    expect(outcome).toMatchObject({ kind: 'failed', reason: 'url_private' })
    const byName = createFetchSample({ resolve: (_host, done) => done(null, [{ address: '10.0.0.7', family: 4 }]) })
    const named = await submit(withHeader('image', 'http://files.example.test/a.png'), { fetchSample: byName })
    expect(named).toMatchObject({ kind: 'failed', reason: 'url_private' })
    expect(files.received).toEqual([])
  })

  test('that hangs is given up within its time', async () => {
    files.answer = (_request, response) => void response.write(PNG)
    const fetchSample = createFetchSample({ mayBePrivate: () => true, timeoutMs: 80 })
    expect(await submit(withHeader('image', `${files.url}/a.png`), { fetchSample })).toEqual({
      kind: 'retry',
      reason: 'sample_unreachable',
      detail: 'The link of the sample cannot be reached: no answer in time.',
    })
  })
})

describe('the upload', () => {
  let graph: Loopback
  let other: CloudClient
  beforeAll(async () => {
    graph = await loopback(json(404, {}))
    other = createCloudClient({ baseUrl: graph.url, token: () => 'EAAtoken' })
  })
  afterAll(async () => {
    await other.close()
    await graph.close()
  })
  beforeEach(() => void (graph.received.length = 0))
  const sample = { bytes: PNG, mimeType: 'image/png', filename: '案内 図.png' }

  test('begins a session at the app and sends the bytes to its id, with the signature that it carries', async () => {
    graph.answer = (request, response) =>
      json(200, request.url.includes('/uploads') ? { id: 'upload:MTph==?sig=ARZq' } : { h: '4::aW1h:x' })(
        request,
        response,
      )
    expect(await other.uploadSample('77', sample)).toBe('4::aW1h:x')
    const [begun, sent] = graph.received
    expect(new URL(begun!.url, graph.url)).toMatchObject({ pathname: '/v25.0/77/uploads' })
    expect(Object.fromEntries(new URL(begun!.url, graph.url).searchParams)).toEqual({
      file_length: '2008',
      file_type: 'image/png',
      file_name: '案内 図.png',
    })
    expect(sent).toMatchObject({
      method: 'POST',
      url: '/v25.0/upload:MTph==?sig=ARZq',
      headers: { authorization: 'OAuth EAAtoken', file_offset: '0', 'content-length': '2008' },
    })
  })

  test.each([
    ['a session elsewhere', json(200, { id: '//evil.test/x' }), 'ERR_WHATSAPP_ANSWER_INVALID'],
    ['no handle', json(200, { id: 'upload:a' }), 'ERR_WHATSAPP_ANSWER_INVALID'],
    ['a refusal', graphError(100), 'ERR_WHATSAPP_REFUSED'],
    ['no answer', ({ socket }) => void socket.destroy(), 'ERR_WHATSAPP_UNREACHABLE'],
  ])('that gets %s is told so', async (_name, answer, code) => {
    graph.answer = answer
    await expect(other.uploadSample('77', sample)).rejects.toMatchObject({ code })
  })
})
