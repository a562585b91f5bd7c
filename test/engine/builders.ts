import { defaultSettings, type Settings } from '#definitions/settings.ts'
import type { SendFacts } from '#engine/facts.ts'
import type { Message, SendIntent, WorkIntent } from '#engine/message.ts'
import {
  NUMBER_DEFAULTS,
  TEMPLATE_DEFAULTS,
  type Contact,
  type NumberState,
  type TemplateState,
} from '#engine/state.ts'
import type { StatusEvent } from '#engine/trigger.ts'

/** Noon in Tokyo on a Sunday, under the prices of October 2026. */
export const NOW = Date.parse('2026-11-22T12:00:00+09:00')
export const HOUR_MS = 3_600_000

/** A message that every guard allows, to a Japanese number; the cases change what they are about. */
export function anIntent(change: Partial<SendIntent> = {}): SendIntent {
  return {
    kind: 'sendTemplate',
    id: 'trigger-0',
    triggerId: 'trigger',
    definition: 'workflow/welcome-web-lead@1',
    pointer: '/branches/0/actions/0',
    module: 'Leads',
    recordId: '5725',
    numberId: '10001',
    to: { raw: '090-1234-5678', phone: '+819012345678' },
    country: 'JP',
    template: { name: 'welcome_lead', language: 'ja' },
    parameters: { format: 'NAMED', body: [{ name: 'name', value: '佐藤 花子' }], buttons: [] },
    category: 'UTILITY',
    delivery: 'at-least-once',
    zone: null,
    consent: null,
    causedBy: [],
    ...change,
  }
}

export function aWork(change: Partial<WorkIntent> = {}): WorkIntent {
  return {
    kind: 'work',
    id: 'trigger-1',
    triggerId: 'trigger',
    definition: 'workflow/welcome-web-lead@1',
    pointer: '/branches/0/actions/1',
    module: 'Leads',
    recordId: '5725',
    type: 'callWebhook',
    payload: {},
    causedBy: [],
    ...change,
  }
}

export function aNumber(change: Partial<NumberState> = {}): NumberState {
  return {
    id: '10001',
    accountId: '20001',
    displayNumber: '+81 3-1234-5678',
    nickname: null,
    verifiedName: '伝令商店',
    status: 'CONNECTED',
    verified: true,
    quality: 'GREEN',
    throughput: 80,
    ...NUMBER_DEFAULTS,
    reachMax: 250,
    updatedAt: NOW,
    ...change,
  }
}

export function aTemplate(change: Partial<TemplateState> = {}): TemplateState {
  return {
    name: 'welcome_lead',
    language: 'ja',
    accountId: '20001',
    metaId: '30001',
    status: 'APPROVED',
    category: 'UTILITY',
    quality: 'GREEN',
    reason: null,
    ...TEMPLATE_DEFAULTS,
    submittedHash: null,
    updatedAt: NOW,
    ...change,
  }
}

export function aContact(change: Partial<Contact> = {}): Contact {
  return {
    id: 'contact-1',
    phone: '+819012345678',
    waId: '819012345678',
    bsuid: null,
    name: '佐藤 花子',
    optedOutMarketingAt: null,
    optedOutAllAt: null,
    optedInAt: null,
    optedInAllAt: null,
    consentBy: null,
    cappedUntil: null,
    unreachable: 0,
    unreachableAt: null,
    ...change,
  }
}

export function someFacts(change: Partial<SendFacts> = {}): SendFacts {
  return {
    now: NOW,
    settings: defaultSettings,
    number: aNumber(),
    account: null,
    contact: aContact(),
    suppressed: false,
    conversation: null,
    template: aTemplate(),
    recentMarketingAt: [],
    recentJourneyAt: [],
    reached: 0,
    reachedAlready: false,
    oldestReachedAt: null,
    availableMicros: 10_000_000,
    cards: [],
    serviceThisMonth: 0,
    conversationOpen: null,
    ...change,
  }
}

export function someSettings(change: Partial<Settings> = {}): Settings {
  return { ...defaultSettings, ...change }
}

/** A conversation whose contact wrote so long ago. */
export function wroteAgo(ms: number): SendFacts['conversation'] {
  return { numberId: '10001', contactId: 'contact-1', lastInboundAt: NOW - ms, lastOutboundAt: null, freeUntil: null }
}

/** In the hands of the dispatcher, its price held. */
export function aMessage(change: Partial<Message> = {}): Message {
  return {
    intent: anIntent(),
    state: 'sending',
    reason: null,
    detail: null,
    dueAt: NOW,
    waitsFor: null,
    attempts: 1,
    fence: 1,
    form: 'template',
    contactId: 'contact-1',
    wamid: null,
    priceMicros: 11_300,
    market: 'Rest of Asia Pacific',
    holdState: 'held',
    createdAt: NOW,
    acceptedAt: null,
    sentAt: null,
    deliveredAt: null,
    readAt: null,
    failedAt: null,
    ...change,
  }
}

export function aStatus(status: StatusEvent['status'], change: Partial<StatusEvent> = {}): StatusEvent {
  const seconds = { sent: 1, delivered: 2, read: 3, played: 4, failed: 2 }[status]
  return {
    kind: 'status',
    source: 'whatsapp',
    sourceId: `wamid.A:${status}`,
    occurredAt: NOW + seconds * 1000,
    messageId: 'trigger-0',
    wamid: 'wamid.A',
    status,
    recipient: { waId: '819012345678' },
    ...change,
  }
}
