import { expect, test } from 'vitest'
import { fillParameters, parameterFormat, parametersIn, strayBraces } from '#definitions/templateText.ts'

test('parameters are listed in order with their place', () => {
  expect(parametersIn('{{name}}様、ご注文{{ order_number }}を{{name}}')).toEqual([
    { name: 'name', index: 0, length: 8 },
    { name: 'order_number', index: 13, length: 18 },
    { name: 'name', index: 32, length: 8 },
  ])
  expect(parametersIn('no {braces} here')).toEqual([])
})

test('values take the place of parameters and are not looked into again', () => {
  expect(fillParameters('{{a}} and {{b}}', (name) => `{{${name}$&}}`)).toBe('{{a$&}} and {{b$&}}')
})

test.each([
  ['Hello {{name}}!', []],
  ['Hello {{name', [6]],
  ['Hello name}}', [10]],
  ['Hello {{ {name} }}', [6, 16]],
  ['{one} brace', []],
])('stray braces of %j stand at %j', (text, places) => {
  expect(strayBraces(text)).toEqual(places)
})

test.each([
  [[], 'NAMED'],
  [['name'], 'NAMED'],
  [['1', '2'], 'POSITIONAL'],
  [['1', 'name'], 'mixed'],
])('parameters %j are %s', (names, format) => {
  expect(parameterFormat(names)).toBe(format)
})
