import { checkContent } from './content.ts'
import { checkEnvelope } from './envelope.ts'
import { GraphError, webhookError } from './graphError.ts'
import type { AccountState } from './accountState.ts'
import type { Limits } from './limits.ts'
import { magicOf, ORDINARY, type Step } from './magic.ts'
import type { EmulatorOptions, NumberOptions } from './options.ts'
import { isUnitedStates } from './phone.ts'
import type { Portfolio } from './portfolio.ts'
import { pricingOf, type Pricing } from './pricing.ts'
import { fraction, type Random } from './random.ts'
import { recipientOf } from './recipient.ts'
import type { Scheduler } from './scheduler.ts'
import type { Templates } from './templates.ts'
import type { WebhookEvent } from './webhooks.ts'
import type { Windows } from './windows.ts'

export type MessageStatus = 'accepted' | 'sent' | 'delivered' | 'read' | 'failed'

/** A message that was accepted, and where it stands. */
export interface SentMessage {
  wamid: string
  numberId: string
  /** As the caller wrote it. */
  to: string
  /** Digits; null for a user known by BSUID only. */
  waId: string | null
  bsuid: string
  type: string
  template: { name: string; language: string; category: string } | null
  /** The text the user sees. */
  text: string
  header: string | null
  opaqueId: string | null
  acceptedAt: number
  /** The latest one told, in the order of its life: a failure after delivery stands as `failed`. */
  status: MessageStatus
  errorCode: number | null
  pricing: Pricing
  /** Until when its conversation lasts: the free entry point, or 24 hours. */
  conversationUntil: number
  history: { status: MessageStatus; at: number }[]
  /** Its id in the message history, rising. */
  historyId: string
}

export interface MessagesSource {
  options: EmulatorOptions
  scheduler: Scheduler
  random: Random
  seed: number
  limits: Limits
  portfolio: Portfolio
  state: AccountState
  windows: Windows
  templates: Templates
  hasMedia: (id: string) => boolean
  push(event: WebhookEvent): void
}

const HISTORY_FROM = 5_000_000_000_000_001
const DELAYS_MS = { sent: 150, delivered: 350, read: 1_500 }
const UNPAID: readonly Step[] = [{ status: 'failed', delay: 'sent', code: 131042 }]
const US_PAUSE_FROM = Date.UTC(2025, 3, 1)
const FREE_SERVICE_FROM = Date.UTC(2026, 9, 1)

/** An accepted send: the answer to give, and the life that begins when `start` is called. */
export interface Acceptance {
  message: SentMessage
  answer: object
  /** Puts the statuses on their way; called once, when the answer is about to go out. */
  start(): void
  /** The first status if it is `sent`, for receivers that must hear of it before the answer; `start` then leaves it out. */
  takeSent(): WebhookEvent | null
}

/** Sends: checks, limits, the state machine of statuses, and what they count. */
export class Messages {
  private readonly source: MessagesSource
  /** Of the steps of messages that are accepted from now on, and of the next step of the others. */
  readonly delaysMs: Record<Exclude<Step['delay'], number>, number>
  /** Share of delivered messages that are read. */
  readRate: number
  private readonly all = new Map<string, SentMessage>()
  /** Accepted sends by the caller's own id; above 1 the caller has sent twice. */
  readonly byOpaqueId = new Map<string, number>()
  readonly refusals = new Map<number, number>()
  /** Users whose phone number is not told, because they have a username. */
  readonly hiddenUsers = new Set<string>()
  /** Service messages a number sent in a calendar month. */
  private readonly serviceSent = new Map<string, number>()

  constructor(source: MessagesSource) {
    this.source = source
    this.readRate = source.options.readRate ?? 0.7
    this.delaysMs = { ...DELAYS_MS, ...source.options.statusDelaysMs }
  }

  list(): SentMessage[] {
    return [...this.all.values()]
  }

  get(wamid: string): SentMessage | undefined {
    return this.all.get(wamid)
  }

  get size(): number {
    return this.all.size
  }

  byStatus(): Record<MessageStatus, number> {
    const counts = { accepted: 0, sent: 0, delivered: 0, read: 0, failed: 0 }
    for (const { status } of this.all.values()) counts[status]++
    return counts
  }

  /** A send that was refused, for the counts. */
  refused(code: number): void {
    this.refusals.set(code, (this.refusals.get(code) ?? 0) + 1)
  }

  /** @param version of the URL that was called. @throws GraphError */
  accept(number: NumberOptions, version: number, body: unknown): Acceptance {
    const { options, scheduler, limits, portfolio, state, windows, templates } = this.source
    const now = scheduler.now()
    const envelope = checkEnvelope(body)
    const user = recipientOf(envelope, number, this.hiddenUsers)
    const content = checkContent(envelope, templates, { version, hasMedia: this.source.hasMedia })
    const category = content.template?.category ?? null
    const magic = options.magic === false || user.waId === null ? null : magicOf(user.waId, category)
    if (magic?.refuse !== undefined) throw new GraphError(magic.refuse, 'Message Undeliverable.')
    const windowOpen = windows.isOpen(number.id, user.key, now)
    if (category === null && !windowOpen) {
      throw new GraphError(
        131047,
        'Message failed to send because more than 24 hours have passed since the customer last replied to this number.',
      )
    }
    state.checkSend({ number, category, windowOpen, now })
    limits.checkThroughput(number, now)
    limits.checkPair(number.id, user.key, now)
    if (!windowOpen) portfolio.checkReach(user.key, now)

    const freeUntil = windows.answered(number.id, user.key, now)
    const pricing = this.priceOf(number.id, category, windowOpen, freeUntil !== null, now)
    state.checkPayment(pricing.billable)

    const message: SentMessage = {
      wamid: this.wamidOf(user.waId ?? user.bsuid),
      numberId: number.id,
      to: envelope.to ?? envelope.recipient!,
      waId: user.waId,
      bsuid: user.bsuid,
      type: envelope.type,
      template: content.template,
      text: content.text,
      header: content.header,
      opaqueId: envelope.opaqueId,
      acceptedAt: now,
      status: 'accepted',
      errorCode: null,
      pricing,
      conversationUntil: freeUntil ?? now + 24 * 3_600_000,
      history: [{ status: 'accepted', at: now }],
      historyId: String(HISTORY_FROM + this.all.size),
    }
    this.all.set(message.wamid, message)
    if (message.opaqueId !== null) {
      this.byOpaqueId.set(message.opaqueId, (this.byOpaqueId.get(message.opaqueId) ?? 0) + 1)
    }
    const paced = this.pacedSteps(content.template)
    const unpaid = state.paymentProblem === 'status' && pricing.billable ? UNPAID : undefined
    const steps =
      unpaid ?? paced ?? options.fate?.(message) ?? magic?.steps ?? this.ordinarySteps(message, category, now)
    return this.acceptance(message, steps, paced !== undefined || magic?.held === true)
  }

  /** While a template is let out slowly, only its first messages go at once. */
  private pacedSteps(template: SentMessage['template']): readonly Step[] | undefined {
    const pacing = template === null ? null : this.source.templates.find(template.name, template.language)?.pacing
    if (pacing == null || pacing.left-- > 0) return undefined
    const delay = Math.max(0, pacing.decideAt - this.source.scheduler.now())
    if (pacing.outcome === 'drop') return [{ status: 'failed', delay, code: 132015 }]
    return [{ status: 'sent', delay }, ...ORDINARY.delivered.slice(1)]
  }

  private acceptance(message: SentMessage, steps: readonly Step[], held: boolean): Acceptance {
    let next = 0
    const { to, waId, bsuid } = message
    return {
      message,
      answer: {
        messaging_product: 'whatsapp',
        contacts: [waId === null ? { input: to, user_id: bsuid } : { input: to, wa_id: waId }],
        messages: [
          {
            id: message.wamid,
            ...(message.template === null ? {} : { message_status: held ? 'held_for_quality_assessment' : 'accepted' }),
          },
        ],
      },
      start: () => this.live(message, steps, next),
      takeSent: () => {
        if (steps[0]?.status !== 'sent') return null
        next = 1
        return this.tell(message, steps[0], false)
      },
    }
  }

  /** Waits for the next step, tells it, goes on: one entry in the agenda for each message. */
  private live(message: SentMessage, steps: readonly Step[], index: number): void {
    const step = steps[index]
    if (step === undefined) return
    const { scheduler } = this.source
    const delayMs = typeof step.delay === 'number' ? step.delay : this.delaysMs[step.delay]
    scheduler.at(scheduler.now() + delayMs, () => {
      this.source.push(this.tell(message, step, index > 0 && steps[index - 1]!.status === 'delivered'))
      this.live(message, steps, index + 1)
    })
  }

  /** Moves the message on and gives the status to tell. @param charged whether an earlier status carried the price */
  private tell(message: SentMessage, { status, code }: Step, charged: boolean): WebhookEvent {
    const now = this.source.scheduler.now()
    message.status = status
    message.history.push({ status, at: now })
    if (status === 'failed') message.errorCode = code!
    const told = {
      id: message.wamid,
      status,
      timestamp: String(Math.floor(now / 1000)),
      recipient_id: message.waId ?? '',
      recipient_user_id: message.bsuid,
      ...(message.opaqueId === null ? {} : { biz_opaque_callback_data: message.opaqueId }),
      // Told with `sent`, and once more with what makes it charged: delivered, or read when nothing said delivered.
      ...(status === 'failed' || (status === 'read' && charged) ? {} : this.priceFields(message, status)),
      ...(status === 'failed' ? { errors: [webhookError(code!)] } : {}),
    }
    return { kind: 'status', numberId: message.numberId, status: told }
  }

  private priceFields({ pricing, wamid, conversationUntil }: SentMessage, status: MessageStatus): object {
    const free = pricing.type === 'free_entry_point' || pricing.category === 'referral_conversion'
    if (!free && (this.source.options.webhookVersion ?? 25) >= 24) return { pricing }
    return {
      conversation: {
        id: fraction(this.source.seed, wamid).toString(16).slice(2),
        ...(status === 'sent' ? { expiration_timestamp: String(Math.floor(conversationUntil / 1000)) } : {}),
        origin: { type: pricing.category },
      },
      pricing,
    }
  }

  private ordinarySteps(message: SentMessage, category: string | null, now: number): readonly Step[] {
    const { options, seed } = this.source
    const paused = options.usMarketingPause !== false && category === 'MARKETING' && now >= US_PAUSE_FROM
    if (paused && message.waId !== null && isUnitedStates(message.waId)) {
      return [{ status: 'failed', delay: 'sent', code: 131049 }]
    }
    // By the caller's id, so that neither order nor another message changes whether this one is read.
    const isRead = fraction(seed, message.opaqueId ?? message.wamid) < this.readRate
    return isRead ? ORDINARY.read : ORDINARY.delivered
  }

  private priceOf(
    numberId: string,
    category: string | null,
    windowOpen: boolean,
    freeEntry: boolean,
    at: number,
  ): Pricing {
    const freeServiceLeft = category === null && !freeEntry ? this.takeFreeService(numberId, at) : 0
    return pricingOf({
      at,
      category: category?.toLowerCase() ?? null,
      windowOpen,
      freeEntry,
      freeServiceLeft,
    })
  }

  /** Counts a service message. @returns how many free ones the number had left this month */
  private takeFreeService(numberId: string, at: number): number {
    if (at < FREE_SERVICE_FROM) return Infinity
    const month = `${numberId} ${new Date(at).toISOString().slice(0, 7)}`
    const sent = this.serviceSent.get(month) ?? 0
    this.serviceSent.set(month, sent + 1)
    return (this.source.options.limits?.freeServiceMessages ?? 1_000) - sent
  }

  /** `wamid.` and base64 of bytes like those of real ids: markers, the user, and an id. */
  wamidOf(user: string): string {
    const id = this.source.random.hex(18)
    return `wamid.${Buffer.from(`\x1c\x18${String.fromCharCode(user.length)}${user}\x15\x02\0\x11\x18\x12${id}\0`, 'latin1').toString('base64')}`
  }
}
