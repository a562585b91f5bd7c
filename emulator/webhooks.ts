import { Agent, request, type Dispatcher } from 'undici'
import { randomBytes } from 'node:crypto'
import type { DeliveryOptions } from './options.ts'
import type { Random } from './random.ts'
import type { Scheduler } from './scheduler.ts'
import { escapedJson, signatureOf } from './signature.ts'
import { webhookBody, type WebhookEvent } from './webhookBody.ts'

export type { WebhookEvent } from './webhookBody.ts'

/** A body on its way: the same bytes at every attempt. */
interface Parcel {
  body: string
  /** One of its events; all of them go the same way. */
  event: WebhookEvent
  events: number
  attempts: number
  firstAt: number
  repeat: boolean
  forged: boolean
}

export interface WebhookCounts {
  /** POSTs made, whatever the answer. */
  posts: number
  /** POSTs answered 200. */
  delivered: number
  /** POSTs not answered 200, repeated later. */
  refused: number
  /** Events in bodies that were answered 200 for the first time. */
  events: number
  /** Bodies sent again after a 200. */
  duplicates: number
  /** Bodies given up after the retry span. */
  abandoned: number
  /** Events dropped because no webhook is set or nobody is subscribed. */
  dropped: number
  /** Events and bodies not yet delivered. */
  waiting: number
}

export interface WebhookSource {
  scheduler: Scheduler
  random: Random
  appSecret: string
  /** The first account. */
  wabaId: string
  options: DeliveryOptions
  /** The part of a value that says which number it is about. */
  metadataOf: (numberId: string) => object
  /** The way to the receiver, instead of sockets; who gives it closes it. */
  dispatcher?: Dispatcher
  /** Takes every event instead of a webhook. */
  hear?: (event: WebhookEvent) => void
}

/**
 * Delivers events at least once, in batches, as Meta does: anything but 200 is repeated with growing gaps.
 * Asks for the receiver's address at each attempt, so that a receiver may come back elsewhere.
 */
export class Webhooks {
  /** The app's callback. */
  url: string | null = null
  /** Those of the app that are subscribed: what is in no other goes nowhere, also past an override. Null: all. */
  fields: ReadonlySet<string> | null = null
  /** Accounts that the app does not hear of. */
  readonly unsubscribed = new Set<string>()
  /** Callbacks that stand before the app's, for `messages` only: by number id, and by account id. */
  readonly overrides = new Map<string, string>()
  private readonly source: WebhookSource
  private readonly dispatcher: Dispatcher
  private readonly counted: WebhookCounts = {
    posts: 0,
    delivered: 0,
    refused: 0,
    events: 0,
    duplicates: 0,
    abandoned: 0,
    dropped: 0,
    waiting: 0,
  }
  private pending: WebhookEvent[] = []
  private ready: Parcel[] = []
  private inFlight = 0
  private retrying = 0
  private closed = false
  private idleWaiters: (() => void)[] = []
  private dueWaiters: (() => void)[] = []

  constructor(source: WebhookSource) {
    this.source = source
    this.dispatcher = source.dispatcher ?? new Agent({ connections: 16, pipelining: 1, keepAliveTimeout: 4_000 })
    source.scheduler.afterTasks(() => this.deliverDue())
  }

  /**
   * Where an event goes: the number's callback, the account's, or the app's; nowhere when the app has not subscribed to its field.
   * Source: Meta, Cloud API, "Webhook overrides"; Meta, Graph API, "Application subscriptions".
   */
  private urlOf(event: WebhookEvent): string | null {
    const wabaId = event.wabaId ?? this.source.wabaId
    if (this.unsubscribed.has(wabaId)) return null
    const field = event.kind === 'status' ? 'messages' : event.field
    if (this.fields !== null && !this.fields.has(field)) return null
    if (field !== 'messages') return this.url
    return this.overrides.get(event.numberId ?? '') ?? this.overrides.get(wabaId) ?? this.url
  }

  counts(): WebhookCounts {
    return { ...this.counted, waiting: this.pending.length + this.ready.length + this.inFlight + this.retrying }
  }

  /** Queues an event. It goes out when the tasks of this instant are done, or at `deliverDue`. */
  push(event: WebhookEvent): void {
    const { options, random, scheduler, hear } = this.source
    if (hear !== undefined) {
      this.counted.events++
      return hear(event)
    }
    if (this.urlOf(event) === null) {
      this.counted.dropped++
      return
    }
    if (random.chance(options.reorderRate)) {
      scheduler.at(scheduler.now() + Math.ceil(random.next() * options.reorderMs), () => this.pending.push(event))
      return
    }
    this.pending.push(event)
  }

  /** Sends one event now and waits for one attempt, before anything that is queued. Repeated later if it fails. */
  async deliverAtOnce(event: WebhookEvent): Promise<void> {
    if (this.urlOf(event) === null) {
      this.counted.dropped++
      return
    }
    await this.post(this.parcelOf([event]))
  }

  /** Sends what is queued. Resolves when nothing is queued or in flight; repeats that wait for their time are not waited for. */
  deliverDue(): Promise<void> {
    this.pump()
    if (this.isDueDone()) return Promise.resolve()
    return new Promise((resolve) => this.dueWaiters.push(resolve))
  }

  /** Resolves when everything that was queued has been answered 200, or was given up. */
  async idle(): Promise<void> {
    this.pump()
    if (this.isIdle()) return
    await new Promise<void>((resolve) => this.idleWaiters.push(resolve))
  }

  async close(): Promise<void> {
    this.closed = true
    this.pending = []
    this.ready = []
    if (this.source.dispatcher === undefined) await this.dispatcher.destroy()
    this.wake()
  }

  private isDueDone(): boolean {
    return this.closed || (this.pending.length === 0 && this.ready.length === 0 && this.inFlight === 0)
  }

  private isIdle(): boolean {
    return this.isDueDone() && (this.closed || this.retrying === 0)
  }

  private wake(): void {
    if (this.isDueDone()) for (const resolve of this.dueWaiters.splice(0)) resolve()
    if (this.isIdle()) for (const resolve of this.idleWaiters.splice(0)) resolve()
  }

  private pump(): void {
    const concurrency = this.source.scheduler.virtual ? 1 : this.source.options.concurrency
    while (this.inFlight < concurrency && !this.closed) {
      const parcel = this.ready.shift() ?? this.nextBatch()
      if (parcel === null) break
      this.inFlight++
      void this.post(parcel).finally(() => {
        this.inFlight--
        this.pump()
        this.wake()
      })
    }
  }

  private nextBatch(): Parcel | null {
    if (this.pending.length === 0) return null
    const batchMax = Math.max(1, this.source.options.batchMax)
    const url = this.urlOf(this.pending[0]!)
    const next = this.pending.slice(0, batchMax)
    const other = next.findIndex((event) => this.urlOf(event) !== url)
    const batch = other === -1 ? next : next.slice(0, other)
    this.pending = this.pending.slice(batch.length)
    return this.parcelOf(batch)
  }

  private parcelOf(events: WebhookEvent[]): Parcel {
    const { random, options, scheduler } = this.source
    return {
      body: escapedJson(webhookBody(events, this.source.wabaId, this.source.metadataOf)),
      event: events[0]!,
      events: events.length,
      attempts: 0,
      firstAt: scheduler.now(),
      repeat: false,
      forged: random.chance(options.forgedRate),
    }
  }

  private async post(parcel: Parcel): Promise<void> {
    const { scheduler, random, options } = this.source
    parcel.attempts++
    this.counted.posts++
    if (await this.isTaken(parcel)) {
      this.counted.delivered++
      if (parcel.repeat) this.counted.duplicates++
      else this.counted.events += parcel.events
      if (!parcel.repeat && random.chance(options.duplicateRate)) {
        const copy = { ...parcel, repeat: true, attempts: 0 }
        scheduler.at(scheduler.now() + Math.ceil(random.next() * options.reorderMs), () => this.ready.push(copy))
      }
      return
    }
    if (this.closed) return
    this.counted.refused++
    if (parcel.forged) return
    const { firstMs, maxMs, forMs } = options.retry
    const waitMs = Math.min(firstMs * 2 ** (parcel.attempts - 1), maxMs)
    if (scheduler.now() + waitMs - parcel.firstAt > forMs) {
      this.counted.abandoned++
      return
    }
    this.retrying++
    scheduler.at(scheduler.now() + waitMs, () => {
      this.retrying--
      this.ready.push(parcel)
    })
  }

  /** Whether the receiver answered 200. An unreachable receiver is an answer like any other here: the body is repeated. */
  private async isTaken(parcel: Parcel): Promise<boolean> {
    const url = this.urlOf(parcel.event)
    if (url === null) return false
    const secret = parcel.forged ? randomBytes(16).toString('hex') : this.source.appSecret
    const { timeoutMs } = this.source.options
    try {
      const answer = await request(url, {
        method: 'POST',
        dispatcher: this.dispatcher,
        headers: {
          'content-type': 'application/json',
          'user-agent': 'facebookexternalua',
          'x-hub-signature-256': signatureOf(secret, parcel.body),
        },
        body: parcel.body,
        headersTimeout: timeoutMs,
        bodyTimeout: timeoutMs,
      })
      await answer.body.dump()
      return answer.statusCode === 200
    } catch {
      return false
    }
  }
}
