import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Blueprint } from '#definitions/definitions.ts'
import type { Values } from '#definitions/json.ts'
import { keyOf } from '#engine/blueprint/machine.ts'
import type { Body } from '#engine/blueprint/place.ts'
import { versionedKey } from '#engine/instance.ts'
import type { Actor, Move } from '#engine/command.ts'
import type { WorldEvent } from '#engine/trigger.ts'
import { recordEvent } from '../workbench.ts'
import { ask, COMPLETE, createDesk, DAY_MS, DESK, LEGAL, SALES, type Desk } from './dealDesk.ts'

const STATES = [...Object.keys(DESK.states), '保留', '', null]
const WORK: Blueprint = {
  ...DESK,
  transitions: [
    ...DESK.transitions,
    {
      name: '見直す',
      from: ['契約交渉', '見積提示'],
      to: '初回接触',
      after: [{ type: 'updateRecord', set: { Rank: '特急' } }],
    },
  ],
}

type Happening =
  | { update: Values }
  | { transition: string; part?: string; partial?: boolean; actor: Actor }
  | { days: number }
  | { switchTo: boolean }
  | { migrateTo: string }

const anUpdate = fc
  .record(
    {
      Phase: fc.constantFrom(...STATES),
      Amount: fc.constantFrom(1, 300_000, 9_000_000),
      Rank: fc.constantFrom('特急', '対象外', 'A'),
    },
    { requiredKeys: [] },
  )
  .map((values): Happening => ({ update: values }))
const aTransition = fc.record(
  {
    transition: fc.constantFrom(...WORK.transitions.map(({ name }) => name)),
    part: fc.constantFrom('法務承認', '経理承認'),
    actor: fc.constantFrom<Actor>(SALES, LEGAL),
    partial: fc.boolean(),
  },
  { requiredKeys: ['transition', 'actor'] },
)
/** What happens at once is decided in one batch. */
const aLife = fc.array(
  fc.oneof(
    { weight: 8, arbitrary: fc.array(fc.oneof(anUpdate, aTransition), { minLength: 1, maxLength: 4 }) },
    { weight: 3, arbitrary: fc.constantFrom(0.5, 2, 31).map((days): Happening[] => [{ days }]) },
    fc.boolean().map((switchTo): Happening[] => [{ switchTo }]),
    fc.constantFrom(...Object.keys(WORK.states)).map((migrateTo): Happening[] => [{ migrateTo }]),
  ),
  { minLength: 1, maxLength: 12 },
)

async function live(desk: Desk, together: Happening[]): Promise<unknown> {
  const [first] = together
  if (first === undefined) return
  if ('days' in first) {
    desk.advance(first.days * DAY_MS)
    return desk.settle()
  }
  if ('switchTo' in first) return desk.switchTo(first.switchTo)
  if ('migrateTo' in first) return migrate(desk, first.migrateTo)
  return desk.happen(...together.map((one) => ({ ...eventOf(one), occurredAt: desk.now() })))
}

function eventOf(one: Happening): WorldEvent {
  if ('update' in one) return recordEvent('updated', 'Cases', '1', one.update)
  if (!('transition' in one)) throw new TypeError('No event.')
  const { actor, ...step } = one
  const filled = step.transition === '見積を送る' ? COMPLETE : {}
  return ask({ do: 'transition', module: 'Cases', recordId: '1', ...step, ...filled }, actor)
}

async function migrate(desk: Desk, position: string) {
  const versions = await desk.store.definitionVersions('blueprint/case-desk')
  const from = Math.max(...versions.map(({ version }) => version))
  await desk.define([{ ...WORK, description: `第${from + 1}版` }])
  const otherwise: Move = { to: 'position', position }
  const command = { definition: 'blueprint/case-desk', from, to: from + 1, positions: {}, otherwise, after: '' }
  return desk.happen(ask({ do: 'migrate', ...command }))
}

test('whatever comes, an instance is in a state of its version, alone, with its clocks, and the record says the same', async () => {
  await fc.assert(
    fc.asyncProperty(aLife, async (life) => {
      const desk = await createDesk({ desk: WORK })
      for (const one of life) {
        await live(desk, one)
        await check(desk)
      }
      expect(desk.told().filter((line) => line.includes('failed'))).toEqual([])
    }),
    { numRuns: 150, seed: 7 },
  )
}, 60_000)

async function check(desk: Desk) {
  const instances = await desk.instances()
  const running = instances.filter(({ status }) => status === 'running')
  expect(running.length).toBeLessThanOrEqual(1)
  expect((await desk.store.depths(desk.now())).inboxQuarantined).toBe(0)
  for (const one of instances) {
    const blueprint = desk.definitions().blueprints.get(versionedKey(one))
    const { snapshot } = one.body as unknown as Body
    expect(snapshot.value).toBe(keyOf(one.position))
    if (one.status === 'running') expect([...blueprint!.states.keys()]).toContain(one.position)
    const steps = await desk.store.instanceSteps(one.id)
    // Each step begins where the one before has led.
    steps.slice(1).forEach((step, index) => expect(step.from).toBe(steps[index]!.to))
    expect(steps.every(({ tookMs }) => tookMs >= 0)).toBe(true)
    expect(steps.filter(({ kind }) => kind === 'ended')).toHaveLength(one.status === 'ended' ? 1 : 0)
  }
  const [one] = running
  const timers = await desk.store.timers({ recordId: '1', state: 'waiting' })
  for (const timer of timers) {
    expect(timer).toMatchObject({ instanceId: one?.id, position: one?.position, visit: one?.visit })
    expect(timer.dueAt).toBeGreaterThan(desk.now())
  }
  if (one === undefined) return
  expect(await desk.phase()).toBe(one.position)
  expect(desk.definitions().blueprints.get(versionedKey(one))!.states.get(one.position)!.final).toBe(false)
}
