import { describe, expect, test } from 'vitest'
import { transition } from 'xstate'
import { getShortestPaths } from 'xstate/graph'
import type { Blueprint } from '#definitions/definitions.ts'
import { eventsOf, machineOf, nameOf, type MachineEvent } from '#engine/blueprint/machine.ts'
import { files, walk, YAMADA, type Walk } from './walk.ts'

/** What people and time do so that a transition is taken, by its name, with its part behind a slash. */
interface Story {
  enter(w: Walk, id: string): Promise<void>
  acts: Record<string, (w: Walk, id: string) => Promise<void>>
}

const admin = { user: '佐藤', roles: ['admin'] }
const take =
  (transition: string, more: object = {}) =>
  (w: Walk, id: string) =>
    w.take('Deals', id, { transition, ...more }, admin)

const stories: Record<string, Story> = {
  'deal-desk': {
    async enter(w, id) {
      const deal = {
        Deal_Name: `商談${id}`,
        Amount: 2_000_000,
        Stage: 'Qualification',
        Contact_Name: 'c1',
        Owner: '佐藤',
      }
      await w.record('created', 'Deals', id, deal)
    },
    acts: {
      'Send proposal': take('Send proposal', { data: { Closing_Date: '2030-12-24' } }),
      Negotiate: take('Negotiate', { data: { Amount: 1_500_000 } }),
      'Win/Legal approval': take('Win', {
        part: 'Legal approval',
        checklist: ['契約書の確認 / Contract reviewed', '個人情報の取り扱いの確認 / Personal data reviewed'],
      }),
      'Win/Finance approval': take('Win', { part: 'Finance approval', data: { Amount: 1_500_000 } }),
      'Back to proposal': take('Back to proposal', { note: '条件の見直し' }),
      Lose: take('Lose', { data: { Reason_For_Loss: '予算' } }),
      'No chance left': (w, id) => w.record('updated', 'Deals', id, { Probability: 0 }),
      'Gone quiet': (w) => w.until(w.now() + 60 * 86_400_000),
    },
  },
}

const blueprints = files.map(({ json }) => json as Blueprint).filter(({ kind }) => kind === 'blueprint')
const actOf = ({ type, part }: MachineEvent) => (part === undefined ? nameOf(type) : `${nameOf(type)}/${part}`)

describe.each(blueprints)('$name, walked along its machine', (blueprint) => {
  const events = eventsOf(blueprint)
  const machine = machineOf(blueprint)
  const walked = getShortestPaths(machine, { events: events as never })

  test('every state is reached, and every transition taken, by the way that the machine gives (S67)', async () => {
    const story = stories[blueprint.name]
    if (story === undefined) throw new Error(`Tell the story of ${blueprint.name} here.`)
    expect(Object.keys(story.acts).sort()).toEqual(events.map(actOf).sort())
    const w = await walk('2026-11-24 10:00')
    await w.record('created', 'Contacts', 'c1', { Last_Name: '田中', ...YAMADA })
    const stood = new Set<string>()
    let records = 0
    for (const { state, steps } of walked) {
      const way = steps.slice(1).map(({ event }) => event) // The first one starts the machine.
      const onward = events.filter((event) => state.can(event))
      // A final state is only come to.
      for (const last of onward.length === 0 ? [null] : onward) {
        const id = String(records++)
        await story.enter(w, id)
        for (const event of way) await story.acts[actOf(event)]?.(w, id)
        stood.add(await standing(w, blueprint, id, nameOf(state.value)))
        if (last === null) continue
        await story.acts[actOf(last)]?.(w, id)
        const [next] = transition(machine, state, last)
        await standing(w, blueprint, id, nameOf(next.value))
      }
    }
    expect([...stood].sort()).toEqual(Object.keys(blueprint.states).sort())
    expect(records).toBeGreaterThan(events.length)
  })
})

/** The record and its instance stand where they should. */
async function standing(
  w: Walk,
  { name, module, field, states }: Blueprint,
  id: string,
  state: string,
): Promise<string> {
  expect((await w.values(module, id))[field]).toBe(state)
  const { items } = await w.server.denrei.store.instances(
    { definition: `blueprint/${name}`, recordId: id },
    { limit: 2 },
  )
  const status = states[state]?.final === true ? 'ended' : 'running'
  expect(items).toMatchObject([{ position: state, status }])
  return state
}
