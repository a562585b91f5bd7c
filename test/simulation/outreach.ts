import type { Values } from '#definitions/json.ts'
import type { Command } from '#engine/command.ts'
import type { PostRecord } from './crm.ts'
import { YES } from './journeys.ts'
import { pick } from './people.ts'
import { BOSS } from './staff.ts'
import type { World } from './world.ts'

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS

/** What is done with leads and journeys: the CRM edits them, people answer, are enrolled, and get broadcasts. */
export function outreachOf(world: World, post: PostRecord) {
  const random = world.desk

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

  return { editLead, answer, enroll, broadcast }
}
