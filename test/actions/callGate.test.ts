import { expect, test } from 'vitest'
import { createCallGate } from '#actions/whatsapp/callGate.ts'
import { createGraph } from '#actions/whatsapp/graph.ts'
import { accepted, loopback } from './loopback.ts'

const NOON = Date.parse('2026-11-22T12:00:00+09:00')
const MINUTE = 60_000
const HOUR = 60 * MINUTE

function aGate() {
  const clock = { at: NOON, now: () => clock.at }
  const gate = createCallGate(clock)
  /** @returns how many were allowed */
  const take = (count: number) => Array.from({ length: count }, () => gate.take()).filter((wait) => wait === 0).length
  return { clock, gate, take }
}

const usage = (change: object) =>
  JSON.stringify({
    '9001': [
      {
        type: 'whatsapp',
        call_count: 0,
        total_cputime: 0,
        total_time: 0,
        estimated_time_to_regain_access: 0,
        ...change,
      },
    ],
  })

test('an account without a connected number is asked 190 times an hour, one with such 4,750 times', () => {
  const { clock, gate, take } = aGate()
  expect(take(300)).toBe(190)
  gate.connected(true)
  expect(take(6000)).toBe(4750 - 190)
  clock.at += HOUR
  gate.connected(false)
  expect(take(300)).toBe(190)
})

test('it tells when to come back: when the oldest call is an hour old, a minute at least', () => {
  const { clock, gate, take } = aGate()
  take(190)
  expect(gate.take()).toBe(HOUR)
  clock.at += HOUR - 1000
  expect(gate.take()).toBe(MINUTE)
  clock.at += 1000
  expect(gate.take()).toBe(0)
})

test('what WhatsApp says others have used up counts, and fades over the hour', () => {
  const { clock, gate, take } = aGate()
  gate.learn(usage({ call_count: 90 }))
  expect(take(100)).toBe(10)
  clock.at += HOUR
  expect(take(300)).toBe(190)
})

test('a block lasts as long as WhatsApp says', () => {
  const { clock, gate } = aGate()
  gate.learn(usage({ call_count: 100, estimated_time_to_regain_access: 12 }))
  expect(gate.take()).toBe(12 * MINUTE)
  clock.at += 12 * MINUTE - 1
  expect(gate.take()).toBe(1)
})

test.each(['', 'x', '[]', '{"9001":[]}', '{"9001":{"call_count":99}}', usage({ call_count: 'viel' })])(
  'a header that is not of the documented shape changes nothing: %s',
  (header) => {
    const { gate, take } = aGate()
    gate.learn(header)
    expect(take(300)).toBe(190)
  },
)

test('a clock that is set back does not close it', () => {
  const { clock, take } = aGate()
  take(190)
  clock.at -= 5 * HOUR
  expect(take(300)).toBe(190)
})

test('a call that would be refused is not made and answered as WhatsApp would; messages are never held back', async () => {
  const server = await loopback((request, response) => {
    response.setHeader('x-business-use-case-usage', usage({ call_count: 100, estimated_time_to_regain_access: 5 }))
    accepted('wamid.A')(request, response)
  })
  const { gate } = aGate()
  const graph = createGraph({ baseUrl: server.url, token: () => 't', gate })
  expect(await graph.call('GET', '/2001/message_templates?limit=100')).toMatchObject({ kind: 'ok' })
  expect(await graph.call('GET', '/2001/message_templates?limit=100')).toMatchObject({
    kind: 'refused',
    code: 80007,
    httpStatus: 429,
    transient: true,
    retryAfterMs: 5 * MINUTE,
  })
  expect(await graph.call('POST', '/1055/messages', {})).toMatchObject({ kind: 'ok' })
  expect(server.received).toHaveLength(2)
  await graph.close()
  await server.close()
})
