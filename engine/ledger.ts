import assert from 'node:assert/strict'
import type { Instant } from './clock.ts'
import type { Posting } from './decision.ts'
import type { Balance } from './state.ts'

/** One credit is one US dollar, kept as a million micro-credits, so that no price is ever a fraction. */
export const MICROS_PER_CREDIT = 1_000_000

/**
 * Credits are bought; what is owed is paid first, the rest is available.
 *
 * @param purchaseId of the purchase, or of the trigger that brought the credits: booking it twice is refused
 */
export function purchase(
  purchaseId: string,
  amountMicros: number,
  memo: string,
  at: Instant,
  owedMicros = 0,
): Posting[] {
  return bring(`${purchaseId}:purchase`, amountMicros, owedMicros, memo, at)
}

/**
 * Credits go back to who paid for them: out of what is available, as far as it goes. What was spent or is set aside for messages
 * is owed from then on, because a balance never goes below zero.
 *
 * @param cause unique to the word that tells of it: the trigger's id
 */
export function takeBack(
  purchaseId: string,
  cause: string,
  amountMicros: number,
  availableMicros: number,
  memo: string,
  at: Instant,
): Posting[] {
  assertAmount(`${purchaseId}:return:${cause}`, amountMicros)
  const fromAvailable = Math.min(amountMicros, Math.max(0, availableMicros))
  return postings(`${purchaseId}:return:${cause}`, memo, at, [
    ['purchases', amountMicros],
    ['available', -fromAvailable],
    ['owed', fromAvailable - amountMicros],
  ])
}

/** What a dispute took comes back: what is owed is paid first. */
export function giveBack(
  purchaseId: string,
  cause: string,
  amountMicros: number,
  owedMicros: number,
  memo: string,
  at: Instant,
): Posting[] {
  return bring(`${purchaseId}:reinstate:${cause}`, amountMicros, owedMicros, memo, at)
}

function bring(txId: string, amountMicros: number, owedMicros: number, memo: string, at: Instant): Posting[] {
  assertAmount(txId, amountMicros)
  const paid = Math.min(amountMicros, Math.max(0, owedMicros))
  return postings(txId, memo, at, [
    ['purchases', -amountMicros],
    ['owed', paid],
    ['available', amountMicros - paid],
  ])
}

/** Those that move nothing are left out. */
function postings(txId: string, memo: string, at: Instant, parts: [Posting['account'], number][]): Posting[] {
  return parts
    .filter(([, amountMicros]) => amountMicros !== 0)
    .map(([account, amountMicros]) => ({ txId, account, amountMicros, messageId: null, memo, at }))
}

function assertAmount(txId: string, amountMicros: number): void {
  assert(Number.isSafeInteger(amountMicros) && amountMicros >= 0, `${txId}: ${amountMicros} is no amount to move`)
}

/** Sets the price of a message aside when it is claimed. Each claim has its own fence, so each has its own hold. */
export function hold(messageId: string, fence: number, amountMicros: number, at: Instant): Posting[] {
  return move(`${messageId}:hold:${fence}`, 'available', 'held', amountMicros, messageId, 'hold', at)
}

/** Gives a hold back, whole or what a capture left of it. */
export function release(messageId: string, fence: number, amountMicros: number, at: Instant): Posting[] {
  return move(`${messageId}:release:${fence}`, 'held', 'available', amountMicros, messageId, 'release', at)
}

/** What a message really costs, and what there is to pay it from. */
export interface Charge {
  messageId: string
  fence: number
  /** What is set aside for it now; 0 when nothing is. */
  heldMicros: number
  priceMicros: number
  /** What may be taken beyond the hold. */
  availableMicros: number
}

/**
 * Pays a message out of its hold. A price below the hold gives the rest back; what a price is above it comes from the
 * available credits as far as they go. The rest is forgone, because a balance never goes below zero.
 *
 * @returns `paidMicros`: what was really paid
 */
export function capture(charge: Charge, at: Instant): { postings: Posting[]; paidMicros: number } {
  const { messageId, fence, heldMicros, priceMicros, availableMicros } = charge
  const fromHold = Math.min(heldMicros, priceMicros)
  const extra = Math.min(priceMicros - fromHold, Math.max(0, availableMicros))
  return {
    postings: [
      ...move(`${messageId}:capture`, 'held', 'spent', fromHold, messageId, 'capture', at),
      ...move(`${messageId}:capture:extra`, 'available', 'spent', extra, messageId, 'capture', at),
      ...release(messageId, fence, heldMicros - fromHold, at),
    ],
    paidMicros: fromHold + extra,
  }
}

/**
 * Changes what a captured message cost: a later status told the price better than the first one.
 *
 * @param cause unique to the status that tells it, so applying it twice is refused
 */
export function correct(
  charge: Omit<Charge, 'fence' | 'heldMicros'> & { capturedMicros: number; cause: string },
  at: Instant,
): { postings: Posting[]; paidMicros: number } {
  const { messageId, capturedMicros, priceMicros, availableMicros, cause } = charge
  const txId = `${messageId}:correct:${cause}`
  if (priceMicros <= capturedMicros) {
    const back = capturedMicros - priceMicros
    return {
      postings: move(txId, 'spent', 'available', back, messageId, 'correction', at),
      paidMicros: priceMicros,
    }
  }
  const extra = Math.min(priceMicros - capturedMicros, Math.max(0, availableMicros))
  return {
    postings: move(txId, 'available', 'spent', extra, messageId, 'correction', at),
    paidMicros: capturedMicros + extra,
  }
}

/** One movement: two postings that sum to zero; none when there is nothing to move. */
function move(
  txId: string,
  from: Posting['account'],
  to: Posting['account'],
  amountMicros: number,
  messageId: string | null,
  memo: string,
  at: Instant,
): Posting[] {
  assertAmount(txId, amountMicros)
  if (amountMicros === 0) return []
  return [
    { txId, account: from, amountMicros: -amountMicros, messageId, memo, at },
    { txId, account: to, amountMicros, messageId, memo, at },
  ]
}

/** @throws AssertionError when the postings of a transaction do not sum to zero, or an amount is not an integer */
export function assertBalanced(postings: readonly Posting[]): void {
  const sums = new Map<string, number>()
  for (const { txId, amountMicros } of postings) {
    assert(Number.isSafeInteger(amountMicros), `${txId}: ${amountMicros} is not an integer`)
    sums.set(txId, (sums.get(txId) ?? 0) + amountMicros)
  }
  for (const [txId, sum] of sums) assert.equal(sum, 0, `the postings of ${txId} sum to ${sum}, not to zero`)
}

/** The balance that postings add up to. */
export function sumPostings(postings: readonly Posting[]): Balance {
  const sums = { purchases: 0, available: 0, held: 0, spent: 0, owed: 0 }
  for (const { account, amountMicros } of postings) sums[account] += amountMicros
  const { purchases, owed, ...rest } = sums
  return { bought: 0 - purchases, owed: 0 - owed, ...rest }
}
