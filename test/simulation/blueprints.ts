import type { Blueprint } from '#definitions/definitions.ts'
import { equal, office } from './words.ts'

/** The state in which deals are examined: each edition of the blueprint calls it otherwise. */
export const reviewIn = (version: number) => (version % 2 === 1 ? 'Negotiation/Review' : 'Needs Analysis')
export const HOLD = 'Value Proposition'
const toContact = '$[Deals.Contact_Name.Mobile]'

export function dealDesk(version: number): Blueprint {
  const review = reviewIn(version)
  return {
    kind: 'blueprint',
    name: 'deal-desk',
    description: `v${version}`,
    module: 'Deals',
    field: 'Stage',
    entry: { when: equal('Type', 'New Business') },
    exit: { when: equal('Next_Step', '終了') },
    states: {
      Qualification: {
        initial: true,
        sla: [
          { within: office('business_hours', 3), actions: [{ type: 'notify', role: 'manager', message: '未対応' }] },
          { within: 'P1D', actions: [{ type: 'sendTemplate', template: 'deal_due', to: toContact }] },
        ],
      },
      Proposal: { sla: { within: 'PT8H', actions: [{ type: 'updateRecord', set: { Probability: 50 } }] } },
      [review]: {},
      [HOLD]: {},
      Won: { final: true },
      Lost: { final: true },
    },
    transitions: [
      {
        name: '提案を送る',
        from: ['Qualification'],
        to: 'Proposal',
        before: { roles: ['sales'], owner: true },
        during: { fields: [{ field: 'Closing_Date', required: true }], note: 'optional' },
        after: [{ type: 'sendTemplate', template: 'deal_moved', to: toContact }],
      },
      {
        name: '大口',
        from: ['Qualification'],
        to: 'Proposal',
        auto: { when: { all: [{ fact: 'Amount', operator: 'greaterThan', value: 5_000_000 }] } },
        after: [{ type: 'addTags', tags: ['大口'] }],
      },
      {
        name: '審査へ',
        from: ['Proposal'],
        to: review,
        before: { when: { all: [{ fact: 'Amount', operator: 'lessThan', value: 8_500_000 }] } },
        during: { checklist: ['見積書', '契約書'], note: 'required' },
      },
      {
        name: '承認',
        from: [review],
        to: 'Won',
        after: [{ type: 'sendTemplate', template: 'deal_moved', to: toContact }],
        parallel: [
          { name: '法務', before: { roles: ['legal'] }, during: { note: 'required' } },
          { name: '経理', before: { roles: ['finance'] }, after: [{ type: 'addTags', tags: ['与信済み'] }] },
        ],
      },
      { name: '保留', from: '*', to: HOLD },
      { name: '再開', from: [HOLD], to: 'Qualification' },
      { name: '失注', from: '*', to: 'Lost', during: { fields: [{ field: 'Reason_For_Loss', required: true }] } },
      {
        name: '期限切れ',
        from: ['Qualification', 'Proposal', review],
        to: 'Lost',
        auto: { after: version % 2 === 1 ? 'P4D' : 'P3D' },
      },
      {
        name: '保留切れ',
        from: [HOLD],
        to: 'Lost',
        auto: { after: office('business_days', 2) },
        after: [{ type: 'callWebhook', url: 'https://crm.example.com/lost' }],
      },
    ],
  }
}

/** For deals with customers of old. A record is in one blueprint at most: it comes in here only when it has left the other. */
export const keepDesk: Blueprint = {
  kind: 'blueprint',
  name: 'keep-desk',
  module: 'Deals',
  field: 'Stage',
  order: 1,
  states: { Qualification: { initial: true }, Proposal: {}, Won: { final: true }, Lost: { final: true } },
  entry: { when: { all: [{ fact: 'Type', operator: 'isNotEmpty', value: true }] } },
  transitions: [
    { name: '提案を送る', from: ['Qualification'], to: 'Proposal' },
    { name: '更新', from: ['Proposal'], to: 'Won', auto: { after: 'PT30H' } },
    { name: '期限切れ', from: ['Qualification'], to: 'Lost', auto: { after: 'P2D' } },
  ],
}
