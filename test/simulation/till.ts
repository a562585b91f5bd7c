import { createStripe } from '#actions/payment/stripe.ts'
import type { CardBehaviour } from '#emulator/stripe/cards.ts'
import { stripeSignature } from '#emulator/stripe/events.ts'
import { StripeFault } from '#emulator/stripe/fault.ts'
import type { StripeEvent } from '#emulator/stripe/objects.ts'
import type { StripeDouble } from '#emulator/stripe/stripe.ts'
import type { Random } from '#emulator/random.ts'
import { AppError } from '#engine/errors.ts'
import type { PaymentProvider } from '#engine/payment.ts'
import type { Denrei } from '#server/denrei.ts'
import type { Life } from './life.ts'
import { pick } from './people.ts'
import type { World } from './world.ts'

const SECOND_MS = 1000
const MINUTE_MS = 60 * SECOND_MS
const HOUR_MS = 60 * MINUTE_MS
export const WEBHOOK_SECRET = 'whsec_simulation'

/** What a person may be told who buys or wants money back; they leave it at that. */
const REFUSED = new Set([
  'ERR_NUMBER_NOT_ACTIVE',
  'ERR_PURCHASE_NOT_READY',
  'ERR_PAYMENT_REFUSED',
  'ERR_PAYMENT_UNREACHABLE',
  'ERR_INVALID_INPUT',
])

/** The real client of Stripe and the double of its API, and what goes wrong between them and us. */
export class Till {
  readonly stripe: StripeDouble
  private readonly world: World
  private readonly random: Random
  private customer: string | null = null
  private heard = 0
  private asked = 0
  private readonly real: PaymentProvider

  constructor(world: World, stripe: StripeDouble, random: Random) {
    this.world = world
    this.stripe = stripe
    this.random = random
    this.real = createStripe({
      secretKey: () => 'sk_test_denrei',
      baseUrl: stripe.url,
      memory: { read: async () => this.customer, write: async (id) => void (this.customer = id) },
      // It waits between tries by timers, which stand still while it is asked.
      retriesMax: 0,
    })
  }

  /** Stripe, as one run of the process sees it. What it asks for is done at Stripe even when it dies meanwhile. */
  providerFor(life: Life): PaymentProvider {
    const { real } = this
    const ask = <T>(call: () => Promise<T>) => this.over(life, call)
    const lost = { kind: 'lost', detail: 'The connection was closed.' } as const
    /** It was done, and nobody heard so. */
    const unlessLost = async <T>(answer: Promise<T>): Promise<T | typeof lost> => {
      const isLost = !this.world.calm && this.random.chance(this.world.chaos.stripe.troubleRate)
      return answer.then((one) => (isLost ? lost : one))
    }
    return {
      name: real.name,
      charge: (purchase) => unlessLost(ask(() => real.charge(purchase))),
      canChargeAlone: () => ask(() => real.canChargeAlone()),
      cancel: (purchase) => unlessLost(ask(() => real.cancel(purchase))),
      refund: (purchase, amountMinor, key) => unlessLost(ask(() => real.refund(purchase, amountMinor, key))),
      purchaseOf: (reference) => ask(() => real.purchaseOf(reference)),
    }
  }

  /** The call takes no virtual time; its answer comes a moment later, so that the order of things does not hang on real sockets. */
  private over<T>(life: Life, call: () => Promise<T>): Promise<T> {
    const { world, random } = this
    if (!world.calm && random.chance(world.chaos.stripe.troubleRate)) {
      this.stripe.trouble({
        kind: pick(random, ['500', '429'] as const),
        path: pick(random, ['/v1/', '/v1/payment_intents', '/confirm', '/customers']),
      })
    }
    const wayMs = 20 + random.next() * (random.chance(0.1) ? 15 * SECOND_MS : 400)
    return new Promise((resolve, reject) => {
      const answer = (give: () => void) => {
        this.deliver()
        world.time.after(wayMs, () => {
          if (!life.dead) give()
        })
      }
      void world.time.during(
        call().then(
          (value) => answer(() => resolve(value)),
          (error: Error) => answer(() => reject(error)),
        ),
      )
    })
  }

  /** What has happened at Stripe is told: late, out of order and twice now and then, and again until it is taken. */
  deliver(): void {
    const { random, world } = this
    const events = this.stripe.events()
    for (const event of events.slice(this.heard)) {
      const late = random.chance(0.15) ? random.next() * 3 * HOUR_MS : random.next() * 3 * SECOND_MS
      world.time.after(late, () => this.tell(event))
      if (random.chance(0.2)) world.time.after(late + random.next() * HOUR_MS, () => this.tell(event))
    }
    this.heard = events.length
  }

  private tell(event: StripeEvent): void {
    const body = Buffer.from(JSON.stringify(event))
    this.world.insist((denrei) => {
      const signature = stripeSignature(WEBHOOK_SECRET, body.toString(), this.world.time.server.now())
      return denrei.credits.hearStripe(body, signature, [WEBHOOK_SECRET])
    })
  }

  // people

  private try(task: (denrei: Denrei) => Promise<unknown>): void {
    this.world.insist((denrei) =>
      task(denrei).catch((error: unknown) => {
        if (!(error instanceof AppError) || !REFUSED.has(error.code)) throw error
      }),
    )
  }

  /** Somebody buys, and pays in the browser a little later, or never. */
  buy(amountMicros: number, card: string | null): void {
    const { random, world } = this
    const key = `till-${this.asked++}`
    const thinkMs = random.next() * (random.chance(0.2) ? 30 * HOUR_MS : 5 * MINUTE_MS)
    this.try(async (denrei) => {
      const { clientSecret } = await denrei.buyCredits({ amountMicros, memo: '購入', provider: 'stripe' }, '経理', key)
      if (clientSecret !== null && card !== null) world.time.after(thinkMs, () => this.pay(clientSecret, card))
    })
  }

  private pay(clientSecret: string, card: string): void {
    void this.world.time.during(
      this.stripe.pay(clientSecret, card).then(
        () => this.deliver(),
        (error: unknown) => {
          // Declined, or given up meanwhile: the browser says so.
          if (!(error instanceof StripeFault)) throw error
          this.deliver()
        },
      ),
    )
  }

  /** Someone gives money back, here or at Stripe. */
  refund(): void {
    const { random } = this
    const found = this.paid()
    if (found === undefined) return
    if (random.chance(0.5)) {
      const { purchaseId } = found
      const amountMicros = random.chance(0.5) ? undefined : 1_000
      const key = `back-${this.asked++}`
      this.try((denrei) => denrei.credits.refund(purchaseId, amountMicros, key))
    } else {
      this.atStripe(() => this.stripe.account.refund(found.intentId, random.chance(0.5) ? null : 1, {}))
    }
  }

  /** A payer's bank takes the money back, and it is decided who was right. */
  dispute(): void {
    const { random, world } = this
    const found = this.paid()
    // A payment is disputed once.
    if (found === undefined || found.isDisputed) return
    this.atStripe(() => {
      const { id } = this.stripe.account.dispute(found.intentId)
      const end = random.chance(0.5) ? 'won' : 'lost'
      world.time.after(random.next() * 20 * HOUR_MS, () =>
        this.atStripe(() => this.stripe.account.closeDispute(id, end)),
      )
    })
  }

  private paid(): { intentId: string; purchaseId: string; isDisputed: boolean } | undefined {
    const all = [...this.stripe.account.intents.values()].filter(({ status }) => status === 'succeeded')
    if (all.length === 0) return undefined
    const { id, metadata, latest_charge: charge } = pick(this.random, all)
    const isDisputed = this.stripe.account.charges.get(charge ?? '')?.disputed === true
    return { intentId: id, purchaseId: metadata['denrei_purchase'] ?? '', isDisputed }
  }

  /** The bank thinks otherwise of the card that was kept, for the automatic purchases. */
  changeCard(): void {
    const kinds: readonly CardBehaviour[] = [
      { kind: 'pays' },
      { kind: 'pays' },
      { kind: 'declines', declineCode: 'insufficient_funds' },
      { kind: 'asks' },
      { kind: 'pays_later' },
      { kind: 'disputes' },
    ]
    this.stripe.changeKeptCard(pick(this.random, kinds))
  }

  /** What was processing is paid. */
  settleLate(): void {
    for (const { id, status } of this.stripe.account.intents.values()) {
      if (status === 'processing') this.atStripe(() => this.stripe.account.settle(id))
    }
  }

  heal(): void {
    this.stripe.changeKeptCard({ kind: 'pays' })
    this.settleLate()
  }

  private atStripe(act: () => unknown): void {
    try {
      act()
    } catch (error) {
      // Refunded before, or in dispute: Stripe says no.
      if (!(error instanceof StripeFault)) throw error
    }
    this.deliver()
  }
}
