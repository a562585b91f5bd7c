import { EVERYTHING, type Business } from './business.ts'
import { chaosOf } from './chaos.ts'
import { ALWAYS, LAWS } from './laws.ts'
import { World } from './world.ts'

/**
 * Some days of everything at once, then quiet until whatever was under way has ended. The laws are asked each day and at the end.
 *
 * @param begun told of the world as soon as there is one: whoever asked for it closes it
 */
export async function course(
  seed: number,
  days: number,
  begun: (world: World) => void,
  business: Business = EVERYTHING,
): Promise<World> {
  const world = await World.create(seed, chaosOf(seed), business)
  begun(world)
  business.begin(world)
  for (let day = 0; day < days; day++) {
    await world.advance({ days: 1 })
    world.check(ALWAYS)
  }
  await world.settle({ days: 40, credits: seed % 2 === 0 })
  world.check(LAWS)
  return world
}
