import { afterEach, expect, test } from 'vitest'
import { chaosOf } from './chaos.ts'
import { beginDays } from './days.ts'
import { LAWS } from './laws.ts'
import { World } from './world.ts'

const SEEDS = Number(process.env.DENREI_SEEDS ?? 25)
const FIRST_SEED = Number(process.env.DENREI_FIRST_SEED ?? 0)
const DAYS = Number(process.env.DENREI_SIMULATED_DAYS ?? 5)

let world: World | null = null
afterEach(async () => {
  await world?.close()
  world = null
})

/** Some days of everything at once, then quiet until whatever was under way has ended. */
async function live(seed: number, days = DAYS): Promise<World> {
  world = await World.create(seed, chaosOf(seed))
  beginDays(world)
  for (let day = 0; day < days; day++) {
    await world.advance({ days: 1 })
    world.check({ ledgerAddsUp: LAWS.ledgerAddsUp, talliesAgree: LAWS.talliesAgree })
  }
  await world.settle({ days: 40, credits: seed % 2 === 0 })
  world.check(LAWS)
  return world
}

const seeds = Array.from({ length: SEEDS }, (_, index) => FIRST_SEED + index)

test.each(seeds)('seed %i: whatever goes wrong, every law holds', async (seed) => {
  const { account } = await live(seed)
  // A world in which nothing happens breaks no law.
  expect(account.messages.size).toBeGreaterThan(0)
})

/*
 * Seeds that broke a law once; each fails again when its fix is taken back. Among the first 25 are seed 1 (a process that had
 * been down for longer than the waiting time sent a message of unknown fate again at once, before WhatsApp could repeat
 * its statuses), seed 2 (credits held for ever for messages that WhatsApp drops without a word), and seed 19 (a paused
 * number woke the dispatcher a thousand times a second while one message probed it).
 */
test('seed 57: a marketing message that was given up may have arrived, and counts against the frequency cap', async () => {
  await live(57, 5)
})

test('seed 63: credits that come back without a purchase wake the messages that wait for them', async () => {
  await live(63, 5)
})

test('seed 247: a woken message that is blocked after all does not keep the credits from the others', async () => {
  await live(247, 10)
})

test('a seed gives the same run each time, to the last row', async () => {
  const first = (await live(12, 2)).digest()
  await world?.close()
  expect((await live(12, 2)).digest()).toBe(first)
})
