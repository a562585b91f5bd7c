import { eventsOf, readStripeEvent } from '#actions/payment/stripeWebhook.ts'
import type { PricingPoint } from '#actions/whatsapp/pricingAnalytics.ts'
import type { Purchase } from '#engine/state.ts'
import type { StatementQuery } from '#engine/reads.ts'
import { buyCredits, cancelPurchase, payPurchase, refundPurchase, type BuyAnswer, type BuyRequest } from './buy.ts'
import type { CreditParts } from './parts.ts'
import { PaymentUnreachable } from './errors.ts'
import { importRates, listRates, type ImportRequest, type KnownCard } from './rates.ts'
import { listReconciliations, reconcile, type Reconciliation } from './reconcile.ts'
import { runway, type Runway } from './runway.ts'
import { statement, type Statement } from './statement.ts'

export type { BuyAnswer, BuyRequest, ImportRequest, KnownCard, PricingPoint, Reconciliation, Runway, Statement }

/** All that can be asked about money. Each throws as the function it calls. */
export interface Credits {
  buy(request: BuyRequest, actor: string, idempotencyKey?: string): Promise<BuyAnswer>
  /** Starts the payment, or tells how it fares; with what the payer's browser needs. */
  pay(purchaseId: string): Promise<BuyAnswer>
  cancel(purchaseId: string): Promise<Purchase>
  refund(purchaseId: string, amountMicros: number | undefined, idempotencyKey: string): Promise<Purchase>
  importRates(bytes: Buffer, request: ImportRequest): Promise<{ card: KnownCard; newMarkets: string[] }>
  rates(): Promise<KnownCard[]>
  statement(query: StatementQuery): Promise<Statement>
  runway(): Promise<Runway>
  reconcile(accountId: string, month: string): Promise<Reconciliation>
  reconciliations(): Promise<Reconciliation[]>
  /** A webhook of Stripe's, as its bytes came. @throws NotAuthentic, InvalidInput, PaymentUnreachable */
  hearStripe(bytes: Buffer, signature: string | undefined, secrets: readonly string[]): Promise<void>
}

export function createCredits(parts: CreditParts): Credits {
  return {
    buy: (request, actor, idempotencyKey) => buyCredits(parts, request, actor, idempotencyKey),
    pay: (id) => payPurchase(parts, id),
    cancel: (id) => cancelPurchase(parts, id),
    refund: (id, amountMicros, idempotencyKey) => refundPurchase(parts, id, amountMicros, idempotencyKey),
    importRates: (bytes, request) => importRates(parts, bytes, request),
    rates: () => listRates(parts.store),
    statement: (query) => statement(parts.store, query),
    runway: () => runway(parts.store, parts.clock.now()),
    reconcile: (accountId, month) => reconcile(parts, accountId, month),
    reconciliations: () => listReconciliations(parts),
    async hearStripe(bytes, signature, secrets) {
      const told = readStripeEvent(bytes, signature, secrets, parts.clock.now())
      const stripe = parts.payments.find(({ name }) => name === 'stripe')
      const lookup = async (reference: string) => {
        try {
          return (await stripe?.purchaseOf(reference)) ?? null
        } catch (cause) {
          throw new PaymentUnreachable(
            'Stripe did not say which purchase its event is about. Send it again.',
            {},
            { cause },
          )
        }
      }
      await parts.accept(await eventsOf(told, lookup))
    },
  }
}
