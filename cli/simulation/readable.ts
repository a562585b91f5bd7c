import Table from 'cli-table3'
import type { Difference, SimulationComparison } from '#server/simulation/compare.ts'
import type { SimulationReport } from '#server/simulation/report.ts'
import { durationText, reasonText, stateText } from '#server/texts.ts'
import type { MessageState } from '#engine/message.ts'
import type { Language } from '../texts.ts'
import { chart, inGroups } from './chart.ts'
import { isWordKey, word, type WordKey } from './words.ts'

/** Lines of a list that people still read. */
const LIST_MAX = 20

type Say = (key: WordKey, ...values: (string | number)[]) => string

/** A simulation as a page of text, line by line. */
export function readableReport(report: SimulationReport, language: Language): string[] {
  const say: Say = (key, ...values) => word(language, key, ...values)
  const { events, totals, customers } = report
  const lines = [
    say('span', when(report.startAt, report), when(report.endAt, report), report.timezone, report.seed),
    say('events', events.given, events.duplicates, events.quarantined, events.inbound),
    say(
      'totals',
      totals.messages,
      totals.sent,
      totals.delivered,
      totals.read,
      totals.failed,
      totals.blocked,
      totals.waiting,
      money(totals.spentMicros),
    ),
  ]
  if (events.inbound > 0) lines.push(say('customers', customers.replies, customers.optOuts, customers.blocks))
  return lines
    .concat(totals.messages === 0 ? [] : ['', ...byDay(report, say)])
    .concat(part(say('byTemplate'), templateTable(report, say)))
    .concat(part(say('byCategory'), spending(report.categories.map((one) => ({ ...one, name: one.category })))))
    .concat(part(say('byMarket'), spending(report.markets.map((one) => ({ ...one, name: one.market ?? '-' })))))
    .concat(part(say('whyNot'), whyNot(report, language, say)))
    .concat(part(say('holds'), holds(report, language, say)))
    .concat(totals.messages === 0 ? [] : part(say('credits'), credits(report, say)))
    .concat(totals.sent === 0 ? [] : part(say('peaks'), peaks(report, language, say)))
    .concat(part(say('rules'), ruleWays(report, say)))
    .concat(part(say('instances'), instanceWays(report, say)))
    .concat(
      part(
        say('quarantined'),
        report.quarantined.map(({ error }) => `  ${error}`),
      ),
    )
    .concat(part(say('warnings'), warnings(report, say)))
}

function part(title: string, lines: string[]): string[] {
  return lines.length === 0 ? [] : ['', title, ...lines]
}

/** An instant as people of the settings' zone read it. */
function when(at: number, { timezone }: Pick<SimulationReport, 'timezone'>): string {
  return new Intl.DateTimeFormat('sv-SE', { timeZone: timezone, dateStyle: 'short', timeStyle: 'short' }).format(at)
}

const money = (micros: number): string => `$${(micros / 1e6).toFixed(2)}`

function byDay({ days }: SimulationReport, say: Say): string[] {
  const groups = inGroups(days)
  const size = groups[0]?.length ?? 1
  const rows = groups.map((group) => {
    const sum = (of: 'sent' | 'spentMicros') => group.reduce((total, day) => total + day[of], 0)
    return { label: group[0]?.date ?? '', value: sum('sent'), text: `${sum('sent')}  ${money(sum('spentMicros'))}` }
  })
  return [size === 1 ? say('perDay') : say('perGroup', size), ...chart(rows)]
}

function templateTable({ templates }: SimulationReport, say: Say): string[] {
  if (templates.length === 0) return []
  const columns = ['sent', 'delivered', 'read', 'failed', 'blocked', 'waiting'] as const
  const table = new Table({
    head: [say('template'), ...columns.map((column) => say(column)), say('cost')],
    style: { head: [], border: [] },
    colAligns: ['left', ...columns.map(() => 'right' as const), 'right'],
  })
  for (const one of templates) {
    table.push([one.template ?? say('freeText'), ...columns.map((column) => one[column]), money(one.spentMicros)])
  }
  return table.toString().split('\n')
}

function spending(rows: { name: string; spentMicros: number; sent: number }[]): string[] {
  const paid = rows.filter(({ spentMicros }) => spentMicros > 0).toSorted((a, b) => b.spentMicros - a.spentMicros)
  return chart(
    paid.map(({ name, spentMicros, sent }) => ({
      label: name,
      value: spentMicros,
      text: `${money(spentMicros)}  (${sent})`,
    })),
    24,
  )
}

function whyNot({ states }: SimulationReport, language: Language, say: Say): string[] {
  const told = states
    .filter(({ reason, state }) => reason !== null && state !== 'held')
    .toSorted((a, b) => b.count - a.count)
  return short(
    told.map(
      ({ state, reason, count }) =>
        `  ${stateText(state as MessageState, language)}: ${reasonText(reason ?? '', language)}  ${count}`,
    ),
    say,
  )
}

function holds(report: SimulationReport, language: Language, say: Say): string[] {
  return report.holds.map(
    ({ reason, count, open, averageMs, longestMs }) =>
      `  ${say('hold', reasonText(reason, language), count, durationText(averageMs, language), durationText(longestMs, language), open)}`,
  )
}

function credits(report: SimulationReport, say: Say): string[] {
  const { givenMicros, spentMicros, heldMicros, leftMicros, perDayMicros, emptyAt, ranOut } = report.credits
  if (givenMicros === null) return [`  ${say('unlimited', money(spentMicros), money(perDayMicros))}`]
  const lines = [
    say(
      'spent',
      money(spentMicros),
      money(givenMicros),
      money(heldMicros),
      money(leftMicros ?? 0),
      money(perDayMicros),
    ),
  ]
  if (emptyAt !== null) lines.push(say(ranOut ? 'ranOut' : 'runway', when(emptyAt, report)))
  const rows = inGroups(report.days).map((group) => {
    const last = group.at(-1)
    return { label: last?.date ?? '', value: last?.balanceMicros ?? 0, text: money(last?.balanceMicros ?? 0) }
  })
  return [...lines.map((line) => `  ${line}`), ...chart(rows, 24)]
}

function peaks(report: SimulationReport, language: Language, say: Say): string[] {
  const { numbers, pair, reach, slowed, refused } = report.peaks
  const lines = numbers.map(({ numberId, most, limit, at }) =>
    say('rate', numberId, most, limit ?? '-', at === null ? '' : `  ${when(at, report)}`),
  )
  lines.push(say('pair', pair.most, pair.limit ?? '-'))
  lines.push(say('reach', reach.most, reach.limit === null ? say('noLimit') : say('limit', reach.limit)))
  if (slowed.count > 0) lines.push(say('slowed', slowed.count, durationText(slowed.longestMs, language)))
  const calls = Object.entries(refused).map(([code, count]) => `${code} × ${count}`)
  if (calls.length > 0) lines.push(say('refused', calls.join(', ')))
  return lines.map((line) => `  ${line}`)
}

function ruleWays({ rules }: SimulationReport, say: Say): string[] {
  return short(
    rules.map(
      ({ definition, outcome, branch, count }) =>
        `  ${definition}  ${branch === null ? outcome : say('branch', branch + 1)}  ${count}`,
    ),
    say,
    40,
  )
}

function instanceWays({ instances }: SimulationReport, say: Say): string[] {
  return instances
    .filter(({ entered, refused }) => entered > 0 || refused.length > 0)
    .flatMap(({ definition, entered, passes, standing, refused }) => [
      `  ${say('entered', definition, entered)}`,
      ...short(
        passes.map(
          ({ from, to, via, count }) =>
            `    ${from ?? say('begins')} → ${to ?? say('ends')}${via === (to ?? '') ? '' : ` (${via})`}  ${count}`,
        ),
        say,
        40,
      ),
      ...standing.map(({ position, count }) => `    ${say('standing', position, count)}`),
      ...refused.map(({ reason, count }) => `    ${say('notEntered', reason, count)}`),
    ])
}

function warnings(report: SimulationReport, say: Say): string[] {
  return short(
    report.warnings.map(
      ({ code, count, detail }) => `  ${isWordKey(code) ? say(code, count) : `${code}: ${detail ?? count}`}`,
    ),
    say,
  )
}

function short(lines: string[], say: Say, max = LIST_MAX): string[] {
  return lines.length <= max ? lines : [...lines.slice(0, max), `  ${say('more', lines.length - max)}`]
}

/** What another set of definitions alters. */
export function readableComparison(
  comparison: SimulationComparison,
  names: [string, string],
  language: Language,
): string[] {
  const say: Say = (key, ...values) => word(language, key, ...values)
  const isCost = ({ name }: Difference) => name === 'spentMicros'
  const totals = comparison.totals.map((one) => ({ ...one, label: totalText(one.name, say) }))
  const states = comparison.states.map((one) => ({ ...one, label: outcomeText(one.name, language) }))
  const parts: [string, (Difference & { label?: string })[], isMoney?: (one: Difference) => boolean][] = [
    [say('totalsHead'), totals, isCost],
    [say('templatesHead'), comparison.templates],
    [say('statesHead'), states],
    [say('holds'), comparison.holds],
    [say('byCategory'), comparison.categories, () => true],
    [say('byMarket'), comparison.markets, () => true],
    [say('rules'), comparison.rules],
    [say('instances'), comparison.instances],
  ]
  const lines = parts.flatMap(([title, differences, isMoney = () => false]) =>
    part(
      title,
      short(
        differences.map((one) => `  ${difference(one, isMoney(one))}`),
        say,
      ),
    ),
  )
  return [say('compared', ...names), ...(lines.length === 0 ? [say('same')] : lines)]
}

function totalText(name: string, say: Say): string {
  if (name === 'spentMicros') return say('cost')
  return isWordKey(name) ? say(name) : name
}

/** `blocked no_consent`: a state, and why. */
function outcomeText(name: string, language: Language): string {
  const [state = '', ...reason] = name.split(' ')
  return [stateText(state as MessageState, language), ...reason.map((one) => reasonText(one, language))].join(' — ')
}

function difference({ name, label = name, before, after }: Difference & { label?: string }, isMoney: boolean): string {
  const text = (value: number) => (isMoney ? money(value) : String(value))
  const sign = after > before ? '+' : '−'
  return `${label}  ${text(before)} → ${text(after)}  (${sign}${text(Math.abs(after - before))})`
}
