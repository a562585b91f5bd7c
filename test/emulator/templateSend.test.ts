import { expect, test } from 'vitest'
import { checkTemplateSend, shapeOf } from '#emulator/templateSend.ts'
import { GraphError } from '#emulator/graphError.ts'
import { codeOf, openAccount } from './testAccount.ts'

const named = shapeOf(
  [
    { type: 'HEADER', format: 'TEXT', text: '{{day}}のご案内' },
    { type: 'BODY', text: '{{name}}様、{{time}}にお待ちしております。{{name}}様専用です。' },
    { type: 'FOOTER', text: '伝令商会' },
    {
      type: 'BUTTONS',
      buttons: [
        { type: 'QUICK_REPLY', text: '確認' },
        { type: 'URL', text: '地図', url: 'https://example.test/d/{{1}}', example: ['a'] },
        { type: 'URL', text: 'トップ', url: 'https://example.test/' },
        { type: 'COPY_CODE', example: 'AUTUMN' },
      ],
    },
  ],
  'NAMED',
)
const positional = shapeOf([{ type: 'BODY', text: 'Hi {{1}}, order {{2}} is on its way.' }], 'POSITIONAL')
const headed = (format: string): ReturnType<typeof shapeOf> =>
  shapeOf(
    [
      { type: 'HEADER', format },
      { type: 'BODY', text: 'Hello there.' },
    ],
    'POSITIONAL',
  )

const text = (value: unknown, name?: string): object => ({
  type: 'text',
  text: value,
  ...(name === undefined ? {} : { parameter_name: name }),
})
const header = (...parameters: object[]): object => ({ type: 'header', parameters })
const body = (...parameters: object[]): object => ({ type: 'body', parameters })
const button = (subType: string, index: unknown, ...parameters: object[]): object => ({
  type: 'button',
  sub_type: subType,
  index,
  parameters,
})
const goodHeader = header(text('月曜日', 'day'))
const goodBody = body(text('佐藤', 'name'), text('10:00', 'time'))
const goodButtons = [
  button('url', '1', text('A-17')),
  button('copy_code', '3', { type: 'coupon_code', coupon_code: 'AUTUMN24' }),
]

const answer = (shape: ReturnType<typeof shapeOf>, components: unknown, version = 25): number | string => {
  try {
    return checkTemplateSend(shape, components, { version, hasMedia: (id) => id === '77' }).body
  } catch (error) {
    if (error instanceof GraphError) return error.code
    throw error
  }
}

test('named parameters are taken in any order, and each place of a name is filled', () => {
  const turned = body(text('10:00', 'time'), text('佐藤', 'name'))
  expect(answer(named, [goodHeader, turned, ...goodButtons])).toBe(
    '佐藤様、10:00にお待ちしております。佐藤様専用です。',
  )
})

test('positional parameters are taken in their order', () => {
  expect(answer(positional, [body(text('Ana'), text('A-17'))])).toBe('Hi Ana, order A-17 is on its way.')
})

test.each<[string, object[], number]>([
  ['too few body values', [goodHeader, body(text('佐藤', 'name')), ...goodButtons], 132000],
  [
    'too many body values',
    [goodHeader, body(text('佐藤', 'name'), text('a', 'time'), text('b', 'x')), ...goodButtons],
    132000,
  ],
  ['no body component', [goodHeader, ...goodButtons], 132000],
  ['no header value', [goodBody, ...goodButtons], 132000],
  ['an unknown name', [goodHeader, body(text('佐藤', 'name'), text('a', 'hour')), ...goodButtons], 132012],
  ['a name given twice', [goodHeader, body(text('佐藤', 'name'), text('a', 'name')), ...goodButtons], 132012],
  ['values without names', [goodHeader, body(text('佐藤'), text('a')), ...goodButtons], 100],
  ['an image for a text', [header({ type: 'image', image: { id: '77' } }), goodBody, ...goodButtons], 132012],
  ['an empty value', [goodHeader, body(text('', 'name'), text('a', 'time')), ...goodButtons], 131008],
  ['a value that is a number', [goodHeader, body(text(5, 'name'), text('a', 'time')), ...goodButtons], 131008],
  ['a header longer than 60', [header(text('あ'.repeat(57), 'day')), goodBody, ...goodButtons], 132005],
  [
    'a body longer than 1024',
    [goodHeader, body(text('x'.repeat(600), 'name'), text('a', 'time')), ...goodButtons],
    132005,
  ],
  ['no value for a button that needs one', [goodHeader, goodBody, goodButtons[0]!], 131008],
  ['a button that is not there', [goodHeader, goodBody, ...goodButtons, button('url', '4', text('a'))], 132012],
  [
    'a button of another kind',
    [goodHeader, goodBody, button('quick_reply', '1', { type: 'payload', payload: 'x' })],
    132012,
  ],
  ['a value for a button without one', [goodHeader, goodBody, ...goodButtons, button('url', '2', text('a'))], 132000],
  [
    'a button value of another type',
    [goodHeader, goodBody, button('url', '1', { type: 'payload', payload: 'x' })],
    132012,
  ],
  ['a button twice', [goodHeader, goodBody, ...goodButtons, goodButtons[0]!], 100],
  ['a button without index', [goodHeader, goodBody, button('url', undefined, text('a'))], 131008],
  ['a button with a silly index', [goodHeader, goodBody, button('url', 'first', text('a'))], 131009],
  [
    'a coupon code of 21',
    [
      goodHeader,
      goodBody,
      goodButtons[0]!,
      button('copy_code', 3, { type: 'coupon_code', coupon_code: 'x'.repeat(21) }),
    ],
    131009,
  ],
  ['two bodies', [goodHeader, goodBody, goodBody, ...goodButtons], 100],
  ['an unknown component', [goodHeader, goodBody, ...goodButtons, { type: 'sidebar', parameters: [] }], 100],
  ['a footer', [goodHeader, goodBody, ...goodButtons, { type: 'footer', parameters: [] }], 100],
])('a named template with %s', (_, components, code) => {
  expect(answer(named, components)).toBe(code)
})

test.each<[string, unknown, number]>([
  ['names', [body(text('Ana', 'first'), text('A-17', 'second'))], 132012],
  ['one value too few', [body(text('Ana'))], 132000],
  ['one value too many', [body(text('Ana'), text('A-17'), text('x'))], 132000],
  ['no components', undefined, 132000],
  ['components that are no array', { type: 'body' }, 100],
  ['a header it does not have', [header(text('x')), body(text('Ana'), text('A-17'))], 132000],
  ['a component that is no object', ['body'], 131008],
  ['parameters that are no array', [{ type: 'body', parameters: {} }], 100],
])('a positional template with %s', (_, components, code) => {
  expect(answer(positional, components)).toBe(code)
})

test.each([
  ['a line\nbreak', 132018],
  ['a tab\there', 132018],
  ['a return\r', 132018],
  ['five     spaces', 132018],
  ['four    spaces', 'Hi four    spaces, order A-17 is on its way.'],
])('a value with %j', (value, expected) => {
  expect(answer(positional, [body(text(value), text('A-17'))])).toBe(expected)
})

test('before v23 a value with a line break was told by code 100', () => {
  expect(answer(positional, [body(text('a\nb'), text('A-17'))], 22)).toBe(100)
})

test('money and dates are taken in a body with their fallback', () => {
  const money = { type: 'currency', currency: { fallback_value: '$100.99', code: 'USD', amount_1000: 100990 } }
  const date = { type: 'date_time', date_time: { fallback_value: '2026年11月2日' } }
  expect(answer(positional, [body(money, date)])).toBe('Hi $100.99, order 2026年11月2日 is on its way.')
  expect(answer(positional, [body({ type: 'currency', currency: { fallback_value: '$1' } }, date)])).toBe(131008)
  expect(answer(positional, [body(money, { type: 'date_time', date_time: {} })])).toBe(131008)
})

test.each<[string, object | null, number | string]>([
  ['IMAGE', { type: 'image', image: { id: '77' } }, 'Hello there.'],
  ['IMAGE', { type: 'image', image: { link: 'https://example.test/a.jpg' } }, 'Hello there.'],
  ['IMAGE', null, 132012],
  ['IMAGE', { type: 'text', text: 'x' }, 132012],
  ['IMAGE', { type: 'video', video: { id: '77' } }, 132012],
  ['IMAGE', { type: 'image', image: { id: '78' } }, 100],
  ['IMAGE', { type: 'image', image: { link: 'ftp://example.test/a.jpg' } }, 100],
  ['IMAGE', { type: 'image', image: {} }, 131008],
  ['IMAGE', { type: 'image' }, 131008],
  ['VIDEO', { type: 'video', video: { id: '77' } }, 'Hello there.'],
  ['DOCUMENT', { type: 'document', document: { id: '77', filename: '請求書.pdf' } }, 'Hello there.'],
  [
    'LOCATION',
    { type: 'location', location: { latitude: '35.68', longitude: '139.76', name: '東京' } },
    'Hello there.',
  ],
  ['LOCATION', { type: 'location', location: { name: '東京' } }, 131008],
])('a %s header with %j', (format, parameter, expected) => {
  expect(answer(headed(format), parameter === null ? [] : [header(parameter)])).toBe(expected)
})

test('letter case of component and button types does not matter', () => {
  const catalog = shapeOf(
    [
      { type: 'BODY', text: 'Take a look.' },
      { type: 'BUTTONS', buttons: [{ type: 'CATALOG', text: 'View catalog' }] },
    ],
    'POSITIONAL',
  )
  const action = { type: 'action', action: { thumbnail_product_retailer_id: '2lc20305pt' } }
  expect(answer(catalog, [{ type: 'BUTTON', sub_type: 'CATALOG', index: 0, parameters: [action] }])).toBe(
    'Take a look.',
  )
})

test('a template is found by name and exact language, and only when it is approved', async () => {
  await using account = await openAccount()
  await account.approve()
  const send = async (name: unknown, code: unknown, policy?: string): Promise<string> =>
    codeOf(
      await account.send({ to: '+819012345678', type: 'template', template: { name, language: { code, policy } } }),
    )
  expect(await send('hello', 'ja')).toBe('200')
  expect(await send('hello', 'ja', 'deterministic')).toBe('200')
  expect(await send('hello', 'ja', 'fallback')).toBe('131009')
  expect(await send('hello', 'en')).toBe('132001')
  expect(await send('goodbye', 'ja')).toBe('132001')
  expect(await send(undefined, 'ja')).toBe('131008')
  expect(await send('hello', undefined)).toBe('131008')
  await account.emulator.decide('pause', 'hello')
  expect(await send('hello', 'ja')).toBe('132015')
  await account.emulator.advance(3 * 3_600_000)
  expect(await send('hello', 'ja')).toBe('200')
  await account.emulator.decide('disable', 'hello')
  expect(await send('hello', 'ja')).toBe('132016')
})

test('an unknown template is refused with HTTP 404', async () => {
  await using account = await openAccount()
  const { status, body } = await account.sendTemplate('+819012345678')
  expect(status).toBe(404)
  expect(body.error!.error_data!.details).toBe('template name (hello) does not exist in ja')
})

test('an authentication template takes the same code in body and button, and only for a phone number', async () => {
  await using account = await openAccount()
  await account.approve({
    name: 'login_code',
    category: 'authentication',
    components: [
      { type: 'body', add_security_recommendation: true },
      { type: 'footer', code_expiration_minutes: 10 },
      { type: 'buttons', buttons: [{ type: 'otp', otp_type: 'copy_code', text: 'コピー' }] },
    ],
  })
  const send = async (inBody: string, inButton: string, to: object): Promise<string> =>
    codeOf(
      await account.send({
        ...to,
        type: 'template',
        template: {
          name: 'login_code',
          language: { code: 'ja' },
          components: [body(text(inBody)), button('url', '0', text(inButton))],
        },
      }),
    )
  const phone = { to: '+819012345678' }
  expect(await send('482913', '482913', phone)).toBe('200')
  expect(account.emulator.messages()[0]!.text).toContain('*482913*')
  expect(await send('482913', '111111', phone)).toBe('132012')
  expect(await send('4'.repeat(16), '4'.repeat(16), phone)).toBe('132005')
  expect(await send('482913', '482913', { recipient: account.emulator.messages()[0]!.bsuid })).toBe('131062')
})
