import type { Journey } from '#definitions/definitions.ts'
import { equal, office } from './words.ts'

export const YES = 'はい'
const toContact = '$[Deals.Contact_Name.Mobile]'

export function nurture(version: number): Journey {
  return {
    kind: 'journey',
    name: 'nurture',
    description: `v${version}`,
    module: 'Leads',
    entry: {
      trigger: { on: 'condition' },
      when: {
        all: [
          { fact: 'Lead_Source', operator: 'equal', value: 'Web' },
          { fact: 'Language', operator: 'isNotEmpty', value: true },
        ],
      },
      reentry: { after: 'P1D' },
    },
    goal: { when: equal('Rating', 'Acquired') },
    exits: [{ name: 'junk', when: equal('Lead_Status', 'Junk Lead') }],
    quietHours: { from: '20:00', to: '08:00', timezone: 'contact', otherwise: 'hold' },
    frequencyCap: { max: 3, per: 'P1D', otherwise: 'hold' },
    steps: [
      { id: 'hello', send: { template: 'nurture_hello' } },
      {
        id: 'answer',
        waitFor: { on: 'message.received', text: [YES, 'yes'], button: ['YES'] },
        timeout: version % 2 === 1 ? 'PT6H' : 'PT9H',
        then: 'thanks',
        else: 'told',
      },
      {
        id: 'told',
        waitFor: { on: 'message.status', status: ['delivered', 'failed', 'blocked', 'gave_up'], of: 'hello' },
        timeout: 'PT2H',
        then: 'size',
        else: 'size',
      },
      {
        id: 'thanks',
        send: { text: '$[見込み客.姓|お客様] 様、ありがとうございます。', template: 'reminder' },
      },
      { id: 'talk', send: { text: 'ご質問がありましたら、このままご返信ください。' } },
      { id: 'size', branch: [{ when: equal('Industry', 'IT'), goto: 'vip' }], else: 'ab' },
      { id: 'vip', wait: 'PT3H', at: '10:00' },
      {
        id: 'ab',
        split: [
          { weight: 50, goto: 'remind' },
          { weight: 30, goto: 'desk' },
          { weight: 20, goto: 'end' },
        ],
      },
      { id: 'remind', send: { text: 'その後いかがでしょうか。', template: 'reminder' } },
      { id: 'again', goto: 'answer', max: 2 },
      { id: 'desk', wait: office('business_hours', 2) },
      {
        id: 'note',
        do: [
          { type: 'updateRecord', set: { Description: `案内済み v${version}` } },
          { type: 'sendTemplate', template: 'order_received' },
        ],
      },
      { id: 'end', exit: 'completed' },
    ],
  }
}

/** By date; a deal may be in it several times at once, one for each date it has had. */
export const renewal: Journey = {
  kind: 'journey',
  name: 'renewal',
  module: 'Deals',
  entry: {
    trigger: { on: 'date', field: 'Closing_Date', offset: '-P1D', at: '10:00' },
    reentry: 'always',
    key: '$[Deals.Closing_Date]',
  },
  exits: [{ name: 'lost', when: equal('Stage', 'Lost') }],
  quietHours: { from: '19:00', to: '09:00', timezone: 'Asia/Tokyo', otherwise: 'skip' },
  frequencyCap: { max: 2, per: 'P1D', otherwise: 'skip' },
  steps: [
    { id: 'notice', send: { template: 'deal_due', to: toContact } },
    { id: 'until', waitUntil: { field: 'Closing_Date', at: '09:30', ifPast: 'send' } },
    {
      id: 'change',
      waitFor: { on: 'record.updated', fields: ['Amount'] },
      timeout: office('business_days', 1),
      then: 'end',
      else: 'last',
    },
    { id: 'last', send: { template: 'deal_moved', to: toContact } },
    { id: 'end', exit: 'completed' },
  ],
}

/** By hand and by broadcast. */
export function offer(version: number): Journey {
  return {
    kind: 'journey',
    name: 'offer',
    description: `v${version}`,
    module: 'Leads',
    entry: { trigger: { on: 'manual' }, reentry: 'after_exit' },
    exits: [{ name: 'junk', when: equal('Lead_Status', 'Junk Lead') }],
    frequencyCap: { max: 2, per: 'P2D', otherwise: version % 2 === 1 ? 'skip' : 'hold' },
    steps: [
      { id: 'breath', wait: 'PT10M' },
      { id: 'offer', send: { template: 'spring_sale' } },
      {
        id: 'heard',
        waitFor: { on: 'message.status', status: ['read', 'failed', 'blocked', 'gave_up'] },
        timeout: 'P1D',
      },
      { id: 'mark', do: [{ type: 'updateRecord', set: { Description: '春の案内' } }] },
    ],
  }
}
