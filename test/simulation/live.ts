import { onTestFinished } from 'vitest'
import type { Business } from './business.ts'
import { course } from './course.ts'
import type { World } from './world.ts'

/** The course of a world, which ends with the test. */
export function live(seed: number, days: number, business?: Business): Promise<World> {
  return course(seed, days, (world) => onTestFinished(() => world.close()), business)
}
