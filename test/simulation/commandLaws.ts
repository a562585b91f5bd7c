import type { Answer } from '#engine/decision.ts'
import type { Broadcast } from '#engine/instance.ts'
import type { CommandEvent } from '#engine/trigger.ts'
import { rowsOf, type Law } from './law.ts'
import type { World } from './world.ts'

interface Asked {
  id: string
  sourceId: string
  command: CommandEvent['command']
  actor: CommandEvent['actor']
  decidedAt: number
  answer: Answer | null
}

function commandsOf(world: World): Asked[] {
  return rowsOf<{ id: string; sourceId: string; event: string; decidedAt: number; trace: string | null }>(
    world,
    `SELECT inbox.id, sourceId, event, decidedAt, trace.body AS trace FROM inbox LEFT JOIN trace ON inboxSeq = seq
     WHERE event ->> '$.kind' = 'command' AND state = 'done' ORDER BY seq`,
  ).map(({ event, trace, ...row }) => {
    const { command, actor } = JSON.parse(event) as CommandEvent
    const answer = trace === null ? null : ((JSON.parse(trace) as { answer?: Answer }).answer ?? null)
    return { ...row, command, actor, answer }
  })
}

/** What somebody asked for has one answer, also when the process died in between: the one they were told. */
export const commandsAreAnswered: Law = (world) => {
  const asked = commandsOf(world)
  const bySource = new Map(asked.map((one) => [one.sourceId, one]))
  const silent = asked.filter(({ answer }) => answer === null)
  const lost = world.answers.filter(({ key, told }) => {
    const answer = bySource.get(`command:${key}`)?.answer
    return told !== 'waiting' && told !== (answer?.kind === 'refused' ? answer.code : answer?.kind)
  })
  return [...silent, ...lost]
}

/**
 * A step that was granted stands in the history, by whom and when; one that was refused does not. The history being a chain, two
 * people who take one step from one state at once cannot both have been granted it.
 */
export const transitionsAreWhole: Law = (world) => {
  const lines = rowsOf<{ id: string; at: number; via: string; by: string; from: string; to: string | null }>(
    world,
    `SELECT instance.id, at, via, "by", "from", "to" FROM instanceStep JOIN instance ON instance.seq = instanceSeq
     WHERE instance.kind = 'blueprint' AND instanceStep.kind IN ('moved', 'noted') ORDER BY instanceStep.seq`,
  )
  const told = new Map<string, number>()
  const keyOf = (id: string, at: number, via: string, by: string) => JSON.stringify([id, at, via, by])
  const people = new Set<string>()
  for (const { command, actor, answer, decidedAt } of commandsOf(world)) {
    if (command.do !== 'transition') continue
    people.add(actor.user)
    if (answer?.kind !== 'done') continue
    const { instanceId } = answer.details as { instanceId: string }
    const step = command.part === undefined ? command.transition : `${command.transition}/${command.part}`
    const key = keyOf(instanceId, decidedAt, command.partial === true ? 'partial_save' : step, actor.user)
    told.set(key, (told.get(key) ?? 0) + 1)
  }
  const stood = new Map<string, number>()
  for (const { id, at, via, by } of lines) {
    // A migration, and a record that is written, are somebody's doing too.
    if (!people.has(by) || via === 'field' || via === 'migrated') continue
    const key = keyOf(id, at, via, by)
    stood.set(key, (stood.get(key) ?? 0) + 1)
  }
  // The last part of a parallel transition is one line, as the others are.
  return [...new Set([...told.keys(), ...stood.keys()])]
    .filter((key) => told.get(key) !== stood.get(key))
    .map((key) => ({ key, told: told.get(key), stood: stood.get(key) }))
}

/** A broadcast takes each record of its list once: all that it has come past have entered or were refused, with a reason. */
export const broadcastsAddUp: Law = (world) => {
  const parked = new Set(
    rowsOf<{ id: string }>(
      world,
      `SELECT timer.id FROM timer LEFT JOIN inbox ON inbox.source = 'denrei:timer' AND inbox.sourceId = timer.id
       WHERE kind = 'broadcast' AND (timer.state = 'waiting' OR inbox.state = 'pending')`,
    ).map(({ id }) => id),
  )
  const entered = Map.groupBy(
    rowsOf<{ broadcastId: string; recordId: string; at: number }>(
      world,
      `SELECT event ->> '$.timer.broadcastId' AS broadcastId, instance.recordId, enteredAt AS at FROM inbox
       JOIN instance ON instance.causedBy ->> '$[#-1].triggerId' = inbox.id
       WHERE event ->> '$.timer.kind' = 'broadcast' ORDER BY instance.seq`,
    ),
    ({ broadcastId }) => broadcastId,
  )
  const rows = rowsOf<{ id: string; body: string }>(world, 'SELECT id, body FROM broadcast')
  return rows.flatMap(({ id, body }): object[] => {
    const broadcast = JSON.parse(body) as Broadcast
    const { state, source, cursor, refused, timerId, endedAt } = broadcast
    const broken = (problem: string) => [{ id, problem, broadcast, own }]
    const own = entered.get(id) ?? []
    const past = broadcast.entered + Object.values(refused).reduce((sum, count) => sum + count, 0)
    // Of who is erased the place is gone, and the sum stays.
    const isWhole = !world.visitors.some(({ erasedBy }) => erasedBy !== null)
    if (isWhole ? own.length !== broadcast.entered : own.length > broadcast.entered)
      return broken('others entered than it says')
    if (new Set(own.map(({ recordId }) => recordId)).size < own.length) return broken('somebody entered twice')
    if (own.some(({ at }) => at < broadcast.startAt) && world.chaos.clockStepsMs === 0) return broken('too early')
    if (source.kind === 'list' && Number(cursor) !== past) return broken('its cursor and its counts disagree')
    if (source.kind === 'list' && (state === 'done') !== (past === source.total)) return broken('it is not done')
    const moves = state === 'running' || state === 'scheduled'
    if (moves !== (timerId !== undefined && parked.has(timerId))) return broken('its timer')
    if ((state === 'done' || state === 'cancelled') !== (endedAt !== null)) return broken('its end')
    return tooFast(world, broadcast, own) ? broken('faster than its rate') : []
  })
}

/** Once nothing is paused or switched off any more, every broadcast comes to its end. */
export const broadcastsEnd: Law = (world) =>
  rowsOf<object>(world, "SELECT id, body FROM broadcast WHERE body ->> '$.state' NOT IN ('done', 'cancelled')")

/** In any stretch of `perMs` no more than `count` enter. */
function tooFast(world: World, { rate }: Broadcast, entered: { at: number }[]): boolean {
  if (rate === null || world.chaos.clockStepsMs > 0) return false
  return entered.some(({ at }, index) => (entered[index + rate.count]?.at ?? Infinity) < at + rate.perMs)
}
