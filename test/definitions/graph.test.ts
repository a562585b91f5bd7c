import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Blueprint, BlueprintState, Definition, Journey, Workflow } from '#definitions/definitions.ts'
import { definitionSchemas } from '#definitions/definitions.ts'
import { conditionText } from '#definitions/graph/conditionText.ts'
import { graphOf, type Graph } from '#definitions/graph/graph.ts'
import { toMermaid } from '#definitions/graph/mermaid.ts'
import { waysOf } from '#definitions/graph/ways.ts'
import { spanText } from '#definitions/graph/words.ts'
import { leaf } from './problems/bases.ts'

const schemas = definitionSchemas()
const blueprint = (more: object): Blueprint =>
  schemas.blueprint.parse({ kind: 'blueprint', name: 'desk', module: 'Deals', field: 'Stage', ...more })
const journey = (...steps: object[]): Journey =>
  schemas.journey.parse({
    kind: 'journey',
    name: 'nurture',
    module: 'Leads',
    entry: { trigger: { on: 'record.created' } },
    steps,
  })
const workflow = (branches: object[], trigger: object = { on: 'record.created' }): Workflow =>
  schemas.workflow.parse({ kind: 'workflow', name: 'greet', module: 'Leads', trigger, branches })

const folder = join(import.meta.dirname, '../../definitions/library')
const shipped = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.json'))
  .map((name) => JSON.parse(readFileSync(join(folder, name), 'utf8')) as Definition)
  .filter((one) => one.kind === 'workflow' || one.kind === 'blueprint' || one.kind === 'journey')

/** Every edge between nodes, every id usable in Mermaid, every node but the start led to, and a pointer that leads somewhere. */
function expectWhole(graph: Graph, definition: unknown) {
  const ids = graph.nodes.map(({ id }) => id)
  expect(new Set(ids).size).toBe(ids.length)
  for (const id of ids) expect(id).toMatch(/^(?!end$)[a-z][A-Za-z0-9]*$/)
  for (const { from, to } of graph.edges) {
    expect(ids).toContain(from)
    expect(ids).toContain(to)
  }
  const ledTo = new Set(graph.edges.map(({ to }) => to))
  expect(ids.filter((id) => !ledTo.has(id))).toEqual(['start'])
  for (const { pointer } of graph.nodes) {
    const at = pointer
      .split('/')
      .slice(1)
      .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'))
      .reduce((value, step) => (value as Record<string, unknown> | undefined)?.[step], definition)
    expect(at, pointer).toBeDefined()
  }
}

const STATE_LINE =
  /^ {4}(?:state "[^"\n]+" as s\d+|s\d+ : [^":;\n]+|(?:\[\*\]|s\d+) --> (?:\[\*\]|s\d+)(?: : [^":;\n]+)?)$/
const FLOW_LINE =
  /^ {4}(?:[a-z]\w*(?:\(\[|\{|\[\/|\[\[|\[|>)"[^"\n]+"(?:\]\)|\}|\/\]|\]\]|\])|[a-z]\w* -\.?->(?:\|"[^"\n]+"\|)? [a-z]\w*)$/

/** Line by line, entities apart: they alone may hold a semicolon. */
function expectMermaid(text: string) {
  const [first, ...lines] = text.trimEnd().split('\n')
  expect(['stateDiagram-v2', 'flowchart TD']).toContain(first)
  for (const line of lines) {
    expect(line.replace(/#\d+;/g, '·')).toMatch(first === 'flowchart TD' ? FLOW_LINE : STATE_LINE)
  }
}

describe('every shipped automation', () => {
  test.each(shipped.map((one) => [`${one.kind}/${one.name}`, one] as const))('%s is a whole picture', (_, one) => {
    for (const language of ['en', 'ja'] as const) {
      const graph = graphOf(one, language)
      expectWhole(graph, one)
      expectMermaid(toMermaid(graph))
    }
  })
})

test('a blueprint is a state diagram: transitions from everywhere from each state, escalations, automatic ones with their cause', () => {
  const desk = blueprint({
    entry: { when: { all: [leaf('Amount', 'greaterThan', 100)] } },
    states: {
      商談: { initial: true, sla: { within: 'P3D', actions: [{ type: 'notify', role: 'manager', message: '遅れ' }] } },
      'Negotiation/Review': {},
      受注: { final: true },
    },
    transitions: [
      { name: '提案: "初回"', from: ['商談'], to: 'Negotiation/Review' },
      { name: '承認', from: ['Negotiation/Review'], to: '受注', parallel: [{ name: '法務' }, { name: '経理' }] },
      { name: '自動', from: '*', to: '受注', auto: { after: { unit: 'business_days', count: 2 } } },
    ],
  })
  expect(toMermaid(graphOf(desk, 'ja'))).toBe(`stateDiagram-v2
    state "商談" as s0
    s0 : 3日でエスカレーション
    state "Negotiation/Review" as s1
    state "受注" as s2
    [*] --> s0 : Amount #62; 100
    s0 --> s1 : 提案#58; #34;初回#34;
    s1 --> s2 : 承認 (法務 + 経理)
    s0 --> s2 : 自動 (2営業日後)
    s1 --> s2 : 自動 (2営業日後)
    s2 --> [*]
`)
  const kinds = graphOf(desk).edges.map(({ label, kind }) => [label, kind])
  expect(kinds).toContainEqual(['自動 (after 2 business days)', 'later'])
  expect(kinds).toContainEqual(['承認 (法務 + 経理)', 'manual'])
})

test('a journey shows every way, with its cause', () => {
  const graph = graphOf(
    journey(
      { id: 'hello', name: 'ご挨拶', send: { template: 'hello' } },
      { id: 'reply', waitFor: { on: 'message.received', text: ['はい'] }, timeout: 'P2D', then: 'ab', else: 'late' },
      { id: 'late', waitUntil: { field: 'Created_Time', offset: 'P3D', at: '10:00' } },
      { id: 'again', goto: 'hello', max: 2 },
      { id: 'stop', exit: 'no-answer' },
      { id: 'ab', split: [{ weight: 1, goto: 'vip' }, { weight: 2, goto: 'end' }] }, // prettier-ignore
      { id: 'vip', branch: [{ when: leaf('Company', 'isEmpty', true), goto: 'stop' }] },
      {
        id: 'end',
        do: [
          { type: 'addTags', tags: ['答え'] },
          { type: 'createTask', subject: '電話' },
        ],
      },
    ),
    'ja',
  )
  expect(toMermaid(graph)).toBe(`flowchart TD
    start(["Leads record.created"])
    s0[/"ご挨拶<br/>helloを送信"/]
    s1[["message.received はいを待つ"]]
    s2[["Created_Time P3D 10#58;00まで待つ"]]
    s3>"helloへ戻る(最大2回)"]
    s4(["離脱#58; no-answer"])
    s5{"振り分け"}
    s6{"条件分岐"}
    s7["addTags 答え<br/>createTask 電話"]
    finish(["終了"])
    start --> s0
    s0 --> s1
    s1 -->|"発生"| s5
    s1 -.->|"2日以内に発生せず"| s2
    s2 -.-> s3
    s2 -->|"日時が過去"| s4
    s3 --> s0
    s3 -->|"回数超過"| s4
    s5 -->|"33.3#37;"| s6
    s5 -->|"66.7#37;"| s7
    s6 -->|"Company isEmpty"| s4
    s6 -->|"その他"| s7
    s7 --> finish
`)
})

test('a workflow shows its branches one after another, and what comes later as dotted', () => {
  const tag = [{ type: 'addTags', tags: ['x'] }]
  const graph = graphOf(
    workflow([
      {
        when: { all: [leaf('Country', 'in', ['JP', 'IN'])] },
        actions: [{ type: 'sendTemplate', template: 'hello' }],
        later: [{ after: 'PT90M', when: leaf('Lead_Status', 'equal', 'New'), actions: tag }],
      },
      { actions: tag },
    ]),
  )
  expect(toMermaid(graph)).toBe(`flowchart TD
    start(["Leads record.created"])
    b0{"Country ∈ #123;#34;JP#34;, #34;IN#34;#125;"}
    b0a["sendTemplate hello"]
    b0l0["addTags x"]
    b1a["addTags x"]
    start --> b0
    b0 -->|"yes"| b0a
    b0 -.->|"after 90 minutes (Lead_Status = #34;New#34;)"| b0l0
    b0 -->|"no"| b1a
`)
})

test('whatever names people give, the picture stays one', () => {
  const name: fc.Arbitrary<string> = fc.oneof(
    fc.string({ minLength: 1, maxLength: 20, unit: 'grapheme' }),
    fc.constantFrom('"]; end', '%% x', '`<b>', '[*] --> [*]', 'a\nb', '見積#1;', '__proto__', ' '),
  )
  fc.assert(
    fc.property(fc.uniqueArray(name, { minLength: 2, maxLength: 5 }), name, ([first, ...others], called) => {
      const named = [first!, ...others].map((state, index): [string, BlueprintState] => [
        state,
        index === 0 ? { initial: true } : { final: true },
      ])
      const states = Object.fromEntries(named)
      const desk: Blueprint = { ...blueprint({ states: {}, transitions: [{ name: 'x', from: '*', to: 'x' }] }), states }
      desk.transitions = others.map((to) => ({ name: called, from: '*' as const, to }))
      expectWhole(graphOf(desk), desk)
      expectMermaid(toMermaid(graphOf(desk)))
      const steps = [{ id: 'a', name: called, do: [{ type: 'createTask', subject: first }] }]
      expectMermaid(toMermaid(graphOf({ ...journey({ id: 'a', exit: 'x' }), steps })))
    }),
  )
})

test.each([
  [{ all: [leaf('Amount', 'lessThanInclusive', 5), { any: [leaf('A', 'equal', 'x'), leaf('B', 'isEmpty', true)] }] }, 'Amount ≤ 5 ∧ (A = "x" ∨ B isEmpty)'], // prettier-ignore
  [{ not: { any: [leaf('A', 'equal', 1), leaf('B', 'equal', 2)] } }, '¬ (A = 1 ∨ B = 2)'],
  [leaf('Country', 'not:in', ['JP']), '¬ (Country ∈ {"JP"})'],
  [{ ...leaf('message', 'someFact:equal', 'x'), path: '$.text' }, 'message.text someFact:= "x"'],
  [leaf('A', 'equal', { fact: 'B' }), 'A = B'],
  [{ condition: 'isVip' }, 'isVip'],
  [{ all: [] }, '⊤'],
  [leaf('Company', 'equal', 'あ'.repeat(100)), `Company = "${'あ'.repeat(68)}…`],
])('the condition %j reads %s', (condition, text) => {
  expect(conditionText(condition as never)).toBe(text)
})

test.each([
  ['P1D', '1 day', '1日'],
  ['P1M2DT3H4M5S', '1 month 2 days 3 hours 4 minutes 5 seconds', '1か月2日3時間4分5秒'],
  ['PT30M', '30 minutes', '30分'],
  [{ unit: 'business_hours' as const, count: 1, calendar: 'office' }, '1 business hour (office)', '1営業時間 (office)'],
])('the span %j reads %s', (span, en, ja) => {
  expect(spanText(span, 'en')).toBe(en)
  expect(spanText(span, 'ja')).toBe(ja)
})

test('a date that is past skips the step below, wherever that leads on to', () => {
  const { steps } = journey(
    { id: 'until', waitUntil: { field: 'Created_Time' }, next: 'send' },
    { id: 'other', exit: 'x' },
    { id: 'send', do: [{ type: 'addTags', tags: ['x'] }], next: 'other' },
  )
  expect(waysOf({ steps })).toEqual([
    { from: 0, to: 2, via: 'next' },
    { from: 0, to: 1, via: 'skip' },
    { from: 2, to: 1, via: 'next' },
  ])
})
