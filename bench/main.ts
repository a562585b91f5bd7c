import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { cpus, totalmem } from 'node:os'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import Table from 'cli-table3'
import type { BenchOptions, BenchResult } from './result.ts'

/** One question each. Those whose file is not there are left out. */
const QUESTIONS = [
  'rules',
  'ingest',
  'send',
  'dispatch',
  'endToEnd',
  'timers',
  'journeys',
  'ledger',
  'simulate',
] as const

/**
 *     npm run bench                     every question
 *     npm run bench -- rules send       some of them
 *     npm run bench -- --quick          short rounds
 *     npm run bench -- --json           one line of JSON at the end
 *
 * Exit code 1 when a question could not be measured, 0 also when a target is missed: the table says so.
 */
async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    options: { json: { type: 'boolean', default: false }, quick: { type: 'boolean', default: false } },
    allowPositionals: true,
  })
  const unknown = positionals.filter((name) => !isQuestion(name) || !isThere(name))
  if (unknown.length > 0) {
    console.error(`No bench is named ${unknown.join(', ')}. There are: ${QUESTIONS.filter(isThere).join(', ')}.`)
    process.exitCode = 1
    return
  }
  const wanted = positionals.length > 0 ? positionals : QUESTIONS.filter(isThere)
  const results: BenchResult[] = []
  for (const name of wanted) {
    if (!values.json) console.error(`measuring ${name} ...`)
    results.push(...(wanted.length === 1 ? await measure(name, values) : measureApart(name, values)))
  }
  const machine = { node: process.version, cpu: cpus()[0]?.model ?? '', cores: cpus().length, memory: totalmem() }
  console.log(values.json ? JSON.stringify({ machine, results }) : tableOf(results))
}

async function measure(name: string, options: BenchOptions): Promise<BenchResult[]> {
  const question = (await import(fileOf(name).href)) as { run(options: BenchOptions): Promise<BenchResult[]> }
  return question.run({ quick: options.quick ?? false })
}

/** In a process of its own: what one question leaves in memory and in the compiler must not touch the next. */
function measureApart(name: string, { quick }: BenchOptions): BenchResult[] {
  const args = [...process.execArgv, fileURLToPath(import.meta.url), name, '--json', ...(quick ? ['--quick'] : [])]
  const { status, stdout } = spawnSync(process.execPath, args, {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
    maxBuffer: 64 * 1024 * 1024,
  })
  if (status !== 0) {
    process.exitCode = 1
    console.error(`The bench ${name} ended with ${status ?? 'a signal'}.`)
    return []
  }
  return (JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as { results: BenchResult[] }).results
}

function isQuestion(name: string): boolean {
  return (QUESTIONS as readonly string[]).includes(name)
}

function isThere(name: string): boolean {
  return existsSync(fileOf(name))
}

function fileOf(name: string): URL {
  return new URL(`./${name}.ts`, import.meta.url)
}

function tableOf(results: BenchResult[]): string {
  const table = new Table({ head: ['', 'ours', 'limit', 'unit', 'ratio', 'target', ''] })
  for (const { name, ours, limit, unit, ratio, target, note } of results) {
    const verdict = `${ratio >= target ? 'met' : 'MISSED'}${note === undefined ? '' : ` (${note})`}`
    table.push([name, rounded(ours), rounded(limit), unit, rounded(ratio), rounded(target), verdict])
  }
  return table.toString()
}

function rounded(value: number): string {
  return value.toLocaleString('en', { maximumSignificantDigits: value < 1_000 ? 3 : 4 })
}

await main()
