import { globSync, readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { getShortestPaths } from 'xstate/graph'
import type { Blueprint } from '#definitions/definitions.ts'
import { compileBlueprints } from '#engine/blueprint/compile.ts'
import { BlueprintInvalid } from '#engine/blueprint/errors.ts'
import { eventsOf, keyOf, machineOf, nameOf, sourcesOf, type MachineEvent } from '#engine/blueprint/machine.ts'
import type { StoredDefinition } from '#engine/store.ts'
import { DESK } from './dealDesk.ts'

const shipped = globSync('definitions/library/blueprints/*.json').map(
  (file) => JSON.parse(readFileSync(file, 'utf8')) as Blueprint,
)

test('the library has blueprints', () => {
  expect(shipped.length).toBeGreaterThan(0)
})

describe.each([...shipped, DESK])('the machine of $name', (blueprint) => {
  const walked = getShortestPaths(machineOf(blueprint), { events: eventsOf(blueprint) as never })
  const reached = new Set(walked.map(({ state }) => nameOf(state.value)))

  test('reaches every state', () => {
    expect([...reached].sort()).toEqual(Object.keys(blueprint.states).sort())
  })

  test('can take every transition from somewhere', () => {
    const taken = new Set(
      walked.flatMap(({ state }) =>
        eventsOf(blueprint)
          .filter((event) => state.can(event))
          .map(({ type }) => nameOf(type)),
      ),
    )
    expect([...taken].sort()).toEqual(blueprint.transitions.map(({ name }) => name).sort())
  })

  test('ends in the final states and nowhere else', () => {
    for (const { state } of walked) {
      const name = nameOf(state.value)
      expect(state.status).toBe(blueprint.states[name]?.final === true ? 'done' : 'active')
    }
  })
})

test('"*" is every state that is not final, but for the one it leads to', () => {
  const states = { 甲: { initial: true }, 乙: {}, 丙: {}, 丁: { final: true } }
  expect(sourcesOf({ states }, { name: 'x', from: '*', to: '丁' })).toEqual(['甲', '乙', '丙'])
  expect(sourcesOf({ states }, { name: 'x', from: '*', to: '乙' })).toEqual(['甲', '丙'])
  expect(sourcesOf({ states }, { name: 'x', from: ['乙'], to: '乙' })).toEqual(['乙'])
})

test('every name has a key of its own, and comes back from it', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', minLength: 1 }), fc.string({ minLength: 1 }), (a, b) => {
      expect(nameOf(keyOf(a))).toBe(a)
      expect(keyOf(a) === keyOf(b)).toBe(a === b)
      expect(keyOf(a)).not.toMatch(/[.#\\]/)
    }),
  )
})

test('parts done in any order come to one state', () => {
  const machine = machineOf(DESK)
  const parallel = DESK.transitions.find(({ parallel }) => parallel !== undefined)!
  const walked = getShortestPaths(machine, { events: eventsOf(DESK) as never })
  const inTalks = walked.filter(({ state }) => nameOf(state.value) === parallel.from[0])
  expect(inTalks).toHaveLength(2 ** parallel.parallel!.length - 1)
})

describe('what cannot be a machine', () => {
  const two: Blueprint = { ...DESK, states: { ...DESK.states, 見積提示: { initial: true } } }
  const none: Blueprint = { ...DESK, states: { ...DESK.states, 初回接触: {} } }
  const stray: Blueprint = { ...DESK, transitions: [{ name: '迷子', from: ['初回接触'], to: 'どこか' }] }
  const from: Blueprint = { ...DESK, transitions: [{ name: '迷子', from: ['どこか'], to: '受注' }] }
  const twice: Blueprint = { ...DESK, transitions: [...DESK.transitions, DESK.transitions[0]!] }
  test.each([
    ['two initial states', two, 'It has 2 initial states'],
    ['no initial state', none, 'It has 0 initial states'],
    ['a transition to nowhere', stray, 'names the state "どこか"'],
    ['a transition from nowhere', from, 'names the state "どこか"'],
    ['two transitions of one name', twice, 'Two transitions are named "見積を送る"'],
  ])('%s', (_, blueprint, message) => {
    expect(() => machineOf(blueprint)).toThrow(BlueprintInvalid)
    const broken: { key: string; version: number; error: string }[] = []
    const blueprints = compileBlueprints([stored(blueprint, 1)], [], broken)
    expect(broken).toEqual([
      { key: 'blueprint/case-desk', version: 1, error: expect.stringContaining(message) as string },
    ])
    expect(blueprints.open('Cases')).toEqual([])
    expect(blueprints.isActive('blueprint/case-desk')).toBe(true)
  })
})

describe('versions', () => {
  test('the newest one is open when it is on; pinned ones are run and closed', () => {
    const blueprints = compileBlueprints([stored(DESK, 3)], [stored(DESK, 1), stored(DESK, 2)], [])
    expect([1, 2, 3].map((version) => blueprints.get(`blueprint/case-desk@${version}`)?.open)).toEqual([
      false,
      false,
      true,
    ])
    expect(blueprints.newest('blueprint/case-desk')?.version).toBe(3)
    expect(blueprints.open('Cases').map(({ id }) => id)).toEqual(['blueprint/case-desk@3'])
  })

  test('one that is off is run and closed', () => {
    const blueprints = compileBlueprints([{ ...stored(DESK, 3), active: false }], [stored(DESK, 1)], [])
    expect(blueprints.get('blueprint/case-desk@3')?.open).toBe(false)
    expect(blueprints.open('Cases')).toEqual([])
    expect(blueprints.isActive('blueprint/case-desk')).toBe(false)
  })

  test('the same content is compiled once, other content under the same name is not taken for it', () => {
    const machine = (blueprint: Blueprint) =>
      compileBlueprints([stored(blueprint, 1)], [], []).get('blueprint/case-desk@1')!.machine
    expect(machine(structuredClone(DESK))).toBe(machine(DESK))
    expect(machine({ ...DESK, description: '別' })).not.toBe(machine(DESK))
  })
})

test('a walk leaves the events by which the field is followed aside', () => {
  const types = new Set(eventsOf(DESK).map(({ type }: MachineEvent) => nameOf(type)))
  expect([...types].sort()).toEqual(DESK.transitions.map(({ name }) => name).sort())
})

function stored(definition: Blueprint, version: number): StoredDefinition {
  return {
    key: `blueprint/${definition.name}`,
    version,
    active: true,
    definition,
    hash: '',
    createdAt: 0,
    createdBy: 'test',
  }
}
