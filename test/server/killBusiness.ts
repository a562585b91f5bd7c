import type { Blueprint, Journey, Template, Workflow } from '#definitions/definitions.ts'

/* The business that goes on while its server is killed again and again. */

const template = (name: string, module: 'Leads' | 'Deals', body: string, value: string): Template => ({
  kind: 'template',
  name,
  language: 'ja',
  category: 'UTILITY',
  module,
  body,
  parameters: { name: { value, example: '田中' } },
})

const greet: Workflow = {
  kind: 'workflow',
  name: 'order-received',
  module: 'Leads',
  trigger: { on: 'record.created' },
  branches: [
    {
      actions: [
        { type: 'sendTemplate', template: 'order_received' },
        { type: 'addTags', tags: ['連絡済み'] },
      ],
    },
  ],
}

/** Two messages, with waits of seconds around them. */
const care: Journey = {
  kind: 'journey',
  name: 'order-care',
  module: 'Leads',
  entry: { trigger: { on: 'record.created' } },
  steps: [
    { id: 'breath', wait: 'PT1S' },
    { id: 'thanks', send: { template: 'order_thanks' } },
    { id: 'heard', waitFor: { on: 'message.status', status: ['delivered', 'read'] }, timeout: 'PT3S' },
    { id: 'note', do: [{ type: 'updateRecord', set: { Description: 'お礼済み' } }] },
    { id: 'pause', wait: 'PT1S' },
    { id: 'shipped', send: { template: 'order_shipped' } },
    { id: 'end', exit: 'completed' },
  ],
}
export const CARE_STEPS = ['breath', 'thanks', 'heard', 'note', 'pause', 'shipped', 'end']

/** One transition with data, one of two parts, one by time. Nobody's number is on a deal; here it stands in its next step. */
const deals: Blueprint = {
  kind: 'blueprint',
  name: 'deal-flow',
  module: 'Deals',
  field: 'Stage',
  states: {
    Qualification: { initial: true },
    Proposal: {},
    'Negotiation/Review': {},
    Won: { final: true },
  },
  transitions: [
    {
      name: '提案',
      from: ['Qualification'],
      to: 'Proposal',
      during: { fields: [{ field: 'Closing_Date', required: true }] },
      after: [{ type: 'sendTemplate', template: 'deal_moved', to: '$[Deals.Next_Step]' }],
    },
    {
      name: '審査',
      from: ['Proposal'],
      to: 'Negotiation/Review',
      parallel: [
        { name: '法務', after: [{ type: 'addTags', tags: ['法務'] }] },
        { name: '経理', after: [{ type: 'addTags', tags: ['経理'] }] },
      ],
    },
    {
      name: '成約',
      from: ['Negotiation/Review'],
      to: 'Won',
      auto: { after: 'PT1S' },
      after: [{ type: 'sendTemplate', template: 'deal_won', to: '$[Deals.Next_Step]' }],
    },
  ],
}

const lead = '$[見込み客.姓|お客様]'
const deal = '$[Deals.Deal_Name|お取引]'
export const DEFINITIONS = [
  template(
    'order_received',
    'Leads',
    'こんにちは、{{name}} 様。ご注文を承りました。発送まで少々お待ちください。',
    lead,
  ),
  template(
    'order_thanks',
    'Leads',
    'ありがとうございます。{{name}} 様、このたびはご注文いただき誠にありがとうございます。',
    lead,
  ),
  template('order_shipped', 'Leads', 'お待たせいたしました、{{name}} 様。ご注文の品を発送いたしました。', lead),
  template('deal_moved', 'Deals', '商談「{{name}}」についてご提案をお送りしました。ご確認をお願いいたします。', deal),
  template('deal_won', 'Deals', '商談「{{name}}」のご成約、誠にありがとうございます。', deal),
  greet,
  care,
  deals,
]

/** What each order, and each deal, gets: every message once. */
export const ORDER_MESSAGES = ['order_received', 'order_shipped', 'order_thanks']
export const DEAL_MESSAGES = ['deal_moved', 'deal_won']

/** Each order and each deal has its own person, so that a doubled message shows at the emulator. */
export function mobile(id: string): string {
  const [kind, number] = id.split('-')
  return `+81${kind === 'deal' ? 80 : 90}${String(10_000_000 + Number(number)).padStart(8, '0')}`
}
