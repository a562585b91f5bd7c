import { YES } from './journeys.ts'
import { instancesOf, rowsOf, stepsOf, versionsOf, type InstanceRow, type Law, type StepRow } from './law.ts'

/** Every running instance stands at a state or step of its own version, and that version is there to be run. */
export const everyPlaceExists: Law = (world) => {
  const versions = versionsOf(world)
  return instancesOf(world).flatMap(({ id, status, definition, version, position, kind }) => {
    if (status !== 'running') return []
    const written = versions.get(`${definition}@${version}`)
    const places =
      written?.kind === 'blueprint'
        ? Object.keys(written.states)
        : written?.kind === 'journey'
          ? written.steps.map((step) => step.id)
          : []
    return written?.kind === kind && places.includes(position) ? [] : [{ id, definition, version, position }]
  })
}

/** An instance ends once, says why, and then nothing of it is left to wait or to listen. Nothing here ends by a failure. */
export const endsAreFinal: Law = (world) => {
  const steps = stepsOf(world)
  const parked = new Set(
    rowsOf<{ id: string }>(
      world,
      "SELECT instanceId AS id FROM timer WHERE state IN ('waiting', 'paused') AND instanceId IS NOT NULL",
    ).map(({ id }) => id),
  )
  const listening = rowsOf<{ instanceSeq: number; address: string }>(world, 'SELECT * FROM instanceAddress')
  const addresses = Map.groupBy(listening, ({ instanceSeq }) => instanceSeq)
  return instancesOf(world).flatMap((one) => {
    const { id, seq, status, reason, endedAt } = one
    const ends = (steps.get(seq) ?? []).filter(({ kind }) => kind === 'ended')
    const broken = (problem: string, more: object = {}) => [{ id, status, reason, problem, ...more }]
    const heard = (addresses.get(seq) ?? []).map(({ address }) => address).sort()
    if (status === 'running') {
      if (ends.length > 0 || reason !== null || endedAt !== null) return broken('it runs and has ended', { ends })
      const wanted = [...new Set(JSON.parse(one.addresses) as string[])].sort()
      return String(heard) === String(wanted) ? [] : broken('it listens elsewhere', { heard, wanted })
    }
    if (ends.length !== 1 || reason === null || endedAt === null) return broken('not one end', { ends })
    if (steps.get(seq)?.at(-1) !== ends[0]) return broken('it went on after its end')
    if (ends[0]?.via !== reason || ends[0].at !== endedAt) return broken('its history tells another end', { ends })
    if (parked.has(id)) return broken('its timers still wait')
    if (heard.length > 0) return broken('it still listens', { heard })
    return reason.startsWith('failed') ? broken('it failed') : []
  })
}

/** The history is a chain: each line begins where the one before led to, and it counts the visits. */
export const historyIsAChain: Law = (world) => {
  const steps = stepsOf(world)
  return instancesOf(world).flatMap((instance) => {
    const own = steps.get(instance.seq) ?? []
    const problem = breakOf(instance, own, world.chaos.clockStepsMs > 0)
    return problem === null ? [] : [{ id: instance.id, problem, position: instance.position, own }]
  })
}

function breakOf(instance: InstanceRow, steps: StepRow[], clockSteps: boolean): string | null {
  let at: string | null = null
  let since = 0
  let visit = 0
  for (const [index, { kind, from, to, at: now, tookMs }] of steps.entries()) {
    if ((index === 0) !== (kind === 'entered')) return 'it enters first, and once'
    if (from !== at) return `line ${index} does not begin where the one before led to`
    if ((to === null) !== (kind === 'ended')) return `line ${index} leads nowhere`
    if (kind === 'noted' && to !== from) return `line ${index} is a note that moves`
    if (!clockSteps && index > 0 && now < steps[index - 1]!.at) return `line ${index} was before the one before`
    if (!clockSteps && index > 0 && kind !== 'noted' && tookMs !== now - since) return `line ${index} took otherwise`
    if (kind === 'entered' || kind === 'moved' || kind === 'migrated') visit++
    if (kind === 'entered' || kind === 'moved' || (kind === 'migrated' && to !== from)) since = now
    at = to ?? at
  }
  if (at !== instance.position) return 'it stands elsewhere'
  if (visit !== instance.visit) return `it has come somewhere ${visit} times, and says ${instance.visit}`
  return null
}

/** What reports show as counts is what a recount of every instance and every line of history gives. */
export const countsAgree: Law = (world) => {
  const standing = (from: string, count: string, where: string) =>
    rowsOf<object>(
      world,
      `SELECT definition, version, position, ${count} AS count FROM ${from} WHERE ${where}
       GROUP BY definition, version, position HAVING count <> 0 ORDER BY 1, 2, 3`,
    )
  const kept = {
    standing: standing('instanceStanding', 'sum(count)', 'TRUE'),
    passes: rowsOf<Pass>(
      world,
      `SELECT definition, "from", "to", via, count, totalMs FROM instancePass ORDER BY 1, 2, 3, 4`,
    ),
  }
  const counted = {
    standing: standing('instance', 'count(*)', "status = 'running'"),
    passes: rowsOf<Pass>(
      world,
      `SELECT definition, coalesce("from", '') AS "from", coalesce("to", '') AS "to", via, count(*) AS count,
         sum(tookMs) AS totalMs
       FROM instanceStep JOIN instance ON instance.seq = instanceSeq
       WHERE instanceStep.kind IN ('entered', 'moved', 'ended') OR (instanceStep.kind = 'migrated' AND "from" <> "to")
       GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4`,
    ),
  }
  const standings = differences(kept.standing, counted.standing)
  // Of who is erased the rows are gone, and the sums stay.
  if (world.visitors.some(({ erasedBy }) => erasedBy !== null)) {
    return [...standings, ...counted.passes.filter((one) => !kept.passes.some((sum) => covers(sum, one)))]
  }
  return [...standings, ...differences(kept.passes, counted.passes)]
}

interface Pass {
  definition: string
  from: string
  to: string
  via: string
  count: number
  totalMs: number
}
const covers = (sum: Pass, one: Pass): boolean =>
  (['definition', 'from', 'to', 'via'] as const).every((field) => sum[field] === one[field]) &&
  sum.count >= one.count &&
  sum.totalMs >= one.totalMs

function differences(kept: object[], counted: object[]): object[] {
  const [a, b] = [kept, counted].map((rows) => new Set(rows.map((row) => JSON.stringify(row)))) as [
    Set<string>,
    Set<string>,
  ]
  return [
    ...[...a].filter((row) => !b.has(row)).map((row) => ({ kept: row })),
    ...[...b].filter((row) => !a.has(row)).map((row) => ({ counted: row })),
  ]
}

/** A record is in one blueprint at most. */
export const oneBlueprintEach: Law = (world) =>
  rowsOf<object>(
    world,
    `SELECT module, recordId, count(*) AS count, group_concat(id) AS ids FROM instance
     WHERE kind = 'blueprint' AND status = 'running' GROUP BY module, recordId HAVING count(*) > 1`,
  )

/** A record is in a journey once for each key, unless the journey lets it in always; and what is remembered of entries is true. */
export const entriesAreKept: Law = (world) => {
  const versions = versionsOf(world)
  const several = rowsOf<{ definition: string; version: number; ids: string }>(
    world,
    `SELECT definition, max(version) AS version, recordId, "key", count(*) AS count, group_concat(id) AS ids FROM instance
     WHERE kind = 'journey' AND status = 'running' GROUP BY definition, module, recordId, "key" HAVING count(*) > 1`,
  ).filter(({ definition, version }) => {
    const written = versions.get(`${definition}@${version}`)
    return written?.kind !== 'journey' || written.entry.reentry !== 'always'
  })
  const remembered = rowsOf<object>(
    world,
    'SELECT definition, module, recordId, "key", count, lastEnteredAt FROM instanceEntry',
  )
  // Of a group SQLite gives the columns of the row with the highest `seq`: the entry that came last.
  const counted = rowsOf<{ seq: number }>(
    world,
    `SELECT definition, module, recordId, "key", count(*) AS count,
       enteredAt AS lastEnteredAt, max(seq) AS seq
     FROM instance GROUP BY definition, module, recordId, "key"`,
  ).map(({ seq: _, ...row }) => row)
  return [...several, ...differences(remembered, counted)]
}

/** A date of a record lets it into a journey once. */
export const aDateComesOnce: Law = (world) =>
  rowsOf<object>(
    world,
    `SELECT recordId, "key", count(*) AS count, group_concat(id) AS ids FROM instance
     WHERE definition = 'journey/renewal' GROUP BY recordId, "key" HAVING count(*) > 1`,
  )

/** Every journey here is over after some weeks. */
export const journeysEnd: Law = (world) => {
  const since = world.time.server.now() - 20 * 86_400_000
  return instancesOf(world)
    .filter(({ kind, status, enteredAt }) => kind === 'journey' && status === 'running' && enteredAt < since)
    .map(({ id, definition, version, position, movedAt }) => ({ id, definition, version, position, movedAt }))
}

/**
 * A step that sends makes one message each time it is done, and none when it is passed over. (A step of actions may make one
 * for each of them.)
 */
export const stepsSendOnce: Law = (world) => {
  const versions = versionsOf(world)
  const steps = stepsOf(world)
  const messages = rowsOf<{ instanceId: string; step: string; count: number }>(
    world,
    `SELECT instanceId, intent ->> '$.step' AS step, count(*) AS count FROM outbox
     WHERE instanceId IN (SELECT id FROM instance) GROUP BY 1, 2`,
  )
  const made = new Map(messages.map(({ instanceId, step, count }) => [`${instanceId} ${step}`, count]))
  const wanted = new Map<string, number>()
  const again: object[] = []
  for (const instance of instancesOf(world)) {
    if (instance.kind !== 'journey') continue
    // Steps of one name are of one kind in all versions here.
    const written = versions.get(`${instance.definition}@${instance.version}`)
    if (written?.kind !== 'journey') continue
    const sends = new Map(
      written.steps.map((step) => [
        step.id,
        'send' in step ? 1 : 'do' in step ? step.do.filter(({ type }) => type === 'sendTemplate').length : 0,
      ]),
    )
    const done = new Set<string | null>()
    const own = steps.get(instance.seq) ?? []
    for (const [index, { from, to, via, kind }] of own.entries()) {
      const count = sends.get(from ?? '') ?? 0
      const next = own[index + 1]
      if (kind === 'migrated' && from !== to && done.has(to) && sends.get(to ?? '') === 1 && next?.via === 'next')
        again.push({ id: instance.id, step: to, problem: 'brought back to a step that it had done, and sent it again' })
      if (via === 'next') done.add(from)
      const isDone = (kind === 'moved' && via === 'next') || (kind === 'ended' && via === 'completed' && to === null)
      if (count === 0 || !isDone) continue
      const key = `${instance.id} ${from}`
      wanted.set(key, (wanted.get(key) ?? 0) + count)
    }
  }
  const differ = [...new Set([...made.keys(), ...wanted.keys()])]
    .filter((key) => made.get(key) !== wanted.get(key))
    .map((key) => ({ key, made: made.get(key), wanted: wanted.get(key) }))
  return [...again, ...differ]
}

/** Whoever says yes in time is heard: the step that waits for it is not left by its time-out. */
export const repliesAreHeard: Law = (world) => {
  const decided = new Map(
    rowsOf<{ messageId: string; decidedAt: number }>(
      world,
      `SELECT event ->> '$.message.id' AS messageId, decidedAt FROM inbox WHERE event ->> '$.kind' = 'message' AND state = 'done'`,
    ).map(({ messageId, decidedAt }) => [messageId, decidedAt]),
  )
  const queued = Map.groupBy(
    rowsOf<{ instanceId: string; createdAt: number; phone: string | null }>(
      world,
      "SELECT instanceId, createdAt, intent ->> '$.to.phone' AS phone FROM outbox WHERE instanceId IS NOT NULL",
    ),
    ({ instanceId }) => instanceId,
  )
  // A clock that steps orders nothing that is nearer than its steps.
  const marginMs = 2 * world.chaos.clockStepsMs
  const saidYes = world.written.filter(({ text }) => text === YES || text === 'ＹＥＳ')
  const steps = stepsOf(world)
  return instancesOf(world).flatMap(({ id, seq, definition }) => {
    if (definition !== 'journey/nurture') return []
    const own = steps.get(seq) ?? []
    return own.flatMap(({ from, via, at: leftAt }, index) => {
      if (from !== 'answer' || via !== 'timeout') return []
      const since = own[index - 1]?.at ?? 0
      const ours = (queued.get(id) ?? []).filter(({ createdAt }) => createdAt <= since)
      // What was written before our own latest message is no answer to it.
      const latest = Math.max(0, ...ours.map(({ createdAt }) => createdAt))
      const missed = saidYes.filter(({ phone, at, messageId }) => {
        const heardAt = decided.get(messageId)
        const isAsked = ours.some((one) => one.phone === phone)
        if (!isAsked || at < latest + marginMs || heardAt === undefined) return false
        return since + marginMs < heardAt && heardAt < leftAt - marginMs
      })
      return missed.map((said) => ({ id, since, leftAt, said, heardAt: decided.get(said.messageId) }))
    })
  })
}
