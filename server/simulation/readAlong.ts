import type { Judgement } from '#engine/claim.ts'
import type { Store } from '#engine/store.ts'
import type { Tally } from './tally.ts'

const NO_TRACE = { rules: [], instances: [], notes: [] }

/** The store as the engine and the dispatcher see it, read along by the tally. Traces are counted and not kept. */
export function readAlong(store: Store, tally: Tally): Store {
  return {
    ...store,
    async commit(decisions, revisions, now, newId) {
      // The traces are counted here; nobody asks for one of a hundred thousand afterwards.
      const brief = decisions.map((one) => ({ ...one, trace: { ...one.trace, ...NO_TRACE } }))
      const outcome = await store.commit(brief, revisions, now, newId)
      if (outcome.kind === 'committed') tally.decided(decisions)
      return outcome
    },
    async claim(request, judge, newId) {
      let judgements: Judgement[] = []
      const claimed = await store.claim(request, (candidates) => (judgements = judge(candidates)), newId)
      tally.judged(judgements, request.now)
      tally.claimed(claimed)
      return claimed
    },
    async settle(settlements, newId) {
      const written = await store.settle(settlements, newId)
      settlements.forEach((settlement, index) => {
        if (written[index] === true) tally.settled(settlement)
      })
      return written
    },
  }
}
