import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Journey, Step } from '#definitions/definitions.ts'
import { versionedKey } from '#engine/instance.ts'
import { aJourney, createJourneyBench, DAY_MS, equal, HOUR_MS, type JourneyBench } from './journeyBench.ts'

const IDS = ['a', 'b', 'c', 'd', 'e', 'f']
const VALUES = ['Open', 'Won', 'Lost', '2026-11-25', '']
const DEFINITION = 'journey/trial-nurture'

/** Steps that lead anywhere, forwards and backwards: `check` would refuse most of these journeys. */
const someSteps: fc.Arbitrary<Step[]> = fc.integer({ min: 1, max: IDS.length }).chain((count) => {
  const target = fc.constantFrom(...IDS.slice(0, count))
  const maybe = <T>(key: string, arbitrary: fc.Arbitrary<T>) =>
    fc.option(arbitrary, { nil: undefined, freq: 1 }).map((value) => (value === undefined ? {} : { [key]: value }))
  const when = fc.constantFrom(...VALUES).map((value) => equal('Lead_Status', value))
  const span = fc.constantFrom('PT0S', 'PT1H', 'PT5H', 'P1D', 'P1D', 'P3D')
  const with_ = <T extends object>(base: fc.Arbitrary<T>, ...more: fc.Arbitrary<object>[]) =>
    fc.tuple(base, ...more).map((parts) => Object.assign({}, ...parts) as T)
  const kinds = [
    with_(fc.constantFrom({ send: { template: 'hello' } }, { send: { template: 'remind' } }), maybe('next', target)),
    with_(
      span.map((wait) => ({ wait })),
      maybe('at', fc.constantFrom('09:00', '23:30')),
      maybe('next', target),
    ),
    with_(
      fc.constantFrom('skip', 'send', 'exit').map((ifPast) => ({ waitUntil: { field: 'Lead_Status', ifPast } })),
      maybe('next', target),
    ),
    with_(
      fc
        .tuple(
          fc.constantFrom(
            { on: 'message.received' },
            { on: 'message.received', text: ['はい'] },
            { on: 'message.status', status: ['read', 'failed'] },
            { on: 'message.status', status: ['delivered'], of: 'a' },
            { on: 'record.updated', fields: ['Lead_Status'] },
          ),
          span,
        )
        .map(([waitFor, timeout]) => ({ waitFor, timeout })),
      maybe('then', target),
      maybe('else', target),
    ),
    with_(
      fc.array(fc.record({ when, goto: target }), { minLength: 1, maxLength: 3 }).map((branch) => ({ branch })),
      maybe('else', target),
    ),
    fc
      .array(fc.record({ weight: fc.integer({ min: 1, max: 9 }), goto: target }), { minLength: 2, maxLength: 3 })
      .map((split) => ({ split })),
    with_(
      fc.constantFrom(...VALUES).map((Lead_Status) => ({ do: [{ type: 'updateRecord', set: { Lead_Status } }] })),
      maybe('next', target),
    ),
    with_(fc.record({ goto: target, max: fc.integer({ min: 1, max: 5 }) }), maybe('next', target)),
    fc.constant({ exit: 'out' }),
  ] as fc.Arbitrary<object>[]
  return fc
    .array(fc.oneof(...kinds), { minLength: count, maxLength: count })
    .map((steps) => steps.map((step, index) => ({ id: IDS[index], ...step }) as Step))
})

const someJourney: fc.Arbitrary<Journey> = fc
  .record({
    steps: someSteps,
    on: fc.constantFrom('record.created', 'record.saved', 'condition', 'message.received', 'manual'),
    reentry: fc.constantFrom('never', 'after_exit', 'always', { after: 'P1D' }),
    goal: fc.boolean(),
    quiet: fc.constantFrom('hold', 'skip', null),
  })
  .map(({ steps, on, reentry, goal, quiet }) =>
    aJourney(steps, {
      entry: { trigger: { on } as never, reentry: reentry as never },
      ...(goal && { goal: { when: equal('Lead_Status', 'Won') } }),
      ...(quiet && { quietHours: { from: '21:00', to: '09:00', timezone: 'contact', otherwise: quiet as 'hold' } }),
    }),
  )

type Happening =
  | { kind: 'update'; value: string }
  | { kind: 'reply'; text: string }
  | { kind: 'tell'; status: 'delivered' | 'read' | 'failed'; which: number }
  | { kind: 'time'; ms: number }
  | { kind: 'enroll' | 'pause' | 'resume' }
  | { kind: 'publish'; journey: Journey; position: string }

const happening: fc.Arbitrary<Happening> = fc.oneof(
  fc.record({ kind: fc.constant('update' as const), value: fc.constantFrom(...VALUES) }),
  fc.record({ kind: fc.constant('reply' as const), text: fc.constantFrom('はい', 'いいえ') }),
  fc.record({
    kind: fc.constant('tell' as const),
    status: fc.constantFrom('delivered' as const, 'read' as const, 'failed' as const),
    which: fc.nat(5),
  }),
  fc.record({ kind: fc.constant('time' as const), ms: fc.constantFrom(HOUR_MS, 13 * HOUR_MS, 2 * DAY_MS) }),
  fc.record({ kind: fc.constantFrom('enroll' as const, 'pause' as const, 'resume' as const) }),
  fc.record({ kind: fc.constant('publish' as const), journey: someJourney, position: fc.constantFrom(...IDS) }),
)

async function happen(bench: JourneyBench, one: Happening): Promise<void> {
  switch (one.kind) {
    case 'update':
      await bench.update('1', { Lead_Status: one.value })
      return
    case 'reply':
      await bench.reply(one.text)
      return
    case 'tell': {
      const { length } = await bench.messages()
      if (length > 0) await bench.tell(one.which % length, one.status)
      return
    }
    case 'time':
      await bench.goOn(one.ms)
      return
    case 'enroll':
      await bench.ask({ do: 'enroll', journey: DEFINITION, recordIds: ['1'] })
      return
    case 'pause':
      await bench.ask({ do: 'pause', definition: DEFINITION })
      return
    case 'resume':
      await bench.ask({ do: 'resume', definition: DEFINITION, spreadMs: HOUR_MS })
      return
    case 'publish': {
      await bench.define([one.journey])
      const versions = await bench.store.definitionVersions(DEFINITION)
      const to = Math.max(...versions.map(({ version }) => version))
      const move = { to: 'position', position: one.position } as const
      await bench.ask({
        do: 'migrate',
        definition: DEFINITION,
        from: to - 1,
        to,
        positions: {},
        otherwise: move,
        after: '',
      })
      return
    }
  }
}

/** What must hold whatever was written and whatever happened. */
async function checkLaws(bench: JourneyBench): Promise<void> {
  const versions = new Map(
    (await bench.store.definitionVersions(DEFINITION)).map(({ version, definition }) => [
      `${DEFINITION}@${version}`,
      (definition as Journey).steps.map(({ id }) => id),
    ]),
  )
  const paused = (await bench.store.paused()).length > 0
  for (const instance of await bench.instances()) {
    expect(versions.get(versionedKey(instance)), 'it stands at a step of its version').toContain(instance.position)
    const timers = (await bench.store.timers({ instanceId: instance.id })).filter(({ state }) =>
      ['waiting', 'paused'].includes(state),
    )
    if (instance.status === 'ended') {
      expect(timers, 'what has ended waits for nothing').toEqual([])
    } else {
      expect(timers.length, 'what runs waits for exactly one thing by time').toBe(1)
      expect(timers[0]).toMatchObject({ visit: instance.visit, position: instance.position })
      expect(timers[0]?.state).toBe(paused ? 'paused' : 'waiting')
    }
    const steps = await bench.store.instanceSteps(instance.id)
    expect(steps[0]?.kind).toBe('entered')
    for (const [index, step] of steps.entries()) {
      if (index > 0) expect(step.from, 'each line goes on where the one before stopped').toBe(steps[index - 1]?.to)
    }
    expect(steps.at(-1)?.to ?? null).toBe(instance.status === 'ended' ? null : instance.position)
  }
  expect((await bench.store.depths(bench.now())).inboxQuarantined, 'nothing made a decision throw').toBe(0)
  const counts = await bench.store.instanceCounts(DEFINITION)
  const running = (await bench.instances()).filter(({ status }) => status === 'running').length
  expect(counts.standing.reduce((sum, { count }) => sum + count, 0)).toBe(running)
}

test('whatever is written and whatever happens, an instance stands at a step, waits once, and never goes round', async () => {
  await fc.assert(
    fc.asyncProperty(someJourney, fc.array(happening, { minLength: 1, maxLength: 12 }), async (journey, story) => {
      const bench = await createJourneyBench([journey])
      await bench.create('1', { Lead_Status: 'New' })
      await checkLaws(bench)
      for (const one of story) {
        await happen(bench, one)
        await checkLaws(bench)
      }
      await bench.store.close()
    }),
    { numRuns: Number(process.env.JOURNEY_RUNS ?? 60) },
  )
}, 120_000)
