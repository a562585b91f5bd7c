import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Blueprint } from '#definitions/definitions.ts'
import type { Values } from '#definitions/json.ts'
import { keyOf } from '#engine/blueprint/machine.ts'
import type { Body } from '#engine/blueprint/place.ts'
import { versionedKey } from '#engine/instance.ts'
import type { Actor, Move, WorldEvent } from '#engine/trigger.ts'
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

type Happening = (desk: Desk) => Promise<unknown>

const anUpdate = fc
  .record(
    {
      Phase: fc.constantFrom(...STATES),
      Amount: fc.constantFrom(1, 300_000, 9_000_000),
      Rank: fc.constantFrom('特急', '対象外', 'A'),
    },
    { requiredKeys: [] },
  )
  .map((values) => recordEvent('updated', 'Cases', '1', values as Values))
const aCommand = fc
  .record({
    transition: fc.constantFrom(...WORK.transitions.map(({ name }) => name)),
    part: fc.constantFrom(undefined, '法務承認', '経理承認'),
    actor: fc.constantFrom<Actor>(SALES, LEGAL),
    partial: fc.boolean(),
  })
  .map(({ transition, part, actor, partial }): WorldEvent => {
    const own = { ...(part !== undefined && { part }), ...(transition === '見積を送る' && COMPLETE) }
    return ask({ do: 'transition', module: 'Cases', recordId: '1', transition, partial, ...own }, actor)
  })
const events = fc.array(fc.oneof(anUpdate, aCommand), { minLength: 1, maxLength: 4 }).map(
  (some): Happening =>
    (desk) =>
      desk.happen(...some),
)
const time = fc.constantFrom(0.5, 2, 31).map((days): Happening => async (desk) => {
  desk.advance(days * DAY_MS)
  await desk.settle()
})
const onOff = fc.boolean().map(
  (active): Happening =>
    (desk) =>
      desk.switchTo(active),
)
const migration = fc.constantFrom(...Object.keys(WORK.states)).map((position): Happening => async (desk) => {
  const version = Math.max(...(await desk.store.definitionVersions('blueprint/case-desk')).map((one) => one.version))
  await desk.define([{ ...WORK, description: `第${version + 1}版` }])
  const otherwise: Move = { to: 'position', position }
  await desk.happen(
    ask({
      do: 'migrate',
      definition: 'blueprint/case-desk',
      from: version,
      to: version + 1,
      positions: {},
      otherwise,
      after: '',
    }),
  )
})
const aLife = fc.array(fc.oneof({ weight: 8, arbitrary: events }, { weight: 3, arbitrary: time }, onOff, migration), {
  minLength: 1,
  maxLength: 12,
})

test('whatever comes, an instance is in a state of its version, alone, with its clocks, and the record says the same', async () => {
  await fc.assert(
    fc.asyncProperty(aLife, async (life) => {
      const desk = await createDesk({ desk: WORK })
      for (const happening of life) {
        await happening(desk)
        await check(desk)
      }
      expect(desk.told().filter((line) => line.includes('failed'))).toEqual([])
    }),
    { numRuns: 60, seed: 20261122 },
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
