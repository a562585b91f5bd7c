import type { Instant } from '#engine/clock.ts'
import type { Store } from '#engine/store.ts'
import type { Claims } from './claims.ts'
import type { Lane } from './lane.ts'

/** The dispatcher's parts that a drain uses. */
interface Parts {
  store: Pick<Store, 'dueLanes'>
  claims: Claims
  laneOf: (name: string) => Lane
  roomOf: (lane: Lane, now: Instant) => number
  openAt: (lane: Lane, now: Instant, ahead: number) => Instant
  workLane: (lane: Lane, now: Instant) => Promise<number>
  recover: (now: Instant) => Promise<void>
  quiet: () => Promise<void>
}

/**
 * Works the outbox until nothing is due at `now` and nothing is under way. It ends, because each pass gives every row that it
 * looks at an end or a later time.
 */
export async function drain(parts: Parts, now: Instant): Promise<void> {
  /** Rows of each lane that were put off already, and so have the first places. */
  const ahead = new Map<string, number>()
  await parts.quiet()
  while (await pass(parts, now, ahead));
}

/** Over all lanes once. @returns whether any row was looked at, so another pass may find more */
async function pass(parts: Parts, now: Instant, ahead: Map<string, number>): Promise<boolean> {
  const { store, laneOf, roomOf, workLane, recover, quiet } = parts
  await recover(now)
  let seen = 0
  for (const name of await store.dueLanes(now)) {
    const lane = laneOf(name)
    // The background loop has this lane in hand just now, or fills it: look again when its calls have ended.
    if (lane.claiming || (lane.inFlight > 0 && roomOf(lane, now) === 0)) seen++
    else if (roomOf(lane, now) > 0) seen += await workLane(lane, now)
    else seen += await putOff(parts, lane, now, ahead)
  }
  await quiet()
  return seen > 0
}

/** Gives the rows of a lane that may not go now the times at which they may. */
async function putOff(
  { claims, openAt }: Parts,
  lane: Lane,
  now: Instant,
  ahead: Map<string, number>,
): Promise<number> {
  const before = ahead.get(lane.name) ?? 0
  const count = await claims.putOff(lane, now, (place) => openAt(lane, now, before + place))
  ahead.set(lane.name, before + count)
  return count
}
