import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'

/*
 * Every behaviour of the page that this product grew from has a number, S1 to S116. What is done by now has a test whose name begins
 * with the number, so that nobody has to believe a list.
 */

const wanted = [1, 2, ...Array.from({ length: 66 }, (_, index) => index + 3), 115, 116].map((number) => `S${number}`)

/** The numbers that a test's name begins with: `S46, S47, S60: saving submits` begins with three. */
function numbersOf(name: string): string[] {
  const head = /^(?:S\d+(?:, | and | |:|$))+/.exec(name)?.[0] ?? ''
  return head.match(/S\d+/g) ?? []
}

/** Names of tests in a source. A name begins the arguments of `test(` or of what `test.each(…)` gives. */
function namesIn(source: string): string[] {
  return [...source.matchAll(/(?<!describe)\(\s*(['"`])(S\d+\b(?:\\.|(?!\1)[^\\])*)\1/g)].map(([, , name = '']) => name)
}

const sources = readdirSync('test', { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.test.ts'))
  .map((file) => readFileSync(join('test', file), 'utf8'))

test('every number from S1 to S68, S115 and S116 begins the name of a test', () => {
  const proven = new Set(sources.flatMap(namesIn).flatMap(numbersOf))
  expect(wanted.filter((number) => !proven.has(number))).toEqual([])
})

test('a number counts only at the beginning of a name', () => {
  expect(numbersOf('S46, S47, S60, S61: saving submits')).toEqual(['S46', 'S47', 'S60', 'S61'])
  expect(numbersOf('S3 S4 S5 at the end')).toEqual(['S3', 'S4', 'S5'])
  expect(numbersOf('greets at once (S66)')).toEqual([])
  expect(namesIn("test(\n  'S1 staff', async () => {})")).toEqual(['S1 staff'])
  expect(namesIn("test.each(rows)('S42 $name', () => {})")).toEqual(['S42 $name'])
  expect(namesIn("describe('S9 a group', () => {})")).toEqual([])
})

const GUIDES = [
  ['docs/guide/go-live.md', /plan.*licence key/, /business is not the end of Meta's checks/, /third-party cookies/],
  ['docs/guide/go-live.ja.md', /契約プラン/, /ビジネス認証がすんだ後/, /サードパーティーCookie/],
] as const

test.each(GUIDES)('S7 %s says that no plan is needed', (file, plan) => {
  expect(readFileSync(file, 'utf8')).toMatch(plan)
})
test.each(GUIDES)('S28 %s says what Meta checks after the verification', (file, _plan, checks) => {
  expect(readFileSync(file, 'utf8')).toMatch(checks)
})
test.each(GUIDES)('S29 %s says that the sign-up window needs third-party cookies', (file, _plan, _checks, cookies) => {
  expect(readFileSync(file, 'utf8')).toMatch(cookies)
})
