import { paymentEvent } from '#actions/payment/told.ts'
import { EventIdReused, InvalidInput, NotFound } from '#engine/errors.ts'
import type { PaymentAnswer, PaymentProvider } from '#engine/payment.ts'
import { isUnderWay, priceOfCredits, someNumberIsActive } from '#engine/recharge.ts'
import type { Purchase } from '#engine/state.ts'
import type { PaymentEvent } from '#engine/trigger.ts'
import { NumberNotActive, PaymentRefused, PaymentUnreachable, PurchaseNotReady } from './errors.ts'
import type { CreditParts } from './parts.ts'

/** Most that one purchase takes, in micro-credits: a slip of the keyboard must not fill the ledger. */
export const PURCHASE_MICROS_MAX = 1_000_000_000_000
/** How long a purchase waits for its decision. */
const WAIT_MS = 5_000

export interface BuyRequest {
  amountMicros: number
  memo: string
  /** Default: as the settings say. */
  provider?: string
}

/** `purchase` is null while it is on disk and not decided yet. */
export interface BuyAnswer {
  triggerId: string
  purchase: Purchase | null
  /** For the payer's browser, when they have to do something. Never for a log. */
  clientSecret: string | null
}

/**
 * Buys credits (S37 to S39): books them, or has them paid for.
 *
 * @param idempotencyKey asking twice with one key buys once
 * @throws InvalidInput, NumberNotActive, EventIdReused; nothing is bought then
 */
export async function buyCredits(
  parts: CreditParts,
  request: BuyRequest,
  actor: string,
  idempotencyKey?: string,
): Promise<BuyAnswer> {
  const { store, clock, newId } = parts
  const { amountMicros, memo } = request
  checkAmount(amountMicros)
  await requireActiveNumber(parts)
  const settings = (await store.settings()).credits
  const provider = request.provider ?? settings.provider
  if (provider !== 'manual') providerOf(parts, provider)
  const price = provider === 'manual' ? null : priceOfCredits(amountMicros, settings)
  if (provider !== 'manual' && price === null) {
    throw new InvalidInput(
      'So many credits have no price in whole units. Buy fewer, or mend the setting credits.pricePerCreditMinor.',
      {
        field: 'amountMicros',
      },
    )
  }
  const [outcome] = await parts.accept([
    {
      kind: 'purchase',
      source: 'api',
      sourceId: `purchase:${idempotencyKey ?? newId()}`,
      occurredAt: clock.now(),
      purchase: { provider, amountMicros, price, memo, actor },
    },
  ])
  if (outcome === undefined || outcome.kind === 'reused') {
    throw new EventIdReused('This Idempotency-Key came before with another purchase. Use a new key.')
  }
  const triggerId = outcome.id
  if (!(await parts.whenDecided(triggerId, WAIT_MS))) return { triggerId, purchase: null, clientSecret: null }
  const purchase = await store.purchase(triggerId)
  // Whatever becomes of the charge here, the outbox charges too: both ask for one and the same payment.
  return purchase === null || !isUnderWay(purchase)
    ? { triggerId, purchase, clientSecret: null }
    : payPurchase(parts, triggerId)
}

/** Starts the payment of a purchase, or tells how it fares. @throws NotFound, PurchaseNotReady */
export async function payPurchase(parts: CreditParts, id: string): Promise<BuyAnswer> {
  const purchase = await find(parts, id)
  if (!isUnderWay(purchase)) {
    throw new PurchaseNotReady(`Purchase ${id} is ${purchase.state}. Only one that is under way can be paid.`, { id })
  }
  const answer = await providerOf(parts, purchase.provider).charge(purchase)
  const after = await tellAnswer(parts, purchase, answer)
  return {
    triggerId: id,
    purchase: after,
    clientSecret: answer.kind === 'needs_action' ? answer.clientSecret : null,
  }
}

/** Gives up a purchase that is not paid yet. @throws NotFound, PurchaseNotReady, PaymentUnreachable */
export async function cancelPurchase(parts: CreditParts, id: string): Promise<Purchase> {
  const purchase = await find(parts, id)
  if (!isUnderWay(purchase)) {
    throw new PurchaseNotReady(`Purchase ${id} is ${purchase.state}. Only one that is under way can be cancelled.`, {
      id,
    })
  }
  const answer = await providerOf(parts, purchase.provider).cancel(purchase)
  if (answer.kind === 'lost') throw unreachable(purchase, answer.detail)
  if (answer.kind === 'declined' && !answer.final) throw refused(purchase, answer)
  return tellAnswer(parts, purchase, answer)
}

/**
 * Gives money back; the credits go with it. What is booked by hand is given back by hand, and only its credits go here.
 *
 * @param amountMicros of the credits; all that have not gone back when left out
 * @throws NotFound, InvalidInput, PurchaseNotReady, PaymentRefused, PaymentUnreachable
 */
export async function refundPurchase(
  parts: CreditParts,
  id: string,
  amountMicros: number | undefined,
  idempotencyKey: string,
): Promise<Purchase> {
  const purchase = await find(parts, id)
  if (purchase.state !== 'succeeded' && purchase.state !== 'refunded') {
    throw new PurchaseNotReady(`Purchase ${id} is ${purchase.state}. Only one that was paid can be given back.`, { id })
  }
  const sourceId = `refund:${id}:${idempotencyKey}`
  const left = purchase.amountMicros - purchase.returnedMicros
  const wanted = amountMicros ?? left
  checkAmount(wanted)
  if (wanted > left) {
    throw new InvalidInput(`Of this purchase ${left} micro-credits are left to be given back. Ask for no more.`, {
      field: 'amountMicros',
      leftMicros: left,
    })
  }
  const returnedShare = await giveBackMoney(parts, purchase, wanted, idempotencyKey)
  return tell(parts, purchase, {
    kind: 'payment',
    source: 'denrei',
    sourceId,
    occurredAt: parts.clock.now(),
    purchaseId: id,
    provider: purchase.provider,
    reference: purchase.reference,
    state: 'returned',
    returnedShare,
  })
}

async function giveBackMoney(
  parts: CreditParts,
  purchase: Purchase,
  wantedMicros: number,
  key: string,
): Promise<number> {
  const { price, amountMicros, returnedMicros } = purchase
  if (purchase.provider === 'manual' || price === null) return (returnedMicros + wantedMicros) / amountMicros
  const left = price.amountMinor - Math.round((price.amountMinor * returnedMicros) / amountMicros)
  const amountMinor = Math.min(left, Math.max(1, Math.round((price.amountMinor * wantedMicros) / amountMicros)))
  const answer = await providerOf(parts, purchase.provider).refund(purchase, amountMinor, key)
  switch (answer.kind) {
    case 'returned':
      return answer.returnedShare
    case 'refused':
      throw refused(purchase, answer)
    case 'lost':
      throw unreachable(purchase, answer.detail)
    default:
      throw new TypeError(`Unknown answer: ${(answer satisfies never as { kind: string }).kind}`)
  }
}

async function tellAnswer(parts: CreditParts, purchase: Purchase, answer: PaymentAnswer): Promise<Purchase> {
  const event = paymentEvent(purchase, answer, `answer:${parts.newId()}`, parts.clock.now())
  return event === null ? purchase : tell(parts, purchase, event)
}

async function tell(parts: CreditParts, purchase: Purchase, event: PaymentEvent): Promise<Purchase> {
  const [outcome] = await parts.accept([event])
  if (outcome === undefined || outcome.kind === 'reused') {
    throw new EventIdReused('This Idempotency-Key came before with another amount. Use a new key.')
  }
  await parts.whenDecided(outcome.id, WAIT_MS)
  return (await parts.store.purchase(purchase.id)) ?? purchase
}

async function find({ store }: CreditParts, id: string): Promise<Purchase> {
  const purchase = await store.purchase(id)
  if (purchase === null) throw new NotFound(`There is no purchase ${id}.`, { id })
  return purchase
}

function providerOf({ payments }: CreditParts, name: string): PaymentProvider {
  const found = payments.find((one) => one.name === name)
  if (found !== undefined) return found
  const known = ['manual', ...payments.map((one) => one.name)].join(', ')
  throw new InvalidInput(
    `Payments by "${name}" are not configured here. Use one of ${known}, or set what it needs (STRIPE_SECRET_KEY for stripe).`,
    { field: 'provider' },
  )
}

function checkAmount(amountMicros: number): void {
  if (Number.isSafeInteger(amountMicros) && amountMicros > 0 && amountMicros <= PURCHASE_MICROS_MAX) return
  throw new InvalidInput(
    `Credits are counted in whole micro-credits, from 1 to ${PURCHASE_MICROS_MAX}. ${amountMicros} is not one of them; 1000000 is one credit.`,
    { field: 'amountMicros' },
  )
}

async function requireActiveNumber({ store }: CreditParts): Promise<void> {
  const [numbers, accounts] = await Promise.all([store.numbers(), store.accounts()])
  if (someNumberIsActive({ numbers, accounts: new Map(accounts.map((one) => [one.id, one])) })) return
  throw new NumberNotActive(
    'Credits can be bought once a WhatsApp number is active: connected, verified, and its account enabled. Connect one (denrei connect), then read the account again (POST /v1/account/sync).',
    { numbers: numbers.map(({ id, status, verified }) => ({ id, status, verified })) },
  )
}

const unreachable = ({ id, provider }: Purchase, detail: string) =>
  new PaymentUnreachable(`"${provider}" did not answer about purchase ${id}. Ask again.`, { id, detail })

const refused = ({ id, provider }: Purchase, { code, detail }: { code: string; detail: string }) =>
  new PaymentRefused(`"${provider}" refused this for purchase ${id}: ${detail} (${code})`, { id, reason: code })
