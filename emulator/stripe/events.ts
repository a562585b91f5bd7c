import { createHmac } from 'node:crypto'
import { request } from 'undici'
import type { Scheduler } from '../scheduler.ts'
import type { StripeEvent } from './objects.ts'

/** As Stripe signs: `t=<seconds>,v1=<hex HMAC-SHA256(secret, "<seconds>.<body>")>`. Source: Stripe, "Verify webhook signatures manually". */
export function stripeSignature(secret: string, body: string, atMs: number): string {
  const seconds = Math.floor(atMs / 1000)
  const mac = createHmac('sha256', secret).update(`${seconds}.${body}`).digest('hex')
  return `t=${seconds},v1=${mac}`
}

/** Waits before a webhook that was not answered 2xx is sent again; after the last it is given up. */
const RETRY_MS = [1_000, 10_000, 60_000, 600_000, 3_600_000, 6 * 3_600_000, 24 * 3_600_000]
const TIMEOUT_MS = 10_000

/** Events as they happen, and their way to one endpoint: in order, and again while it does not answer. */
export class StripeEvents {
  readonly all: StripeEvent[] = []
  url: string | null
  secret: string
  /** Of POSTs that are sent twice although they were answered. */
  isDoubled = false
  private readonly scheduler: Scheduler
  private readonly due: { event: StripeEvent; attempt: number }[] = []
  private working: Promise<void> = Promise.resolve()

  constructor(scheduler: Scheduler, url: string | null, secret: string) {
    this.scheduler = scheduler
    this.url = url
    this.secret = secret
    scheduler.afterTasks(() => this.deliver())
  }

  add(event: StripeEvent): void {
    this.all.push(event)
    this.scheduler.at(this.scheduler.now(), () => void this.due.push({ event, attempt: 0 }))
  }

  /** Sends one of them again, as its page at Stripe can. */
  async resend(id: string): Promise<void> {
    const event = this.all.find((one) => one.id === id)
    if (event === undefined) throw new TypeError(`There is no event ${id}.`)
    this.due.push({ event, attempt: 0 })
    await this.deliver()
  }

  deliver(): Promise<void> {
    this.working = this.working.then(() => this.work())
    return this.working
  }

  private async work(): Promise<void> {
    for (let next = this.due.shift(); next !== undefined; next = this.due.shift()) {
      const { event, attempt } = next
      if (this.url === null) continue
      const isHeard = await this.post(this.url, event)
      if (isHeard && this.isDoubled && attempt === 0) await this.post(this.url, event)
      const waitMs = RETRY_MS[attempt]
      if (isHeard || waitMs === undefined) continue
      this.scheduler.at(this.scheduler.now() + waitMs, () => void this.due.push({ event, attempt: attempt + 1 }))
    }
  }

  private async post(url: string, event: StripeEvent): Promise<boolean> {
    const body = JSON.stringify(event, null, 2)
    try {
      const answer = await request(url, {
        method: 'POST',
        headers: {
          'content-type': 'application/json; charset=utf-8',
          'stripe-signature': stripeSignature(this.secret, body, this.scheduler.now()),
          'user-agent': 'Stripe/1.0 (+https://stripe.com/docs/webhooks)',
        },
        body,
        signal: AbortSignal.timeout(TIMEOUT_MS),
      })
      await answer.body.dump()
      return answer.statusCode >= 200 && answer.statusCode < 300
    } catch {
      // Whoever listens is not there, as it may be: the event waits and is sent again.
      return false
    }
  }
}
