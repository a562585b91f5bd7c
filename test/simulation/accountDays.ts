import { runAct } from '#emulator/acts.ts'
import { actOnTemplate, type TemplateAct, type TemplateActOptions } from '#emulator/templateActs.ts'
import type { Tier } from '#emulator/options.ts'
import { pick } from './people.ts'
import { beginVisits } from './visitors.ts'
import { NUMBER_ID, SECOND_NUMBER_ID } from './numbers.ts'
import type { World } from './world.ts'

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
const DAY_MS = 24 * HOUR_MS
/** So small that the few people of a world come up against it. */
const TINY: Tier = 'TIER_5'

/** Lets the life of a WhatsApp account happen: troubles, limits, templates, payments, people who want to be forgotten. */
export function beginAccountDays(world: World): void {
  const random = world.fate
  const { whatsapp, till } = world
  let count = 0

  const act = (name: string, given: object = {}) => {
    world.acted(name)
    runAct(whatsapp, name, { ...given, wabaId: world.account.wabaId })
  }
  const actOn = (numberId: string, name: string, given: object) => {
    world.acted(name)
    runAct(whatsapp, name, { ...given, numberId })
  }
  const hours = (max: number) => MINUTE_MS + random.next() * max * HOUR_MS
  const aNumber = () => pick(random, [NUMBER_ID, NUMBER_ID, SECOND_NUMBER_ID])

  const acts: readonly (readonly [weight: number, act: () => void])[] = [
    [2, () => fails('payment_problem', { on: true, how: pick(random, ['answer', 'status']) }, { on: false })],
    [1, () => fails('lock', { on: true }, { on: false })],
    [1.5, () => tokenEnds()],
    [0.7, () => fails('ban', { state: 'DISABLE' }, { state: 'REINSTATE' })],
    [1.5, () => restrict()],
    [2, () => actOn(aNumber(), 'quality', { quality: pick(random, ['GREEN', 'YELLOW', 'RED']) })],
    [2, () => act('tier', { tier: pick(random, [TINY, TINY, 'TIER_250', 'TIER_10K', 'TIER_UNLIMITED']) })],
    [1, () => actOn(aNumber(), 'throughput', { perSecond: 1000 })],
    [1, () => flag()],
    [1, () => act('alert')],
    [6, () => template()],
    [1.5, () => world.insist((denrei) => denrei.apply(world.business.files(++world.version), 'admin'))],
    [1.5, () => disable()],
    [1, () => otherNumber()],
    [0.6, () => flood()],
    [3, () => till.buy(pick(random, [700_000, 3_000_000]), pick(random, CARDS))],
    [1, () => till.refund()],
    [0.7, () => till.dispute()],
    [2, () => till.changeCard()],
    [1, () => till.settleLate()],
  ]
  const total = acts.reduce((sum, [weight]) => sum + weight, 0)

  function live(): void {
    if (world.calm) return
    let at = random.next() * total
    for (const [weight, run] of acts) {
      at -= weight
      if (at > 0) continue
      run()
      break
    }
    const meanMs = DAY_MS / world.chaos.accountActsPerDay
    world.time.after(-Math.log(1 - random.next()) * meanMs, live)
  }
  world.time.after(random.next() * HOUR_MS, live)
  beginVisits(world)
  till.buy(2_000_000, 'pm_card_visa')

  function fails(name: string, on: object, off: object): void {
    act(name, on)
    world.time.after(hours(8), () => act(name, off))
  }

  function tokenEnds(): void {
    act(pick(random, ['expire_token', 'revoke_token']))
    world.time.after(hours(6), () => act('renew_token'))
  }

  function restrict(): void {
    const what = pick(random, [
      'RESTRICTED_BIZ_INITIATED_MESSAGING',
      'RESTRICTED_CUSTOMER_INITIATED_MESSAGING',
      'RESTRICTED_UTILITY_TEMPLATES',
    ])
    act('restrict', { what, forMs: Math.round(hours(10)) })
  }

  function flag(): void {
    const numberId = aNumber()
    actOn(numberId, 'number_status', { status: pick(random, ['FLAGGED', 'RESTRICTED', 'DISCONNECTED']) })
    world.time.after(hours(5), () => actOn(numberId, 'number_status', { status: 'CONNECTED' }))
  }

  function template(): void {
    const approved = world.account.templates.list().filter(({ status }) => status === 'APPROVED')
    if (approved.length === 0) return
    const one = pick(random, approved)
    const [name, options] = pick<[TemplateAct, TemplateActOptions]>(random, [
      ['recategorize', { category: one.category === 'UTILITY' ? 'MARKETING' : 'UTILITY' }],
      ['schedule_category', { category: 'MARKETING', afterMs: Math.round(hours(20)) }],
      ['rate', { quality: pick(random, ['GREEN', 'YELLOW', 'RED']) }],
      ['pace', { left: 1, outcome: pick(random, ['release', 'drop']), afterMs: HOUR_MS }],
      ['pause', {}],
      ['pause', {}],
      ['flag', {}],
      ['archive', {}],
      ...(random.chance(0.2) ? [['disable', {}] as [TemplateAct, TemplateActOptions]] : []),
    ])
    world.acted(`template ${name}`)
    actOnTemplate(world.account.templates, one, name, options)
    if (name === 'archive')
      world.time.after(hours(10), () => {
        if (one.status === 'ARCHIVED') actOnTemplate(world.account.templates, one, 'unarchive')
      })
  }

  function disable(): void {
    world.acted('disable')
    world.switchAccount(false)
    world.time.after(hours(8), () => world.switchAccount(true))
  }

  function otherNumber(): void {
    world.acted('other number')
    const defaultNumberId = aNumber()
    world.insist(async (denrei) => denrei.saveSettings({ ...(await denrei.settings()), defaultNumberId }))
  }

  /** So many messages to one person that the pair's bucket is empty. */
  function flood(): void {
    world.acted('flood')
    const person = pick(random, world.people)
    const contact = `F${count}`
    const event = (module: string, recordId: string, values: object) => ({
      kind: 'record' as const,
      source: 'crm' as const,
      sourceId: `flood-${count++}`,
      occurredAt: Math.round(world.time.now),
      op: 'saved' as const,
      module,
      recordId,
      values: values as Record<string, string>,
      mode: 'merge' as const,
    })
    const deals = Array.from({ length: 50 }, () =>
      event('Deals', `FD${count}`, { Deal_Name: '大量', Contact_Name: { id: contact } }),
    )
    world.post(event('Contacts', contact, { Last_Name: person.name, Mobile: person.mobile }), ...deals)
  }
}

const CARDS = [
  'pm_card_visa',
  'pm_card_visa',
  'pm_card_jcb',
  'pm_card_chargeDeclined',
  'pm_card_authenticationRequired',
  'pm_card_createDispute',
  'pm_usBankAccount_processing',
  null,
]

/** Everything that was wrong with the account is over. */
export function healAccount(world: World): void {
  const { whatsapp, account } = world
  const act = (name: string, given: object = {}) => runAct(whatsapp, name, { ...given, wabaId: account.wabaId })
  act('payment_problem', { on: false })
  act('lock', { on: false })
  act('ban', { state: 'REINSTATE' })
  act('renew_token')
  act('tier', { tier: 'TIER_UNLIMITED' })
  for (const { id } of account.numbers) {
    runAct(whatsapp, 'number_status', { status: 'CONNECTED', numberId: id })
    runAct(whatsapp, 'quality', { quality: 'GREEN', numberId: id })
  }
  world.switchAccount(true)
  world.till.heal()
}
