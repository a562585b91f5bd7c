import type { Instant } from '#engine/clock.ts'

/**
 * The span in which no more leave than may arrive in a second. What it is longer by, messages may crowd together on their way
 * without the other side ever counting too many.
 */
export const WINDOW_MS = 1014
/** They leave evenly, at this share of the ceiling, so that the window is hardly ever what holds them back. */
export const PACE = 0.984
/** How far behind its schedule a number may fall and still catch up: a stall of the process is not lost time. */
const CATCH_UP_MS = 500
/** It catches up at twice its pace: a crowd of messages takes longer on its way than a few, and then they arrive too near to the next. */
const BRISK = 2
/** Timers come late: so much of the catching up may go at once. */
const LATE_MS = 20
/** After a rest so much may go at once: nothing was late. */
const AT_ONCE_MS = 5
/**
 * After a refusal for speed the rate is cut by a quarter, and grows back: a full rate in this time. One refusal is mostly the doing of the
 * road there; who is really too fast is refused again, and cut again.
 */
const RECOVERY_MS = 60_000
const SLOWED = 0.75
const SLOWEST = 0.05
/** A clock that was set back by more than this makes what is remembered worthless. */
const CLOCK_SLACK_MS = 60_000

/** One message on its way to the wire. Exactly one of the two is called, or neither when it is under way for ever. */
export interface Departure {
  /** Its first byte left, or may have. */
  written(at: Instant): void
  /** It surely never left. */
  cancelled(): void
}

/**
 * When messages of one kind may leave, so that no second holds more of them than `perSecond` and hardly one holds fewer.
 *
 * Two laws together. The pace: one after the other, evenly, a little below the ceiling; what a stall delays is caught up with, briskly.
 * The window: of what was written in the last {@link WINDOW_MS}, what is about to be written included, never more than the
 * ceiling. The pace alone would let a stall's backlog and the second after it fall into one second of the other side; the
 * window alone would let messages go in bursts. Time is handed in.
 */
export interface Pace {
  setRate(perSecond: number): void
  /** Messages a second now: less than was set for a while after `slowDown`. */
  rate(now: Instant): number
  /** Evenly: how many may leave until `until`, those held up until now included. */
  places(now: Instant, until: Instant): number
  /** Evenly: when the next may leave, `now` when it may at once; or the one with so many before it. */
  nextAt(now: Instant, ahead?: number): Instant
  /** In bursts: how many may leave now, all at once. For a clock that stands still. */
  room(now: Instant): number
  /** In bursts: when the `ahead + 1`th message from now may leave, if nothing else comes between. For putting a queue off. */
  placeAt(now: Instant, ahead: number): Instant
  leave(now: Instant): Departure
  /** Nothing waits any more: what comes next is not late. */
  rest(): void
  /** Messages that count and that we did not send: what came in. */
  heard(count: number, now: Instant): void
  /** Nobody knows what was sent until now. `evenly`: as it should be; else all at once, just now. */
  presume(at: Instant, how: 'evenly' | 'burst'): void
  /** The other side said too fast: nothing before `until`, and three quarters as fast from then on. */
  slowDown(until: Instant, now: Instant): void
}

export function createPace(perSecond: number): Pace {
  let full = perSecond
  /** Written to the wire, oldest first. */
  let sent: { at: Instant; count: number }[] = []
  let used = 0
  /** Let go and not written yet: waiting for a socket. */
  let pending = 0
  /** When the next is due by the schedule; a fraction of a millisecond counts. */
  let next = -Infinity
  /** When the next is due while it catches up. */
  let brisk = -Infinity
  let isRested = true
  let closedUntil = -Infinity
  let slowedAt = -Infinity
  let slowedTo = 1

  const share = (now: Instant) => Math.min(1, slowedTo + Math.max(0, (now - slowedAt) / RECOVERY_MS))
  const rate = (now: Instant) => Math.max(1, full * share(now))
  const ceiling = (now: Instant) => Math.max(1, Math.floor(rate(now)))
  const intervalMs = (now: Instant) => 1000 / (rate(now) * PACE)
  const catchingUp = (now: Instant) => Math.max(brisk, now - LATE_MS)
  const schedule = (now: Instant) => Math.max(next, now - (isRested ? AT_ONCE_MS : CATCH_UP_MS))

  function forget(now: Instant): void {
    const last = sent.at(-1)
    if (last !== undefined && last.at > now + CLOCK_SLACK_MS) {
      sent = []
      used = 0
    }
    if (next > now + CLOCK_SLACK_MS) next = now
    if (brisk > now + CLOCK_SLACK_MS) brisk = now
    let gone = 0
    for (const { at, count } of sent) {
      if (at + WINDOW_MS > now) break
      used -= count
      gone++
    }
    if (gone > 0) sent.splice(0, gone)
  }

  function note(at: Instant, count: number): void {
    used += count
    const last = sent.at(-1)
    if (last !== undefined && last.at >= at) last.count += count
    else sent.push({ at, count })
  }

  /** How many the window lets go at `at`, if none goes before. */
  function windowRoom(now: Instant, at: Instant): number {
    let left = ceiling(now) - pending - used
    for (const { at: sentAt, count } of sent) {
      if (sentAt + WINDOW_MS > at) break
      left += count
    }
    return Math.max(0, left)
  }

  /** When the window lets one go. */
  function windowAt(now: Instant): Instant {
    let over = pending + used + 1 - ceiling(now)
    if (over <= 0) return now
    for (const { at, count } of sent) {
      over -= count
      if (over <= 0) return at + WINDOW_MS
    }
    // Too many wait for a socket; the time that gives one is not known.
    return now + 5
  }

  return {
    setRate(value) {
      if (value > 0) full = value
    },
    rate,
    places(now, until) {
      if (until < closedUntil) return 0
      forget(now)
      const byPace = Math.floor((until - Math.max(schedule(now), closedUntil)) / intervalMs(now)) + 1
      const byHaste = Math.floor((until - Math.max(catchingUp(now), closedUntil)) / (intervalMs(now) / BRISK)) + 1
      return Math.max(0, Math.min(byPace, byHaste, windowRoom(now, until)))
    },
    nextAt(now, ahead = 0) {
      forget(now)
      const first = Math.max(now, closedUntil, next, brisk, windowAt(now))
      return Math.ceil(first + ahead * intervalMs(now))
    },
    room(now) {
      if (now < closedUntil) return 0
      forget(now)
      return windowRoom(now, now)
    },
    placeAt(now, ahead) {
      forget(now)
      const first = Math.max(closedUntil, windowAt(now))
      const room = Math.max(1, windowRoom(now, first))
      return first + (ahead < room ? 0 : Math.ceil((ahead + 1 - room) / ceiling(now)) * WINDOW_MS)
    },
    leave(now) {
      next = schedule(now) + intervalMs(now)
      brisk = catchingUp(now) + intervalMs(now) / BRISK
      isRested = false
      pending++
      let open = true
      const end = () => {
        if (!open) return false
        open = false
        pending--
        return true
      }
      return {
        written: (at) => void (end() && note(at, 1)),
        cancelled: () => void end(),
      }
    },
    rest() {
      isRested = true
    },
    heard(count, now) {
      forget(now)
      note(now, count)
      // At most a second: what came in all at once is over by then.
      next = Math.min(schedule(now) + count * intervalMs(now), now + 1000)
    },
    presume(at, how) {
      const many = Math.floor(full)
      if (how === 'burst') note(at, many)
      else
        // A little later than evenly, for what went at once at the beginning.
        for (let i = 1; i <= many; i++) {
          const late = AT_ONCE_MS + ((i + 1) * WINDOW_MS) / many
          note(Math.min(at, Math.ceil(at - WINDOW_MS + late)), 1)
        }
      next = Math.max(next, at)
    },
    slowDown(until, now) {
      // Messages already under way are refused too; together they are one reason to slow down.
      if (now >= closedUntil) {
        slowedTo = Math.max(SLOWEST, share(now) * SLOWED)
        slowedAt = until
      }
      closedUntil = Math.max(closedUntil, until)
    },
  }
}
