import { expect, test } from 'vitest'
import { FAULT_KINDS, type Fault } from '#emulator/faults.ts'
import { codeOf, HELLO, openAccount, type GraphAnswer } from './testAccount.ts'

const TO = '+819012345678'

/** The answer, or `no answer` when the connection broke or stayed silent. */
const outcome = async (call: Promise<GraphAnswer>): Promise<string> =>
  call.then(codeOf, (error: Error) => {
    if (error instanceof SyntaxError) return 'not JSON'
    return 'no answer'
  })

test.each<[Fault['kind'], string, number]>([
  ['500', '131000', 0],
  ['503_transient', '2', 0],
  ['190', '190/463', 0],
  ['131057', '131057', 0],
  ['error', '1', 0],
  ['garbage', 'not JSON', 0],
  ['close_before', 'no answer', 0],
  ['close_after_accept', 'no answer', 1],
  ['answer_late_after_accept', '200', 1],
])('fault %s: the caller gets %s, and %i message was accepted', async (kind, answer, accepted) => {
  await using account = await openAccount({ readRate: 0 })
  await account.approve()
  account.emulator.faults.add({ kind, count: 1, delayMs: 20 })
  const sent = account.sendTemplate(TO, { biz_opaque_callback_data: 'outbox-1' })
  expect(await outcome(sent)).toBe(answer)
  await account.emulator.settled()
  const { byOpaqueId, byStatus } = account.emulator.counts()
  expect(byOpaqueId.get('outbox-1') ?? 0).toBe(accepted)
  expect(byStatus.delivered).toBe(accepted)
  // The status tells the caller what the answer could not.
  expect(account.statuses().map((status) => status.biz_opaque_callback_data)).toEqual(
    accepted === 1 ? ['outbox-1', 'outbox-1'] : [],
  )
  expect(codeOf(await account.sendTemplate('+819012345679'))).toBe('200')
})

test('a hanging call is never answered, and the emulator still closes', async () => {
  const account = await openAccount()
  await account.approve()
  account.emulator.faults.add({ kind: 'hang' })
  const sent = outcome(account.sendTemplate(TO))
  const calls = (): number => account.emulator.counts().faults['hang'] ?? 0
  while (calls() === 0) await new Promise((resolve) => setImmediate(resolve))
  expect(account.emulator.counts().accepted).toBe(0)
  await account[Symbol.asyncDispose]()
  expect(await sent).toBe('no answer')
})

test('a late answer does not keep the emulator from closing', async () => {
  const account = await openAccount()
  await account.approve()
  account.emulator.faults.add({ kind: 'answer_late_after_accept', delayMs: 3_600_000 })
  const sent = outcome(account.sendTemplate(TO))
  while (account.emulator.counts().accepted === 0) await new Promise((resolve) => setImmediate(resolve))
  await account[Symbol.asyncDispose]()
  expect(await sent).toBe('no answer')
})

test('a transient error says so, an expired token tells its subcode', async () => {
  await using account = await openAccount()
  account.emulator.faults.add({ kind: '503_transient', count: 1 })
  const { status, body } = await account.sendTemplate(TO)
  expect([status, body.error!['is_transient'], body.error!.code]).toEqual([503, true, 2])
  account.emulator.faults.add({ kind: 'error', code: 131031, count: 1 })
  expect(await account.sendTemplate(TO)).toMatchObject({ status: 403, body: { error: { code: 131031 } } })
})

test.each<[string, Fault['match'], string, string]>([
  ['the digits a number ends with', { to: '5678' }, '500', '200'],
  ['the id of the caller', { opaqueId: 'a' }, '500', '200'],
  ['the template', { template: 'hello' }, '500', '500'],
  ['the number', { numberId: '999' }, '200', '200'],
  ['another path', { path: 'media' }, '200', '200'],
  ['any path', { path: 'any' }, '500', '500'],
])('a fault can be for %s only', async (_, match, first, second) => {
  await using account = await openAccount()
  await account.approve()
  account.emulator.faults.add({ kind: '500', ...(match === undefined ? {} : { match }) })
  const statuses = [
    await account.sendTemplate(TO, { biz_opaque_callback_data: 'a' }),
    await account.sendTemplate('+819012345679', { biz_opaque_callback_data: 'b' }),
  ].map(({ status }) => String(status))
  expect(statuses).toEqual([first, second])
})

test('a fault with a rate hits that share of the calls, the same ones for the same seed', async () => {
  const hits = async (): Promise<string> => {
    await using account = await openAccount({ seed: 3 })
    await account.approve()
    account.emulator.faults.add({ kind: '500', rate: 0.3 })
    let pattern = ''
    for (let index = 0; index < 60; index++) {
      pattern += (await account.sendTemplate(`+81901234${5000 + index}`)).status === 500 ? 'x' : '.'
    }
    return pattern
  }
  const pattern = await hits()
  expect(pattern.replaceAll('.', '').length).toBeGreaterThan(8)
  expect(pattern.replaceAll('.', '').length).toBeLessThan(30)
  expect(await hits()).toBe(pattern)
})

test('faults are counted down, listed, taken back and cleared', async () => {
  await using account = await openAccount()
  await account.approve()
  const { faults } = account.emulator
  faults.add({ kind: '500', count: 2 })
  const id = faults.add({ kind: '131057' })
  const codes: string[] = []
  for (let index = 0; index < 3; index++) codes.push(codeOf(await account.sendTemplate(`+81901234${5000 + index}`)))
  expect(codes).toEqual(['131000', '131000', '131057'])
  expect(faults.list()).toMatchObject([{ id, hits: 1 }])
  faults.remove(id)
  expect(codeOf(await account.sendTemplate('+819012345010'))).toBe('200')
  faults.add({ kind: '190' })
  faults.clear()
  expect(codeOf(await account.sendTemplate('+819012345011'))).toBe('200')
  expect(account.emulator.counts().faults).toEqual({ 500: 2, 131057: 1 })
})

test('a template may be submitted although the answer was lost', async () => {
  await using account = await openAccount()
  const path = `/v25.0/${account.emulator.wabaId}/message_templates`
  account.emulator.faults.add({ kind: 'close_after_accept', count: 1, match: { path: 'templates' } })
  expect(await outcome(account.call('POST', path, HELLO))).toBe('no answer')
  expect(codeOf(await account.call('POST', path, HELLO))).toBe('100/2388024')
  account.emulator.faults.add({ kind: 'close_before', count: 1, match: { path: 'templates' } })
  expect(await outcome(account.call('GET', path))).toBe('no answer')
  expect(account.emulator.templates()).toHaveLength(1)
})

test('faults hit templates and uploads too', async () => {
  await using account = await openAccount()
  const { emulator } = account
  emulator.faults.add({ kind: '500', match: { path: 'templates' } })
  expect(codeOf(await account.call('GET', `/v25.0/${emulator.wabaId}/message_templates`))).toBe('131000')
  expect(codeOf(await account.call('GET', `/v25.0/${emulator.wabaId}/phone_numbers`))).toBe('200')
})

test('a fault of unknown kind or silly rate is refused', async () => {
  await using account = await openAccount()
  expect(() => account.emulator.faults.add({ kind: 'meteor' as '500' })).toThrow()
  expect(() => account.emulator.faults.add({ kind: '500', rate: 2 })).toThrow()
  expect(FAULT_KINDS).toHaveLength(10)
})
