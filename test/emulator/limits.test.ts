import { expect, test } from 'vitest'
import { realTime } from '#emulator/scheduler.ts'
import { codeOf, HELLO, openAccount } from './testAccount.ts'

const TO = '+819012345678'
const HOUR_MS = 3_600_000
const number = { id: '1', displayNumber: '+81 3-1111-1111', verifiedName: '一号店' }
const template = { type: 'template', template: { name: 'hello', language: { code: 'ja' } } }
const to = (index: number): string => `+8190${String(12_340_000 + index)}`

test('a free-form message is taken for 24 hours after the message of the user, not a moment longer', async () => {
  await using account = await openAccount()
  const text = async (): Promise<string> => codeOf(await account.send({ to: TO, text: { body: 'はい' } }))
  expect(await text()).toBe('131047')
  await account.emulator.inbound({ from: TO, text: 'こんにちは' })
  expect(await text()).toBe('200')
  await account.emulator.advance(24 * HOUR_MS - 1)
  expect(await text()).toBe('200')
  await account.emulator.advance(1)
  expect(await text()).toBe('131047')
  await account.emulator.inbound({ from: TO, text: 'もしもし' })
  expect(await text()).toBe('200')
})

test('a window belongs to a number and a user', async () => {
  await using account = await openAccount({
    numbers: [number, { id: '2', displayNumber: '+81 3-2222-2222', verifiedName: '二号店' }],
  })
  await account.emulator.inbound({ from: TO, text: 'こんにちは', numberId: '1' })
  const text = { to: TO, text: { body: 'はい' } }
  expect(codeOf(await account.send(text, '1'))).toBe('200')
  expect(codeOf(await account.send(text, '2'))).toBe('131047')
  expect(codeOf(await account.send({ ...text, to: '+819012345679' }, '1'))).toBe('131047')
})

test.each([
  ['a tap on a template button', { button: { payload: 'a', text: 'a' } }, '200'],
  ['a picture', { media: { type: 'image' } }, '200'],
  ['a reaction', { reaction: { message_id: 'wamid.A', emoji: '👍' } }, '131047'],
  ['a system message', { raw: { type: 'system', system: { type: 'user_changed_number' } } }, '131047'],
] as const)('%s of the user, then a free-form answer: %s', async (_, content, code) => {
  await using account = await openAccount()
  await account.emulator.inbound({ from: TO, ...content })
  expect(codeOf(await account.send({ to: TO, text: { body: 'はい' } }))).toBe(code)
})

test('templates of ours do not open a window', async () => {
  await using account = await openAccount()
  await account.approve()
  await account.sendTemplate(TO)
  await account.emulator.settled()
  expect(codeOf(await account.send({ to: TO, text: { body: 'はい' } }))).toBe('131047')
})

test('a number takes 80 messages in any second', async () => {
  await using account = await openAccount()
  await account.approve()
  const burst = async (from: number, count: number): Promise<string[]> => {
    const codes: string[] = []
    for (let index = 0; index < count; index++) codes.push(codeOf(await account.sendTemplate(to(5000 + from + index))))
    return codes
  }
  expect(new Set(await burst(0, 80))).toEqual(new Set(['200']))
  expect(await burst(80, 2)).toEqual(['130429', '130429'])
  await account.emulator.advance(999)
  expect(await burst(82, 1)).toEqual(['130429'])
  await account.emulator.advance(1)
  expect(new Set(await burst(83, 80))).toEqual(new Set(['200']))
})

test('messages of users count to the throughput, and each number has its own', async () => {
  await using account = await openAccount({
    numbers: [
      { ...number, throughput: 2 },
      { ...number, id: '2', throughput: 1_000 },
    ],
  })
  await account.approve()
  await account.emulator.inbound({ from: TO, text: 'x', numberId: '1' })
  const send = async (index: number, id: string): Promise<string> =>
    codeOf(await account.send({ to: to(5000 + index), ...template }, id))
  expect([await send(0, '1'), await send(1, '1'), await send(2, '2')]).toEqual(['200', '130429', '200'])
})

test('a user gets 45 messages in a burst, then one for every 6 seconds', async () => {
  await using account = await openAccount()
  await account.approve()
  const send = async (): Promise<string> => codeOf(await account.sendTemplate(TO))
  for (let index = 0; index < 45; index++) expect(await send()).toBe('200')
  expect(await send()).toBe('131056')
  expect(codeOf(await account.sendTemplate('+819012345679'))).toBe('200')
  await account.emulator.advance(5_999)
  expect(await send()).toBe('131056')
  await account.emulator.advance(1)
  expect([await send(), await send()]).toEqual(['200', '131056'])
  await account.emulator.advance(10 * 6_000)
  for (let index = 0; index < 10; index++) expect(await send()).toBe('200')
  expect(await send()).toBe('131056')
})

test('a user can be written to every six seconds for ever', async () => {
  await using account = await openAccount()
  await account.approve()
  for (let index = 0; index < 200; index++) {
    expect(codeOf(await account.sendTemplate(TO))).toBe('200')
    await account.emulator.advance(6_000)
  }
})

test('an account of the lowest tier reaches 250 users in 24 hours, outside windows', async () => {
  await using account = await openAccount({
    numbers: [{ ...number, id: '1', tier: 'TIER_250', throughput: 1_000 }],
  })
  await account.approve()
  const send = async (index: number): Promise<string> =>
    codeOf(await account.send({ to: to(5000 + index), ...template }, '1'))
  for (let index = 0; index < 250; index++) expect(await send(index)).toBe('200')
  expect(await send(250)).toBe('131048')
  await account.emulator.advance(10_000)
  expect(await send(0)).toBe('200') // known already
  await account.emulator.inbound({ from: to(5250), text: 'こんにちは' })
  expect(await send(250)).toBe('200') // inside a window
  await account.emulator.advance(24 * HOUR_MS)
  expect(await send(251)).toBe('200')
})

test('100 templates can be submitted in an hour', async () => {
  await using account = await openAccount({ schedule: realTime() })
  const submit = async (index: number): Promise<string> =>
    codeOf(
      await account.call('POST', `/v25.0/${account.emulator.wabaId}/message_templates`, {
        ...HELLO,
        name: `t_${index}`,
      }),
    )
  for (let index = 0; index < 100; index++) expect(await submit(index)).toBe('200')
  expect(await submit(100)).toBe('80008')
  await account.emulator.advance(HOUR_MS)
  expect(await submit(100)).toBe('200')
})

test('management calls have a limit of their own', async () => {
  await using account = await openAccount({ limits: { managementCalls: 2 } })
  const list = async (): Promise<string> =>
    codeOf(await account.call('GET', `/v25.0/${account.emulator.wabaId}/phone_numbers`))
  expect([await list(), await list(), await list()]).toEqual(['200', '200', '80007'])
  await account.emulator.advance(HOUR_MS)
  expect(await list()).toBe('200')
})

test('only a connected number can send', async () => {
  await using account = await openAccount({ numbers: [{ ...number, status: 'DISCONNECTED' }] })
  expect(codeOf(await account.send({ to: TO, ...template }, '1'))).toBe('133010')
})
