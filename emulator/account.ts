import { Faults } from './faults.ts'
import { inboundMessage, inboundSchema, type Inbound } from './inbound.ts'
import { Limits } from './limits.ts'
import { Media, TINY_PNG } from './media.ts'
import { Messages } from './messages.ts'
import { DELIVERY_DEFAULTS, LIMIT_DEFAULTS, NUMBER_DEFAULT } from './options.ts'
import type { DeliveryOptions, EmulatorOptions, NumberOptions } from './options.ts'
import { NotKnown } from './notKnown.ts'
import { Random } from './random.ts'
import { realTime, type Scheduler } from './scheduler.ts'
import { Templates } from './templates.ts'
import { Webhooks } from './webhooks.ts'
import { Windows } from './windows.ts'

/** The emulated WhatsApp Business account: everything behind the HTTP doors. */
export class Account {
  readonly options: EmulatorOptions
  readonly wabaId: string
  readonly appId: string
  readonly numbers: NumberOptions[]
  readonly scheduler: Scheduler
  readonly random: Random
  readonly delivery: DeliveryOptions
  readonly webhooks: Webhooks
  readonly limits: Limits
  readonly windows = new Windows()
  readonly templates: Templates
  readonly media: Media
  readonly messages: Messages
  readonly faults: Faults
  /** Messages from users, and those of them that were marked read. */
  readonly inboundIds = new Set<string>()
  readonly readIds = new Set<string>()

  constructor(options: EmulatorOptions, seed: number) {
    this.options = options
    this.wabaId = options.wabaId ?? '102290129340398'
    this.appId = options.appId ?? '634974688087057'
    this.numbers = options.numbers ?? [NUMBER_DEFAULT]
    this.scheduler = options.schedule ?? realTime(options.now)
    this.random = new Random(seed)
    this.delivery = { ...DELIVERY_DEFAULTS, ...options.delivery }
    this.webhooks = new Webhooks({
      scheduler: this.scheduler,
      random: this.random,
      appSecret: options.appSecret,
      wabaId: this.wabaId,
      options: this.delivery,
      metadataOf: (numberId) => this.metadataOf(numberId),
      ...(options.dispatcher === undefined ? {} : { dispatcher: options.dispatcher }),
      ...(options.hear === undefined ? {} : { hear: options.hear }),
    })
    this.webhooks.url = options.webhookUrl ?? null
    this.limits = new Limits({ ...LIMIT_DEFAULTS, ...options.limits })
    this.templates = new Templates({
      scheduler: this.scheduler,
      reviewDelayMs: options.reviewDelayMs ?? 2_000,
      tell: (field, value) => this.tell(field, value),
    })
    this.media = new Media(this.scheduler)
    this.faults = new Faults(this.random)
    this.messages = new Messages({
      options,
      numbers: this.numbers,
      scheduler: this.scheduler,
      random: this.random,
      seed,
      limits: this.limits,
      windows: this.windows,
      templates: this.templates,
      hasMedia: (id) => this.media.get(id) !== undefined,
      push: (event) => this.webhooks.push(event),
    })
  }

  number(id: string): NumberOptions | undefined {
    return this.numbers.find((number) => number.id === id)
  }

  /** Queues a webhook of any field: account events, and what a receiver does not know yet. */
  tell(field: string, value: object): void {
    // Account and template events say when; messages do not.
    const time = field === 'messages' ? {} : { time: Math.floor(this.scheduler.now() / 1000) }
    this.webhooks.push({ kind: 'change', field, value, ...time })
  }

  /** A user writes. @returns the id of the message. @throws ZodError, or NotKnown for an unknown number */
  receive(given: Inbound): string {
    const inbound = inboundSchema.parse(given)
    const number = inbound.numberId === undefined ? this.numbers[0]! : this.number(inbound.numberId)
    if (number === undefined) throw new NotKnown(`The emulator has no number ${inbound.numberId}.`)
    const at = this.scheduler.now()
    const id = this.messages.wamidOf(inbound.from?.replace(/\D/g, '') ?? inbound.bsuid!)
    const { user, opensWindow, byAd, value } = inboundMessage(inbound, {
      id,
      at,
      metadata: this.metadataOf(number.id),
      businessDigits: number.displayNumber.replace(/\D/g, ''),
      mediaOf: (message) => this.receivedMedia(message),
    })
    if (inbound.from === undefined) this.messages.hiddenUsers.add(user)
    this.limits.admitThroughput(number, at)
    if (opensWindow) this.windows.opened(number.id, user, at, byAd)
    this.inboundIds.add(id)
    this.tell('messages', value)
    return id
  }

  /** The same, and resolves when the webhook was tried once. */
  async receiveAndSend(inbound: Inbound): Promise<string> {
    const id = this.receive(inbound)
    await this.webhooks.deliverDue()
    return id
  }

  private receivedMedia({ media }: Inbound): object {
    const stored =
      (media!.id === undefined ? undefined : this.media.get(media!.id)) ??
      this.media.store(TINY_PNG, 'image/png', 'user')
    return {
      ...(media!.caption === undefined ? {} : { caption: media!.caption }),
      ...(media!.filename === undefined ? {} : { filename: media!.filename }),
      mime_type: stored.mimeType,
      sha256: Buffer.from(stored.sha256, 'hex').toString('base64'),
      id: stored.id,
    }
  }

  private metadataOf(numberId: string): object {
    return {
      display_phone_number: this.number(numberId)?.displayNumber.replace(/\D/g, '') ?? '',
      phone_number_id: numberId,
    }
  }
}
