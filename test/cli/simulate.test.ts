import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { bar, chart, inGroups } from '#cli/simulation/chart.ts'
import { readableReport } from '#cli/simulation/readable.ts'
import { readBehaviour, readCount, readInstant, readLines } from '#cli/simulation/readInputs.ts'
import { readFolder } from '#cli/readFolder.ts'
import { simulationReport, type SimulationReport } from '#server/simulation/report.ts'
import { simulate } from '#server/simulation/simulate.ts'

const run = promisify(execFile)
const EVENTS = 'docs/guide/examples/autumn-events.jsonl'
const OPTIONS = [
  '--events',
  EVENTS,
  '--until',
  '2026-12-31',
  '--behaviour',
  'reply=0.3',
  '--behaviour',
  'words=はい,いいえ',
]

async function denrei(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  try {
    const { stdout, stderr } = await run(process.execPath, ['cli/main.ts', ...args], { maxBuffer: 1e8 })
    return { code: 0, out: stdout, err: stderr }
  } catch (error) {
    const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string }
    return { code, out: stdout, err: stderr }
  }
}

test('the totals it prints are those that the emulated WhatsApp counts', { timeout: 60_000 }, async () => {
  const { code, out } = await denrei('simulate', 'definitions/library', ...OPTIONS, '--json')
  expect(code).toBe(0)
  const printed = simulationReport.parse(JSON.parse(out))
  let counted = { sent: 0, delivered: 0, read: 0, failed: 0 }
  const again = await simulate(
    {
      files: await readFolder('definitions/library'),
      events: await readLines(EVENTS),
      end: Date.parse('2027-01-01T00:00:00+09:00'),
      behaviour: { reply: 0.3, words: ['はい', 'いいえ'] },
    },
    {
      inspect: async ({ account }) => {
        const { byStatus } = { byStatus: account.messages.byStatus() }
        counted = {
          sent: account.messages.size,
          delivered: byStatus.delivered + byStatus.read,
          read: byStatus.read,
          failed: byStatus.failed,
        }
      },
    },
  )
  expect(counted.sent).toBeGreaterThan(40)
  expect(printed.totals).toMatchObject(counted)
  expect(printed).toEqual(again)
})

test('another folder is compared on the same events', { timeout: 60_000 }, async () => {
  const { code, out } = await denrei(
    'simulate',
    'definitions/library',
    ...OPTIONS,
    '--compare',
    'definitions/library',
    '--lang',
    'ja',
  )
  expect(code).toBe(0)
  expect(out).toContain('違いはありません')
})

test('definitions with errors are told, and nothing is simulated', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'denrei-simulate-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  const workflow = {
    kind: 'workflow',
    name: 'broken',
    module: 'Leads',
    trigger: { on: 'record.created' },
    branches: [{ actions: [{ type: 'sendTemplate', template: 'nowhere', to: '$[Leads.Mobile]' }] }],
  }
  await writeFile(join(folder, 'broken.json'), JSON.stringify(workflow))
  const { code, out } = await denrei(
    'simulate',
    folder,
    '--until',
    '2027-01-01',
    '--start',
    '2026-12-01',
    '--lang',
    'ja',
  )
  expect(code).toBe(1)
  expect(out).toContain('broken.json#/branches/0/actions/0')
})

const refused: [string[], RegExp][] = [
  [['--until', 'soon'], /--until: "soon"/],
  [['--until', '2026-02-30'], /--until: "2026-02-30"/],
  [['--until', '2026-01-01', '--start', '2026-06-01'], /before it begins/],
  [['--until', '2026-12-31', '--events', 'nowhere.jsonl'], /"nowhere\.jsonl"/],
  [['--until', '2026-12-31', '--start', '2026-12-01', '--behaviour', 'replies=1'], /behaviour\.replies/],
  [['--until', '2026-12-31', '--behaviour', 'reply'], /KEY=VALUE/],
  [['--until', '2026-12-31', '--contacts', 'many'], /--contacts/],
  [['--until', '2026-12-31', '--credits', '-3'], /--credits/],
]
test.each(refused)('%j is refused', async (options, message) => {
  const { code, err } = await denrei('simulate', 'definitions/library', ...options)
  expect(code).toBe(2)
  expect(err).toMatch(message)
})

describe('reading', () => {
  test('a date of --until is meant to its end, one of --start from its beginning, in the zone', () => {
    expect(readInstant('2026-12-31', '--until', 'Asia/Tokyo')).toBe(Date.parse('2027-01-01T00:00:00+09:00'))
    expect(readInstant('2026-12-31', '--start', 'Asia/Tokyo')).toBe(Date.parse('2026-12-31T00:00:00+09:00'))
    expect(readInstant('2026-12-31T18:00:00+09:00', '--until', 'UTC')).toBe(Date.parse('2026-12-31T09:00:00Z'))
  })

  test('behaviour is numbers, words and templates', async () => {
    expect(await readBehaviour(['reply=0.2', 'words=はい,いいえ', 'templates.hello.read=1', 'readAfter=PT5M'])).toEqual(
      {
        reply: 0.2,
        words: ['はい', 'いいえ'],
        templates: { hello: { read: 1 } },
        readAfter: 'PT5M',
      },
    )
    await expect(readBehaviour(['__proto__.reply=1'])).rejects.toMatchObject({ code: 'ERR_INVALID_INPUT' })
  })

  test('a count is a whole number within its bound', () => {
    expect(readCount('12', '--seed', 20)).toBe(12)
    for (const text of ['21', '-1', '1.5', 'x', '']) expect(() => readCount(text, '--seed', 20)).toThrow(/--seed/)
  })
})

describe('the readable report', () => {
  let report: SimulationReport
  beforeAll(async () => {
    report = await simulate({
      files: await readFolder('definitions/library'),
      events: await readLines(EVENTS),
      end: Date.parse('2027-01-01T00:00:00+09:00'),
      behaviour: { reply: 0.3, optOut: 0.1 },
      creditsMicros: 1_000_000,
    })
  })

  test.each(['en', 'ja'] as const)('says in %s all that there is to say, with no hole', (language) => {
    const text = readableReport(report, language).join('\n')
    expect(text).not.toMatch(/undefined|NaN|\{\d\}|\[object/)
    expect(text).toContain('welcome_lead')
    expect(text).toContain(String(report.totals.sent))
    expect(text).toContain('█')
    expect(text).toContain('journey/subscriber-onboarding')
  })

  test('its bars are as long as their share', () => {
    expect(bar(1, 10)).toBe('██████████')
    expect(bar(0.5, 10)).toBe('█████')
    expect(bar(0, 10)).toBe('')
    expect(bar(0.0001, 10)).toBe('▏')
    expect(chart([{ label: '1', value: 0, text: '0' }], 4)).toEqual(['  1   0'])
  })

  test('many days are put together, and none is lost', () => {
    for (const count of [1, 45, 46, 200, 731]) {
      const groups = inGroups(Array.from({ length: count }, (_, index) => index))
      expect(groups.flat()).toHaveLength(count)
      expect(groups.length).toBeLessThanOrEqual(45)
    }
  })
})
