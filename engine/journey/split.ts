import { spread } from '../spread.ts'

const HASHES = 2 ** 32

/**
 * Which way of a split an instance takes: always the same one, also when it comes by again, and over many instances in
 * proportion to the weights. A hash of both ids, so that the ways of two splits in one journey do not go together.
 *
 * @param weights each above zero, in any unit
 * @returns an index of `weights`
 */
export function chooseWay(instanceId: string, stepId: string, weights: readonly number[]): number {
  const total = weights.reduce((sum, weight) => sum + weight, 0)
  let left = (spread(`${stepId}/${instanceId}`, HASHES - 1) / HASHES) * total
  for (const [index, weight] of weights.entries()) {
    if (left < weight) return index
    left -= weight
  }
  return weights.length - 1 // What floating point leaves over.
}
