import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { readFolder } from '#cli/readFolder.ts'
import { readLines } from '#cli/simulation/readInputs.ts'
import type { SentMessage } from '#emulator/messages.ts'
import { simulationReport, type SimulationReport } from '#server/simulation/report.ts'
import type { SimulationRequest } from '#server/simulation/request.ts'
import { simulate } from '#server/simulation/simulate.ts'

const DAY_MS = 86_400_000
const UNTIL = Date.parse('2027-01-01T00:00:00+09:00')
const EVENTS = 'docs/guide/examples/autumn-events.jsonl'

/** The library on the committed events, with customers who read, answer and leave. */
async function autumn(more: Partial<SimulationRequest> = {}): Promise<SimulationRequest> {
  return {
    files: await readFolder('definitions/library'),
    events: await readLines(EVENTS),
    end: UNTIL,
    behaviour: { reply: 0.3, optOut: 0.05, undeliverable: 0.05, fail: 0.05, block: 0.02 },
    ...more,
  }
}

/** What the emulated WhatsApp counted, by itself. */
function recount(messages: readonly SentMessage[]) {
  const count = (...statuses: string[]) => messages.filter(({ status }) => statuses.includes(status)).length
  const byTemplate: Record<string, number> = {}
  for (const { template } of messages) byTemplate[template?.name ?? '-'] = (byTemplate[template?.name ?? '-'] ?? 0) + 1
  return {
    sent: messages.length,
    delivered: count('delivered', 'read'),
    read: count('read'),
    failed: count('failed'),
    byTemplate,
  }
}

describe('the library on the committed events', () => {
  let report: SimulationReport
  let theirs: SentMessage[] = []
  let balance = { spent: 0, held: 0 }
  let storedMessages = 0

  beforeAll(async () => {
    report = await simulate(await autumn(), {
      inspect: async ({ account, denrei }) => {
        theirs = account.messages.list()
        balance = await denrei.store.balance()
        storedMessages = (await denrei.store.totals()).messages
          .filter(({ state }) => state !== 'done')
          .reduce((sum, { count }) => sum + count, 0)
      },
    })
  })

  test('the totals are those that the emulated WhatsApp counted', () => {
    const { sent, delivered, read, failed, byTemplate } = recount(theirs)
    expect(sent).toBeGreaterThan(40)
    expect(report.totals).toMatchObject({ sent, delivered, read, failed })
    expect(
      Object.fromEntries(report.templates.map((one) => [one.template ?? '-', one.sent]).filter(([, n]) => n !== 0)),
    ).toEqual(byTemplate)
    expect(report.events.inbound).toBe(report.customers.replies + report.customers.optOuts)
  })

  test('the sums of every list are the totals', () => {
    expect(report.totals.messages).toBe(storedMessages)
    for (const list of [
      report.days,
      report.templates,
      report.categories,
      report.markets,
    ] as (typeof report.templates)[]) {
      for (const key of Object.keys(report.totals) as (keyof typeof report.totals)[]) {
        expect(
          list.reduce((sum, one) => sum + one[key], 0),
          key,
        ).toBe(report.totals[key])
      }
    }
    expect(report.states.reduce((sum, { count }) => sum + count, 0)).toBe(report.totals.messages)
    expect(report.timeline.messages.length + report.timeline.left).toBe(report.totals.messages)
  })

  test('the costs are those of the ledger', () => {
    expect(balance.spent).toBeGreaterThan(0)
    expect(report.credits).toMatchObject({ spentMicros: balance.spent, heldMicros: balance.held, givenMicros: null })
    expect(report.totals.spentMicros).toBe(balance.spent)
    expect(report.costs.reduce((sum, { spentMicros }) => sum + spentMicros, 0)).toBe(balance.spent)
  })

  test('an event that comes twice is counted and does nothing', () => {
    expect(report.events).toMatchObject({ given: 91, accepted: 90, duplicates: 1, quarantined: 0 })
  })

  test('workflows, blueprints and journeys tell the ways that were gone', () => {
    expect(report.rules.length).toBeGreaterThan(5)
    const entered = new Map(report.instances.map((one) => [one.definition, one.entered]))
    expect(entered.get('blueprint/deal-desk')).toBeGreaterThan(0)
    expect(entered.get('journey/subscriber-onboarding')).toBeGreaterThan(0)
  })

  test('the report has its documented shape', () => {
    expect(simulationReport.parse(report)).toEqual(report)
  })

  test('the same request gives the same report, to the byte, and another seed another one', async () => {
    expect(JSON.stringify(await simulate(await autumn()))).toBe(JSON.stringify(report))
    expect(JSON.stringify(await simulate(await autumn({ seed: 2 })))).not.toBe(JSON.stringify({ ...report, seed: 2 }))
  })

  test('what is not asked twice changes nothing', async () => {
    const { timeline, ...rest } = await simulate(await autumn({ creditsMicros: 1_500_000 }), { careful: true })
    const { timeline: other, ...quick } = await simulate(await autumn({ creditsMicros: 1_500_000 }))
    expect(quick.holds.length).toBeGreaterThan(0)
    expect(quick).toEqual(rest)
    expect(other).toEqual(timeline)
  })

  test('what one customer does is not changed by another definition', async () => {
    const request = await autumn()
    const without = request.files.filter(
      ({ file }) => !file.includes('spring-campaign') && !file.includes('abandoned-quote'),
    )
    const less = await simulate({ ...request, files: without })
    const state = (one: SimulationReport) =>
      new Map(
        one.timeline.messages
          .filter(({ template }) => template === 'welcome_lead')
          .map(({ to, state: at }) => [to, at]),
      )
    expect(state(less)).toEqual(state(report))
  })
})

const START = Date.parse('2026-11-02T09:00:00+09:00')
const welcome = [
  {
    file: 'welcome.json',
    json: {
      kind: 'workflow',
      name: 'welcome',
      module: 'Leads',
      trigger: { on: 'record.created' },
      branches: [{ actions: [{ type: 'sendTemplate', template: 'hello', to: '$[Leads.Mobile]' }] }],
    },
  },
  {
    file: 'hello.json',
    json: {
      kind: 'template',
      name: 'hello',
      language: 'ja',
      category: 'UTILITY',
      module: 'Leads',
      body: 'こんにちは。ご登録ありがとうございます。',
      buttons: [{ type: 'quick_reply', text: '予約する', payload: 'book:$[Leads.Last_Name]' }],
    },
  },
]
const listener = {
  file: 'listener.json',
  json: {
    kind: 'workflow',
    name: 'booked',
    module: 'Leads',
    trigger: { on: 'message.received' },
    repeat: 'always',
    branches: [
      {
        when: { all: [{ fact: 'message', operator: 'equal', value: 'book:田中', path: '$.payload' }] },
        actions: [{ type: 'notify', role: 'sales', message: '予約' }],
      },
    ],
  },
}

const lead = (index: number, more: object = {}) => ({
  file: `leads.jsonl:${index + 1}`,
  json: {
    id: `e${index}`,
    type: 'record.created',
    module: 'Leads',
    recordId: `L${index}`,
    occurredAt: START + index * 1000,
    values: { Last_Name: '田中', Mobile: `+8190${12340000 + index}`, ...more },
  },
})

const base = (more: Partial<SimulationRequest> = {}): SimulationRequest => ({
  files: welcome,
  events: [lead(0), lead(1)],
  start: START,
  end: START + 10 * DAY_MS,
  ...more,
})

describe('customers', () => {
  test('who taps a quick reply sends its payload, and rules hear it', async () => {
    const report = await simulate(base({ files: [...welcome, listener], behaviour: { reply: 1, words: ['予約する'] } }))
    expect(report.customers.replies).toBe(2)
    expect(report.rules).toContainEqual({ definition: 'workflow/booked@1', outcome: 'matched', branch: 0, count: 2 })
    expect(report.notifications).toBe(2)
  })

  test('who opts out gets no more', async () => {
    const again = { ...lead(2), json: { ...lead(2).json, occurredAt: START + 5 * DAY_MS, values: lead(0).json.values } }
    const report = await simulate(base({ events: [lead(0), again], behaviour: { optOut: 1, optOutWords: ['停止'] } }))
    expect(report.customers.optOuts).toBe(1)
    expect(report.totals).toMatchObject({ messages: 2, sent: 1, blocked: 1 })
    expect(report.states).toContainEqual({ state: 'blocked', reason: 'opted_out', count: 1 })
  })

  test('who blocks the number is sent to and nothing arrives; the credits come back in the end', async () => {
    const again = { ...lead(2), json: { ...lead(2).json, occurredAt: START + DAY_MS, values: lead(0).json.values } }
    const report = await simulate(base({ events: [lead(0), again], behaviour: { block: 1 }, end: START + 60 * DAY_MS }))
    expect(report.totals).toMatchObject({ sent: 2, delivered: 1 })
    expect(report.credits.heldMicros).toBe(0)
  })

  test('undeliverable people fail each time, at no cost', async () => {
    const report = await simulate(base({ behaviour: { undeliverable: 1 } }))
    expect(report.states).toEqual([{ state: 'failed', reason: 'whatsapp_131026', count: 2 }])
    expect(report.totals.spentMicros).toBe(0)
  })

  test('a template may have a behaviour of its own', async () => {
    const report = await simulate(base({ behaviour: { read: 0, templates: { hello: { read: 1 } } } }))
    expect(report.totals.read).toBe(2)
  })
})

describe('what holds messages', () => {
  test('credits that run out are told, with the day', async () => {
    const events = Array.from({ length: 20 }, (_, index) => ({
      ...lead(index),
      json: { ...lead(index).json, occurredAt: START + index * 6 * 3_600_000 },
    }))
    const report = await simulate(base({ events, creditsMicros: 100_000 }))
    expect(report.credits.ranOut).toBe(true)
    expect(report.credits.emptyAt).toBeLessThan(START + 5 * DAY_MS)
    expect(report.holds).toMatchObject([{ reason: 'credits_insufficient', open: report.totals.waiting }])
    expect(report.totals.waiting).toBe(20 - report.totals.sent)
    const balances = report.days.map(({ balanceMicros }) => balanceMicros ?? -1)
    expect(balances.toSorted((a, b) => b - a)).toEqual(balances)
    expect(report.credits.spentMicros + (report.credits.leftMicros ?? 0)).toBe(100_000)
  })

  test('credits that last are told with the date to which they do at this pace', async () => {
    const report = await simulate(base({ creditsMicros: 10_000_000 }))
    expect(report.credits.ranOut).toBe(false)
    expect(report.credits.emptyAt).toBeGreaterThan(START + 100 * DAY_MS)
  })

  test('quiet hours hold until they are over', async () => {
    const settings = {
      quietHours: { from: '08:00', to: '12:00', timezone: 'Asia/Tokyo' },
      quietCategories: ['UTILITY'],
    }
    const report = await simulate(base({ settings }))
    expect(report.holds).toMatchObject([{ reason: 'quiet_hours', count: 2, ended: 2, open: 0 }])
    expect(report.holds[0]?.longestMs).toBe(3 * 3_600_000)
    expect(report.timeline.messages.map(({ sentAt }) => sentAt)).toEqual([START + 3 * 3_600_000, START + 3 * 3_600_000])
  })

  test('a template in review is waited for', async () => {
    const report = await simulate(base({ templates: { hello: 'PENDING' } }))
    expect(report.states).toEqual([{ state: 'held', reason: 'template_pending', count: 2 }])
  })

  test('a burst goes out as fast as the number may, and waits for the rest of its reach until the next day', async () => {
    const events = Array.from({ length: 300 }, (_, index) => ({
      ...lead(index),
      json: { ...lead(index).json, occurredAt: START },
    }))
    const report = await simulate(base({ events, numbers: [{ throughput: 50, reachMax: 200 }] }))
    expect(report.totals).toMatchObject({ sent: 300 })
    expect(report.peaks.numbers).toMatchObject([{ most: 50, limit: 50 }])
    expect(report.peaks.reach).toMatchObject({ most: 200, limit: 200 })
    expect(report.peaks.slowed.count).toBeGreaterThan(100)
    expect(report.holds).toMatchObject([{ reason: 'reach_limit', count: 100, ended: 100 }])
    expect(report.peaks.refused).toEqual({})
  })
})

describe('people made up', () => {
  test('clones have numbers of their own, and come over the time that is said', async () => {
    const records = [
      { file: 'r:1', json: { module: 'Leads', id: '1', values: { Last_Name: '佐藤', Mobile: '+447400123456' } } },
    ]
    const contacts = { count: 40, arriveOver: 'P2D' }
    const report = await simulate(base({ events: [], records, contacts }))
    const messages = report.timeline.messages
    expect(new Set(messages.map(({ to }) => to)).size).toBe(40)
    expect(messages.every(({ to }) => to.startsWith('+447'))).toBe(true)
    expect(report.totals).toMatchObject({ messages: 40, sent: 40 })
    expect(Math.max(...messages.map(({ at }) => at))).toBeLessThanOrEqual(START + 2 * DAY_MS + 1000)
  })

  test('without records they have what the definitions ask for', async () => {
    const picky = structuredClone(welcome)
    Object.assign(picky[0]!.json.branches![0]!, {
      when: { all: [{ fact: 'Lead_Source', operator: 'equal', value: '展示会' }] },
    })
    const report = await simulate(base({ files: picky, events: [], contacts: { count: 50, module: 'Leads' } }))
    expect(report.totals.sent).toBeGreaterThan(20)
    expect(report.totals.sent).toBeLessThan(50)
  })
})

test('records that are there at the start set nothing off, and later events know them', async () => {
  const records = [
    { file: 'r:1', json: { module: 'Leads', id: 'L9', values: { Last_Name: '鈴木', Mobile: '+819012349999' } } },
  ]
  const update = {
    file: 'e:1',
    json: {
      id: 'u',
      type: 'record.updated',
      module: 'Leads',
      recordId: 'L9',
      occurredAt: START,
      values: { Rating: 'Active' },
    },
  }
  const changed = structuredClone(welcome)
  changed[0]!.json.trigger = { on: 'record.updated' }
  const report = await simulate(base({ files: changed, records, events: [update] }))
  expect(report.timeline.messages).toMatchObject(
    [{ recordId: 'L9', to: '+819012349999', state: 'read' }].map(({ state: _, ...one }) => one),
  )
  expect((await simulate(base({ records, events: [] }))).totals.messages).toBe(0)
})

describe('bad input', () => {
  const cases: [string, Partial<SimulationRequest>, RegExp][] = [
    ['an end before the start', { end: START - 1 }, /before it begins/],
    ['no time at all', { end: START }, /before it begins/],
    ['more than two years', { end: START + 740 * DAY_MS }, /more than two years/],
    ['a time that is none', { end: Number.NaN }, /until when/],
    ['an unknown behaviour', { behaviour: { replies: 0.5 } as never }, /behaviour\.replies: There is no such option/],
    [
      'an unknown behaviour of a template',
      { behaviour: { templates: { hello: { speed: 1 } } } as never },
      /behaviour\.templates\.hello\.speed/,
    ],
    ['a share above one', { behaviour: { reply: 2 } }, /behaviour\.reply/],
    ['an unknown setting', { settings: { quiet: 1 } }, /settings\.quiet: There is no such option/],
    ['an unknown option', { speed: 9 } as never, /speed: There is no such option/],
    ['the status of no template', { templates: { goodbye: 'PAUSED' } }, /"goodbye"/],
    ['people of no module', { contacts: { count: 3, module: 'Nobody' } }, /no module "Nobody"/],
    ['people of nothing', { contacts: { count: 3 } }, /Name the module/],
    ['an event that is no JSON', { events: [{ file: 'e.jsonl:7', error: 'Unexpected end' }] }, /e\.jsonl:7: Not JSON/],
    [
      'an event of no module',
      { events: [{ ...lead(0), json: { ...lead(0).json, module: 'Nowhere' } }] },
      /leads\.jsonl:1 at "\/module"/,
    ],
    [
      'a record of no module',
      { records: [{ file: 'r:2', json: { module: 'Nowhere', id: '1', values: {} } }] },
      /r:2 at "\/module"/,
    ],
    [
      'a record with a number as id',
      { records: [{ file: 'r:3', json: { module: 'Leads', id: 1, values: {} } }] },
      /r:3 at "\/id"/,
    ],
  ]
  test.each(cases)('%s is refused', async (_, more, message) => {
    await expect(simulate(base(more))).rejects.toMatchObject({
      code: 'ERR_INVALID_INPUT',
      message: expect.stringMatching(message) as string,
    })
  })

  test('definitions with errors are told with every problem', async () => {
    const broken = structuredClone(welcome)
    broken[0]!.json.branches![0]!.actions[0]!.template = 'goodbye'
    const refused = simulate(base({ files: broken }))
    await expect(refused).rejects.toMatchObject({ code: 'ERR_DEFINITIONS_INVALID' })
    await expect(refused).rejects.toHaveProperty('details.problems')
  })

  test('events outside the time are left out and told', async () => {
    const report = await simulate(
      base({
        start: START + 500,
        events: [lead(0), lead(1), { ...lead(2), json: { ...lead(2).json, occurredAt: START + 99 * DAY_MS } }],
      }),
    )
    expect(report.warnings).toMatchObject([
      { code: 'events_before_start', count: 1 },
      { code: 'events_after_end', count: 1 },
    ])
    expect(report.totals.messages).toBe(1)
  })

  test('more than is allowed, too long and stopped are told as such', async () => {
    await expect(simulate(base(), { bounds: { eventsMax: 1 } })).rejects.toMatchObject({
      code: 'ERR_SIMULATION_TOO_LARGE',
    })
    await expect(simulate(base(), { bounds: { wallMs: -1 } })).rejects.toMatchObject({
      code: 'ERR_SIMULATION_TOO_LARGE',
    })
    await expect(simulate(base(), { signal: AbortSignal.abort() })).rejects.toMatchObject({
      code: 'ERR_SIMULATION_CANCELLED',
    })
  })
})

test('a file of lines names the place of each', async () => {
  const lines = await readLines(join(import.meta.dirname, 'lines.jsonl'))
  expect(lines).toEqual([
    { file: expect.stringMatching(/lines\.jsonl:1$/) as string, json: { 姓: '田中' } },
    { file: expect.stringMatching(/lines\.jsonl:3$/) as string, error: expect.any(String) as string },
  ])
})
