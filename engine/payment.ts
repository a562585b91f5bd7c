import type { Purchase } from './state.ts'

/** What became of asking a provider to take a payment. Expected ends are values. */
export type PaymentAnswer =
  | { kind: 'succeeded'; reference: string }
  /** Taken on; the provider tells the end by a webhook, or when it is asked again. */
  | { kind: 'pending'; reference: string }
  /** The payer has to do something first: `clientSecret` is for their browser, never for a log. `error`: why the last try failed. */
  | {
      kind: 'needs_action'
      reference: string
      clientSecret: string | null
      error?: { code: string; detail: string }
    }
  /** `final` false: the same again may go well later. */
  | { kind: 'declined'; reference: string | null; code: string; detail: string; final: boolean }
  /** No answer: it may have been done. Asking again with the same purchase is safe. */
  | { kind: 'lost'; detail: string }

/** What became of giving money back. */
export type RefundAnswer =
  /** `returnedShare`: all that went back so far, as a share of what was paid. */
  | { kind: 'returned'; returnedShare: number }
  | { kind: 'refused'; code: string; detail: string }
  | { kind: 'lost'; detail: string }

/**
 * Takes payments for credits. The purchase's id is the idempotency key: however often it is asked for one purchase, the payer is
 * charged at most once.
 */
export interface PaymentProvider {
  readonly name: string
  /** Starts the payment, or tells how the one that was started fares. */
  charge(purchase: Purchase): Promise<PaymentAnswer>
  /** Whether it can charge without the payer being there: a payment method was kept. */
  canChargeAlone(): Promise<boolean>
  /** Gives up a payment that was not taken yet. @returns how it fares after that: it may have been taken meanwhile */
  cancel(purchase: Purchase): Promise<PaymentAnswer>
  /** Gives money back, in the price's smallest unit. @param key asking twice with one key gives it back once */
  refund(purchase: Purchase, amountMinor: number, key: string): Promise<RefundAnswer>
  /** Which purchase a payment belongs to; null when it is not ours. @throws what keeps it from knowing */
  purchaseOf(reference: string): Promise<{ purchaseId: string; amountMinor: number } | null>
}

/** Where a provider remembers what it has to know from one payment to the next: who the payer is. */
export interface PaymentMemory {
  read(): Promise<string | null>
  write(customerId: string): Promise<void>
}
