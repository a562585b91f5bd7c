import assert from 'node:assert/strict'
import { performance } from 'node:perf_hooks'
import type { Engine } from 'json-rules-engine'
import type { Condition } from '#definitions/condition.ts'
import type { Workflow } from '#definitions/definitions.ts'
import type { Json } from '#definitions/json.ts'
import { builtinModules } from '#definitions/modules.ts'
import type { LeafTrace } from '#engine/decision.ts'
import { compileDefinitions, type DefinitionSet } from '#engine/definitionSet.ts'
import { createLibraryEngine, libraryCondition } from '#engine/rules/library.ts'
import { median, type BenchOptions, type BenchResult } from './result.ts'

/**
 * How many record events a second the rules decide, trace on, against `Engine.run` of json-rules-engine on the same rules
 * and facts. Both must find the same rules for every event before anything is measured.
 *
 * `spread` rules are of eleven modules and of several triggers, as an installation has them, so the index helps.
 * `alike` rules all wait for the same event, so every one must be looked at and only the closures help.
 */
export async function run({ quick = false }: BenchOptions): Promise<BenchResult[]> {
  const results: BenchResult[] = []
  for (const { kind, count, target } of SIZES) {
    const workflows = Array.from({ length: count }, (_, index) => workflow(index, kind))
    const events = Array.from({ length: EVENTS }, (_, index) => event(index, kind))
    const set = compile(workflows)
    const engine = libraryEngine(workflows)
    await checkSame(set, engine, events.slice(0, count > 100 ? 10 : 50))

    const rounds = quick ? 1 : 5
    const ours: number[] = []
    const theirs: number[] = []
    // One round before those that count, for the compiler.
    ourRate(set, events, quick ? 20 : 200)
    await theirRate(engine, events, quick ? 20 : 200)
    for (let round = 0; round < rounds; round++) {
      ours.push(ourRate(set, events, quick ? 50 : 400))
      theirs.push(await theirRate(engine, events, quick ? 50 : 800))
    }
    results.push({
      name: `rules, ${count} ${kind}`,
      ours: median(ours),
      limit: median(theirs),
      ratio: median(ours) / median(theirs),
      target,
      unit: 'events/s',
      note: 'limit: Engine.run of json-rules-engine 7.3.1',
    })
  }
  return results
}

type Kind = 'spread' | 'alike'
const SIZES: { kind: Kind; count: number; target: number }[] = [
  { kind: 'spread', count: 10, target: 50 },
  { kind: 'spread', count: 100, target: 100 },
  { kind: 'spread', count: 1_000, target: 1_000 },
  { kind: 'alike', count: 100, target: 100 },
  { kind: 'alike', count: 1_000, target: 100 },
]
const EVENTS = 500

interface RecordEvent {
  on: 'record.created' | 'record.updated'
  module: string
  changed: string[]
  facts: Record<string, Json>
}

/** What the deciders do with a record event, up to knowing which branches won. */
function matches(set: DefinitionSet, { on, module, changed, facts }: RecordEvent, trace: LeafTrace[]): string[] {
  const source = (fact: string) => facts[fact]
  const won: string[] = []
  for (const rule of set.candidates(on, module, changed)) {
    if (!rule.applies(source, changed, trace)) continue
    if (rule.branches.some(({ when }) => when === null || when(source, trace))) won.push(rule.workflow.name)
  }
  return won
}

function ourRate(set: DefinitionSet, events: RecordEvent[], ms: number): number {
  const start = performance.now()
  let done = 0
  let seen = 0
  while (performance.now() - start < ms) {
    for (const one of events) {
      const trace: LeafTrace[] = []
      seen += matches(set, one, trace).length + trace.length
    }
    done += events.length
  }
  assert(seen > 0)
  return (done * 1_000) / (performance.now() - start)
}

async function theirRate(engine: Engine, events: RecordEvent[], ms: number): Promise<number> {
  const start = performance.now()
  let done = 0
  while (performance.now() - start < ms) {
    for (let index = 0; index < 5; index++) await engine.run(events[(done + index) % events.length]!.facts)
    done += 5
  }
  return (done * 1_000) / (performance.now() - start)
}

async function checkSame(set: DefinitionSet, engine: Engine, events: RecordEvent[]): Promise<void> {
  let found = 0
  for (const one of events) {
    const { results } = await engine.run(one.facts)
    const theirs = results.map((result) => result.event?.type ?? '').sort()
    assert.deepEqual(matches(set, one, []).sort(), theirs)
    found += theirs.length
  }
  assert(found > 0, 'some rule must match some event, or nothing is measured')
}

function compile(workflows: Workflow[]): DefinitionSet {
  const stored = workflows.map((definition) => ({
    key: `workflow/${definition.name}`,
    version: 1,
    active: true,
    definition,
    hash: '',
    createdAt: 0,
    createdBy: 'bench',
  }))
  const set = compileDefinitions(stored, builtinModules)
  assert.deepEqual(set.broken, [])
  return set
}

/** The same rules for the library: what our index knows of the trigger stands in the condition there. */
function libraryEngine(workflows: Workflow[]): Engine {
  const engine = createLibraryEngine()
  for (const { name, module, trigger, branches } of workflows) {
    const when = branches[0]?.when
    assert(when !== undefined)
    const all: Condition[] = [
      { fact: 'on', operator: 'in', value: kindsOf(trigger.on) },
      { fact: 'module', operator: 'equal', value: module },
      ...(trigger.on === 'field.changed'
        ? [{ fact: 'changed', operator: 'contains', value: trigger.fields[0]?.field ?? '' }]
        : []),
      when,
    ]
    engine.addRule({ conditions: libraryCondition({ all }), event: { type: name } })
  }
  return engine
}

function kindsOf(on: string): string[] {
  if (on === 'record.saved') return ['record.created', 'record.updated']
  return on === 'field.changed' ? ['record.updated'] : [on]
}

const modules = builtinModules.map(({ name }) => name)
const fields = ['Status', 'Source', 'Country', 'Amount', 'Name', 'Owner', 'Tag', 'Rating', 'Industry', 'City']
const triggers: Workflow['trigger'][] = [
  { on: 'record.created' },
  { on: 'record.updated' },
  { on: 'record.saved' },
  ...fields.slice(0, 5).map((field) => ({ on: 'field.changed' as const, fields: [{ field }] })),
]

/** Three tests each, as the rules of the shipped library have; the values differ from rule to rule. */
function workflow(index: number, kind: Kind): Workflow {
  return {
    kind: 'workflow',
    name: `rule-${index}`,
    module: kind === 'alike' ? 'Leads' : modules[index % modules.length]!,
    trigger:
      kind === 'alike' ? { on: 'record.updated' } : triggers[Math.floor(index / modules.length) % triggers.length]!,
    repeat: 'always',
    branches: [
      {
        when: {
          all: [
            { fact: 'Source', operator: 'equal', value: sources[index % sources.length]! },
            { fact: 'Country', operator: 'in', value: countries.slice(index % 4, (index % 4) + 3) },
            {
              any: [
                { fact: 'Amount', operator: 'greaterThan', value: (index * 37) % 1_000 },
                { fact: 'Name', operator: 'startsWith', value: names[index % names.length]! },
              ],
            },
          ],
        },
        actions: [{ type: 'addTags', tags: ['matched'] }],
      },
    ],
  }
}

const sources = ['Web', 'Phone', 'Fair', 'Partner']
const countries = ['JP', 'IN', 'US', 'BR', 'DE', 'MX', 'ID']
const names = ['田中', '佐藤', 'Silva', 'Kumar', 'Smith']

function event(index: number, kind: Kind): RecordEvent {
  const on = kind === 'spread' && index % 3 === 0 ? 'record.created' : 'record.updated'
  const module = kind === 'alike' ? 'Leads' : modules[index % modules.length]!
  const changed =
    on === 'record.created' ? [] : [fields[index % fields.length]!, fields[(index * 7 + 3) % fields.length]!]
  return {
    on,
    module,
    changed,
    facts: {
      on,
      module,
      changed,
      Source: sources[(index * 5) % sources.length]!,
      Country: countries[(index * 3) % countries.length]!,
      Amount: (index * 91) % 1_000,
      Name: `${names[(index * 11) % names.length]!} ${index}`,
      Status: 'New',
      Rating: index % 5,
    },
  }
}
