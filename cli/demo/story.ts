import type { Values } from '#definitions/json.ts'
import type { Instant } from '#engine/clock.ts'
import type { Actor } from '#engine/command.ts'
import { ServerRefused } from '../remote.ts'
import { emma, finance, hanako, ichiro, ito, jack, kimiko, legal, olivia, sato, tanaka, type Person } from './people.ts'
import type { Stage, Taking } from './stage.ts'

/** What somebody did, as they would tell it; what followed stands in the store. */
export interface Deed {
  at: Instant
  who: string
  kind: 'wrote' | 'tapped' | 'refused'
  what: string
  /** Of a refusal: its code and the reason in words. */
  why: string
  code?: string
}

/** One thing that happens at a time of day in Tokyo. */
type Act = [at: string, act: (scene: Scene) => Promise<void>]

interface Scene extends Stage {
  deeds: Deed[]
}

export const STARTS_AT = Date.parse('2026-11-20T09:00:00+09:00')
export const ENDS_AT = Date.parse('2027-02-20T09:00:00+09:00')

/** Three months of a small company, with the shipped automations. */
const ACTS: Act[] = [
  ['2026-11-20 09:30', comes('Contacts', 'c-tanaka', { Last_Name: '田中', ...tanaka.fields })],
  ['2026-11-20 09:30', comes('Contacts', 'c-brown', { Last_Name: 'Brown', ...emma.fields })],
  ['2026-11-20 09:30', comes('Deals', 'd-desk', dealOf('受付システム', 2_000_000, 'c-tanaka'))],
  ['2026-11-20 09:30', comes('Deals', 'd-robots', dealOf('Warehouse robots', 3_500_000, 'c-brown'))],
  ['2026-11-20 10:00', comes('Subscriptions', 's-yamada', subscriptionOf(hanako, '山田', 'Standard', 'Active'))],
  ['2026-11-20 10:00', comes('Subscriptions', 's-smith', subscriptionOf(olivia, 'Smith', 'Light', 'Active'))],
  ['2026-11-20 10:00', comes('Subscriptions', 's-suzuki', renewalOf(ichiro, '鈴木', '2027-01-15'))],
  ['2026-11-20 10:00', comes('Subscriptions', 's-wilson', renewalOf(jack, 'Wilson', '2027-01-20'))],
  ['2026-11-20 10:00', comes('Subscriptions', 's-takahashi', renewalOf(kimiko, '髙橋', '2027-10-01'))],

  // A deal that is won: whoever may not is told why, and nothing moves before everything is there.
  ['2026-11-20 11:00', takes(ito, 'd-desk', { transition: 'Send proposal', data: { Closing_Date: '2026-12-24' } })],
  ['2026-11-20 11:05', takes(sato, 'd-desk', { transition: 'Send proposal' })],
  ['2026-11-20 11:10', takes(sato, 'd-desk', { transition: 'Send proposal', data: { Closing_Date: '2026-12-24' } })],
  ['2026-12-01 10:00', takes(sato, 'd-desk', { transition: 'Negotiate', data: { Amount: 1_800_000 } })],
  [
    '2026-12-02 11:00',
    takes(finance, 'd-desk', { transition: 'Win', part: 'Finance approval', data: { Amount: 1_800_000 } }),
  ],
  ['2026-12-03 15:00', takes(legal, 'd-desk', approval('契約書の確認 / Contract reviewed'))],
  [
    '2026-12-03 16:30',
    takes(
      legal,
      'd-desk',
      approval('契約書の確認 / Contract reviewed', '個人情報の取り扱いの確認 / Personal data reviewed'),
    ),
  ],
  // A deal that goes quiet.
  ['2026-11-26 18:30', takes(sato, 'd-robots', { transition: 'Send proposal', data: { Closing_Date: '2027-01-29' } })],

  // One who answers within the window, and one who needs a reminder.
  ['2026-11-20 13:00', taps(hanako, 'はじめ方を見る')],
  ['2026-11-23 19:00', writes(olivia, 'How do I begin?')],
  ['2026-11-25 15:00', changes('Subscriptions', 's-smith', { Tag: ['onboarded'] })],

  // Two renewals, decided by a button.
  ['2027-01-08 12:30', taps(ichiro, '更新する')],
  ['2027-01-14 09:00', taps(jack, 'Do not renew')],

  // A payment that fails just before the New Year holidays.
  ['2026-12-28 10:00', changes('Subscriptions', 's-takahashi', { Status: 'Payment Failed' })],
  ['2027-01-05 15:00', changes('Subscriptions', 's-takahashi', { Status: 'Active' })],
]

/** Plays it all, to the end. @returns what people did of themselves */
export async function play(stage: Stage): Promise<Deed[]> {
  const scene = { ...stage, deeds: [] }
  const acts = ACTS.map(([wall, act]) => ({ at: Date.parse(`${wall.replace(' ', 'T')}:00+09:00`), act }))
  for (const { at, act } of acts.toSorted((a, b) => a.at - b.at)) {
    await stage.until(at)
    await act(scene)
  }
  await stage.until(ENDS_AT)
  return scene.deeds
}

function comes(module: string, id: string, values: Values): Act[1] {
  return (scene) => scene.record('created', module, id, values)
}

function changes(module: string, id: string, values: Values): Act[1] {
  return (scene) => scene.record('updated', module, id, values)
}

function writes({ name, fields }: Person, text: string): Act[1] {
  return async (scene) => {
    scene.deeds.push({ at: scene.now(), who: name, kind: 'wrote', what: text, why: '' })
    await scene.write(fields.Mobile, text)
  }
}

function taps({ name, fields }: Person, label: string): Act[1] {
  return async (scene) => {
    scene.deeds.push({ at: scene.now(), who: name, kind: 'tapped', what: label, why: '' })
    await scene.tap(fields.Mobile, label)
  }
}

/** Being refused is part of the story; any other failure is none. */
function takes(as: Actor, id: string, taking: Taking): Act[1] {
  return async (scene) => {
    try {
      await scene.take('Deals', id, taking, as)
    } catch (error) {
      if (!(error instanceof ServerRefused) || !error.code.startsWith('ERR_TRANSITION_')) throw error
      const { code, message } = error
      scene.deeds.push({ at: scene.now(), who: as.user, kind: 'refused', what: taking.transition, why: message, code })
    }
  }
}

function approval(...checklist: string[]): Taking {
  return { transition: 'Win', part: 'Legal approval', checklist }
}

function dealOf(Deal_Name: string, Amount: number, Contact_Name: string): Values {
  return { Deal_Name, Amount, Contact_Name, Stage: 'Qualification', Owner: sato.user }
}

function subscriptionOf({ fields }: Person, name: string, Plan: string, Status: string): Values {
  const own = { Name: `${name} ${Plan}`, Customer_Name: name, Plan, Status, Price: 12_000, Owner: sato.user }
  return { ...own, ...fields, Payment_Link: 'https://example.com/pay' }
}

/** One of years. */
function renewalOf(person: Person, name: string, Renewal_Date: string): Values {
  return { ...subscriptionOf(person, name, 'Standard', 'Renewed'), Renewal_Date, Auto_Renew: false }
}
