import { expect, test } from 'vitest'
import { NOW, openServer } from './openServer.ts'

type Answer = Awaited<ReturnType<Awaited<ReturnType<typeof openServer>>['call']>>
/** What the tests look into. */
interface Told {
  contact: { id: string }
  items: { id: number; phone: string; direction: string; scope: string }[]
  next: string | null
  events: object[]
  story: string[]
}
const bodyOf = ({ body }: Answer) => body as unknown as Told
const PHONE = '+819012345678'
const WEB = { channel: 'Webフォーム', proof: '「お知らせをWhatsAppで受け取る」 https://shop.example/join' }
const CSV = { 'content-type': 'text/csv' }
const LINES = { 'content-type': 'application/x-ndjson' }

async function open() {
  const server = await openServer()
  const consent = (who: object, rest: object, options?: Parameters<typeof server.call>[2]) =>
    server.call('POST /v1/contacts/consent', { who, ...rest }, options)
  const contact = (phone = PHONE) => server.store.contact({ phone })
  const book = async (query = '') => bodyOf(await server.call(`GET /v1/consents${query}`)).items
  return { ...server, consent, contact, book }
}

test('an agreement with its proof is written down, shown with the person and listed', async () => {
  const { call, consent, book } = await open()
  const said = await consent(
    { phone: '090-1234-5678' },
    { direction: 'in', scope: 'marketing', ...WEB, occurredAt: '2026-08-01T09:00:00+09:00' },
  )
  expect(said.status).toBe(201)
  const at = Date.parse('2026-08-01T09:00:00+09:00')
  expect(bodyOf(said).contact).toMatchObject({ phone: PHONE, optedInAt: at, optedOutAllAt: null, consentBy: 'admin' })
  const { id } = bodyOf(said).contact
  expect(bodyOf(await call(`GET /v1/contacts/${id}`))).toMatchObject({
    contact: { id, phone: PHONE },
    consents: {
      items: [{ at, direction: 'in', scope: 'marketing', by: 'admin', ...WEB, actor: 'admin for tests' }],
      next: null,
    },
  })
  expect(await book()).toMatchObject([{ contactId: id, phone: PHONE, direction: 'in' }])
})

test.each([
  ['an agreement without a proof', { direction: 'in', scope: 'all', channel: 'x' }, '/proof', 'missing'],
  ['an agreement without a channel', { direction: 'in', scope: 'all', proof: 'x' }, '/channel', 'missing'],
  [
    'one from tomorrow',
    { direction: 'out', scope: 'all', occurredAt: NOW + 86_400_000 },
    '/occurredAt',
    'from_the_future',
  ],
  ['one in seconds', { direction: 'out', scope: 'all', occurredAt: 1_786_503_845 }, '/occurredAt', 'invalid'],
  ['an unknown scope', { direction: 'out', scope: 'everything' }, '/scope', 'invalid'],
])('%s is refused with its place', async (_what, body, pointer, code) => {
  const { consent, contact } = await open()
  const refused = await consent({ phone: PHONE }, body)
  expect(refused.status).toBe(400)
  expect(refused.body.problems).toMatchObject([{ in: 'body', pointer, code }])
  expect(await contact()).toBeNull()
})

test.each([
  [{}, '/who'],
  [{ phone: '03-1234-5678' }, '/who/phone'],
  [{ phone: '電話なし' }, '/who/phone'],
  [{ bsuid: 'nonsense' }, '/who/bsuid'],
  [{ waId: 'abc' }, '/who/waId'],
])('%j names nobody', async (who, pointer) => {
  const { consent } = await open()
  const refused = await consent(who, { direction: 'out', scope: 'all' })
  expect(refused.status).toBe(400)
  expect(refused.body.problems).toMatchObject([{ pointer }])
})

test('an agent writes down a refusal that they were told of, and no agreement; a viewer neither', async () => {
  const { consent, contact } = await open()
  const out = { direction: 'out', scope: 'all', channel: '電話' }
  expect((await consent({ phone: PHONE }, out, { role: 'agent' })).status).toBe(201)
  expect(await contact()).toMatchObject({ optedOutAllAt: NOW })
  const into = await consent({ phone: PHONE }, { direction: 'in', scope: 'all', ...WEB }, { role: 'agent' })
  expect([into.status, into.body.code]).toEqual([403, 'ERR_FORBIDDEN'])
  expect((await consent({ phone: PHONE }, out, { role: 'viewer' })).status).toBe(403)
  expect(await contact()).toMatchObject({ optedOutAllAt: NOW, optedInAt: null })
})

test('what is said of one address holds for all that the person is known by', async () => {
  const { consent, denrei, store } = await open()
  const [known] = await denrei.accept([
    {
      kind: 'message',
      source: 'whatsapp',
      sourceId: 'm1',
      occurredAt: NOW,
      numberId: '3001',
      from: { waId: '819012345678', bsuid: 'JP.13' },
      message: { id: 'wamid.1', type: 'text', text: 'はい', raw: {} },
      opensWindow: true,
    },
  ])
  await denrei.whenDecided(known!.id, 2_000)
  const id = (await store.contact({ bsuid: 'JP.13' }))!.id
  for (const who of [{ contactId: id }, { bsuid: 'JP.13' }, { waId: '+819012345678' }]) {
    expect(bodyOf(await consent(who, { direction: 'out', scope: 'marketing' })).contact.id).toBe(id)
  }
  expect((await consent({ contactId: 'c-none' }, { direction: 'out', scope: 'all' })).status).toBe(404)
})

test('asking twice with one key writes one line; another word with it is refused', async () => {
  const { consent, book } = await open()
  const key = { headers: { 'idempotency-key': 'k1' } }
  for (let times = 0; times < 2; times++) await consent({ phone: PHONE }, { direction: 'out', scope: 'all' }, key)
  const other = await consent({ phone: PHONE }, { direction: 'out', scope: 'marketing' }, key)
  expect([other.status, other.body.code]).toEqual([409, 'ERR_EVENT_ID_REUSED'])
  expect(await book()).toHaveLength(1)
})

const FILE = [
  'Phone,direction,scope,channel,proof,occurredAt',
  '090-1234-5678,out,marketing,紙,"申込書 A-1, 2枚目",2026-08-01T09:00:00+09:00',
  '+55 11 98123-4567,in,all,web form,https://example.com/form,2026-08-02T09:00:00Z',
  '03-1234-5678,out,all,,,',
  '090-1111-2222,maybe,all,,,',
  '090-1111-2222,in,all,,,',
  '',
  '090-3333-4444,out,all,,,',
].join('\r\n')

test('a file is taken line by line: what is wrong is told with its line, and the rest is taken once', async () => {
  const { call, contact, denrei, book } = await open()
  const post = (query = '') => call(`POST /v1/contacts/consents/import${query}`, FILE, { headers: CSV })
  const problems = [
    { line: 4, pointer: '/phone', code: 'invalid' },
    { line: 5, pointer: '/direction', code: 'invalid' },
    { line: 6, pointer: '/channel', code: 'missing' },
  ]
  expect(bodyOf(await post('?dryRun=true'))).toMatchObject({ lines: 6, accepted: 3, duplicates: 0, problems })
  expect(await book()).toEqual([])
  expect(bodyOf(await post())).toMatchObject({ lines: 6, accepted: 3, duplicates: 0, problems, problemsTotal: 3 })
  await denrei.decide()
  expect(await contact()).toMatchObject({ optedOutMarketingAt: Date.parse('2026-08-01T00:00:00Z') })
  expect(await contact('+5511981234567')).toMatchObject({ optedInAllAt: Date.parse('2026-08-02T09:00:00Z') })
  expect(await contact('+819033334444')).toMatchObject({ optedOutAllAt: NOW })
  expect(bodyOf(await post())).toMatchObject({ accepted: 0, duplicates: 3 })
  await denrei.decide()
  expect(await book()).toHaveLength(3)
})

test('JSON lines are read as well, and an id that stands for another line is told', async () => {
  const { call } = await open()
  const line = (change: object) => JSON.stringify({ id: '1', phone: PHONE, direction: 'out', scope: 'all', ...change })
  const post = (...lines: string[]) => call('POST /v1/contacts/consents/import', lines.join('\n'), { headers: LINES })
  expect(
    bodyOf(await post(line({}), '{"id":', line({ id: '2', contactId: 'c-1' }), line({ id: '3', who: 1 }))),
  ).toMatchObject({
    lines: 4,
    accepted: 1,
    problems: [
      { line: 2, code: 'invalid' },
      { line: 3, pointer: '/contactId', code: 'unknown_field' },
      { line: 4, code: 'unknown_field' },
    ],
  })
  expect(bodyOf(await post(line({}), line({ scope: 'marketing' })))).toMatchObject({
    accepted: 0,
    duplicates: 1,
    problems: [{ line: 2, pointer: '/id', code: 'id_reused' }],
  })
})

test.each([
  ['an unknown column', 'phone,direction,scope,colour\n+819012345678,out,all,red', 400],
  ['no CSV', 'phone,direction\n"+8190', 400],
  ['nothing', '', 200],
  ['a heading alone', 'phone,direction,scope\n', 200],
])('a file with %s does no harm', async (_what, text, status) => {
  const { call, book } = await open()
  expect((await call('POST /v1/contacts/consents/import', text, { headers: CSV })).status).toBe(status)
  expect(await book()).toEqual([])
})

test('a file of 20,001 lines is refused whole', async () => {
  const { call } = await open()
  const text = `phone,direction,scope\n${'+819012345678,out,all\n'.repeat(20_001)}`
  const refused = await call('POST /v1/contacts/consents/import', text, { headers: CSV })
  expect([refused.status, refused.body.code]).toEqual([400, 'ERR_INVALID_INPUT'])
})

test('the book comes whole as CSV, newest first; formulas are harmless, and it can be read again', async () => {
  const { call, denrei, store, book } = await open()
  const lines = Array.from({ length: 1_203 }, (_, n) =>
    JSON.stringify({
      phone: `+8190${String(10_000_000 + n)}`,
      direction: 'out',
      scope: 'all',
      proof: n === 0 ? '=HYPERLINK("x")' : `n${n}`,
    }),
  )
  await call('POST /v1/contacts/consents/import', lines.join('\n'), { headers: LINES })
  await denrei.decide()
  const { text, headers } = await call('GET /v1/consents?format=csv&limit=1')
  expect(headers['content-type']).toBe('text/csv; charset=utf-8')
  // The mark lets spreadsheets read Japanese.
  expect(text.startsWith('\uFEFF')).toBe(true)
  const rows = text.trim().split('\n')
  expect(rows).toHaveLength(1_204)
  expect(rows[0]).toBe('entry,occurredAt,phone,waId,bsuid,name,direction,scope,by,channel,proof,actor,contactId')
  expect(rows[1]).toContain(',+819010001202,')
  expect(rows.at(-1)).toContain('"\'=HYPERLINK(""x"")"')
  const before = await store.consents({}, { limit: 1 })
  const again = await call('POST /v1/contacts/consents/import', text, { headers: CSV })
  expect(bodyOf(again)).toMatchObject({ lines: 1_203, accepted: 1_203, problems: [] })
  await denrei.decide()
  // The same words at the same instants: written down again, and nobody stands otherwise.
  expect((await store.contact({ phone: '+819010000001' }))!.optedOutAllAt).toBe(NOW)
  expect((await book('?limit=1'))[0]!.id).toBe(before.items[0]!.id + 1_203)
})

test('pages of the book, by person and by when it was said', async () => {
  const { call, consent, contact, book } = await open()
  await consent({ phone: PHONE }, { direction: 'out', scope: 'all', occurredAt: NOW - 10_000 })
  await consent({ phone: '+5511981234567' }, { direction: 'out', scope: 'marketing' })
  await consent({ phone: PHONE }, { direction: 'in', scope: 'all', ...WEB })
  const first = bodyOf(await call('GET /v1/consents?limit=2'))
  expect(first.items.map((one) => `${one.direction} ${one.scope}`)).toEqual(['in all', 'out marketing'])
  expect(await book(`?limit=2&after=${first.next}`)).toMatchObject([{ direction: 'out', scope: 'all' }])
  expect(await book(`?since=${NOW}`)).toHaveLength(2)
  expect(await book(`?since=${encodeURIComponent(new Date(NOW).toISOString())}`)).toHaveLength(2)
  expect(await book(`?contactId=${(await contact())!.id}`)).toHaveLength(2)
  expect((await call('GET /v1/consents?since=yesterday')).status).toBe(400)
})

test('people are found by a number in any spelling, by a part of a name, and by how they stand', async () => {
  const { call, consent } = await open()
  await consent({ phone: PHONE }, { direction: 'out', scope: 'all' })
  await consent({ phone: '+5511981234567' }, { direction: 'out', scope: 'marketing' })
  await consent({ phone: '+14155552671' }, { direction: 'in', scope: 'all', ...WEB })
  const phones = async (query: string) =>
    bodyOf(await call(`GET /v1/contacts?${new URLSearchParams(query).toString()}`)).items.map(({ phone }) => phone)
  expect(await phones('search=０９０-1234-5678')).toEqual([PHONE])
  expect(await phones('search=5511981234567')).toEqual(['+5511981234567'])
  expect(await phones('search=090-9999-9999')).toEqual([])
  expect(await phones('search=1234')).toEqual(['+5511981234567', PHONE])
  expect(await phones('consent=out')).toEqual(['+5511981234567', PHONE])
  expect(await phones('consent=out_all')).toEqual([PHONE])
  expect(await phones('search=090-1234-5678&consent=in')).toEqual([])
  expect(await phones('consent=in')).toEqual(['+14155552671'])
  expect(await phones('')).toHaveLength(3)
})

test('an erasure first tells what would go, and changes nothing; with the confirmation it is done once', async () => {
  const { call, store, denrei } = await open()
  const record = (module: string, id: string, values: object) =>
    call(`POST /v1/modules/${module}/records`, { id, values })
  await record('Leads', 'L1', { Last_Name: '田中 花子', Mobile: '090-1234-5678' })
  await record('Tasks', 'T1', { Subject: '田中 花子 様に電話', What_Id: 'L1' })
  await record('Tasks', 'T2', { Subject: '別件', What_Id: 'L10' })
  await record('Deals', 'D1', { Deal_Name: '紹介: 819012345678' })
  const ask = (body: object) => call('POST /v1/contacts/erase', { who: { phone: '090 1234 5678' }, ...body })
  const plan = bodyOf(await ask({}))
  expect(plan).toMatchObject({
    erased: false,
    plan: {
      contact: null,
      records: [
        { module: 'Leads', recordId: 'L1' },
        { module: 'Tasks', recordId: 'T1' },
      ],
      instances: 0,
      messages: 0,
      mentions: [{ module: 'Deals', recordId: 'D1' }],
    },
  })
  expect(await store.record('Leads', 'L1')).not.toBeNull()
  expect((await ask({ confirm: false })).status).toBe(400)
  expect((await ask({ records: [{ module: 'Deals', recordId: 'none' }], confirm: true })).status).toBe(400)
  const done = bodyOf(await ask({ records: [{ module: 'Deals', recordId: 'D1' }], confirm: true }))
  expect(done).toMatchObject({ erased: true, plan: { mentions: [] } })
  for (const [module, id] of [
    ['Leads', 'L1'],
    ['Tasks', 'T1'],
    ['Deals', 'D1'],
  ] as const) {
    expect(await store.record(module, id)).toBeNull()
  }
  expect(await store.record('Tasks', 'T2')).not.toBeNull()
  expect(bodyOf(await ask({ confirm: true }))).toMatchObject({ erased: true, plan: { contact: null, records: [] } })
  await denrei.decide()
  const notices = bodyOf(await call('GET /v1/notifications')).items
  expect(JSON.stringify(notices)).not.toMatch(/花子|9012345678/)
})

test('accepted events are listed with what became of them, and a record is explained by what happened to it', async () => {
  const { call } = await open()
  for (const name of ['田中', '佐藤']) {
    await call('PUT /v1/modules/Leads/records/L1', { values: { Last_Name: name, Mobile: PHONE } })
  }
  await call('POST /v1/contacts/consent', { who: { phone: PHONE }, direction: 'out', scope: 'all' })
  const list = async (query: string) => bodyOf(await call(`GET /v1/triggers?${query}`)).items
  expect(await list('module=Leads&recordId=L1')).toHaveLength(2)
  expect(await list('kind=consent')).toMatchObject([
    { state: 'done', trigger: { kind: 'consent', source: 'api' }, became: { matched: [], notes: ['opted_out all'] } },
  ])
  expect(await list('source=api&state=quarantined')).toEqual([])
  expect((await call('GET /v1/triggers?kind=nonsense')).status).toBe(400)
  const told = bodyOf(await call('GET /v1/modules/Leads/records/L1/explain?language=ja'))
  expect(told).toMatchObject({ record: { id: 'L1' }, instances: [], messages: [] })
  expect(told.events).toHaveLength(2)
  expect(told.story[1]).toBe('最近の出来事:')
  expect((await call('GET /v1/modules/Leads/records/none/explain')).status).toBe(404)
})

test('what WhatsApp told and nobody reads is counted by field', async () => {
  const { call, denrei } = await open()
  const [kept] = await denrei.accept([
    {
      kind: 'account',
      source: 'whatsapp',
      sourceId: 'a1',
      occurredAt: NOW,
      accountId: '2001',
      field: 'something_new',
      value: { a: 1 },
    },
  ])
  await denrei.whenDecided(kept!.id, 2_000)
  expect(bodyOf(await call('GET /v1/account/events/counts')).items).toContainEqual({ field: 'something_new', count: 1 })
})
