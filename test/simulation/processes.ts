import type { Calendar, Definition, Template, Workflow } from '#definitions/definitions.ts'
import type { SourceFile } from '#definitions/problem.ts'
import type { Migrations } from '#server/denrei.ts'
import { dealDesk, HOLD, keepDesk, reviewIn } from './blueprints.ts'
import { filesOf } from './definitions.ts'
import { nurture, offer, renewal, YES } from './journeys.ts'
import { equal, office } from './words.ts'

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
      {
        'journey/nurture': {
          otherwise: 'move',
          positions: { answer: { to: 'told' }, vip: { to: 'remind' }, hello: 'exit', told: 'exit' },
        },
      },
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
