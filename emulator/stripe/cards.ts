/** How a card behaves when it is charged. */
export type CardBehaviour =
  | { kind: 'pays' }
  /** With a bank's reason. */
  | { kind: 'declines'; declineCode: string }
  /** The payer has to prove who they are, each time. */
  | { kind: 'asks' }
  /** Pays; its owner disputes it at once. */
  | { kind: 'disputes' }
  /** Pays later: it is processing until it is settled. */
  | { kind: 'pays_later' }

/**
 * Test payment methods that Stripe knows by name. Using one makes a payment method of its own id.
 * Source: Stripe, "Testing" (test payment methods).
 */
export const TEST_CARDS: Readonly<Record<string, { behaviour: CardBehaviour; brand: string; last4: string }>> = {
  pm_card_visa: { behaviour: { kind: 'pays' }, brand: 'visa', last4: '4242' },
  pm_card_jcb: { behaviour: { kind: 'pays' }, brand: 'jcb', last4: '0505' },
  pm_card_chargeDeclined: {
    behaviour: { kind: 'declines', declineCode: 'generic_decline' },
    brand: 'visa',
    last4: '0002',
  },
  pm_card_chargeDeclinedInsufficientFunds: {
    behaviour: { kind: 'declines', declineCode: 'insufficient_funds' },
    brand: 'visa',
    last4: '9995',
  },
  pm_card_authenticationRequired: { behaviour: { kind: 'asks' }, brand: 'visa', last4: '3184' },
  pm_card_createDispute: { behaviour: { kind: 'disputes' }, brand: 'visa', last4: '0259' },
  pm_usBankAccount_processing: { behaviour: { kind: 'pays_later' }, brand: 'visa', last4: '6789' },
}
