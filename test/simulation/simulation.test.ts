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

test('a seed gives the same run each time, to the last row', async () => {
  const first = (await live(12, 2)).digest()
  await world?.close()
  expect((await live(12, 2)).digest()).toBe(first)
})
