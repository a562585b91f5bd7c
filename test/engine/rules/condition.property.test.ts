import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Condition } from '#definitions/condition.ts'
import type { Json } from '#definitions/json.ts'
import { compileCondition } from '#engine/rules/condition.ts'
import { createLibraryEngine, libraryCondition } from '#engine/rules/library.ts'
import { decoratorNames, operatorNames } from '#engine/rules/operators.ts'

/** What the library itself says. An engine of its own, because one never serves two runs. */
async function askLibrary(condition: Condition, named: Record<string, Condition>, facts: Record<string, Json>) {
  const engine = createLibraryEngine()
  for (const [name, one] of Object.entries(named)) engine.setCondition(name, libraryCondition(one))
  engine.addRule({ conditions: libraryCondition(condition), event: { type: 'match' } })
  const { results } = await engine.run(facts)
  return results.length === 1
}

const scalar: fc.Arbitrary<Json> = fc.constantFrom<Json[]>(
  ...[
    null,
    true,
    false,
    0,
    1,
    -3,
    5,
    12,
    1e21,
    '',
    '　',
    'A',
    'a',
    'AB',
    'Ａ',
    '田中',
    '12',
    '9',
    '12abc',
    ' 7 ',
    'NaN',
  ],
  ...[
    '2026-05-01',
    '2026-05-02',
    '2026-02-30',
    '2026-05-01T00:30:00+09:00',
    '2026-05-01T10:00',
    '2026-05-01T24:00',
    '0000-01-01',
    '9999-12-31',
    '2026-04-30T15:30:00Z',
  ],
  ...['today', 'thisWeek', 'nextQuarter', 'P3D', 'PT5H', '090-1234-5678', '+819012345678', 1_777_600_000_000],
)
const value: fc.Arbitrary<Json> = fc.oneof(
  { weight: 5, arbitrary: scalar },
  { weight: 2, arbitrary: fc.array(scalar, { maxLength: 3 }) },
  { weight: 1, arbitrary: fc.record({ id: scalar, name: scalar }) },
  { weight: 1, arbitrary: fc.record({ a: scalar, b: fc.array(fc.record({ c: scalar }), { maxLength: 2 }) }) },
  { weight: 1, arbitrary: fc.record({ min: fc.integer({ min: -3, max: 3 }), max: fc.integer({ min: -3, max: 3 }) }) },
)
const factName = fc.constantFrom('a', 'b', 'c', 'missing')
const path = fc.constantFrom(
  '$.a',
  '$.id',
  '$.b[0].c',
  '$.b[*].c',
  '$..c',
  '$',
  '$.none.at.all',
  '$[0]',
  '$.length',
  "$['a']",
)
const operator = fc
  .tuple(fc.array(fc.constantFrom(...decoratorNames), { maxLength: 2 }), fc.constantFrom(...operatorNames))
  .map(([decorators, name]) => [...decorators, name].join(':'))
const priority = fc.option(fc.integer({ min: 1, max: 3 }), { nil: undefined, freq: 3 })

const leaf: fc.Arbitrary<Condition> = fc
  .record({
    fact: factName,
    operator,
    value: fc.oneof(
      { weight: 4, arbitrary: value },
      { weight: 1, arbitrary: fc.record({ fact: factName }) },
      { weight: 1, arbitrary: fc.record({ fact: factName, path }) },
    ),
    path: fc.option(path, { nil: undefined, freq: 3 }),
    priority,
  })
  .map(defined)

const { tree } = fc.letrec<{ tree: Condition }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    leaf,
    fc.record({ all: fc.array(tie('tree'), { maxLength: 3 }), priority }).map(defined),
    fc.record({ any: fc.array(tie('tree'), { maxLength: 3 }), priority }).map(defined),
    fc.record({ not: tie('tree'), priority }).map(defined),
    fc.record({ condition: fc.constantFrom('one', 'two'), priority }).map(defined),
  ),
}))
const facts = fc
  .record({
    a: value,
    b: value,
    c: value,
    now: fc.constant(1_777_600_000_000),
    zone: fc.constantFrom('Asia/Tokyo', 'UTC', 'no/zone'),
  })
  .chain((all) =>
    fc.subarray(Object.keys(all)).map((keys) => Object.fromEntries(keys.map((key) => [key, all[key as 'a']]))),
  )

/** Leaves without `priority: undefined`, which the library would read as a number. */
function defined<T extends object>(condition: T): Condition {
  return Object.fromEntries(Object.entries(condition).filter(([, one]) => one !== undefined)) as unknown as Condition
}

test('a compiled condition answers as the library does', async () => {
  // A named condition refers only to leaves here: one that refers to itself is refused.
  await fc.assert(
    fc.asyncProperty(tree, fc.record({ one: leaf, two: leaf }), facts, async (condition, named, known) => {
      const ours = compileCondition(condition, named)((fact) => known[fact])
      expect(ours).toBe(await askLibrary(condition, named, known))
    }),
    { numRuns: 2_000 },
  )
})

test('every operator under every decorator answers as the library does, and never throws', async () => {
  await fc.assert(
    fc.asyncProperty(leaf, facts, async (condition, known) => {
      const ours = compileCondition(condition)((fact) => known[fact])
      expect(ours).toBeTypeOf('boolean')
      expect(ours).toBe(await askLibrary(condition, {}, known))
    }),
    { numRuns: 4_000 },
  )
})

test('a trace changes no answer, and its leaves give that answer when there is only one', () => {
  fc.assert(
    fc.property(tree, fc.record({ one: leaf, two: leaf }), facts, (condition, named, known) => {
      const compiled = compileCondition(condition, named)
      const source = (fact: string) => known[fact]
      const trace: Parameters<typeof compiled>[1] = []
      const answer = compiled(source, trace)
      expect(answer).toBe(compiled(source))
      if ('fact' in condition) expect(trace.map(({ result }) => result)).toEqual([answer])
    }),
  )
})
