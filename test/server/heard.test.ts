import { v7 } from 'uuid'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { oneAccount } from '#actions/whatsapp/accounts.ts'
import { createCloudClient, type CloudClient } from '#actions/whatsapp/client.ts'
import { WhatsAppRefused, WhatsAppUnreachable } from '#actions/whatsapp/faults.ts'
import { startEmulator, type Emulator } from '#emulator/emulator.ts'
import { virtualTime } from '#emulator/scheduler.ts'
import type { WorldEvent } from '#engine/trigger.ts'
import { askHistory } from '#server/heard.ts'
import type { Duty } from '#server/upkeep.ts'
import { aSendIntent } from '../actions/intents.ts'
import { manyIntents, NOON, outboxWorld, type OutboxWorld } from '../actions/outboxWorld.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE

/** WhatsApp remembers, and no webhook reaches us: none is set. */
let emulator: Emulator
let client: CloudClient
let world: OutboxWorld
let heard: WorldEvent[]
/** Every question, by wamid. */
let asked: string[]
let fault: Error | null
beforeEach(async () => {
  emulator = await startEmulator({
    token: 'token',
    appSecret: 'secret',
    schedule: virtualTime(NOON),
    numbers: [{ id: '1055', displayNumber: '+81 3-1234-5678', verifiedName: '伝令商店' }],
  })
  const real = createCloudClient({ baseUrl: emulator.url, token: () => 'token' })
  heard = []
  asked = []
  fault = null
  client = {
    ...real,
    async history(numberId, wamid) {
      asked.push(wamid)
      if (fault !== null) throw fault
      return real.history(numberId, wamid)
    },
  }
  world = await outboxWorld({ client })
})
afterEach(async () => {
  await world.close()
  await client.close()
  await emulator.close()
})

function duty(): Duty {
  return askHistory({
    store: world.store,
    clock: { now: () => world.now },
    newId: () => v7(),
    accounts: oneAccount(client, '2001'),
    payments: [],
    accept: async (events) => void heard.push(...events),
  })
}

async function approveTemplate(): Promise<void> {
  const created = await client.createTemplate(emulator.wabaId, {
    name: 'welcome_lead',
    language: 'ja',
    category: 'UTILITY',
    parameter_format: 'NAMED',
    components: [
      {
        type: 'BODY',
        text: 'こんにちは、{{name}}。お問い合わせの件で、担当者よりご連絡いたします。',
        example: { body_text_named_params: [{ param_name: 'name', example: '山田様' }] },
      },
    ],
  })
  expect(created.kind).toBe('created')
  await advance(48 * HOUR)
}

async function advance(ms: number): Promise<void> {
  await emulator.advance(ms)
  world.now = emulator.now()
}

test('statuses that no webhook brought are asked for, and accepted as they would have come', async () => {
  await approveTemplate()
  const one = aSendIntent()
  await world.enqueue(one)
  await world.dispatcher.drain()
  const { wamid } = await world.message(one.id)
  await advance(10 * MINUTE)
  const history = duty()
  await history.run(world.now)
  expect(asked).toEqual([])
  await advance(6 * MINUTE)
  await history.run(world.now)
  // Not everybody who gets it reads it.
  const told = heard.slice(0, 2)
  expect(told).toMatchObject(
    ['sent', 'delivered'].map((status) => ({
      kind: 'status',
      source: 'whatsapp',
      sourceId: `history:${wamid}:${status}`,
      messageId: one.id,
      wamid,
      status,
    })),
  )
  for (const { occurredAt } of heard) expect(occurredAt).toBeGreaterThanOrEqual(NOON + 48 * HOUR)
})

async function sendWithoutWord(count: number): Promise<void> {
  await world.close()
  world = await outboxWorld()
  await world.enqueue(...manyIntents(count))
  await world.runUntil(NOON + 10 * MINUTE)
  world.now = NOON + HOUR
}

test('twenty questions a round, none twice within the hour, and each later than the one before', async () => {
  await sendWithoutWord(30)
  const history = duty()
  await history.run(world.now)
  expect(asked).toHaveLength(20)
  await history.run((world.now += 10 * MINUTE))
  expect(new Set(asked).size).toBe(30)
  await history.run((world.now += 10 * MINUTE))
  expect(asked).toHaveLength(30)
  await history.run((world.now += 45 * MINUTE))
  await history.run((world.now += 10 * MINUTE))
  expect(asked).toHaveLength(60)
  await history.run((world.now += 3 * HOUR))
  expect(asked).toHaveLength(60)
  await history.run((world.now += 2 * HOUR))
  expect(asked).toHaveLength(80)
  expect(heard).toEqual([])
})

test.each<[string, Error, number]>([
  ['does not answer', new WhatsAppUnreachable('weg', { why: 'ECONNRESET' }), 2],
  [
    'has been asked too much',
    new WhatsAppRefused('too many', { code: 80007, subcode: null, httpStatus: 429 }, true),
    2,
  ],
  ['does not let us ask', new WhatsAppRefused('no', { code: 200, subcode: null, httpStatus: 403 }, false), 1],
  ['does not know the message', new WhatsAppRefused('?', { code: 100, subcode: null, httpStatus: 422 }, false), 5],
])('when WhatsApp %s', async (_name, error, questions) => {
  await sendWithoutWord(5)
  fault = error
  const history = duty()
  await history.run(world.now)
  await history.run((world.now += 10 * MINUTE))
  expect(asked).toHaveLength(questions)
})
