import { afterAll, beforeAll, expect, test } from 'vitest'
import { compare, readOutcome, type Outcome } from '#cli/demo/outcome.ts'
import { hanako } from '#cli/demo/people.ts'
import { openStage, type Stage } from '#cli/demo/stage.ts'
import { LIBRARY } from '#cli/places.ts'
import { readFolder } from '#cli/readFolder.ts'
import type { Message } from '#engine/message.ts'

let stage: Stage
let all: Message[]
let outcome: Outcome

beforeAll(async () => {
  const startAt = Date.parse('2026-11-24T10:00:00+09:00')
  stage = await openStage({ files: await readFolder(LIBRARY), startAt, creditsMicros: 1_000_000 })
  const subscription = { Name: '山田 Standard', Customer_Name: '山田', Plan: 'Standard', Status: 'Active' }
  await stage.record('created', 'Subscriptions', '1', { ...subscription, ...hanako.fields })
  await stage.until(startAt + 3 * 86_400_000)
  ;({ all, outcome } = await readOutcome(stage.server.denrei.store))
})
afterAll(() => stage.close())

const changed = (index: number, change: Partial<Message>) =>
  all.map((message, at) => (at === index ? { ...message, ...change } : message))

test('the demo is content with a store and an emulator that agree', () => {
  expect(all).toHaveLength(2)
  expect(compare(all, outcome, stage.emulator)).toEqual([])
})

test.each<[string, () => string[], RegExp]>([
  [
    'a message that we have forgotten',
    () => compare(all.slice(1), outcome, stage.emulator),
    /2 messages at the emulator/,
  ],
  ['another state', () => compare(changed(0, { state: 'sent' }), outcome, stage.emulator), /is sent here, read at/],
  ['another id', () => compare(changed(1, { wamid: 'wamid.other' }), outcome, stage.emulator), /has wamid\.other here/],
  [
    'one that we think never went out',
    () => compare(changed(1, { wamid: null }), outcome, stage.emulator),
    /the emulator accepted it/,
  ],
  [
    'a refusal that never was',
    () => compare([...all, { ...all[0]!, state: 'failed', wamid: null }], outcome, stage.emulator),
    /0 refusals/,
  ],
  [
    'credits that vanish',
    () => compare(all, { ...outcome, credits: { ...outcome.credits, available: 0 } }, stage.emulator),
    /do not add up/,
  ],
])('the demo is not content with %s', (_, compared, words) => {
  expect(compared().join('\n')).toMatch(words)
})
