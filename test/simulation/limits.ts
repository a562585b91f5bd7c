import type { NumberState } from '#engine/state.ts'
import type { World } from './world.ts'

/** WhatsApp refused a send for a limit. */
export interface LimitMet {
  code: 130429 | 131056 | 131048
  at: number
  numberId: string
  /** What we believed of the number then. */
  believed: Pick<NumberState, 'throughput' | 'reachMax'> | null
  reachMax: number
}

/**
 * Notes each send that runs into a limit, in the limits of the emulator themselves: the same codes are also thrown at random, and those
 * are nobody's fault.
 */
export function watchLimits(world: World): LimitMet[] {
  const met: LimitMet[] = []
  const { account, database } = world
  const { limits, portfolio } = account
  const numberRow = database.prepare<[string], Pick<NumberState, 'throughput' | 'reachMax'>>(
    'SELECT throughput, reachMax FROM numberState WHERE id = ?',
  )
  let numberId = ''
  const watched =
    <A extends unknown[]>(
      code: LimitMet['code'],
      check: (...args: A) => void,
      idOf: (args: NoInfer<A>) => string | null,
    ) =>
    (...args: A) => {
      numberId = idOf(args) ?? numberId
      try {
        check(...args)
      } catch (error) {
        const believed = numberRow.get(numberId) ?? null
        const max = Number(/(\d+)/.exec(portfolio.limit)?.[1] ?? Infinity) * (portfolio.limit.endsWith('K') ? 1000 : 1)
        met.push({ code, at: world.time.now, numberId, believed, reachMax: max })
        throw error
      }
    }
  limits.checkThroughput = watched(130429, limits.checkThroughput.bind(limits), ([{ id }]) => id)
  limits.checkPair = watched(131056, limits.checkPair.bind(limits), ([id]) => id)
  // Asked right after the other two, about the same send.
  portfolio.checkReach = watched(131048, portfolio.checkReach.bind(portfolio), () => null)
  return met
}
