import fc from 'fast-check'
import { expect, test } from 'vitest'
import { canonicalJson } from '#definitions/canonical.ts'
import type { Json } from '#definitions/json.ts'

const shuffled = (value: Json): Json => {
  if (Array.isArray(value)) return value.map(shuffled)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).reverse().map(([key, item]) => [key, shuffled(item)])) // prettier-ignore
}
const anyJson = fc.jsonValue() as fc.Arbitrary<Json>

test('the order of keys does not matter, and the text means the same value', () => {
  fc.assert(
    fc.property(anyJson, (value) => {
      const text = canonicalJson({ value })
      expect(canonicalJson(shuffled({ value }))).toBe(text)
      expect(canonicalJson(JSON.parse(text) as Json)).toBe(text)
      expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify({ value })))
    }),
  )
})

test('only the $schema of the document itself is left out', () => {
  expect(canonicalJson({ $schema: '../schema/workflow.json', b: { $schema: 'x' }, a: ['姓', null, 1.5] })).toBe(
    '{"a":["姓",null,1.5],"b":{"$schema":"x"}}',
  )
})

test('the order of a list matters', () => {
  expect(canonicalJson([1, 2])).not.toBe(canonicalJson([2, 1]))
})
