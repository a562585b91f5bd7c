import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { knownCodes, ruleOf } from '#actions/whatsappErrors.ts'
import { problemTexts } from '#definitions/problemTexts.ts'
import { STATUSES } from '#server/errors.ts'

const ROOMS = ['definitions', 'engine', 'triggers', 'actions', 'store', 'server', 'cli', 'emulator']
const page = readFileSync('docs/errors.md', 'utf8')

/** The cells of every table row between one heading and the next of the same or a higher level. */
function rowsOf(heading: string): string[][] {
  const level = heading.indexOf(' ')
  const from = page.indexOf(`\n${heading}\n`)
  expect(from, `docs/errors.md has the heading "${heading}"`).toBeGreaterThan(-1)
  const rest = page.slice(from + heading.length + 2)
  const end = rest.search(new RegExp(`^#{1,${level}} `, 'm'))
  return (end === -1 ? rest : rest.slice(0, end))
    .split('\n')
    .filter((line) => line.startsWith('| `'))
    .map((line) =>
      line
        .slice(1, -1)
        .split(/(?<!\\)\|/)
        .map((cell) => cell.trim()),
    )
}

const codesOf = (heading: string) => rowsOf(heading).map(([first = '']) => first.replaceAll('`', ''))
const sorted = (codes: Iterable<string>) => [...new Set(codes)].sort()

/** All that the sources of the rooms say, by file. */
function sources(rooms: readonly string[]): string[] {
  return rooms.flatMap((room) =>
    readdirSync(room, { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts'))
      .map((file) => readFileSync(join(room, file), 'utf8')),
  )
}

/** The first group of every match in the sources. */
function found(rooms: readonly string[], ...patterns: RegExp[]): string[] {
  return sources(rooms).flatMap((text) =>
    patterns.flatMap((pattern) => [...text.matchAll(pattern)].flatMap(([, code]) => code ?? [])),
  )
}

/** The members of a union of strings, as it is written. */
function members(file: string, declaration: string): string[] {
  const text = readFileSync(file, 'utf8')
  const from = text.indexOf(declaration)
  expect(from, `${file} has "${declaration}"`).toBeGreaterThan(-1)
  // Its first line may be its only one; further members each begin with a bar.
  const union = /^.*(?:\n\s*\|.*)*/.exec(text.slice(from + declaration.length))?.[0] ?? ''
  return [...union.matchAll(/'([a-z_]+)'/g)].map(([, member = '']) => member)
}

/** Codes of Node's own errors that we look for. */
const OF_NODE = ['ERR_BUFFER_TOO_LARGE']

test('every fault of the sources has an entry, with its HTTP status, and no other has', () => {
  // What ends with an underscore is the beginning of several.
  const codes = found(ROOMS, /(?<![A-Z_])(ERR_[A-Z_]*[A-Z])(?![A-Z_])/g).filter((code) => !OF_NODE.includes(code))
  expect(codes.length).toBeGreaterThan(20)
  expect(sorted(codesOf('## Faults'))).toEqual(sorted(codes))
  for (const [code = '', status] of rowsOf('## Faults')) {
    expect(`${code} ${status}`).toBe(`${code} ${STATUSES[code.replaceAll('`', '')] ?? '-'}`)
  }
})

test('every problem of a request has an entry, and no other has', () => {
  const codes = found(
    ['triggers', 'server'],
    /\badd\([^,()]+, '([a-z_]+)'/g,
    /\bindex, pointer[^}]*?\bcode: '([a-z_]+)'/g,
    /pointer: [^}]*?\bcode: '([a-z_]+)'/g,
    /code: missing \? '([a-z_]+)'/g,
  )
  expect(sorted(codesOf('## Problems of a request'))).toEqual(sorted(codes))
})

test('every problem of a definition has an entry, warnings are marked, and no other has', () => {
  const told = found(['server'], /file,\s+pointer: '',\s+code: '([a-z_]+)'/g)
  expect(sorted(codesOf('## Problems of definitions'))).toEqual(sorted([...Object.keys(problemTexts), ...told]))
  for (const [code = '', cause = ''] of rowsOf('## Problems of definitions')) {
    const { severity } = problemTexts[code.replaceAll('`', '') as keyof typeof problemTexts] ?? { severity: 'error' }
    expect(`${code} ${cause.startsWith('(warning)') ? 'warning' : 'error'}`).toBe(`${code} ${severity}`)
  }
})

test('the guard reasons stand in the order in which the guards look', () => {
  expect(codesOf('## Guard reasons')).toEqual(members('engine/message.ts', 'export type GuardReason ='))
})

describe('failure reasons', () => {
  test('every code of WhatsApp stands in the row of its class', () => {
    const rows = new Map(rowsOf('### WhatsApp').map(([name = '', codes = '']) => [name.replaceAll('`', ''), codes]))
    for (const code of knownCodes) {
      const { class: kind } = ruleOf({ code, httpStatus: 400, transient: false })
      expect((rows.get(kind) ?? '').match(/\d+/g), `${code} in the row ${kind}`).toContain(String(code))
    }
    const listed = [...rows.values()].join(' ').match(/(?<!200 to )\b\d+\b(?! to 299)/g) ?? []
    for (const code of listed.map(Number).filter((one) => one !== 299)) expect(knownCodes).toContain(code)
  })

  test('every reason that a send or a piece of work can end with has an entry, and no other has', () => {
    const guards = members('engine/message.ts', 'export type GuardReason =')
    const classes = members('actions/whatsappErrors.ts', 'export type ErrorClass =')
    const classesInComments = [...readFileSync('actions/whatsappErrors.ts', 'utf8').matchAll(/\| '([a-z_]+)'/g)]
    const literal = found(
      ['actions', 'store'],
      /\breason(?::| =) '([a-z_]+)'/g,
      /\bfailed\('([a-z_]+)'/g,
      /httpStatus === 0 \? '([a-z_]+)'/g,
      /error\.kind === 'threw' \? '([a-z_]+)'/g,
      /outcome\.kind === 'threw' \? '([a-z_]+)' :/g,
    )
      // Why a plan was cancelled is no failure of what it would have done.
      .filter((reason) => !guards.includes(reason) && reason !== 'erased')
    const urls = members('actions/ssrf.ts', 'export type UrlRefusal =')
    const ofStatus = found(['engine'], /return \{ reason: '([a-z_]+)', detail: null \}/g)
    const patterns = found(['actions'], /`((?:webhook|whatsapp)_(?:http_)?)\$\{/g).map((start) =>
      start === 'whatsapp_' ? '' : `${start}STATUS`,
    )
    // A template submission names the retryable faults of the client in lower case.
    const faults = ['whatsapp_unreachable', 'whatsapp_answer_invalid']
    const reasons = [...literal, ...urls, ...ofStatus, ...patterns.filter(Boolean), ...faults]
    const kinds = new Set([...classes, ...classesInComments.map(([, kind = '']) => kind)])
    const entries = codesOf('## Failure reasons').filter((code) => !kinds.has(code))
    expect(sorted(entries)).toEqual(sorted(reasons))
  })
})

test('the reasons not to enter a journey stand in their order of precedence', () => {
  const reasons = codesOf('### Why a record did not enter a journey')
  expect(reasons).toEqual(members('engine/journey/enter.ts', 'export type Refusal ='))
})

test('every way in which a journey ends by itself has an entry', () => {
  const reasons = found(
    ['engine/journey'],
    /\breason: '([a-z_]+)' \}/g,
    /\bend\([^']*'([a-z_]+)'/g,
    /\? '(failed\w*)'/g,
    /: '(failed)'/g,
  )
  const told = ['completed', 'date_past', 'failed', 'failed_steps', 'journey_exit_on_edit', 'record_deleted']
  expect(reasons).toEqual(expect.arrayContaining(told))
  expect(sorted(codesOf('### How an instance of a journey ended'))).toEqual(sorted([...told, 'goal', 'erased']))
})

test('every outcome of a rule and every reason of readiness has an entry, and no other has', () => {
  const outcomes = members('engine/decision.ts', 'definition: string\n  outcome:')
  expect(codesOf('### Outcomes of a rule')).toHaveLength(outcomes.length)
  expect(sorted(codesOf('### Outcomes of a rule'))).toEqual(sorted(outcomes))
  const reasons = members('server/health.ts', 'export type Unready =')
  const loops = found(['server'], /loops: \[([^\]]+)\]/g).flatMap((list) => list.match(/\w+/g) ?? [])
  expect(sorted(codesOf('### Why `/readyz` says no'))).toEqual(
    sorted([...reasons, ...loops.map((loop) => `loop_stalled:${loop}`)]),
  )
})
