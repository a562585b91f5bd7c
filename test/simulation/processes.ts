import type { Blueprint, Calendar, Definition, Journey, Template, Workflow } from '#definitions/definitions.ts'
import type { SourceFile } from '#definitions/problem.ts'
import type { Migrations } from '#server/denrei.ts'
import { filesOf } from './definitions.ts'

/** The state in which deals are examined: each edition of the blueprint calls it otherwise. */
export const reviewIn = (version: number) => (version % 2 === 1 ? 'Negotiation/Review' : 'Needs Analysis')
export const HOLD = 'Value Proposition'
export const YES = 'はい'

const equal = (fact: string, value: string) => ({ all: [{ fact, operator: 'equal', value }] })
const toContact = '$[Deals.Contact_Name.Mobile]'
const office = (unit: 'business_days' | 'business_hours', count: number) => ({ unit, count, calendar: 'office' })

/** What takes days in the business: a blueprint, three journeys, dates and schedules. Each version says some of it otherwise. */
export function processFiles(version: number): SourceFile[] {
  return filesOf([
    calendar,
    ...templates,
    dealDesk(version),
    keepDesk,
    nurture(version),
    renewal,
    offer(version),
    ...timed,
  ])
}

/**
 * What becomes of what is in flight when another version comes.
 *
 * @param before the blueprint in force; where it and the new one are of one edition nothing changes its name
 * @param choose picks one of several
 */
export function migrationsTo(version: number, before: Definition, choose: <T>(list: readonly T[]) => T): Migrations {
  const is = reviewIn(version)
  const was = [reviewIn(1), reviewIn(2)].find((state) => before.kind === 'blueprint' && state in before.states) ?? is
  const otherwise = choose(['stay', 'move', 'move', 'exit'] as const)
  const onHold = choose(['stay', 'move', 'exit'] as const)
  return {
    ...choose<Migrations>([
      {},
      { 'blueprint/deal-desk': { otherwise: 'move' } },
      { 'blueprint/deal-desk': { otherwise, positions: { [was]: { to: is }, [HOLD]: onHold } } },
    ]),
    ...choose<Migrations>([
      {},
      { 'journey/nurture': { otherwise } },
      { 'journey/nurture': { otherwise: 'move', positions: { answer: { to: 'told' }, vip: { to: 'remind' } } } },
      { 'journey/offer': { otherwise, positions: { heard: { to: 'offer' } } } },
    ]),
  }
}

const calendar: Calendar = {
  kind: 'calendar',
  name: 'office',
  timezone: 'Asia/Tokyo',
  week: Object.fromEntries(
    ['monday', 'tuesday', 'wednesday', 'thursday', 'friday'].map((day) => [
      day,
      [
        { from: '09:00', to: '12:00' },
        { from: '13:00', to: '18:00' },
      ],
    ]),
  ),
  holidays: [
    { date: '2026-03-31', name: { ja: '棚卸し' } },
    { date: '2026-09-28', name: { ja: '創立記念日' } },
    { date: '2026-11-23', name: { ja: '勤労感謝の日' } },
  ],
  specialDays: [{ date: '2026-11-28', hours: [{ from: '10:00', to: '15:00' }] }],
}

const hello = {
  kind: 'template',
  name: 'nurture_hello',
  module: 'Leads',
  category: 'MARKETING',
  parameters: { name: { value: '$[見込み客.姓|お客様]', example: '田中' } },
} as const
const templates: Template[] = [
  {
    ...hello,
    language: 'ja',
    body: 'はじめまして、{{name}} 様。ご案内をお送りしてもよろしいでしょうか。',
    buttons: [
      { type: 'quick_reply', text: YES, payload: 'YES' },
      { type: 'quick_reply', text: 'いいえ', payload: 'NO' },
    ],
  },
  {
    ...hello,
    language: 'en',
    body: 'Hello {{name}}, may we send you our news from time to time?',
    buttons: [{ type: 'quick_reply', text: 'Yes', payload: 'YES' }],
  },
  {
    kind: 'template',
    name: 'deal_due',
    language: 'ja',
    category: 'UTILITY',
    module: 'Deals',
    body: '「{{name}}」の期日が近づきました。担当者よりご連絡いたします。',
    parameters: { name: { value: '$[Deals.Deal_Name|お取引]', example: '新規導入' } },
  },
]

function dealDesk(version: number): Blueprint {
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
const keepDesk: Blueprint = {
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

function nurture(version: number): Journey {
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
const renewal: Journey = {
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
function offer(version: number): Journey {
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

const timed: Workflow[] = [
  {
    kind: 'workflow',
    name: 'closing-day',
    module: 'Deals',
    trigger: { on: 'date', field: 'Closing_Date', offset: '-PT2H', at: '08:00', every: 'monthly' },
    repeat: 'always',
    branches: [{ actions: [{ type: 'notify', role: 'sales', message: '完了予定日です' }] }],
  },
  {
    kind: 'workflow',
    name: 'daily-round',
    module: 'Leads',
    trigger: { on: 'schedule', cron: '15 9 * * *', timezone: 'Asia/Tokyo' },
    repeat: 'always',
    branches: [
      {
        when: equal('Lead_Status', 'Not Contacted'),
        actions: [{ type: 'notify', role: 'sales', message: '未連絡です' }],
      },
    ],
  },
  {
    kind: 'workflow',
    name: 'office-hours',
    module: 'Leads',
    trigger: { on: 'field.changed', fields: [{ field: 'Lead_Status' }] },
    repeat: 'always',
    branches: [
      {
        later: [
          {
            after: office('business_hours', 1),
            actions: [{ type: 'createTask', subject: '$[Leads.Last_Name|見込み客] に返信' }],
          },
        ],
      },
    ],
  },
]
