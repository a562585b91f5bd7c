import type { Judge } from '#actions/claims.ts'
import type { Verdict } from '#engine/message.ts'
import type { Candidate } from '#engine/claim.ts'

/** The message waits for nothing but credits. */
export const wantsCredits = (verdict: Verdict): boolean =>
  verdict.kind === 'hold' && verdict.reason === 'credits_insufficient'

/**
 * Judges as `judge` does, and tells when what is left lies below the floor of the auto-recharge, or a message has to wait for credits.
 * All of it stands in what was read for the guards anyway: nothing is asked of the store.
 *
 * @param onLow called inside the store's transaction, also again and again: it only makes a note
 */
export function watchBalance(judge: Judge, onLow: () => void): Judge {
  return (candidates, deferUntil) => {
    const judgements = judge(candidates, deferUntil)
    const facts = messageFacts(candidates)
    const recharge = facts?.settings.credits.autoRecharge ?? null
    if (facts === null || recharge === null || !recharge.active) return judgements
    let left = facts.availableMicros
    let waits = false
    for (const one of judgements) {
      if (one.kind === 'send') left -= one.priceMicros
      else if (one.kind === 'stop') waits ||= wantsCredits(one.verdict)
    }
    if (waits || left < recharge.floorMicros) onLow()
    return judgements
  }
}

/** The balance is the same for all of a claim. */
function messageFacts(candidates: readonly Candidate[]): Candidate['facts'] | null {
  return candidates.find(({ message }) => message.intent.kind === 'sendTemplate')?.facts ?? null
}
