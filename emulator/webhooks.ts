import { Agent, request, type Dispatcher } from 'undici'
import { randomBytes } from 'node:crypto'
import type { DeliveryOptions } from './options.ts'
import type { Random } from './random.ts'
import type { Scheduler } from './scheduler.ts'
import { escapedJson, signatureOf } from './signature.ts'

/** One thing to tell the receiver. Statuses of the same number that are due together share a POST. */
export type WebhookEvent =
  { kind: 'status'; numberId: string; status: object } | { kind: 'change'; field: string; value: object; time?: number }

/** A body on its way: the same bytes at every attempt. */
interface Parcel {
  body: string
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
  wabaId: string
  options: DeliveryOptions
  /** The part of a value that says which number it is about. */
  metadataOf(numberId: string): object
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
  url: string | null = null
  subscribed = true
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
    if (this.url === null || !this.subscribed) {
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
    if (this.url === null || !this.subscribed) {
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
    const batch = this.pending.length <= batchMax ? this.pending : this.pending.slice(0, batchMax)
    this.pending = this.pending.length <= batchMax ? [] : this.pending.slice(batchMax)
    return this.parcelOf(batch)
  }

  private parcelOf(events: WebhookEvent[]): Parcel {
    const { random, options, scheduler } = this.source
    return {
      body: escapedJson(this.envelope(events)),
      events: events.length,
      attempts: 0,
      firstAt: scheduler.now(),
      repeat: false,
      forged: random.chance(options.forgedRate),
    }
  }

  private envelope(events: WebhookEvent[]): object {
    const { source } = this
    const statuses = new Map<string, object[]>()
    const entries: object[] = []
    const changes: object[] = []
    for (const event of events) {
      if (event.kind === 'change') {
        const change = { value: event.value, field: event.field }
        // An entry has one time, so a change that tells its time is an entry of its own.
        if (event.time === undefined) changes.push(change)
        else entries.push({ id: source.wabaId, time: event.time, changes: [change] })
        continue
      }
      const same = statuses.get(event.numberId)
      if (same) same.push(event.status)
      else statuses.set(event.numberId, [event.status])
    }
    for (const [numberId, list] of statuses) {
      const value = { messaging_product: 'whatsapp', metadata: source.metadataOf(numberId), statuses: list }
      changes.push({ value, field: 'messages' })
    }
    if (changes.length > 0) entries.push({ id: source.wabaId, changes })
    return { object: 'whatsapp_business_account', entry: entries }
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
    if (this.url === null) return false
    const secret = parcel.forged ? randomBytes(16).toString('hex') : this.source.appSecret
    const { timeoutMs } = this.source.options
    try {
      const answer = await request(this.url, {
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

/**
 * Asks a receiver to prove that it knows the verify token.
 *
 * @returns whether it answered 200 with the challenge, as text
 * Source: Meta, Graph API, "Webhooks" (verification requests).
 */
export async function handshake(url: string, verifyToken: string): Promise<boolean> {
  const challenge = String(randomBytes(4).readUInt32BE())
  const asked = new URL(url)
  asked.searchParams.set('hub.mode', 'subscribe')
  asked.searchParams.set('hub.challenge', challenge)
  asked.searchParams.set('hub.verify_token', verifyToken)
  try {
    const answer = await request(asked, { method: 'GET', headersTimeout: 5_000, bodyTimeout: 5_000 })
    return (await answer.body.text()) === challenge && answer.statusCode === 200
  } catch {
    return false
  }
}
