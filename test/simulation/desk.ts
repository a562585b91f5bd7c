import { crmOf } from './crm.ts'
import { dealsOf } from './deals.ts'
import { outreachOf } from './outreach.ts'
import { pick } from './people.ts'
import { migrationsTo } from './processes.ts'
import { BOSS } from './staff.ts'
import type { World } from './world.ts'

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
const DAY_MS = 24 * HOUR_MS

const PAUSABLE = ['journey/nurture', 'journey/offer', 'journey/renewal', 'blueprint/deal-desk']
const SWITCHED = [
  'blueprint/keep-desk',
  'journey/nurture',
  'journey/offer',
  'blueprint/deal-desk',
  'workflow/daily-round',
  'workflow/closing-day',
]

/** Lets people move deals through their blueprint and put leads into journeys, beside the days of messages. */
export function beginDesk(world: World): void {
  const random = world.desk
  const post = crmOf(world)
  const { newDeal, editDeal, removeDeal, takeStep } = dealsOf(world, post)
  const { editLead, answer, enroll, broadcast } = outreachOf(world, post)
  // WhatsApp holds the window of this one to be closed, whatever we think: a text falls back to its template.
  world.people.push({ name: '窓口', mobile: '+819012770047', zone: 'Asia/Tokyo', language: 'ja', consent: true })

  const actions: readonly (readonly [weight: number, act: () => void])[] = [
    [4, newDeal],
    [5, editDeal],
    [0.3, removeDeal],
    [12, takeStep],
    [3, editLead],
    [4, answer],
    [1.5, enroll],
    [1, broadcast],
    [1, pause],
    [1.5, edit],
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

  function pause(): void {
    const definition = pick(random, PAUSABLE)
    const spreadMs = pick(random, [0, MINUTE_MS, HOUR_MS])
    // Whoever knows that it is paused lets it go on some time later.
    world.ask({ do: 'pause', definition }, BOSS, () =>
      world.time.after(random.next() * pick(random, [HOUR_MS, 1.5 * DAY_MS]), () => {
        world.ask({ do: 'resume', definition, spreadMs }, BOSS)
      }),
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
    const offMs = random.next() * DAY_MS
    world.insist(async (denrei) => {
      await denrei.setActive(key, false)
      world.time.after(offMs, () => world.insist((again) => again.setActive(key, true)))
    })
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
