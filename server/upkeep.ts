import type { Clock, Instant } from '#engine/clock.ts'

/** Something that has to be done now and then, whatever events come: a poll, an alert, a monthly sum. */
export interface Duty {
  /** Unique; in logs and metrics. */
  name: string
  /** From the end of one run to the next. */
  everyMs: number
  /** @returns when to come again, if not after `everyMs`; a duty that fails is tried again after `everyMs` too */
  run(now: Instant): Promise<Instant | void>
}

export interface Upkeep {
  start(): void
  /** Does what is due at the clock's now, one duty after the other. For tests and virtual time. */
  run(): Promise<void>
  /**
   * Something shows that this duty has work now: it is due at once, though never again sooner than {@link HASTE_MS} after its last
   * run, so that it may be called at every message. Cheap, and does nothing itself.
   */
  hasten(duty: string): void
  /** When the next duty is due. */
  nextAt(): Instant
  stop(): Promise<void>
}

/** How long it sleeps at most, so that a clock that was moved is noticed. */
const NAP_MS = 60_000

/** What lies between two runs of a duty at least, however often it is hastened. */
export const HASTE_MS = 1_000

/** Runs duties when they are due: in order, never two at once, and none twice at once. The first round is at the start. */
export function createUpkeep({
  clock,
  duties,
  faltered,
}: {
  clock: Clock
  duties: readonly Duty[]
  faltered: (duty: string, error: unknown) => void
}): Upkeep {
  const dueAt = new Map(duties.map(({ name }) => [name, -Infinity]))
  const endedAt = new Map<string, Instant>()
  /** Hastened while it ran: it may have looked already. */
  const again = new Set<string>()
  let current: string | null = null
  let running = false
  let resting = false
  let nap: NodeJS.Timeout | undefined
  let round: Promise<void> = Promise.resolve()

  async function work(): Promise<void> {
    for (const duty of duties) {
      const { name, everyMs } = duty
      const now = clock.now()
      if ((dueAt.get(name) ?? 0) > now) continue
      let againAt: Instant | void = undefined
      current = name
      try {
        againAt = await duty.run(now)
      } catch (error) {
        faltered(name, error)
      }
      current = null
      const at = clock.now()
      endedAt.set(name, at)
      dueAt.set(name, again.delete(name) ? at + HASTE_MS : (againAt ?? at + everyMs))
    }
  }

  const nextAt = () => Math.min(...dueAt.values())

  function sleep(): void {
    if (!running) return
    resting = true
    nap = setTimeout(beginRound, Math.max(0, Math.min(nextAt() - clock.now(), NAP_MS)))
    nap.unref()
  }

  function beginRound(): void {
    resting = false
    void run().then(sleep)
  }

  function run(): Promise<void> {
    round = round.then(work)
    return round
  }

  return {
    start() {
      if (running || duties.length === 0) return
      running = true
      beginRound()
    },
    run,
    hasten(duty) {
      const due = dueAt.get(duty)
      if (due === undefined) return
      if (current === duty) {
        again.add(duty)
        return
      }
      const at = Math.max(clock.now(), (endedAt.get(duty) ?? -Infinity) + HASTE_MS)
      if (due <= at) return
      dueAt.set(duty, at)
      if (!resting) return
      clearTimeout(nap)
      sleep()
    },
    nextAt,
    async stop() {
      running = false
      clearTimeout(nap)
      await round
    },
  }
}
