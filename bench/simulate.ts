import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { Simulated } from './simulate/contacts.ts'
import type { BenchOptions, BenchResult } from './result.ts'

/** What is promised, in seconds. */
const PROMISED_S = 60
const PROMISED_CONTACTS = 100_000

/**
 * How long it takes to try a journey on 100,000 people over 90 days: the engine, the store and the dispatcher of a server, with
 * a clock that jumps and an emulated WhatsApp. One round, because it is long; in a process of its own.
 */
export function run({ quick = false }: BenchOptions): Promise<BenchResult[]> {
  const contacts = quick ? 2_000 : PROMISED_CONTACTS
  const script = fileURLToPath(new URL('./simulate/contacts.ts', import.meta.url))
  const answer = execFileSync(process.execPath, [script, `${contacts}`], { encoding: 'utf8' })
  const { tookMs, messages, rssMaxBytes } = JSON.parse(answer) as Simulated
  assert(messages >= contacts, 'each of them is sent a message at least')
  const ours = tookMs / 1_000
  const limit = (PROMISED_S * contacts) / PROMISED_CONTACTS
  const note = `${messages.toLocaleString('en')} messages, ${Math.round(rssMaxBytes / 1_000_000)} MB`
  const name = `simulate: ${contacts.toLocaleString('en')} contacts, 90 days`
  return Promise.resolve([{ name, ours, limit, ratio: limit / ours, target: 1, unit: 's', note }])
}
