import { expect, test } from 'vitest'
import { checkComponents } from '#emulator/templateCheck.ts'
import { GraphError } from '#emulator/graphError.ts'
import type { ParameterFormat, TemplateCategory } from '#emulator/templateParts.ts'
import { codeOf, HELLO, openAccount } from './testAccount.ts'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
const body = (text: unknown, example?: object): object => ({ type: 'BODY', text, ...(example ? { example } : {}) })
const names = (...all: string[]): object => ({
  body_text_named_params: all.map((name) => ({ param_name: name, example: '例' })),
})
const buttons = (...all: object[]): object[] => [
  body('ご来店ありがとうございます。'),
  { type: 'BUTTONS', buttons: all },
]
const header = (header: object): object[] => [body('ご来店ありがとうございます。'), { type: 'HEADER', ...header }]
const quick = (text: string): object => ({ type: 'QUICK_REPLY', text })
const link = (url: unknown, example?: unknown): object => ({ type: 'URL', text: '開く', url, example })

const answer = (components: unknown, format: ParameterFormat, category: TemplateCategory = 'UTILITY'): string => {
  try {
    checkComponents(components, category, format, 'ja')
    return 'ok'
  } catch (error) {
    if (!(error instanceof GraphError)) throw error
    return error.extra.subcode === undefined ? String(error.code) : String(error.extra.subcode)
  }
}

test.each<[string, unknown, string]>([
  ['a body of 1024', [body('あ'.repeat(1024))], 'ok'],
  ['a body of 1025', [body('あ'.repeat(1025))], '2388040'],
  ['no body', [{ type: 'FOOTER', text: '伝令商会' }], '2388043'],
  ['an empty body', [body(' ')], '2388072'],
  ['two bodies', [body('一'), body('二')], '2388043'],
  ['no components', [], '100'],
  ['components that are no array', 'BODY', '100'],
  ['an unknown component', [body('あ'), { type: 'SIDEBAR' }], '100'],
  ['a named variable with a sample', [body('こんにちは、{{name}}様。', names('name'))], 'ok'],
  ['a named variable without sample', [body('こんにちは、{{name}}様。')], '2388043'],
  ['a sample of another variable', [body('こんにちは、{{name}}様。', names('other'))], '2388043'],
  ['a variable at the start', [body('{{name}}様、こんにちは。', names('name'))], '2388299'],
  ['a variable at the end', [body('こんにちは、{{name}}', names('name'))], '2388299'],
  ['variables that touch', [body('こんにちは、{{name}} {{time}}です。', names('name', 'time'))], '2388072'],
  ['a capital in a name', [body('こんにちは、{{Name}}様。', names('Name'))], '2388072'],
  ['a brace too few', [body('こんにちは、{{name}様。', names('name'))], '2388072'],
  ['more variables than words', [body('あ{{a}}、{{b}}、{{c}}、{{d}}。', names('a', 'b', 'c', 'd'))], '2388293'],
  ['a footer', [body('あ'), { type: 'FOOTER', text: 'x'.repeat(60) }], 'ok'],
  ['a footer of 61', [body('あ'), { type: 'FOOTER', text: 'x'.repeat(61) }], '2388073'],
  ['a footer with a variable', [body('あ'), { type: 'FOOTER', text: 'こんにちは{{a}}です' }], '2388073'],
  ['a header of 60', header({ format: 'TEXT', text: 'x'.repeat(60) }), 'ok'],
  ['a header of 61', header({ format: 'TEXT', text: 'x'.repeat(61) }), '2388047'],
  ['a header with markup', header({ format: 'TEXT', text: '*特売*' }), '2388047'],
  ['a header without text', header({ format: 'TEXT' }), '2388047'],
  ['an unknown header', header({ format: 'SMELL' }), '2388047'],
  [
    'a header with a variable',
    header({
      format: 'TEXT',
      text: '{{day}}のご案内',
      example: { header_text_named_params: [{ param_name: 'day', example: '月曜' }] },
    }),
    'ok',
  ],
  ['a picture with a handle', header({ format: 'IMAGE', example: { header_handle: ['4::aW'] } }), 'ok'],
  ['a picture without a handle', header({ format: 'IMAGE' }), '2388043'],
  ['a place', header({ format: 'LOCATION' }), 'ok'],
  ['ten buttons', buttons(...'一二三四五六七八九十'.split('').map(quick)), 'ok'],
  ['eleven buttons', buttons(...'一二三四五六七八九十百'.split('').map(quick)), '100'],
  ['no buttons', buttons(), '100'],
  ['a label of 26', buttons(quick('x'.repeat(26))), '100'],
  ['three links', buttons(link('https://a.test/'), link('https://b.test/'), link('https://c.test/')), '100'],
  ['quick replies apart', buttons(quick('一'), link('https://a.test/'), quick('二')), '100'],
  ['quick replies together', buttons(quick('一'), quick('二'), link('https://a.test/')), 'ok'],
  ['a link with a variable', buttons(link('https://a.test/{{1}}', ['x'])), 'ok'],
  ['a link with a variable without sample', buttons(link('https://a.test/{{1}}')), '100'],
  ['a variable inside a link', buttons(link('https://a.test/{{1}}/x', ['x'])), '100'],
  ['two variables in a link', buttons(link('https://a.test/{{1}}{{2}}', ['x'])), '100'],
  ['a link to nowhere', buttons(link('example')), '100'],
  ['a link of 2001', buttons(link(`https://a.test/${'x'.repeat(2000)}`)), '100'],
  ['a phone', buttons({ type: 'PHONE_NUMBER', text: '電話', phone_number: '+81345678901' }), 'ok'],
  ['a phone of 21', buttons({ type: 'PHONE_NUMBER', text: '電話', phone_number: `+${'1'.repeat(20)}` }), '100'],
  ['a coupon', buttons({ type: 'COPY_CODE', example: 'AUTUMN24' }), 'ok'],
  ['a coupon of 21', buttons({ type: 'COPY_CODE', example: 'x'.repeat(21) }), '100'],
  ['an unknown button', buttons({ type: 'LEVER', text: '引く' }), '100'],
])('a template with %s: %s', (_, components, expected) => {
  expect(answer(components, 'NAMED')).toBe(expected)
})

test.each<[string, object, string]>([
  ['samples in a list of lists', body('Hi {{1}}, see {{2}} now.', { body_text: [['Ana', 'A-17']] }), 'ok'],
  ['samples in a flat list', body('Hi {{1}}, see {{2}} now.', { body_text: ['Ana', 'A-17'] }), '2388043'],
  ['too few samples', body('Hi {{1}}, see {{2}} now.', { body_text: [['Ana']] }), '2388043'],
  ['a gap in the numbers', body('Hi {{1}}, see {{3}} now.', { body_text: [['Ana', 'A-17']] }), '2388072'],
  ['numbers out of order', body('Hi {{2}}, see {{1}} now.', { body_text: [['Ana', 'A-17']] }), '2388072'],
  ['a name', body('Hi {{name}}, see this now.', { body_text: [['Ana']] }), '2388072'],
  ['a dollar', body('Hi {{$1}}, see this now.', { body_text: [['Ana']] }), '2388072'],
])('a positional template with %s: %s', (_, component, expected) => {
  expect(answer([component], 'POSITIONAL')).toBe(expected)
})

test.each<[string, unknown[], string]>([
  ['a text of its own', [body('Your code is {{1}} now.')], '100'],
  ['no button kind', [{ type: 'BODY' }, { type: 'BUTTONS', buttons: [{ type: 'OTP' }] }], '100'],
  [
    'a one-tap button without app',
    [{ type: 'BODY' }, { type: 'BUTTONS', buttons: [{ type: 'OTP', otp_type: 'ONE_TAP' }] }],
    '100',
  ],
  ['an expiry of 91 minutes', [{ type: 'BODY' }, { type: 'FOOTER', code_expiration_minutes: 91 }], '100'],
  ['a header', [{ type: 'BODY' }, { type: 'HEADER', format: 'TEXT', text: 'Code' }], '100'],
  [
    'what it should have',
    [{ type: 'BODY' }, { type: 'BUTTONS', buttons: [{ type: 'OTP', otp_type: 'COPY_CODE' }] }],
    'ok',
  ],
])('an authentication template with %s: %s', (_, components, expected) => {
  expect(answer(components, 'POSITIONAL', 'AUTHENTICATION')).toBe(expected)
})

const path = (account: { emulator: { wabaId: string } }): string =>
  `/v25.0/${account.emulator.wabaId}/message_templates`

test('a submitted template is in review, then approved, and the webhook tells it in the words of webhooks', async () => {
  await using account = await openAccount({ reviewDelayMs: 60_000 })
  const created = await account.call('POST', path(account), { ...HELLO, language: 'pt_BR' })
  expect(created.body).toEqual({
    id: expect.stringMatching(/^\d+$/) as unknown,
    status: 'PENDING',
    category: 'UTILITY',
  })
  await account.emulator.advance(59_999)
  expect(account.posts).toEqual([])
  await account.emulator.advance(1)
  expect(account.changes('message_template_status_update')).toEqual([
    {
      field: 'message_template_status_update',
      value: {
        event: 'APPROVED',
        message_template_id: Number(created.body['id']),
        message_template_name: 'hello',
        message_template_language: 'pt-BR',
        message_template_category: 'UTILITY',
        reason: 'NONE',
      },
    },
  ])
  expect(account.posts[0]!.body.entry[0]!.time).toBe(Math.floor(account.emulator.now() / 1000))
})

test('a name with reject is rejected with a reason, one with slow stays in review until somebody decides', async () => {
  await using account = await openAccount()
  await account.call('POST', path(account), { ...HELLO, name: 'please_reject' })
  await account.call('POST', path(account), { ...HELLO, name: 'slow_one' })
  await account.emulator.advance(30 * DAY_MS)
  const states = (): string[] =>
    account.emulator.templates().map(({ status, rejectedReason }) => `${status} ${rejectedReason}`)
  expect(states()).toEqual(['REJECTED INVALID_FORMAT', 'PENDING NONE'])
  expect(account.changes('message_template_status_update')).toMatchObject([
    { value: { event: 'REJECTED', reason: 'INVALID_FORMAT' } },
  ])
  await account.emulator.decide('approve', 'slow_one')
  expect(states()[1]).toBe('APPROVED NONE')
})

test('the answer to a submission tells the category that was taken', async () => {
  await using account = await openAccount()
  const { body: answered } = await account.call('POST', path(account), { ...HELLO, name: 'recategorized_sale' })
  expect(answered['category']).toBe('MARKETING')
})

test.each([
  ['name', { name: 'Hello World' }, '100'],
  ['name of 513', { name: 'x'.repeat(513) }, '100'],
  ['language', { language: 'jp' }, '100'],
  ['category', { category: 'PROMO' }, '100'],
  ['parameter format', { parameter_format: 'ORDERED' }, '100'],
  ['time to live', { message_send_ttl_seconds: 5 }, '100'],
  ['nothing', { category: 'utility', message_send_ttl_seconds: 43_200 }, '200'],
])('a submission with a wrong %s', async (_, wrong, code) => {
  await using account = await openAccount()
  expect(codeOf(await account.call('POST', path(account), { ...HELLO, ...wrong }))).toBe(code)
})

test('a name has one template a language', async () => {
  await using account = await openAccount()
  const submit = async (language: string): Promise<string> =>
    codeOf(await account.call('POST', path(account), { ...HELLO, language }))
  expect([await submit('ja'), await submit('en'), await submit('ja')]).toEqual(['200', '200', '100/2388024'])
})

test('an approved template that was deleted blocks its name for 30 days; a disabled one cannot be deleted', async () => {
  await using account = await openAccount()
  const remove = async (query: string): Promise<string> =>
    codeOf(await account.call('DELETE', `${path(account)}?${query}`))
  await account.approve()
  await account.approve({ language: 'en' })
  const id = await account.approve({ language: 'de' })
  expect(await remove(`hsm_id=${id}&name=hello`)).toBe('200')
  expect(account.emulator.templates().map(({ language }) => language)).toEqual(['ja', 'en'])
  expect(await remove('name=hello')).toBe('200')
  expect(account.emulator.templates()).toEqual([])
  expect(await remove('name=hello')).toBe('100/2593002')
  expect(await remove('')).toBe('100')
  expect(codeOf(await account.call('POST', path(account), HELLO))).toBe('100/2388023')
  await account.emulator.advance(30 * DAY_MS)
  expect(codeOf(await account.call('POST', path(account), HELLO))).toBe('200')
  await account.emulator.decide('disable', 'hello')
  expect(await remove('name=hello')).toBe('100/2388039')
})

test('the list pages by 25, and its cursors lead through all of it and back', async () => {
  await using account = await openAccount()
  for (let index = 0; index < 60; index++) {
    await account.call('POST', path(account), { ...HELLO, name: `t_${String(index).padStart(2, '0')}` })
  }
  const seen: string[] = []
  let next: string | undefined = path(account)
  const sizes: number[] = []
  let last: { paging: { cursors: { before: string }; next?: string }; data: { name: string }[] } | undefined
  while (next !== undefined) {
    last = (await account.call('GET', next)).body as unknown as NonNullable<typeof last>
    sizes.push(last.data.length)
    seen.push(...last.data.map(({ name }) => name))
    next = last.paging.next?.slice(account.emulator.url.length)
  }
  expect(sizes).toEqual([25, 25, 10])
  expect(seen).toEqual(account.emulator.templates().map(({ name }) => name))
  const { body: back } = await account.call('GET', `${path(account)}?limit=5&before=${last!.paging.cursors.before}`)
  expect((back['data'] as { name: string }[]).map(({ name }) => name)).toEqual(['t_45', 't_46', 't_47', 't_48', 't_49'])
  expect(codeOf(await account.call('GET', `${path(account)}?after=%00`))).toBe('100')
  expect(codeOf(await account.call('GET', `${path(account)}?limit=-1`))).toBe('100')
})

test('the list can be asked for by name, status, category, language and text, and for chosen fields', async () => {
  await using account = await openAccount()
  await account.approve()
  await account.approve({ language: 'en', components: [body('Thank you for your visit.')] })
  await account.call('POST', path(account), { ...HELLO, name: 'slow_sale', category: 'MARKETING' })
  const list = async (query: string): Promise<string[]> => {
    const { body: page } = await account.call('GET', `${path(account)}?${query}`)
    return (page['data'] as { name: string; language: string }[]).map(({ name, language }) => `${name} ${language}`)
  }
  expect(await list('name=hello')).toEqual(['hello ja', 'hello en'])
  expect(await list('status=PENDING')).toEqual(['slow_sale ja'])
  expect(await list('status=["APPROVED","PENDING"]')).toHaveLength(3)
  expect(await list('category=MARKETING')).toEqual(['slow_sale ja'])
  expect(await list('language=en')).toEqual(['hello en'])
  expect(await list('name_or_content=visit')).toEqual(['hello en'])
  expect(await list('name=nothing')).toEqual([])
  const { body: plain } = await account.call('GET', `${path(account)}?name=slow_sale`)
  expect((plain['data'] as object[])[0]).not.toHaveProperty('rejected_reason')
  const { body: asked } = await account.call(
    'GET',
    `${path(account)}?name=slow_sale&fields=name,rejected_reason,quality_score{score}`,
  )
  expect(asked['data']).toEqual([
    {
      name: 'slow_sale',
      rejected_reason: 'NONE',
      quality_score: expect.objectContaining({ score: 'UNKNOWN' }) as unknown,
      id: expect.any(String) as unknown,
    },
  ])
})

test('an edit replaces the components and is reviewed again; an approved template is edited once a day', async () => {
  await using account = await openAccount()
  const id = await account.approve()
  const edit = async (change: object): Promise<string> => codeOf(await account.call('POST', `/v25.0/${id}`, change))
  expect(await edit({ category: 'MARKETING' })).toBe('100/2388039')
  expect(await edit({ components: [body('またのお越しを。')] })).toBe('200')
  expect((await account.call('GET', `/v25.0/${id}`)).body).toMatchObject({
    status: 'PENDING',
    components: [{ text: 'またのお越しを。' }],
  })
  expect(codeOf(await account.sendTemplate('+819012345678'))).toBe('132001')
  expect(await edit({ components: [body('x')] })).toBe('100/2388039') // in review
  await account.emulator.advance(2_000)
  expect(codeOf(await account.sendTemplate('+819012345678'))).toBe('200')
  expect(await edit({ components: [body('もう一度。')] })).toBe('100/2388039') // within a day
  await account.emulator.advance(DAY_MS)
  expect(await edit({ components: [body('もう一度。')] })).toBe('200')
  expect(codeOf(await account.call('POST', '/v25.0/999', {}))).toBe('100/33')
})

test('low quality pauses a template for 3 hours, then 6, then disables it', async () => {
  await using account = await openAccount()
  const id = await account.approve()
  const events = (): unknown[] =>
    account
      .changes('message_template_status_update')
      .map(({ value }) => [value.event, (value['other_info'] as { title: string } | undefined)?.title])
  await account.emulator.decide('pause', 'hello')
  await account.emulator.advance(3 * HOUR_MS)
  await account.emulator.decide('pause', 'hello')
  await account.emulator.advance(6 * HOUR_MS - 1)
  expect(account.emulator.templates()[0]!.status).toBe('PAUSED')
  expect(codeOf(await account.call('POST', `/v25.0/${id}/unpause`))).toBe('200')
  await account.emulator.decide('pause', 'hello')
  await account.emulator.advance(30 * DAY_MS)
  expect(events()).toEqual([
    ['PAUSED', 'FIRST_PAUSE'],
    ['APPROVED', 'UNPAUSE'],
    ['PAUSED', 'SECOND_PAUSE'],
    ['APPROVED', 'UNPAUSE'],
    ['DISABLED', 'DISABLED'],
  ])
})

test('a decision about a template that is not there is an error', async () => {
  await using account = await openAccount()
  await expect(account.emulator.decide('approve', 'nothing')).rejects.toThrow('no template "nothing"')
})
