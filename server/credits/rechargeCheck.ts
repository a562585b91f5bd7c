import { judgeRecharge } from '#engine/recharge.ts'
import type { Duty } from '../upkeep.ts'
import type { CreditDutyParts } from './parts.ts'

export const RECHARGE_DUTY = 'recharge'

/** How long it takes at most until a balance is seen that fell otherwise than by a message; see watchBalance.ts. */
const EVERY_MS = 10_000

/**
 * Looks whether credits have to be bought. Cheap while there are enough of them. It only asks the question: whether they are bought
 * is decided where all else about money is, one question after the other.
 */
export function rechargeCheck({ store, newId, accept }: Pick<CreditDutyParts, 'store' | 'newId' | 'accept'>): Duty {
  return {
    name: RECHARGE_DUTY,
    everyMs: EVERY_MS,
    async run(now) {
      const wanted = (await store.settings()).credits.autoRecharge
      if (wanted === null || !wanted.active) return
      if ((await store.balance()).available >= wanted.floorMicros) return
      const known = await store.load(
        { triggers: [], lookups: {}, lookupModules: {}, phoneModules: [], pageMax: 0 },
        now,
      )
      const verdict = judgeRecharge(known, now)
      if (verdict.kind === 'no' || (verdict.kind === 'capped' && verdict.isTold)) return
      await accept([{ kind: 'recharge', source: 'denrei', sourceId: `recharge:${newId()}`, occurredAt: now }])
    },
  }
}
