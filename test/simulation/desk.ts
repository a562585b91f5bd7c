import type { Values } from '#definitions/json.ts'
import type { Instance } from '#engine/instance.ts'
import type { Actor, Command, RecordEvent } from '#engine/trigger.ts'
import type { Denrei } from '#server/denrei.ts'
import { pick, type Person } from './people.ts'
import { HOLD, migrationsTo, reviewIn, YES } from './processes.ts'
import type { World } from './world.ts'

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
const DAY_MS = 24 * HOUR_MS

const BOSS: Actor = { user: '部長', roles: ['sales', 'legal', 'finance', 'manager'] }
const STAFF: readonly Actor[] = [
  { user: '佐藤', roles: ['sales'] },
  { user: '鈴木', roles: ['sales', 'legal'] },
  { user: '高橋', roles: ['finance'] },
  BOSS,
  BOSS,
  BOSS,
  { user: '見習い', roles: [] },
]
const PAUSABLE = ['journey/nurture', 'journey/offer', 'journey/renewal', 'blueprint/deal-desk']
const SWITCHED = [
  'blueprint/keep-desk',
  'journey/nurture',
  'journey/offer',
  'blueprint/deal-desk',
  'workflow/daily-round',
  'workflow/closing-day',
]
const STEPS = ['提案を送る', '審査へ', '承認', '保留', '再開', '失注', '期限切れ', '値引き']

/** Lets people move deals through their blueprint and put leads into journeys, beside the days of messages. */
export function beginDesk(world: World): void {
  const random = world.desk
  const deals: { id: string; person: Person }[] = []
  let count = 0
  // WhatsApp holds the window of this one to be closed, whatever we think: a text falls back to its template.
  world.people.push({ name: '窓口', mobile: '+819012770047', zone: 'Asia/Tokyo', language: 'ja', consent: true })

  const actions: readonly (readonly [weight: number, act: () => void])[] = [
    [4, newDeal],
    [5, () => editDeal()],
    [0.3, removeDeal],
    [12, takeStep],
    [3, editLead],
    [4, answer],
    [1.5, enroll],
    [1, broadcast],
    [1, pause],
    [0.7, edit],
    [0.6, switchOff],
    [0.7, takeOut],
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
    const meanMs = DAY_MS / world.chaos.actionsPerDay
    world.time.after(-Math.log(1 - random.next()) * meanMs, act)
  }
  act()

  // what the CRM writes

  function post(op: RecordEvent['op'], module: string, recordId: string, values: Values): void {
    const late = random.chance(0.1) ? random.next() * 2 * HOUR_MS : 0
    const event: RecordEvent = {
      kind: 'record',
      source: 'crm',
      sourceId: `desk-${count++}`,
      occurredAt: Math.round(world.time.now - late),
      op,
      module,
      recordId,
      values,
      mode: 'merge',
      actor: 'crm-sync',
    }
    world.post(event)
    if (random.chance(0.1)) world.time.after(random.next() * HOUR_MS, () => world.post(event))
  }

  /** From yesterday to a week from now, in Tokyo. */
  function someDate(): string {
    const days = Math.floor(random.next() * 9) - 1
    return new Date(world.time.now + 9 * HOUR_MS + days * DAY_MS).toISOString().slice(0, 10)
  }

  function newDeal(): void {
    const person = pick(random, world.people)
    const contactId = `C${world.people.indexOf(person)}`
    post('saved', 'Contacts', contactId, { Last_Name: person.name, Mobile: person.mobile })
    const id = `N${deals.length}`
    deals.push({ id, person })
    post('created', 'Deals', id, {
      Deal_Name: `案件 ${id}`,
      Contact_Name: { id: contactId },
      Type: random.chance(0.85) ? 'New Business' : 'Existing Business',
      Owner: '見習い',
      Amount: random.chance(0.2) ? 8_000_000 : 300_000,
      ...(random.chance(0.5) ? { Closing_Date: someDate() } : {}),
      ...(random.chance(0.3) ? { Stage: pick(random, ['Qualification', 'Proposal', 'Won']) } : {}),
    })
  }

  function editDeal(id?: string): void {
    if (id === undefined) {
      if (deals.length > 0) editDeal(pick(random, deals).id)
      return
    }
    const states = ['Qualification', 'Proposal', reviewIn(1), reviewIn(2), HOLD, 'Won', 'Lost', 'Closed Won', null]
    const edits: readonly (() => Values)[] = [
      () => ({ Stage: pick(random, states) }),
      () => ({ Stage: pick(random, ['Qualification', 'Proposal']) }),
      () => ({ Amount: random.chance(0.3) ? 9_000_000 : Math.floor(random.next() * 1e6) }),
      () => ({ Closing_Date: random.chance(0.1) ? null : someDate() }),
      () => ({ Next_Step: random.chance(0.3) ? '終了' : '電話' }),
      () => ({ Type: random.chance(0.7) ? 'New Business' : 'Existing Business' }),
    ]
    post('updated', 'Deals', id, pick(random, edits)())
    // Whoever sits before the CRM changes his mind, or two programs write at once.
    if (random.chance(0.2)) post('updated', 'Deals', id, pick(random, edits)())
  }

  function removeDeal(): void {
    if (deals.length > 0) post('deleted', 'Deals', pick(random, deals).id, {})
  }

  function editLead(): void {
    withLead((id) => {
      const values: readonly Values[] = [
        { Rating: 'Acquired' },
        { Industry: 'IT' },
        { Lead_Source: 'Web', Rating: null },
        { Lead_Source: 'Partner' },
        { Lead_Status: 'Not Contacted' },
      ]
      post('updated', 'Leads', id, pick(random, values))
    })
  }

  /** One of the leads there are. */
  function withLead(use: (id: string) => void): void {
    const at = random.next()
    world.insist(async ({ store }) => {
      const { items } = await store.records('Leads', { limit: 200 })
      const lead = items[Math.floor(at * items.length)]
      if (lead !== undefined) use(lead.id)
    })
  }

  // what people do in the blueprint

  function takeStep(): void {
    const at = random.next()
    world.insist(async (denrei) => {
      const { items } = await denrei.store.instances({ kind: 'blueprint', status: 'running' }, { limit: 50 })
      const instance = items[Math.floor(at * items.length)]
      if (instance !== undefined) await stepFor(denrei, instance)
    })
  }

  async function stepFor(denrei: Denrei, { module, recordId, position }: Instance): Promise<void> {
    const actor = pick(random, STAFF)
    const { transition, part, rest } = await choose(denrei, { module, recordId }, actor)
    // Everybody does their part at once.
    for (const one of rest) {
      world.ask({ do: 'transition', module, recordId, transition, part: one, ...filledIn(transition, one) }, BOSS)
    }
    const isRace = random.chance(0.3)
    const partial = !isRace && random.chance(0.15)
    const command: Step = {
      do: 'transition',
      module,
      recordId,
      transition,
      ...(part && { part }),
      ...(isRace || random.chance(0.4) ? { from: position } : {}),
      ...filledIn(transition, part),
      ...(partial && { partial }),
    }
    const first = world.ask(command, actor)
    // The CRM writes at the very moment at which somebody presses the button.
    if (random.chance(0.2)) editDeal(recordId)
    if (!isRace) return
    // Somebody else does the same, or something else, at the same moment.
    const other = random.chance(0.5) ? actor : pick(random, STAFF)
    if (random.chance(0.3)) world.ask({ do: 'transition', module, recordId, transition: '保留' }, other)
    else world.races.push([first, world.ask({ ...command }, other)])
  }

  /** Mostly what the page offers; sometimes what somebody has in mind, or what it offered a while ago. */
  async function choose(denrei: Denrei, place: { module: string; recordId: string }, actor: Actor) {
    const named = { transition: pick(random, STEPS), part: random.chance(0.3) ? '法務' : undefined, rest: [] }
    if (random.chance(0.2)) return named
    const view = await denrei.process(place, actor, 'ja').catch((error: unknown) => {
      // It may have left since it was looked up.
      if ((error as { code?: string }).code === 'ERR_RECORD_NOT_IN_PROCESS') return null
      throw error
    })
    // Deals go on rather than to wait or to be lost.
    const rare = ['失注', '保留']
    const open = (view?.transitions ?? []).filter(
      ({ name, possible, parts }) =>
        (possible || parts.some((part) => part.possible)) && (!rare.includes(name) || random.chance(0.2)),
    )
    if (open.length === 0) return named
    const { name, parts } = pick(random, open)
    const [part, ...rest] = parts.filter(({ possible, done }) => possible && !done).map((one) => one.name)
    return { transition: name, part, rest: random.chance(0.6) ? rest : [] }
  }

  function filledIn(transition: string, part: string | undefined): Pick<Step, 'data' | 'note' | 'checklist'> {
    if (random.chance(0.15)) return {}
    switch (part ?? transition) {
      case '提案を送る':
        return { data: { Closing_Date: someDate() }, note: '送付済み' }
      case '審査へ':
        return { note: '至急', checklist: random.chance(0.8) ? ['見積書', '契約書'] : ['見積書'] }
      case '失注':
        return { data: { Reason_For_Loss: '価格' } }
      case '法務':
        return { note: '問題なし' }
      default:
        return {}
    }
  }

  // what people do with journeys

  /** Somebody whom we wrote to lately answers. */
  function answer(): void {
    const lately = world.account.messages.list().slice(-12)
    const to = lately.length === 0 ? '' : pick(random, lately).to
    const person = world.people.find(({ mobile }) => mobile.replace(/\D/g, '') === to.replace(/\D/g, ''))
    if (person === undefined) return
    const kind = random.next()
    if (kind < 0.4) world.write(person, random.chance(0.5) ? YES : 'ＹＥＳ')
    else if (kind < 0.8) world.write(person, YES, 'YES')
    else world.write(person, '資料をください')
  }

  function enroll(): void {
    withLead((id) => {
      const journey = random.chance(0.7) ? 'offer' : 'nurture'
      world.ask({ do: 'enroll', journey, recordIds: [id, ...(random.chance(0.2) ? ['いない'] : [])] }, BOSS)
    })
  }

  function broadcast(): void {
    const at = random.next()
    world.insist(async ({ store }) => {
      const { items } = await store.records('Leads', { limit: 200 })
      if (items.length === 0) return
      const from = Math.floor(at * items.length)
      const ids = items.slice(from, from + 12).map(({ id }) => id)
      const all = { all: [{ fact: 'Lead_Source', operator: 'equal', value: 'Web' }] }
      const command: Command = {
        do: 'broadcast',
        broadcast: {
          name: '春のご案内',
          definition: 'journey/offer',
          startAt: world.time.server.now() + (random.chance(0.3) ? Math.floor(random.next() * 12 * HOUR_MS) : 0),
          rate: random.chance(0.3)
            ? null
            : { count: pick(random, [1, 3, 20]), perMs: pick(random, [MINUTE_MS, 10 * MINUTE_MS, HOUR_MS]) },
        },
        records: random.chance(0.3) ? { when: all } : { ids: [...ids, ...ids.slice(0, 1), 'いない'] },
      }
      world.ask(command, BOSS, (outcome) => {
        if (outcome.kind === 'done') handle((outcome.details as { broadcastId: string }).broadcastId)
      })
    })
  }

  /** Holds it and lets it go on, perhaps at once, or ends it. */
  function handle(id: string): void {
    const move = (to: 'running' | 'paused' | 'cancelled') => () =>
      world.ask({ do: 'moveBroadcast', id, to }, BOSS) as unknown as void
    const shortly = () => random.next() * pick(random, [MINUTE_MS, 20 * MINUTE_MS, 12 * HOUR_MS])
    if (random.chance(0.5)) {
      const pausedMs = shortly()
      world.time.after(pausedMs, move('paused'))
      world.time.after(pausedMs + random.next() * pick(random, [1000, 3 * HOUR_MS]), move('running'))
    }
    if (random.chance(0.2)) world.time.after(shortly(), move('cancelled'))
  }

  function pause(): void {
    const definition = pick(random, PAUSABLE)
    const spreadMs = pick(random, [0, MINUTE_MS, HOUR_MS])
    world.ask({ do: 'pause', definition }, BOSS)
    world.time.after(
      random.next() * pick(random, [HOUR_MS, 1.5 * DAY_MS]),
      () => void world.ask({ do: 'resume', definition, spreadMs }, BOSS),
    )
  }

  /** New versions of everything while it is in flight, with a choice for what is. */
  function edit(): void {
    const version = ++world.version
    const draws = [random.next(), random.next(), random.next(), random.next(), random.next()]
    world.insist(async (denrei) => {
      const before = (await denrei.definitions()).find(({ key }) => key === 'blueprint/deal-desk')
      let next = 0
      const choose = <T>(list: readonly T[]): T => list[Math.floor(draws[next++ % draws.length]! * list.length)] as T
      const migrations = before === undefined ? {} : migrationsTo(version, before.definition, choose)
      await denrei.apply(world.business.files(version), '管理者', { migrations })
    })
  }

  function switchOff(): void {
    const key = pick(random, SWITCHED)
    const set = (active: boolean) => world.insist((denrei) => denrei.setActive(key, active))
    set(false)
    world.time.after(random.next() * DAY_MS, () => set(true))
  }

  function takeOut(): void {
    const at = random.next()
    world.insist(async ({ store }) => {
      const { items } = await store.instances({ status: 'running' }, { limit: 100 })
      const instance = items[Math.floor(at * items.length)]
      if (instance === undefined) return
      world.ask({ do: 'exit', instanceId: instance.id, reason: 'お客様の希望' }, BOSS)
    })
  }
}

type Step = Extract<Command, { do: 'transition' }>

/** Everything that is paused or switched off goes on. */
export function clearDesk(world: World): void {
  for (const definition of PAUSABLE) world.ask({ do: 'resume', definition, spreadMs: HOUR_MS }, BOSS)
  for (const key of SWITCHED) world.insist((denrei) => denrei.setActive(key, true))
  world.insist(async ({ store }) => {
    const { items } = await store.broadcasts({}, { limit: 200 })
    for (const { id, state } of items)
      if (state === 'paused') world.ask({ do: 'moveBroadcast', id, to: 'running' }, BOSS)
  })
}
