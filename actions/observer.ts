import type { Instant } from '#engine/clock.ts'
import type { Verdict } from '#engine/message.ts'
import type { Settlement } from '#engine/claim.ts'

/** Hears what the dispatcher does. Calls are cheap, synchronous and never throw; nothing depends on them. */
export interface DispatchObserver {
  /** The guards stopped a message at claim, or let it go. */
  verdict(verdict: Verdict, when: 'claim'): void
  /** One call ended. `type` is `sendTemplate` or a performer's. */
  attempted(type: string, outcome: Settlement['kind'], tookMs: number): void
  /** A group of settlements was written; `fenced` of them were refused because somebody else has the row. */
  settled(written: number, fenced: number): void
  /** A settlement could not be written; its row is recovered when its lease runs out. */
  unsettled(settlement: Settlement, error: unknown): void
  /** Leases that ran out, and messages of unknown fate that were queued again or given up. */
  recovered(expired: number, requeued: number, gaveUp: number): void
  /** WhatsApp answers nobody any more, or again. */
  reachable(isReachable: boolean): void
  beat(loop: 'dispatch' | 'recover', at: Instant): void
  /** A round, or one row of it, met a fault; the rest goes on. */
  faltered(loop: 'dispatch' | 'recover', error: unknown): void
}

export const silentObserver: DispatchObserver = {
  verdict() {},
  attempted() {},
  settled() {},
  unsettled() {},
  recovered() {},
  reachable() {},
  beat() {},
  faltered() {},
}
