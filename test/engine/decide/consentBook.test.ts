import { expect, test } from 'vitest'
import type { Definition } from '#definitions/definitions.ts'
import type { ConsentEvent } from '#engine/trigger.ts'
import { approved, createWorkbench, inbound, NOW, recordEvent, TANAKA, type Workbench } from '../workbench.ts'

let words = 0
const said = (change: Partial<ConsentEvent>): ConsentEvent => ({
  kind: 'consent',
  source: 'api',
  sourceId: `consent:${words++}`,
  occurredAt: NOW,
  who: { phone: TANAKA },
  direction: 'out',
  scope: 'marketing',
  by: 'admin',
  ...change,
})
const promote: Definition = {
  kind: 'workflow',
  name: 'promote',
  module: 'Leads',
  trigger: { on: 'record.saved' },
  branches: [{ actions: [{ type: 'sendTemplate', template: 'welcome_lead' }] }],
}
const book = async (bench: Workbench, phone = TANAKA) => {
  const contact = await bench.store.contact({ phone })
  return (await bench.store.consents({ contactId: contact!.id }, { limit: 50 })).items
}
/** Of the newest message. */
const fate = async (bench: Workbench) => {
  const last = (await bench.messages()).at(-1)
  return last === undefined ? 'none' : `${last.state} ${last.reason}`
}

test('an agreement is written down with where it was given, what was shown, and who wrote it', async () => {
  const bench = await createWorkbench([])
  await bench.happen(
    said({
      direction: 'in',
      scope: 'all',
      by: 'api',
      channel: 'web form',
      proof: '「WhatsAppでご案内を受け取る」 https://shop.example/join',
      actor: '佐藤',
      occurredAt: NOW - 5_000,
    }),
  )
  expect(await book(bench)).toMatchObject([
    {
      at: NOW - 5_000,
      direction: 'in',
      scope: 'all',
      by: 'api',
      channel: 'web form',
      proof: '「WhatsAppでご案内を受け取る」 https://shop.example/join',
      actor: '佐藤',
    },
  ])
})

test('STOP by keyword is written down with the very words and the message', async () => {
  const bench = await createWorkbench([])
  await bench.happen(
    inbound('配信を停止してください。', {
      message: { id: 'wamid.stop', type: 'text', text: '配信を停止してください。', raw: {} },
    }),
  )
  expect(await book(bench)).toMatchObject([
    {
      direction: 'out',
      scope: 'marketing',
      by: 'keyword',
      channel: 'whatsapp',
      proof: '配信を停止してください。 (wamid.stop)',
      actor: null,
    },
  ])
})

test.each([
  ['its label', { text: '配信停止', payload: 'promo-42' }],
  ['its payload', { text: '今後は受け取らない', payload: 'STOP' }],
])('a tapped quick reply of a marketing template opts out by %s', async (_by, button) => {
  const bench = await createWorkbench([])
  await bench.happen(inbound('', { message: { id: 'wamid.tap', type: 'button', ...button, raw: {} } }))
  expect(await bench.store.contact({ phone: TANAKA })).toMatchObject({ optedOutMarketingAt: NOW })
  expect(await book(bench)).toMatchObject([{ direction: 'out', by: 'keyword' }])
})

test('an older word that comes late changes nothing, and stands in the book all the same', async () => {
  const bench = await createWorkbench([])
  await bench.happen(said({ occurredAt: NOW }))
  await bench.happen(said({ direction: 'in', occurredAt: NOW - 1_000, channel: '電話', proof: '受付メモ' }))
  expect(await bench.store.contact({ phone: TANAKA })).toMatchObject({ optedOutMarketingAt: NOW, optedInAt: null })
  expect((await book(bench)).map(({ direction }) => direction)).toEqual(['in', 'out'])
})

test('two contacts that prove to be one have one book', async () => {
  const bench = await createWorkbench([])
  await bench.happen(said({ who: { bsuid: 'JP.1300000000001' } }), said({ scope: 'all' }))
  await bench.happen(inbound('両方です', { from: { bsuid: 'JP.1300000000001', waId: TANAKA.slice(1) } }))
  expect((await book(bench)).map(({ scope }) => scope)).toEqual(['all', 'marketing'])
  expect(await bench.store.contact({ bsuid: 'JP.1300000000001' })).toMatchObject({ optedOutAllAt: NOW })
})

test('an opt-out survives re-import: another record, another spelling, a field that says yes', async () => {
  const consenting = {
    kind: 'module',
    name: 'Members',
    labels: { ja: '会員', en: 'Members' },
    fields: {
      Name: { type: 'text', labels: { ja: '名前', en: 'Name' } },
      Tel: { type: 'phone', labels: { ja: '電話', en: 'Phone' } },
      Agreed: { type: 'boolean', labels: { ja: '同意', en: 'Agreed' } },
    },
    phone: 'Tel',
    consent: 'Agreed',
  } as unknown as Definition
  const offer: Definition = {
    kind: 'template',
    language: 'ja',
    name: 'offer',
    category: 'MARKETING',
    module: 'Members',
    body: 'お知らせです。いつもありがとうございます。',
    parameters: {},
  }
  const send: Definition = {
    ...promote,
    name: 'send',
    module: 'Members',
    repeat: 'always',
    branches: [{ actions: [{ type: 'sendTemplate', template: 'offer' }] }],
  }
  const bench = await createWorkbench([consenting, offer, send], {
    templates: [approved('offer', 'ja', 'APPROVED', 'MARKETING')],
  })
  const member = (id: string, Tel: string) => recordEvent('saved', 'Members', id, { Name: '田中', Tel, Agreed: true })
  await bench.happen(member('1', '090-1234-5678'))
  expect(await fate(bench)).toBe('queued null')
  await bench.happen(said({}))
  await bench.happen(recordEvent('deleted', 'Members', '1', {}))
  for (const [id, tel] of [
    ['1', '09012345678'],
    ['2', '+81 90-1234-5678'],
    ['3', '０９０１２３４５６７８'],
    ['4', '0081 90 1234 5678'],
  ] as const) {
    await bench.happen(member(id, tel))
    expect(`${tel} ${await fate(bench)}`).toBe(`${tel} blocked opted_out`)
  }
  // The same import twice is one word.
  expect(await book(bench)).toHaveLength(1)
})
