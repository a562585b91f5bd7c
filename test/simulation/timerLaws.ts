import type { Blueprint } from '#definitions/definitions.ts'
import { sourcesOf } from '#engine/blueprint/machine.ts'
import { instancesOf, rowsOf, SLACK_MS, versionsOf, type Law } from './law.ts'
import type { World } from './world.ts'

const DAY_MS = 86_400_000

interface TimerRow {
  id: string
  kind: string
  definition: string
  recordId: string
  instanceId: string | null
  state: 'waiting' | 'paused' | 'fired' | 'cancelled'
  dueAt: number
  endedAt: number | null
  name: string | null
  visit: number | null
  position: string | null
  /** As it was planned first: a pause may have put it off. */
  plannedAt: number
  /** How many triggers there are of it, and how many of them are not decided yet. */
  fired: number
  pending: number
}

const timersOf = (world: World): TimerRow[] =>
  rowsOf<TimerRow>(
    world,
    `SELECT timer.id, kind, definition, recordId, instanceId, timer.state, timer.dueAt, endedAt, timer ->> '$.name' AS name,
       timer ->> '$.visit' AS visit, timer ->> '$.position' AS position, timer ->> '$.dueAt' AS plannedAt,
       count(inbox.id) AS fired, count(CASE inbox.state WHEN 'pending' THEN 1 END) AS pending
     FROM timer LEFT JOIN inbox ON inbox.source = 'denrei:timer' AND inbox.sourceId = timer.id
     GROUP BY timer.id ORDER BY timer.id`,
  )

/** A timer waits and has not fired, or has fired once and in its time, or is cancelled and never fired. Only a pause holds one back. */
export const timersFireOnce: Law = (world) => {
  const paused = pausedIn(world)
  return timersOf(world).filter(({ state, fired, definition, kind, dueAt, endedAt }) => {
    switch (state) {
      case 'waiting':
      case 'cancelled':
        return fired > 0
      case 'fired':
        return fired !== 1 || (endedAt ?? 0) < dueAt
      case 'paused':
        return fired > 0 || kind !== 'instance' || !paused.has(definition.replace(/@\d+$/, ''))
    }
  })
}

/** Nothing that waits is late. Asked while the process is there and nothing is paused. */
export const timersAreNotLate: Law = (world) => {
  const now = world.time.server.now()
  return timersOf(world).filter(({ state, dueAt }) => state === 'paused' || (state === 'waiting' && dueAt <= now))
}

/** What waits by time has one timer of its present visit, and none of an earlier one. */
export const everyWaitHasItsTimer: Law = (world) => {
  const versions = versionsOf(world)
  const timers = Map.groupBy(
    timersOf(world).filter(({ kind }) => kind === 'instance'),
    ({ instanceId }) => instanceId,
  )
  return instancesOf(world).flatMap((one) => {
    if (one.status !== 'running') return []
    const own = timers.get(one.id) ?? []
    const live = own.filter(({ state, pending }) => state === 'waiting' || state === 'paused' || pending > 0)
    const { id, definition, version, position, visit } = one
    const broken = (problem: string) => [{ id, definition, version, position, visit, problem, own }]
    if (own.some((timer) => isParked(timer) && timer.visit !== visit))
      return broken('a timer of an earlier visit waits')
    if (own.some((timer) => isParked(timer) && timer.definition !== `${definition}@${version}`))
      return broken('a timer of another version waits')
    const present = own.filter((timer) => timer.visit === visit)
    if (one.kind === 'journey') {
      const waits = live.filter((timer) => timer.visit === visit)
      const isOne = waits.length === 1 && ['wait', 'timeout', 'quiet', 'resume'].includes(waits[0]?.name ?? '')
      return isOne ? [] : broken('it does not wait by one timer')
    }
    const written = versions.get(`${definition}@${version}`)
    if (written?.kind !== 'blueprint') return broken('no such version')
    const { autos, levels } = clocksOf(written, position)
    const names = present.map(({ name }) => name ?? '')
    if (new Set(names).size < names.length) return broken('a clock was started twice')
    if (autos.some((name) => !names.includes(name))) return broken('a clock is missing')
    return names.every((name) => autos.includes(name) || levels.includes(name)) ? [] : broken('a clock of nothing')
  })
}

function isParked({ state }: TimerRow): boolean {
  return state === 'waiting' || state === 'paused'
}

function clocksOf(blueprint: Blueprint, state: string): { autos: string[]; levels: string[] } {
  const sla = blueprint.states[state]?.sla ?? []
  return {
    autos: blueprint.transitions.flatMap((one) =>
      one.auto !== undefined && 'after' in one.auto && sourcesOf(blueprint, one).includes(state)
        ? [`auto/${one.name}`]
        : [],
    ),
    levels: (Array.isArray(sla) ? sla : [sla]).map((_, level) => `sla/${level}`),
  }
}

function pausedIn(world: World): Set<string> {
  return new Set(
    rowsOf<{ definition: string }>(world, 'SELECT definition FROM pausedDefinition').map(
      ({ definition }) => definition,
    ),
  )
}

/** Waits that count the hours of the office are over in its hours. */
export const officeHoursAreKept: Law = (world) =>
  timersOf(world)
    .filter(
      ({ definition, name, position }) =>
        (definition.startsWith('journey/') && (position === 'desk' || position === 'change')) ||
        name === 'auto/保留切れ' ||
        (position === 'Qualification' && name === 'sla/0'),
    )
    // A migration finds some of them over already; those are due at once.
    .filter(({ id, plannedAt }) => !isOfficeOpen(plannedAt) && !isOfMigration(world, id))
    .filter(({ name }) => name !== 'quiet' && name !== 'resume')
    .map(({ id, definition, name, plannedAt }) => ({ id, definition, name, at: new Date(plannedAt).toISOString() }))

/** Up to and with the minute at which it closes: an hour that is worked to its end is over then. */
function isOfficeOpen(at: number): boolean {
  const wall = new Date(at + 9 * 3_600_000)
  const [date = '', time = ''] = wall.toISOString().split('T')
  const between = (from: string, to: string) => time >= from && time <= `${to}:00.000Z`
  if (date === '2026-11-28') return between('10:00', '15:00')
  if (['2026-03-31', '2026-09-28', '2026-11-23'].includes(date)) return false
  if ([0, 6].includes(wall.getUTCDay())) return false
  return between('09:00', '12:00') || between('13:00', '18:00')
}

/** Timers are named by the trigger that made them. */
function isOfMigration(world: World, timerId: string): boolean {
  const [row] = rowsOf<{ event: string }>(
    world,
    "SELECT event FROM inbox WHERE id = ? AND event ->> '$.kind' = 'command'",
    timerId.replace(/-\d+$/, ''),
  )
  return row !== undefined && (JSON.parse(row.event) as { command: { do: string } }).command.do === 'migrate'
}

/** The rounds of every day at 09:15 in Tokyo. */
const ROUND = 'workflow/daily-round'
const ROUND_AT_MS = 15 * 60_000

/**
 * A schedule fires once for each minute at which it is due, however often the process died; what was missed while it was not
 * there is caught up by one firing, and while it is switched off it does not fire.
 */
export const schedulesFireOnceAMinute: Law = (world) => {
  const timers = timersOf(world).filter(({ kind }) => kind === 'schedule')
  const wrong = timers.filter(({ plannedAt }) => plannedAt % DAY_MS !== ROUND_AT_MS)
  const fired = timers.filter(({ state }) => state === 'fired')
  const twice = [...Map.groupBy(fired, ({ plannedAt }) => plannedAt)].filter(([, some]) => some.length > 1)
  const spells = activeSpells(world, ROUND)
  const now = world.time.server.now()
  const missing: object[] = []
  for (const { from, to } of spells) {
    const first = Math.ceil((from + SLACK_MS - ROUND_AT_MS) / DAY_MS) * DAY_MS + ROUND_AT_MS
    for (let due = first; due < Math.min(to, now) - 2 * SLACK_MS; due += DAY_MS) {
      const isCaughtUp = fired.some(
        ({ plannedAt, endedAt }) => plannedAt <= due && (plannedAt === due || (endedAt ?? 0) >= due - 2 * SLACK_MS),
      )
      if (!isCaughtUp) missing.push({ due: new Date(due).toISOString(), spells })
    }
  }
  return [...wrong, ...twice.map(([at, some]) => ({ at, some })), ...missing]
}

/** From when to when a definition was switched on, as it was decided. */
function activeSpells(world: World, key: string): { from: number; to: number }[] {
  const events = rowsOf<{ at: number; active: number }>(
    world,
    `SELECT acceptedAt AS at, event ->> '$.active' AS active FROM inbox
     WHERE event ->> '$.kind' = 'definition' AND event ->> '$.key' = ? ORDER BY seq`,
    key,
  )
  const spells: { from: number; to: number }[] = []
  for (const { at, active } of events) {
    const open = spells.at(-1)
    if (active === 1 && (open === undefined || open.to < Infinity)) spells.push({ from: at, to: Infinity })
    else if (active === 0 && open !== undefined && open.to === Infinity) open.to = at
  }
  return spells
}

/** A date that a record still says is waited for, or has come, while what asks for it is in force. */
export const datesAreKept: Law = (world) => {
  const timers = new Map(timersOf(world).map((timer) => [timer.id, timer]))
  const now = world.time.server.now()
  const deals = rowsOf<{ id: string; date: string | null; updatedAt: number }>(
    world,
    `SELECT id, "values" ->> '$.Closing_Date' AS date, updatedAt FROM record WHERE module = 'Deals' AND deleted = 0`,
  )
  return deals.flatMap(({ id, date, updatedAt }) => {
    if (date === null) return []
    const timer = timers.get(`date/journey/renewal/Deals/Closing_Date/-P1D/${id}/${date}/0`)
    // The day before at 10:00 in Tokyo.
    const dueAt = Date.parse(`${date}T01:00:00Z`) - DAY_MS
    if (timer === undefined) return dueAt > now ? [{ id, date, problem: 'nothing waits for it' }] : []
    if (timer.plannedAt !== dueAt) return [{ id, date, problem: 'it waits for another time', timer }]
    if (dueAt > now) return timer.state === 'waiting' ? [] : [{ id, date, problem: 'it does not wait', timer }]
    // It may have said this date once, another in between, and this one again only when it was past.
    if (timer.state === 'cancelled' && updatedAt > dueAt) return []
    // While the process is down it waits on.
    return timer.state === 'cancelled' ? [{ id, date, problem: 'it did not come', timer }] : []
  })
}
