import { AccountState } from './accountState.ts'
import type { Faults } from './faults.ts'
import { inboundMessage, inboundSchema, type Inbound } from './inbound.ts'
import { Limits } from './limits.ts'
import { TINY_PNG, type Media } from './media.ts'
import { Messages } from './messages.ts'
import { NotKnown } from './notKnown.ts'
import { firstAccount, LIMIT_DEFAULTS } from './options.ts'
import type { AccountOptions, DeliveryOptions, EmulatorOptions, NumberOptions } from './options.ts'
import { noExtras, type NumberExtras } from './numberExtras.ts'
import type { Portfolio } from './portfolio.ts'
import type { Random } from './random.ts'
import { Registrations } from './registration.ts'
import type { Scheduler } from './scheduler.ts'
import { createShared, type Shared } from './shared.ts'
import { Templates } from './templates.ts'
import type { Webhooks } from './webhooks.ts'
import { Windows } from './windows.ts'

/** An emulated WhatsApp Business account: everything behind the HTTP doors that is its own, and the way to what it shares. */
export class Account {
  readonly options: EmulatorOptions
  readonly own: AccountOptions
  readonly wabaId: string
  readonly appId: string
  readonly numbers: NumberOptions[]
  readonly scheduler: Scheduler
  readonly random: Random
  readonly delivery: DeliveryOptions
  readonly webhooks: Webhooks
  readonly portfolio: Portfolio
  readonly media: Media
  readonly faults: Faults
  readonly limits: Limits
  readonly windows = new Windows()
  readonly state = new AccountState()
  readonly templates: Templates
  readonly messages: Messages
  readonly registrations: Registrations
  /** Messages from users, and those of them that were marked read. */
  readonly inboundIds = new Set<string>()
  readonly readIds = new Set<string>()
  private readonly extras = new Map<string, NumberExtras>()

  /**
   * @param options of the whole emulator; without `own` the account is its first
   * @param shared what it has in common with the other accounts; of its own when there are none
   */
  constructor(
    options: EmulatorOptions,
    seed: number,
    own: AccountOptions = firstAccount(options),
    shared: Shared = createShared(options, seed),
  ) {
    this.options = options
    this.own = own
    this.wabaId = own.wabaId
    this.appId = shared.appId
    // Copies: what happens to a number here is nothing to whom the options came from.
    this.numbers = (own.numbers ?? []).map((number) => ({ ...number }))
    this.scheduler = shared.scheduler
    this.random = shared.random
    this.delivery = shared.delivery
    this.webhooks = shared.webhooks
    this.portfolio = shared.portfolio
    this.media = shared.media
    this.faults = shared.faults
    this.state.review = own.review ?? 'APPROVED'
    this.portfolio.numbers.push(...this.numbers)
    for (const number of this.numbers) shared.displayNumbers.set(number.id, number.displayNumber)
    if (own.subscribed === false) this.webhooks.unsubscribed.add(this.wabaId)
    this.limits = new Limits({ ...LIMIT_DEFAULTS, ...options.limits })
    const tell = (field: string, value: object): void => this.tell(field, value)
    this.templates = new Templates({
      scheduler: this.scheduler,
      reviewDelayMs: options.reviewDelayMs ?? 2_000,
      max: () => (this.portfolio.verified ? 6_000 : 250),
      ids: shared.templateIds,
      tell,
    })
    this.registrations = new Registrations({
      now: () => this.scheduler.now(),
      random: this.random,
      state: this.state,
      tell,
    })
    this.messages = new Messages({
      options,
      scheduler: this.scheduler,
      random: this.random,
      seed,
      limits: this.limits,
      portfolio: this.portfolio,
      state: this.state,
      windows: this.windows,
      templates: this.templates,
      hasMedia: (id) => this.media.get(id) !== undefined,
      push: (event) => this.webhooks.push({ ...event, wabaId: this.wabaId }),
    })
  }

  number(id: string): NumberOptions | undefined {
    return this.numbers.find((number) => number.id === id)
  }

  /** Profile, settings, block list: made when first asked for. */
  extrasOf(numberId: string): NumberExtras {
    let extras = this.extras.get(numberId)
    if (extras === undefined) this.extras.set(numberId, (extras = noExtras()))
    return extras
  }

  /** Counts a management call. @throws GraphError 80007 */
  checkManagement(): void {
    this.limits.checkManagement(this.scheduler.now(), this.isActive)
  }

  /** How much of the hour's management calls is used, in per cent. */
  managementUsed(): number {
    return this.limits.managementUsed(this.scheduler.now(), this.isActive)
  }

  /** Whether a number of it can send, so that it is more than an empty shell. */
  get isActive(): boolean {
    return this.numbers.some(({ status = 'CONNECTED' }) => status === 'CONNECTED')
  }

  /** Queues a webhook of any field: account events, and what a receiver does not know yet. */
  tell(field: string, value: object, numberId?: string): void {
    // Account and template events say when; messages do not.
    const time = field === 'messages' ? {} : { time: Math.floor(this.scheduler.now() / 1000) }
    const to = numberId === undefined ? {} : { numberId }
    this.webhooks.push({ kind: 'change', wabaId: this.wabaId, field, value, ...time, ...to })
  }

  /** A user writes. @returns the id of the message. @throws ZodError, or NotKnown for an unknown number */
  receive(given: Inbound): string {
    const inbound = inboundSchema.parse(given)
    const number = inbound.numberId === undefined ? this.numbers[0] : this.number(inbound.numberId)
    if (number === undefined) throw new NotKnown(`The emulator has no number ${inbound.numberId ?? ''}.`)
    if (this.state.gone) throw new NotKnown(`The account ${this.wabaId} is gone.`)
    const at = this.scheduler.now()
    const id = this.messages.wamidOf(inbound.from?.replace(/\D/g, '') ?? inbound.bsuid!)
    const { user, opensWindow, byAd, value } = inboundMessage(inbound, {
      id,
      at,
      metadata: this.metadataOf(number),
      businessDigits: number.displayNumber.replace(/\D/g, ''),
      mediaOf: (message) => this.receivedMedia(message),
    })
    if (inbound.from === undefined) this.messages.hiddenUsers.add(user)
    this.limits.admitThroughput(number, at)
    // Who is blocked is not heard.
    if (this.extras.get(number.id)?.blocked.has(user) === true) return id
    if (opensWindow) this.windows.opened(number.id, user, at, byAd)
    this.inboundIds.add(id)
    this.tell('messages', value, number.id)
    return id
  }

  /** The same, and resolves when the webhook was tried once. */
  async receiveAndSend(inbound: Inbound): Promise<string> {
    const id = this.receive(inbound)
    await this.webhooks.deliverDue()
    return id
  }

  /** The part of a value that says which number it is about. */
  metadataOf({ id, displayNumber }: NumberOptions): object {
    return { display_phone_number: displayNumber.replace(/\D/g, ''), phone_number_id: id }
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
}
