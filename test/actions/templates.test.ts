import type { CloudClient } from '#actions/whatsapp/client.ts'
import { oneAccount } from '#actions/whatsapp/accounts.ts'
import { beforeEach, describe, expect, test } from 'vitest'
import { createSubmitTemplate } from '#actions/submitTemplate.ts'
import type { CreateAnswer, EditAnswer } from '#actions/whatsapp/client.ts'
import type { TemplateNode } from '#actions/whatsapp/answers.ts'
import { WhatsAppRefused, WhatsAppUnreachable } from '#actions/whatsapp/faults.ts'
import { numberState, reachOf, syncAccount, templateState } from '#actions/whatsapp/sync.ts'
import { templateBody } from '#actions/whatsapp/templateBody.ts'
import { template, type Template } from '#definitions/template.ts'
import type { Json } from '#definitions/json.ts'
import { isPositional } from '#engine/decide/sendIntent.ts'
import { Overloaded } from '#engine/errors.ts'
import type { WorldEvent } from '#engine/trigger.ts'
import { aWorkIntent } from './intents.ts'

const NOW = Date.parse('2026-11-22T12:00:00+09:00')
const visit: Template = template.parse({
  kind: 'template',
  name: 'visit_reminder',
  language: 'ja',
  category: 'UTILITY',
  module: 'Leads',
  header: { type: 'text', text: '{{day}}のご来店' },
  body: '{{first_name}}様、{{ time }}にお待ちしております。',
  footer: '伝令商店',
  buttons: [
    { type: 'quick_reply', text: '確認', payload: 'ok' },
    { type: 'url', text: '地図', url: 'https://example.test/d/{{suffix}}' },
    { type: 'phone', text: '電話', phone: '+81312345678' },
    { type: 'copy_code', code: 'X', example: 'SALE25' },
  ],
  parameters: {
    day: { example: '月曜日' },
    first_name: { example: '花子' },
    time: { example: '10:00' },
    suffix: { example: 'abc' },
  },
  timeToLive: 'PT12H',
})
const components = templateBody(visit).components as Json[]

describe('the body of a creation', () => {
  test('named parameters carry their examples by name', () => {
    expect(templateBody(visit)).toEqual({
      name: 'visit_reminder',
      language: 'ja',
      category: 'UTILITY',
      parameter_format: 'NAMED',
      message_send_ttl_seconds: 43_200,
      components: [
        {
          type: 'HEADER',
          format: 'TEXT',
          text: '{{day}}のご来店',
          example: { header_text_named_params: [{ param_name: 'day', example: '月曜日' }] },
        },
        {
          type: 'BODY',
          text: '{{first_name}}様、{{ time }}にお待ちしております。',
          example: {
            body_text_named_params: [
              { param_name: 'first_name', example: '花子' },
              { param_name: 'time', example: '10:00' },
            ],
          },
        },
        { type: 'FOOTER', text: '伝令商店' },
        {
          type: 'BUTTONS',
          buttons: [
            { type: 'QUICK_REPLY', text: '確認' },
            {
              type: 'URL',
              text: '地図',
              url: 'https://example.test/d/{{1}}',
              example: ['https://example.test/d/abc'],
            },
            { type: 'PHONE_NUMBER', text: '電話', phone_number: '+81312345678' },
            { type: 'COPY_CODE', example: 'SALE25' },
          ],
        },
      ],
    })
  })

  test('positional parameters carry theirs in the order of their numbers', () => {
    const { header: _header, buttons: _buttons, footer: _footer, timeToLive: _ttl, ...rest } = visit
    const body = templateBody({
      ...rest,
      header: { type: 'text', text: 'No. {{1}}' },
      body: 'a {{2}} b {{1}} c {{2}} d',
      parameters: { 1: { example: '一' }, 2: { example: '二' } },
    })
    expect(body).not.toHaveProperty('parameter_format')
    expect(body.components).toEqual([
      { type: 'HEADER', format: 'TEXT', text: 'No. {{1}}', example: { header_text: ['一'] } },
      { type: 'BODY', text: 'a {{2}} b {{1}} c {{2}} d', example: { body_text: [['一', '二']] } },
    ])
  })

  test('a header has a number of its own here, and at WhatsApp the first of its own', () => {
    const { header: _header, buttons: _buttons, footer: _footer, timeToLive: _ttl, ...rest } = visit
    const body = templateBody({
      ...rest,
      header: { type: 'text', text: '予約{{3}}' },
      body: '本日は{{1}}、担当は{{2}}です。',
      parameters: { 1: { example: '一' }, 2: { example: '二' }, 3: { example: 'A-17' } },
    })
    expect(body.components).toEqual([
      { type: 'HEADER', format: 'TEXT', text: '予約{{1}}', example: { header_text: ['A-17'] } },
      { type: 'BODY', text: '本日は{{1}}、担当は{{2}}です。', example: { body_text: [['一', '二']] } },
    ])
  })

  test('a media header carries the handle of its sample; a plain text no example', () => {
    const { header: _header, buttons: _buttons, footer: _footer, timeToLive: _ttl, ...rest } = visit
    const body = templateBody({ ...rest, header: { type: 'image', example: '4::aW' }, body: 'お知らせ' })
    expect(body.components).toEqual([
      { type: 'HEADER', format: 'IMAGE', example: { header_handle: ['4::aW'] } },
      { type: 'BODY', text: 'お知らせ' },
    ])
  })

  test('a place, a flow and a request for the number', () => {
    const body = templateBody(
      template.parse({
        ...visit,
        header: { type: 'location', latitude: '35.681236', longitude: '139.767125', name: '本店' },
        buttons: [
          { type: 'flow', text: '予約する', flow: '7701', screen: 'START', token: '$[Leads.id]' },
          { type: 'request_contact_info' },
        ],
      }),
    )
    expect(body.components).toMatchObject([
      { type: 'HEADER', format: 'LOCATION' },
      { type: 'BODY' },
      { type: 'FOOTER' },
      {
        type: 'BUTTONS',
        buttons: [
          { type: 'FLOW', text: '予約する', flow_id: '7701', flow_action: 'navigate', navigate_screen: 'START' },
          { type: 'REQUEST_CONTACT_INFO' },
        ],
      },
    ])
    expect((body.components as Json[])[0]).toEqual({ type: 'HEADER', format: 'LOCATION' })
  })

  test('the texts of an authentication template are WhatsApp’s own, whatever the body says', () => {
    const code = {
      kind: 'template',
      name: 'login_code',
      language: 'ja',
      category: 'AUTHENTICATION',
      module: 'Leads',
      body: '{{code}}が認証コードです。',
      parameters: { code: { value: '$[Leads.Code]', example: '123456' } },
    }
    expect(templateBody(template.parse(code))).toEqual({
      name: 'login_code',
      language: 'ja',
      category: 'AUTHENTICATION',
      components: [
        { type: 'BODY', add_security_recommendation: true },
        { type: 'BUTTONS', buttons: [{ type: 'OTP', otp_type: 'COPY_CODE' }] },
      ],
    })
    const authentication = {
      button: 'one_tap',
      text: 'コードを使う',
      securityRecommendation: false,
      codeExpirationMinutes: 10,
      apps: [{ package: 'jp.example.shop', signature: 'K8a/AINcGX7' }],
    }
    expect(templateBody(template.parse({ ...code, authentication })).components).toEqual([
      { type: 'BODY' },
      { type: 'FOOTER', code_expiration_minutes: 10 },
      {
        type: 'BUTTONS',
        buttons: [
          {
            type: 'OTP',
            otp_type: 'ONE_TAP',
            text: 'コードを使う',
            supported_apps: [{ package_name: 'jp.example.shop', signature_hash: 'K8a/AINcGX7' }],
          },
        ],
      },
    ])
  })
})

/** The account 2001 with a client of which only templates are asked. */
const accountWith = (client: Pick<CloudClient, 'listTemplates' | 'createTemplate' | 'editTemplate'>) =>
  oneAccount(client as CloudClient, '2001')

describe('submitting', () => {
  let there: TemplateNode[]
  let created: Json[]
  let edited: { id: string; body: Json }[]
  let events: WorldEvent[]
  let create: CreateAnswer
  let edit: EditAnswer
  beforeEach(() => {
    there = []
    created = []
    edited = []
    events = []
    create = { kind: 'created', template: { id: '77', status: 'PENDING', category: 'UTILITY' } }
    edit = { kind: 'edited' }
  })
  const submit = (
    overrides: Partial<Parameters<typeof createSubmitTemplate>[0]> = {},
    definition: unknown = visit,
    more: { [key: string]: Json } = {},
  ) =>
    createSubmitTemplate({
      accounts: accountWith({
        listTemplates: async () => there,
        createTemplate: async (_account, body) => (created.push(body), create),
        editTemplate: async (id, body) => (edited.push({ id, body }), edit),
      }),
      clock: { now: () => NOW },
      accept: async (more) => void events.push(...more),
      ...overrides,
    }).perform(
      aWorkIntent({ type: 'submitTemplate', payload: { definition: definition as Json, ...more } }),
      new AbortController().signal,
    )
  const node = (change: Partial<TemplateNode> = {}): TemplateNode => ({
    id: '55',
    name: 'visit_reminder',
    language: 'ja',
    status: 'PENDING',
    category: 'UTILITY',
    components,
    ...change,
  })

  test('creates it and tells its id and status', async () => {
    expect(await submit()).toEqual({ kind: 'done', detail: 'PENDING.' })
    expect(created).toEqual([templateBody(visit)])
    expect(events).toMatchObject([
      {
        kind: 'template',
        occurredAt: NOW,
        accountId: '2001',
        name: 'visit_reminder',
        language: 'ja',
        metaId: '77',
        status: 'PENDING',
        category: 'UTILITY',
      },
    ])
  })

  test('tells when WhatsApp made it another category', async () => {
    create = { kind: 'created', template: { id: '77', status: 'APPROVED', category: 'MARKETING' } }
    const outcome = await submit()
    expect(outcome).toEqual({ kind: 'done', detail: 'APPROVED. WhatsApp made it MARKETING instead of UTILITY.' })
    expect(events).toMatchObject([{ category: 'MARKETING' }])
  })

  test('a creation whose answer was lost is taken up at the next try, not made twice', async () => {
    create = { kind: 'lost', why: 'timeout', written: true }
    expect(await submit()).toMatchObject({ kind: 'retry', reason: 'answer_lost' })
    there = [node({ language: 'en' }), node({ status: 'APPROVED' })]
    expect(await submit()).toMatchObject({ kind: 'done' })
    expect(created).toHaveLength(1)
    expect(events).toMatchObject([{ metaId: '55', status: 'APPROVED' }])
  })

  test('the examples of a template come back as links and do not make it another one', async () => {
    const back = components.map((one) => ({
      ...(one as object),
      example: { header_handle: ['https://cdn.test/signed'] },
    }))
    there = [node({ components: back })]
    expect(await submit()).toMatchObject({ kind: 'done' })
    expect(created).toHaveLength(0)
  })

  test('a REJECTED one with other content is edited', async () => {
    there = [node({ status: 'REJECTED', components: [{ type: 'BODY', text: '古い文' }] })]
    expect(await submit()).toEqual({ kind: 'done', detail: 'PENDING.' })
    expect(edited).toEqual([{ id: '55', body: { category: 'UTILITY', components } }])
    expect(events).toMatchObject([{ metaId: '55', status: 'PENDING' }])
  })

  test.each(['APPROVED', 'PENDING', 'IN_APPEAL', 'PAUSED', 'DISABLED'])(
    'a %s one with other content stays as it is, and why is told (S63)',
    async (status) => {
      there = [node({ status, components: [{ type: 'BODY', text: '古い文' }] })]
      expect(await submit()).toMatchObject({ kind: 'failed', reason: 'template_exists' })
      expect([created, edited]).toEqual([[], []])
      expect(events).toMatchObject([
        { name: 'visit_reminder', reason: expect.stringContaining('template_exists') as string },
      ])
      expect(events[0]).not.toHaveProperty('status')
    },
  )

  test('where another text has the plain name, a version goes under a name of its own (S63)', async () => {
    there = [node({ status: 'APPROVED', components: [{ type: 'BODY', text: '古い文' }] })]
    expect(await submit({}, visit, { version: 3 })).toMatchObject({ kind: 'done' })
    expect(edited).toEqual([])
    expect(created).toEqual([templateBody(visit, 'visit_reminder_v3')])
    expect(events).toMatchObject([
      { name: 'visit_reminder_v3', definition: { name: 'visit_reminder', version: 3 }, status: 'PENDING' },
    ])
  })

  test.each([
    [{ code: 2388299, httpStatus: 400 }, 'failed', 'whatsapp_2388299'],
    [{ code: 80008, httpStatus: 400 }, 'retry', 'whatsapp_80008'],
    [{ code: 190, httpStatus: 401 }, 'retry', 'whatsapp_190'],
    [{ code: null, httpStatus: 503 }, 'retry', 'whatsapp_http_503'],
  ])('refused with %o: %s', async (how, kind, reason) => {
    create = {
      kind: 'refused',
      subcode: null,
      details: '本文の先頭が変数です',
      transient: how.httpStatus === 503,
      ...how,
    }
    expect(await submit()).toMatchObject({ kind, reason })
    // A refusal for good shows as the reason beside the draft; its status is not touched.
    expect(events.map((event) => event.kind === 'template' && [event.status, event.reason])).toEqual(
      kind === 'failed' ? [[undefined, 'whatsapp_2388299: 本文の先頭が変数です']] : [],
    )
  })

  test('a list that cannot be had is tried again; nothing is created blindly', async () => {
    const failing = (error: Error) => ({
      accounts: accountWith({
        listTemplates: () => Promise.reject(error),
        createTemplate: async () => (created.push('x'), create),
        editTemplate: async () => edit,
      }),
    })
    expect(await submit(failing(new WhatsAppUnreachable('no answer')))).toMatchObject({ kind: 'retry' })
    const token = new WhatsAppRefused('token', { code: 190, subcode: null, httpStatus: 401 }, false)
    expect(await submit(failing(token))).toMatchObject({ kind: 'retry', reason: 'whatsapp_190' })
    await expect(submit(failing(new Error('a bug')))).rejects.toThrow('a bug')
    expect(created).toEqual([])
  })

  test('an inbox that is full makes the work come again', async () => {
    const outcome = await submit({ accept: () => Promise.reject(new Overloaded('full')) })
    expect(outcome).toMatchObject({ kind: 'retry', reason: 'overloaded' })
    await expect(submit({ accept: () => Promise.reject(new Error('a bug')) })).rejects.toThrow('a bug')
  })

  test('a payload that is no template fails', async () => {
    expect(await submit({}, { kind: 'template' })).toMatchObject({ kind: 'failed', reason: 'payload_invalid' })
  })
})

describe('reading the account', () => {
  test('numbers and templates become states; what is unknown is kept', async () => {
    const synced = await syncAccount(
      {
        listNumbers: async () => [
          {
            id: '1055',
            display_phone_number: '+81 3-1234-5678',
            verified_name: '伝令商店',
            status: 'CONNECTED',
            quality_rating: 'GREEN',
            code_verification_status: 'VERIFIED',
            throughput: { level: 'HIGH' },
            whatsapp_business_manager_messaging_limit: 'TIER_2K',
          },
        ],
        listTemplates: async () => [
          {
            id: '3001',
            name: 'a',
            language: 'ja',
            status: 'SOMETHING_NEW',
            category: 'UTILITY',
            quality_score: { score: 'GREEN' },
            rejected_reason: 'NONE',
          },
        ],
      },
      '2001',
      NOW,
    )
    expect(synced.numbers).toEqual([
      {
        id: '1055',
        accountId: '2001',
        displayNumber: '+81 3-1234-5678',
        nickname: null,
        verifiedName: '伝令商店',
        status: 'CONNECTED',
        verified: true,
        quality: 'GREEN',
        throughput: 1000,
        reachMax: 2000,
        nameStatus: null,
        platform: null,
        intake: null,
        troubles: [],
        updatedAt: NOW,
      },
    ])
    expect(synced.templates).toMatchObject([
      { metaId: '3001', status: 'SOMETHING_NEW', quality: 'GREEN', reason: null },
    ])
  })

  test.each([
    ['TIER_250', 250],
    ['TIER_1K', 1000],
    ['TIER_10K', 10_000],
    ['TIER_100K', 100_000],
    ['TIER_UNLIMITED', null],
    ['TIER_NOT_SET', 250],
    [undefined, 250],
  ])('a limit of %s is %s people a day', (tier, reach) => {
    expect(reachOf(tier)).toBe(reach)
  })

  test('a number shared with the phone app is slow, an unknown throughput is the standard one', () => {
    const node = { id: '1', display_phone_number: '', status: 'CONNECTED', quality_rating: 'GREEN' }
    expect(numberState({ ...node, is_on_biz_app: true, throughput: { level: 'HIGH' } }, '2001', NOW).throughput).toBe(
      20,
    )
    expect(numberState(node, '2001', NOW).throughput).toBe(80)
    expect(numberState(node, '2001', NOW).verified).toBe(false)
  })

  test('the reason of a rejection is kept', () => {
    const node = {
      id: '1',
      name: 'a',
      language: 'ja',
      status: 'REJECTED',
      category: 'UTILITY',
      rejected_reason: 'SCAM',
    }
    expect(templateState(node, '2001', NOW)).toMatchObject({ status: 'REJECTED', reason: 'SCAM' })
  })
})

test.each([
  ['お知らせ', 'No. {{1}}', 'POSITIONAL'],
  ['{{1}}様へ', 'お知らせ', 'POSITIONAL'],
  ['お知らせ', 'No. {{number}}', 'NAMED'],
])('body "%s" with header "%s" is created as it is sent: %s', (body, header, format) => {
  const { buttons: _buttons, ...rest } = visit
  const definition: Template = { ...rest, body, header: { type: 'text', text: header } }
  expect(isPositional(definition) ? 'POSITIONAL' : 'NAMED').toBe(format)
  expect(templateBody(definition).parameter_format ?? 'POSITIONAL').toBe(format)
})
