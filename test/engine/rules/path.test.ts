import fc from 'fast-check'
import { JSONPath } from 'jsonpath-plus'
import { expect, test } from 'vitest'
import type { Json } from '#definitions/json.ts'
import { compilePath } from '#engine/rules/path.ts'

const name = fc.constantFrom('a', 'b', 'length', '_x', 'B1')
const step = fc.oneof(
  name.map((key) => `.${key}`),
  fc.integer({ min: 0, max: 2 }).map((index) => `[${index}]`),
)
const json = fc.letrec<{ tree: Json }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom<Json[]>(null, 0, 1, '', 'ab', false, true),
    fc.dictionary(name, tie('tree')),
    fc.array(tie('tree'), { maxLength: 3 }),
  ),
})).tree

test('a simple path is walked as jsonpath-plus walks it', () => {
  fc.assert(
    fc.property(
      json.filter((value) => typeof value === 'object' && value !== null),
      fc.array(step, { maxLength: 4 }),
      (value, steps) => {
        const path = ['$', ...steps].join('')
        expect(compilePath(path)(value)).toEqual(JSONPath({ path, json: value as object, wrap: false }))
      },
    ),
    { numRuns: 5_000 },
  )
})
