import { expect, test, vi } from 'vitest'
import { MESSAGES } from './business.ts'
import { live } from './live.ts'

/* Seeds that broke a law once; each fails again when its fix is taken back. */

vi.setConfig({ testTimeout: 180_000 })

test('seed 1: a process that was down for long listens again before it sends a message of unknown fate anew', async () => {
  // WhatsApp repeats its statuses only once the process is there.
  await live(1, 5, MESSAGES)
})

test('seed 2: no credits are held for ever for messages that WhatsApp drops without a word', async () => {
  await live(2, 5, MESSAGES)
})

test('seed 19: a paused number does not wake the dispatcher a thousand times a second while one message probes it', async () => {
  await live(19, 5, MESSAGES)
})

test('seed 57: a marketing message that was given up may have arrived, and counts against the frequency cap', async () => {
  await live(57, 5, MESSAGES)
})

test('seed 63: credits that come back without a purchase wake the messages that wait for them', async () => {
  await live(63, 5, MESSAGES)
})

test('seed 247: a woken message that is blocked after all does not keep the credits from the others', async () => {
  await live(247, 10, MESSAGES)
})

test('seed 117: a broadcast that is paused and resumed goes no faster than its rate', async () => {
  // It sent its next page at once, however short before the last one had gone.
  await live(117, 4)
})

test('a seed gives the same run each time, to the last row', async () => {
  const first = await live(12, 2)
  const digest = first.digest()
  await first.close()
  expect((await live(12, 2)).digest()).toBe(digest)
})
