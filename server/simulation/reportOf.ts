import type { InstanceCounts } from '#engine/reads.ts'
import type { Store } from '#engine/store.ts'
import type { Days } from './days.ts'
import type { Plan } from './plan.ts'
import type { SimulationReport, Sums } from './report.ts'
import type { MessageRow, Tally } from './tally.ts'
import type { SimulatedWorld } from './world.ts'

const DAY_MS = 86_400_000
const QUARANTINED_MAX = 20
/** Messages to one person that may run ahead. Source: Meta, Cloud API, "Pair rate limits". */
const PAIR_BURST = 45

/** Sums up what was seen. Every list is in an order of its own, so that the same simulation gives the same bytes. */
export async function reportOf(world: SimulatedWorld, plan: Plan, days: Days): Promise<SimulationReport> {
  const { tally, denrei, account, customers, quarantined, settings } = world
  const { options, startAt, endAt, feed, resolutionMs, warnings } = plan
  const { store } = denrei
  const stored = await denrei.definitions()
  const totals = await store.totals()
  const rows = [...tally.rows.values()]
  return {
    version: 1,
    startAt,
    endAt,
    timezone: settings.timezone,
    seed: options.seed,
    resolutionMs,
    definitions: stored.map(({ key, version }) => `${key}@${version}`).sort(),
    events: {
      given: feed.total,
      accepted: totals.accepted.record ?? 0,
      duplicates: totals.duplicates.record ?? 0,
      quarantined: quarantined.length,
      inbound: account.inboundIds.size,
    },
    totals: sumsOf(rows),
    states: statesOf(rows),
    holds: holdsOf(tally),
    ...spreadOf(rows, tally, days, options.creditsMicros !== null),
    credits: await creditsOf(store, plan, tally),
    peaks: {
      numbers: options.numbers.map(({ id, throughput }) => ({
        numberId: id,
        ...tally.peaks.rateOf(id),
        limit: throughput,
      })),
      pair: { ...tally.peaks.pair, limit: PAIR_BURST },
      reach: { ...tally.peaks.reach, limit: reachLimit(plan) },
      slowed: { ...tally.slowed },
      refused: Object.fromEntries(
        [...account.messages.refusals].sort(([a], [b]) => a - b).map(([code, n]) => [String(code), n]),
      ),
    },
    customers: { ...customers.counts },
    rules: [...tally.passes.values()].sort(
      (a, b) =>
        byText(a.definition, b.definition) ||
        (a.branch ?? Infinity) - (b.branch ?? Infinity) ||
        byText(a.outcome, b.outcome),
    ),
    instances: await instancesOf(
      store,
      tally,
      stored.filter(({ definition: { kind } }) => kind === 'journey' || kind === 'blueprint').map(({ key }) => key),
    ),
    work: [...tally.work].map(([type, count]) => ({ type, count })).sort((a, b) => byText(a.type, b.type)),
    notifications: tally.notifications(),
    quarantined: quarantined.slice(0, QUARANTINED_MAX),
    warnings,
    timeline: {
      messages: rows.slice(0, options.timelineMax).map((row) => ({
        id: row.id,
        at: row.createdAt,
        sentAt: row.sentAt,
        definition: row.definition,
        pointer: row.pointer,
        template: row.template,
        language: row.language,
        module: row.module,
        recordId: row.recordId,
        to: row.person,
        state: row.state,
        reason: row.reason,
        spentMicros: row.spentMicros,
      })),
      left: Math.max(0, rows.length - options.timelineMax),
    },
  }
}

const byText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

const nothing = (): Sums => ({
  messages: 0,
  sent: 0,
  delivered: 0,
  read: 0,
  failed: 0,
  blocked: 0,
  waiting: 0,
  spentMicros: 0,
})

/** Those on their way are only among the sent. */
const COLUMNS: Partial<Record<MessageRow['state'], keyof Sums>> = {
  read: 'read',
  delivered: 'delivered',
  failed: 'failed',
  gave_up: 'failed',
  blocked: 'blocked',
  held: 'waiting',
  queued: 'waiting',
}

/** Adds a message, without what it cost. */
function add(sums: Sums, row: MessageRow): void {
  sums.messages++
  if (row.sentAt !== null) sums.sent++
  const column = COLUMNS[row.state]
  if (column !== undefined) sums[column]++
  if (row.state === 'read') sums.delivered++
}

function sumsOf(rows: readonly MessageRow[]): Sums {
  const sums = nothing()
  for (const row of rows) {
    add(sums, row)
    sums.spentMicros += row.spentMicros
  }
  return sums
}

function statesOf(rows: readonly MessageRow[]): SimulationReport['states'] {
  const counts = new Map<string, SimulationReport['states'][number]>()
  for (const { state, reason } of rows) {
    const key = `${state}/${reason ?? ''}`
    const known = counts.get(key)
    if (known === undefined) counts.set(key, { state, reason, count: 1 })
    else known.count++
  }
  return [...counts.entries()].sort(([a], [b]) => byText(a, b)).map(([, one]) => one)
}

function holdsOf({ holds, rows }: Tally): SimulationReport['holds'] {
  const open = new Map<string, number>()
  for (const { state, reason } of rows.values())
    if (state === 'held' && reason !== null) open.set(reason, (open.get(reason) ?? 0) + 1)
  return [...holds]
    .map(([reason, { count, ended, totalMs, longestMs }]) => ({
      reason,
      count,
      ended,
      open: open.get(reason) ?? 0,
      averageMs: count === 0 ? 0 : Math.round(totalMs / count),
      longestMs,
    }))
    .sort((a, b) => b.count - a.count || byText(a.reason, b.reason))
}

/** The same messages by day, template, category and market. */
function spreadOf(rows: readonly MessageRow[], { spends }: Tally, days: Days, isLimited: boolean) {
  const ofDay = days.list.map(nothing)
  const groups = {
    template: new Map<string | null, Sums>(),
    category: new Map<string, Sums>(),
    market: new Map<string | null, Sums>(),
  }
  const inGroup = <K>(group: Map<K, Sums>, key: K): Sums => {
    let sums = group.get(key)
    if (sums === undefined) group.set(key, (sums = nothing()))
    return sums
  }
  for (const row of rows) {
    add(ofDay[days.indexOf(row.createdAt)]!, row)
    for (const sums of [
      inGroup(groups.template, row.template),
      inGroup(groups.category, row.category),
      inGroup(groups.market, row.market),
    ]) {
      add(sums, row)
      sums.spentMicros += row.spentMicros
    }
  }
  const costs = new Map<
    string,
    { date: string; category: string; market: string; charged: Set<MessageRow>; spentMicros: number }
  >()
  for (const { at, row, amountMicros } of spends) {
    const day = days.indexOf(at)
    ofDay[day]!.spentMicros += amountMicros
    const { date } = days.list[day]!
    const [category, market] = [row.category, row.market ?? 'Other']
    const key = `${date}\0${category}\0${market}`
    let cost = costs.get(key)
    if (cost === undefined) costs.set(key, (cost = { date, category, market, charged: new Set(), spentMicros: 0 }))
    cost.charged.add(row)
    cost.spentMicros += amountMicros
  }
  const listed = <K>(group: Map<K, Sums>) => [...group].sort(([a], [b]) => byText(String(a ?? ''), String(b ?? '')))
  return {
    days: days.list.map(({ date, balance }, index) => ({
      date,
      ...ofDay[index]!,
      balanceMicros: isLimited ? (balance?.available ?? 0) : null,
    })),
    templates: listed(groups.template).map(([template, sums]) => ({ template, ...sums })),
    categories: listed(groups.category).map(([category, sums]) => ({ category, ...sums })),
    markets: listed(groups.market).map(([market, sums]) => ({ market, ...sums })),
    costs: [...costs.entries()]
      .sort(([a], [b]) => byText(a, b))
      .map(([, { charged, ...cost }]) => ({ ...cost, messages: charged.size })),
  }
}

async function creditsOf(store: Store, { options, endAt }: Plan, tally: Tally): Promise<SimulationReport['credits']> {
  const { spent, held, available } = await store.balance()
  const firstAt = tally.spends[0]?.at ?? endAt
  const perDayMicros = spent === 0 ? 0 : Math.round(spent / Math.max(1, (endAt - firstAt) / DAY_MS))
  const isLimited = options.creditsMicros !== null
  const ranOutAt = isLimited ? tally.outOfCreditsAt() : null
  const ahead = isLimited && perDayMicros > 0 ? endAt + Math.round((available / perDayMicros) * DAY_MS) : null
  return {
    givenMicros: options.creditsMicros,
    spentMicros: spent,
    heldMicros: held,
    leftMicros: isLimited ? available : null,
    perDayMicros,
    emptyAt: ranOutAt ?? ahead,
    ranOut: ranOutAt !== null,
  }
}

function reachLimit({ options }: Plan): number | null {
  const limits = options.numbers.map(({ reachMax }) => reachMax)
  // The best number's limit holds for all of the portfolio.
  return limits.includes(null) ? null : Math.max(...limits.map((max) => max ?? 0))
}

async function instancesOf(store: Store, tally: Tally, keys: string[]): Promise<SimulationReport['instances']> {
  const reports = keys.sort(byText).map(async (key) => {
    const counts: InstanceCounts = await store.instanceCounts(key)
    return {
      definition: key,
      entered: counts.entered,
      standing: counts.standing.toSorted((a, b) => a.version - b.version || byText(a.position, b.position)),
      ended: counts.ended.toSorted((a, b) => byText(a.reason, b.reason)),
      passes: counts.passes
        .map(({ totalMs, ...pass }) => ({
          ...pass,
          averageMs: pass.count === 0 ? 0 : Math.round(totalMs / pass.count),
        }))
        .sort((a, b) => byText(`${a.from ?? ''}\0${a.to ?? ''}\0${a.via}`, `${b.from ?? ''}\0${b.to ?? ''}\0${b.via}`)),
      refused: [...tally.refused.values()]
        .filter(({ definition }) => definition.replace(/@\d+$/, '') === key)
        .map(({ outcome, reason, count }) => ({ outcome, reason, count }))
        .sort((a, b) => byText(`${a.outcome}\0${a.reason}`, `${b.outcome}\0${b.reason}`)),
    }
  })
  return Promise.all(reports)
}
