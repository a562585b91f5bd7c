import type { SendIntent, WorkIntent } from '#engine/message.ts'

/** A message to 山田 in Japanese, as a decision makes it. */
export function aSendIntent(change: Partial<SendIntent> = {}): SendIntent {
  return {
    kind: 'sendTemplate',
    id: '0199c0de-0000-7000-8000-000000000001-0',
    triggerId: '0199c0de-0000-7000-8000-000000000001',
    definition: 'workflow/welcome-web-lead@1',
    pointer: '/branches/0/actions/0',
    module: 'Leads',
    recordId: 'L1',
    numberId: '1055',
    to: { raw: '080-1234-5678', phone: '+818012345678' },
    country: 'JP',
    template: { name: 'welcome_lead', language: 'ja' },
    parameters: { format: 'NAMED', body: [{ name: 'name', value: '山田様' }], buttons: [] },
    category: 'UTILITY',
    delivery: 'at-least-once',
    zone: 'Asia/Tokyo',
    consent: null,
    causedBy: [],
    ...change,
  }
}

export function aWorkIntent(change: Partial<WorkIntent> = {}): WorkIntent {
  return {
    kind: 'work',
    id: '0199c0de-0000-7000-8000-000000000002-0',
    triggerId: '0199c0de-0000-7000-8000-000000000002',
    definition: 'workflow/tell-the-warehouse@1',
    pointer: '/branches/0/actions/0',
    module: 'Deals',
    recordId: 'D1',
    type: 'callWebhook',
    payload: { type: 'callWebhook', url: 'https://example.test/hook' },
    causedBy: [],
    ...change,
  }
}
