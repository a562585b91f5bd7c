import type { Values } from '#definitions/json.ts'
import type { RecordEvent } from '#engine/trigger.ts'
import { pick, type Person } from './people.ts'
import type { World } from './world.ts'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS

const STATUSES = ['New', 'Contacted', 'Junk Lead', 'Not Contacted']
const INDUSTRIES = ['小売', '飲食', 'slow', 'sure', 'IT']
const WORDS = [
  'こんにちは',
  '停止',
  'STOP',
  '配信停止',
  '再開',
  'START',
  '配信再開',
  'はい、お願いします',
  'unsubscribe',
]

/** A record of the CRM and whom it is about. */
interface Known {
  module: 'Leads' | 'Contacts' | 'Deals'
  id: string
  person: Person
}

/**
 * Lets the people and programs around the engine act, now and then, for as long as the world lasts.
 *
 * @param pace 1: as often as the world's chaos says
 */
export function beginDays(world: World, pace = 1): void {
  const random = world.plan
  const records: Known[] = []
  let count = 0

  const actions: readonly (readonly [weight: number, act: () => void])[] = [
    [6, () => createLead()],
    [2, () => burst()],
    [6, () => change()],
    [1, () => remove()],
    [2, () => deal()],
    [4, () => reply()],
    [1, () => world.buy(pick(random, [20_000, 300_000, 5_000_000]))],
    [1, () => pause()],
    [0.5, () => toggle()],
    [0.5, () => world.sync()],
    [0.3, () => world.restart()],
    [0.3, () => world.insist((denrei) => denrei.apply(world.business.files(++world.version), 'admin'))],
    [0.3, () => switchWorkflow()],
    [0.5, () => send()],
    [1, () => step()],
    [0.3, () => approveSlow()],
  ]
  const total = actions.reduce((sum, [weight]) => sum + weight, 0)

  function act(): void {
    if (world.calm) return
    let at = random.next() * total
    for (const [weight, run] of actions) {
      at -= weight
      if (at > 0) continue
      run()
      break
    }
    const meanMs = DAY_MS / (world.chaos.actionsPerDay * pace)
    world.time.after(-Math.log(1 - random.next()) * meanMs, act)
  }
  act()

  function event(
    op: RecordEvent['op'],
    { module, id }: Pick<Known, 'module' | 'id'>,
    values: Values,
    more: Partial<RecordEvent> = {},
  ): RecordEvent {
    const late = random.chance(0.1) ? random.next() * 2 * DAY_MS : 0
    return {
      kind: 'record',
      source: 'crm',
      sourceId: `e${count++}`,
      occurredAt: Math.round(world.time.now - late),
      op,
      module,
      recordId: id,
      values,
      mode: 'merge',
      ...more,
    }
  }

  function post(one: RecordEvent): void {
    world.post(one)
    if (random.chance(0.1)) world.time.after(random.next() * DAY_MS, () => world.post(one))
  }

  function leadValues(person: Person): Values {
    return {
      Last_Name: person.name,
      Mobile: person.mobile,
      Lead_Status: 'New',
      Lead_Source: random.chance(0.8) ? 'Web' : 'Event',
      Country: '日本',
      ...(person.zone === null ? {} : { Time_Zone: person.zone }),
      ...(person.language === null ? {} : { Language: person.language }),
      ...(person.consent === null ? {} : { WhatsApp_Opt_In: person.consent }),
    }
  }

  function createLead(): void {
    const person = pick(random, world.people)
    const known: Known = { module: 'Leads', id: `L${records.length}`, person }
    records.push(known)
    post(event(random.chance(0.5) ? 'created' : 'saved', known, leadValues(person)))
  }

  /** Many at once, in one call or in many. */
  function burst(): void {
    const events = Array.from({ length: 3 + Math.floor(random.next() * 20) }, () => {
      const person = pick(random, world.people)
      const known: Known = { module: 'Leads', id: `L${records.length}`, person }
      records.push(known)
      return event('created', known, leadValues(person))
    })
    if (random.chance(0.5)) world.post(...events)
    else for (const one of events) post(one)
  }

  function change(): void {
    const leads = records.filter(({ module }) => module === 'Leads')
    if (leads.length === 0) return
    const changes = random.chance(0.2) ? 5 : 1
    for (let i = 0; i < changes; i++) {
      const known = pick(random, leads)
      const values: Values = random.chance(0.5)
        ? { Lead_Status: pick(random, STATUSES) }
        : { Industry: pick(random, INDUSTRIES) }
      if (random.chance(0.05)) values.Mobile = pick(random, world.people).mobile
      if (random.chance(0.05)) values.Last_Name = random.chance(0.5) ? null : '長'.repeat(1100)
      post(event('updated', known, values))
    }
  }

  function remove(): void {
    const known = records.length === 0 ? null : pick(random, records)
    if (known !== null) post(event('deleted', known, {}))
  }

  function deal(): void {
    const person = pick(random, world.people)
    const contact: Known = { module: 'Contacts', id: `C${world.people.indexOf(person)}`, person }
    post(event('saved', contact, { Last_Name: person.name, Mobile: person.mobile }))
    const one: Known = { module: 'Deals', id: `D${Math.floor(random.next() * 10)}`, person }
    const values: Values = {
      Deal_Name: '新規導入',
      Contact_Name: { id: contact.id },
      Stage: pick(random, ['Won', 'Lost']),
    }
    post(event('saved', one, values))
  }

  function reply(): void {
    const reachable = world.people.filter(({ mobile }) => /^\+\d{11,}$/.test(mobile))
    if (reachable.length === 0) return
    const person = pick(random, reachable)
    world.write(person, pick(random, WORDS))
    // People change their minds within seconds, and webhooks overtake one another.
    if (random.chance(0.3))
      world.time.after(2_000 + random.next() * 60_000, () => world.write(person, pick(random, WORDS)))
  }

  function pause(): void {
    const approved = world.account.templates.list().filter(({ status }) => status === 'APPROVED')
    if (approved.length === 0) return
    const template = pick(random, approved)
    if (template.pauses < 2) world.account.templates.pause(template)
  }

  function toggle(): void {
    const set = (active: boolean) =>
      world.insist(async (denrei) => denrei.saveSettings({ ...(await denrei.settings()), integration: { active } }))
    set(false)
    world.time.after(random.next() * 12 * HOUR_MS, () => set(true))
  }

  function switchWorkflow(): void {
    const key = pick(random, ['workflow/campaign', 'workflow/greet'])
    const set = (active: boolean) =>
      world.insist(async (denrei) => {
        const isThere = (await denrei.definitions()).some((one) => one.key === key)
        if (isThere) await denrei.setActive(key, active)
      })
    set(false)
    world.time.after(random.next() * DAY_MS, () => set(true))
  }

  function send(): void {
    const leads = records.filter(({ module }) => module === 'Leads')
    if (leads.length === 0) return
    const { id } = pick(random, leads)
    const key = `hand-${count++}`
    world.insist(async (denrei) => {
      const record = await denrei.store.record('Leads', id)
      if (record === null || record.deleted) return
      await denrei.send({ module: 'Leads', recordId: id, template: 'order_received' }, '佐藤', key)
    })
  }

  function step(): void {
    const { clockStepsMs } = world.chaos
    if (clockStepsMs > 0) world.time.skewMs = Math.round((random.next() * 2 - 1) * clockStepsMs)
  }

  function approveSlow(): void {
    for (const one of world.account.templates.list()) {
      if (one.name === 'slow_offer' && one.status === 'PENDING') world.account.templates.approve(one)
    }
  }
}
