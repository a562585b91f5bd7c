import { performance } from 'node:perf_hooks'
import type { Definition } from '#definitions/definitions.ts'
import { simulate } from '#server/simulation/simulate.ts'

/** What the process reports. */
export interface Simulated {
  tookMs: number
  messages: number
  rssMaxBytes: number
}

/*
 * Simulates as many people on their way through a journey with a reply branch. In a process of its own, so that its memory is
 * the simulation's alone.
 *
 *     node contacts.ts COUNT
 */
const DAY_MS = 86_400_000
const START_AT = Date.UTC(2026, 3, 1)

const aTemplate = (name: string, body: string): Definition => ({
  kind: 'template',
  name,
  language: 'ja',
  category: 'UTILITY',
  module: 'Leads',
  body,
  parameters: { name: { value: '$[Leads.Last_Name|お客様]', example: '田中' } },
})

const DEFINITIONS: Definition[] = [
  aTemplate('trial_hello', 'こんにちは、{{name}} 様。お試しへのお申し込みありがとうございます。'),
  aTemplate('trial_reminder', 'お試しはいかがですか、{{name}} 様。ご不明な点はございませんか。'),
  {
    kind: 'journey',
    name: 'trial-nurture',
    module: 'Leads',
    entry: { trigger: { on: 'record.created' } },
    goal: { when: { all: [{ fact: 'Lead_Status', operator: 'equal', value: 'Converted' }] } },
    quietHours: { from: '21:00', to: '09:00', timezone: 'contact', otherwise: 'hold' },
    steps: [
      { id: 'hello', send: { template: 'trial_hello', to: '$[Leads.Mobile]' } },
      { id: 'reply', waitFor: { on: 'message.received' }, timeout: 'P2D', then: 'thanks', else: 'remind' },
      { id: 'remind', send: { template: 'trial_reminder', to: '$[Leads.Mobile]' }, next: 'rest' },
      { id: 'thanks', do: [{ type: 'updateRecord', set: { Lead_Status: 'Contacted' } }] },
      { id: 'rest', wait: 'P14D' },
      { id: 'end', exit: 'completed' },
    ],
  },
]

const MODEL = {
  module: 'Leads',
  id: '1',
  values: { Last_Name: '佐藤', First_Name: '花子', Mobile: '+819012345678', Lead_Status: 'New', Country: 'JP' },
}

const count = Number(process.argv[2])
const began = performance.now()
const report = await simulate({
  files: DEFINITIONS.map((json, index) => ({ file: `${index}.json`, json })),
  start: START_AT,
  end: START_AT + 90 * DAY_MS,
  // Each is a clone of this one, so that all of them enter.
  records: [{ file: 'records.jsonl', json: MODEL }],
  contacts: { count, module: 'Leads' },
  behaviour: { read: 0.7, reply: 0.2, optOut: 0.01 },
  timelineMax: 0,
})
const answer: Simulated = {
  tookMs: performance.now() - began,
  messages: report.totals.messages,
  rssMaxBytes: process.resourceUsage().maxRSS * 1024,
}
console.log(JSON.stringify(answer))
