import type { Dispatcher } from 'undici'
import type { Step } from './magic.ts'
import type { SentMessage } from './messages.ts'
import type { Scheduler } from './scheduler.ts'
import type { WebhookEvent } from './webhooks.ts'

/** A business number of the emulated account. */
export interface NumberOptions {
  /** Phone number id, digits. */
  id: string
  /** As people write it: `+81 3-1234-5678`. */
  displayNumber: string
  verifiedName: string
  /** Messages a second, in and out together; beyond it 130429. Default 80. */
  throughput?: number
  /** Unique users outside a window in 24 h. The best tier of all numbers holds for the account. Default `TIER_UNLIMITED`. */
  tier?: Tier
  /** Only `CONNECTED` (the default) can send. */
  status?: string
  quality?: 'GREEN' | 'YELLOW' | 'RED' | 'UNKNOWN'
  /** Whether the code that Meta sent to it was entered. Default true. */
  verified?: boolean
  /** Default `CLOUD_API`. `ON_PREMISE` belongs to the API that Meta has ended, `NOT_APPLICABLE` to nobody yet. */
  platform?: 'CLOUD_API' | 'ON_PREMISE' | 'NOT_APPLICABLE'
  /** Also used in the WhatsApp Business app (coexistence). Default false. */
  onBizApp?: boolean
  /** Default `APPROVED`. */
  nameStatus?: NameStatus
  /** The PIN of its two-step verification; null (the default) when none is set. */
  pin?: string | null
  /** Default `LIVE`. */
  accountMode?: 'LIVE' | 'SANDBOX'
}

/** Source: Meta, WhatsApp Business Management API, "Display names". */
export type NameStatus =
  'APPROVED' | 'AVAILABLE_WITHOUT_REVIEW' | 'DECLINED' | 'EXPIRED' | 'PENDING_REVIEW' | 'NON_EXISTS'

/** A WhatsApp Business account beside the first one. */
export interface AccountOptions {
  wabaId: string
  name?: string
  numbers?: NumberOptions[]
  /** Owned by the business (the default), or shared with it by a customer. */
  ownership?: 'owned' | 'client'
  /** Whether the app hears of it from the start. Default true. */
  subscribed?: boolean
  review?: 'APPROVED' | 'PENDING' | 'REJECTED'
  currency?: string
  timezoneId?: string
  /** Where the business is: ISO country. */
  country?: string
  /** Apps of other providers that hear of it too: it is connected elsewhere. */
  otherApps?: { id: string; name: string; link: string }[]
}

/** What a token may do. Source: Meta, WhatsApp Business Platform, "Permissions". */
export const SCOPES = ['whatsapp_business_messaging', 'whatsapp_business_management', 'business_management'] as const
export type Scope = (typeof SCOPES)[number]

/** A token beside the main one, which may do everything and never expires. */
export interface TokenOptions {
  token: string
  /** Default all. */
  scopes?: Scope[]
  /** Epoch ms; null (the default) never. */
  expiresAt?: number | null
  /** The accounts it is good for. Default all. */
  wabaIds?: string[]
}

export interface BusinessOptions {
  id?: string
  name?: string
  verified?: boolean
}

/** Meta has 250, 2K, 10K, 100K and UNLIMITED. Any other number serves worlds with few people in them. */
export type Tier = `TIER_${number}` | `TIER_${number}K` | 'TIER_UNLIMITED'

/** How webhooks go out. Rates are probabilities from 0 to 1. */
export interface DeliveryOptions {
  /** Statuses in one POST at most. Default 100. */
  batchMax: number
  /** POSTs at once. Default 4; virtual time always sends one after the other. */
  concurrency: number
  /** Of POSTs that are sent again although they were answered 200. */
  duplicateRate: number
  /** Of events that are kept back up to `reorderMs`, so that later ones overtake them. */
  reorderRate: number
  reorderMs: number
  /** Of accepted sends whose `sent` status is delivered before the HTTP answer to the send. */
  beforeAnswerRate: number
  /** Of POSTs with a wrong signature. They are lost: the receiver must refuse them, and they are not repeated. */
  forgedRate: number
  /** Waits before a POST that was not answered 200 is repeated: `firstMs`, doubling up to `maxMs`, for `forMs` in all. */
  retry: { firstMs: number; maxMs: number; forMs: number }
  /** How long a POST may take, in real time. */
  timeoutMs: number
}

/** Which limits hold, for tests and benches that need to be rid of one. */
export interface LimitOptions {
  /** One message in 6 s to the same user, 45 in a burst; beyond it 131056. Default true. */
  pair: boolean
  /** Template creations in an hour; beyond it 80008. Default 100. */
  templateCreations: number
  /** Template and number calls in an hour; beyond it 80007. Default 5,000. */
  managementCalls: number
  /** Free service messages a number has in a calendar month since 2026-10-01. Default 1,000. */
  freeServiceMessages: number
}

export interface EmulatorOptions {
  /** Default 0: any free port. */
  port?: number
  /** Loopback only. */
  host?: '127.0.0.1'
  /** The clock of real time. Default `Date.now`; not used together with `schedule`. */
  now?: () => number
  /** Default real time; `virtualTime(startAt)` for tests and simulations. */
  schedule?: Scheduler
  /** Makes ids, rates and read receipts repeat. Default: different each time, so that ids of two runs never meet. */
  seed?: number
  /** The bearer token that callers must show. */
  token: string
  /** Signs the webhooks. */
  appSecret: string
  /** For the handshake. */
  verifyToken?: string
  /** Where webhooks go; none are sent while it is null. */
  webhookUrl?: string | null
  /** The fields that the app is subscribed to from the start, as ticked in its webhook form. Default all. */
  webhookFields?: readonly string[]
  /** Of the first account, as are `name`, `numbers` and `subscribed`. */
  wabaId?: string
  name?: string
  numbers?: NumberOptions[]
  /** Whether the app hears of the first account from the start. Default true. */
  subscribed?: boolean
  /** Accounts beside the first. */
  accounts?: AccountOptions[]
  appId?: string
  business?: BusinessOptions
  /** Tokens beside `token`. */
  tokens?: TokenOptions[]
  /** From accepted to sent, from sent to delivered, from delivered to read. Default 150, 350, 1,500. */
  statusDelaysMs?: Partial<Record<'sent' | 'delivered' | 'read', number>>
  /** Share of delivered messages that are read. Default 0.7. */
  readRate?: number
  /** From submitted to approved or rejected. Default 2,000. */
  reviewDelayMs?: number
  /** Version of the webhook payloads: up to 23 every status has a `conversation`. Default 25. */
  webhookVersion?: number
  /** Whether the last four digits of a number decide what happens to it; see MAGIC. Default true. */
  magic?: boolean
  /** Whether marketing templates to US numbers fail with 131049, as since 2025-04-01. Default true. */
  usMarketingPause?: boolean
  delivery?: Partial<DeliveryOptions>
  limits?: Partial<LimitOptions>
  /** The way webhooks take, instead of sockets: a simulation delivers them in its own process. */
  dispatcher?: Dispatcher
  /** Takes every event instead of a webhook, at the instant at which it happens: for what runs in the same process. */
  hear?: (event: WebhookEvent) => void
  /** What becomes of a message that was accepted. Undefined: what its number, or the read rate, says. */
  fate?: (message: SentMessage) => readonly Step[] | undefined
}

export const DELIVERY_DEFAULTS: DeliveryOptions = {
  batchMax: 100,
  concurrency: 4,
  duplicateRate: 0,
  reorderRate: 0,
  reorderMs: 2_000,
  beforeAnswerRate: 0,
  forgedRate: 0,
  retry: { firstMs: 50, maxMs: 2_000, forMs: 10 * 60_000 },
  timeoutMs: 10_000,
}

export const LIMIT_DEFAULTS: LimitOptions = {
  pair: true,
  templateCreations: 100,
  managementCalls: 5_000,
  freeServiceMessages: 1_000,
}

export const NUMBER_DEFAULT: NumberOptions = {
  id: '106540352242922',
  displayNumber: '+81 3-4567-8901',
  verifiedName: '伝令商会',
}

/** The account that the options describe by themselves. */
export const firstAccount = ({ wabaId, name, numbers, subscribed }: EmulatorOptions): AccountOptions => ({
  wabaId: wabaId ?? '102290129340398',
  numbers: numbers ?? [NUMBER_DEFAULT],
  ...(name === undefined ? {} : { name }),
  ...(subscribed === undefined ? {} : { subscribed }),
})
