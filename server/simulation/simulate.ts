import assert from 'node:assert/strict'
import type { Instant } from '#engine/clock.ts'
import { DefinitionsInvalid } from '#engine/errors.ts'
import type { RecordEvent, WorldEvent } from '#engine/trigger.ts'
import { moduleDefinition } from '#definitions/module.ts'
import { createDays, type Days } from './days.ts'
import { SimulationCancelled, SimulationTooLarge } from './errors.ts'
import { latestOnly } from './heardStatuses.ts'
import { planOf, type Plan } from './plan.ts'
import type { SimulationReport } from './report.ts'
import { reportOf } from './reportOf.ts'
import type { SimulationBounds, SimulationRequest, SimulationRun } from './request.ts'
import { createWorld, type SimulatedWorld } from './world.ts'

/** Events that share one acceptance. */
const TAKEN_MAX = 1000
/** Turns at one instant after which something must be going round in a circle. */
const TURNS_MAX = 20_000
/** So much nobody spends; still a whole number in JSON. */
const PLENTY_MICROS = 1e15
const BOUNDS: SimulationBounds = { eventsMax: 2_000_000, contactsMax: 1_000_000, wallMs: 3_600_000 }

/**
 * Tries definitions on events: the very engine, store and dispatcher of the server, with a clock that jumps from due to due and
 * an emulated WhatsApp in the same process. The same request gives the same report, to the byte.
 *
 * @throws InvalidInput for dates that make no sense, lines that cannot be read, options that do not exist
 * @throws DefinitionsInvalid with every problem of the definitions
 * @throws SimulationTooLarge, SimulationCancelled
 */
export async function simulate(request: SimulationRequest, run: SimulationRun = {}): Promise<SimulationReport> {
  const bounds = { ...BOUNDS, ...run.bounds }
  const plan = planOf(request, bounds)
  const world = await createWorld(plan, run)
  try {
    const { store } = world.denrei
    const days = createDays(plan.startAt, plan.endAt, world.settings.timezone)
    await begin(world, plan)
    await live(world, plan, days, run, performance.now() + bounds.wallMs)
    days.end(await store.balance())
    await world.tally.close(store, plan.endAt)
    await run.inspect?.(world)
    return await reportOf(world, plan, days)
  } finally {
    await world.close()
  }
}

/** What is there before anything happens: credits, records, and then the definitions, which find them. */
async function begin({ denrei }: SimulatedWorld, plan: Plan): Promise<void> {
  const { files, language, records, startAt, options } = plan
  const problems = await denrei.check(files, language)
  const errors = problems.filter(({ severity }) => severity === 'error')
  const [first] = errors
  if (first !== undefined) {
    const files = new Set(errors.map(({ file }) => file)).size
    const count = `${errors.length} ${errors.length === 1 ? 'problem' : 'problems'} in ${files} ${files === 1 ? 'file' : 'files'}`
    throw new DefinitionsInvalid(
      `${count}. Nothing was simulated. The first: ${first.file}#${first.pointer}: ${first.message}`,
      { problems },
    )
  }
  for (const { file, pointer, code, message } of problems) {
    plan.warnings.push({ code, count: 1, detail: `${file}#${pointer}: ${message}` })
  }
  await denrei.accept([
    {
      kind: 'credits',
      source: 'simulation',
      sourceId: 'credits',
      occurredAt: startAt,
      amountMicros: Math.max(1, options.creditsMicros ?? PLENTY_MICROS),
      memo: 'simulation',
      actor: 'simulation',
    },
  ])
  // Records come before the automations do, so that being there sets nothing off; their modules must be known by then.
  const modules = files.filter(({ json }) => moduleDefinition.safeParse(json).success)
  if (modules.length > 0) await denrei.apply(modules, 'simulation', { language })
  for (let from = 0; from < records.length; from += TAKEN_MAX) {
    await denrei.accept(records.slice(from, from + TAKEN_MAX).map((one, index) => standing(one, from + index, startAt)))
    await denrei.drain()
  }
  await denrei.apply(files, 'simulation', { language })
  await denrei.drain()
}

function standing({ module, id, values }: Plan['records'][number], index: number, at: Instant): RecordEvent {
  return {
    kind: 'record',
    source: 'simulation',
    sourceId: `record:${index}`,
    occurredAt: at,
    op: 'saved',
    module,
    recordId: id,
    values,
    mode: 'replace',
  }
}

/** From due to due until the end. */
async function live(
  world: SimulatedWorld,
  plan: Plan,
  days: Days,
  run: SimulationRun,
  deadlineMs: number,
): Promise<void> {
  const { denrei, tally } = world
  const { startAt, endAt } = plan
  let now = startAt
  let turns = 0
  for (;;) {
    if (run.signal?.aborted === true) throw new SimulationCancelled('The simulation was stopped.')
    if (performance.now() > deadlineMs) {
      const share = Math.floor((100 * (now - startAt)) / (endAt - startAt))
      throw new SimulationTooLarge(
        `The simulation takes too long: it stands at ${share} %. Try a shorter time, or fewer people.`,
        { share },
      )
    }
    const at = await nextOf(world, plan, now)
    if (at === null) break
    turns = at === now ? turns + 1 : 0
    assert(turns < TURNS_MAX, `the simulation stands still at ${new Date(now).toISOString()}`)
    await days.pass(at, () => denrei.store.balance())
    now = at
    await step(world, plan, now)
    run.progress?.((now - startAt) / (endAt - startAt), tally.rows.size)
  }
  await days.pass(endAt, () => denrei.store.balance())
  await step(world, plan, endAt)
}

async function step(world: SimulatedWorld, { feed }: Plan, now: Instant): Promise<void> {
  const { denrei, scheduler } = world
  world.setNow(now)
  await scheduler.advance(now - scheduler.now())
  const events: WorldEvent[] = [...feed.take(now, TAKEN_MAX), ...latestOnly(world.told(), world.heard)]
  for (const event of events) listen(world, event)
  await denrei.accept(events)
  await denrei.drain()
}

/** What somebody wrote who is not one of the simulated customers opens a window at WhatsApp all the same. */
function listen({ account }: SimulatedWorld, event: WorldEvent): void {
  if (event.kind !== 'message' || !event.opensWindow || account.inboundIds.has(event.message.id)) return
  const { waId, phone, bsuid } = event.from
  const user = waId ?? phone?.replace(/\D/g, '') ?? bsuid
  if (user !== undefined) account.windows.opened(event.numberId, user, event.occurredAt, false)
}

/**
 * When something happens next; null when nothing does before the end. Events, timers and statuses are gathered for as long as
 * the resolution says. The outbox is looked at to the millisecond, or a number would send less than it may.
 */
async function nextOf(
  { denrei: { store }, scheduler }: SimulatedWorld,
  { feed, resolutionMs, endAt }: Plan,
  now: Instant,
): Promise<Instant | null> {
  const [timerAt, dueAt] = await Promise.all([store.nextTimerAt(), store.nextDueAt()])
  const soonest = Math.max(
    now,
    Math.min(feed.nextAt() ?? Infinity, scheduler.nextAt() ?? Infinity, timerAt ?? Infinity),
  )
  const gathered = soonest === now ? now : Math.ceil(soonest / resolutionMs) * resolutionMs
  const at = Math.min(gathered, Math.max(now, dueAt ?? Infinity))
  if (Math.min(soonest, at) > endAt) return null
  return Math.min(at, endAt)
}
