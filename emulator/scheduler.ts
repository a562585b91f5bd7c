import { Heap } from './heap.ts'

/**
 * The emulator's time: what it is now, and what is to be done later. `realTime` follows the machine's clock;
 * `virtualTime` stands still until it is advanced.
 */
export interface Scheduler {
  readonly virtual: boolean
  /** Epoch ms. */
  now(): number
  /** Runs `task` at that instant, or as soon as possible after it. Tasks of one instant run in the order they were added. */
  at(instant: number, task: () => void): void
  /** When the next task is due; null when none waits. */
  nextAt(): number | null
  /**
   * Moves time on. Runs every task on the way at its own instant, in order, and waits after each instant for what the
   * tasks set off (the webhooks) before it goes on. Real time jumps: it runs ahead of the machine's clock by `ms` from then on.
   * Must not be called from within a webhook that it waits for.
   */
  advance(ms: number): Promise<void>
  /** Called after the tasks of an instant, one after the other when several ask; `advance` waits for it. */
  afterTasks(settle: () => Promise<void>): void
  /** Forgets all tasks. */
  stop(): void
}

/** Time that moves only by `advance`. @param startAt epoch ms */
export function virtualTime(startAt: number): Scheduler {
  const tasks = new Heap<() => void>()
  let now = startAt
  const settling: (() => Promise<void>)[] = []
  let stopped = false

  async function advanceTo(target: number): Promise<void> {
    do {
      await runInstant()
      const nextAt = tasks.nextAt
      now = nextAt === null ? target : Math.max(now, Math.min(nextAt, target))
    } while (!stopped && tasks.nextAt !== null && tasks.nextAt <= target)
    now = Math.max(now, target)
  }
  async function runInstant(): Promise<void> {
    for (let task = tasks.take(now); task !== undefined; task = tasks.take(now)) task()
    for (const settle of settling) await settle()
  }

  let advancing: Promise<void> = Promise.resolve()
  return {
    virtual: true,
    now: () => now,
    at: (instant, task) => {
      if (!stopped) tasks.add(Math.max(instant, now), task)
    },
    nextAt: () => tasks.nextAt,
    advance: (ms) => {
      // One at a time: two callers that advance at once move time on by the sum, never interleaved.
      advancing = advancing.then(() => advanceTo(now + ms))
      return advancing
    },
    afterTasks: (run) => void settling.push(run),
    stop: () => {
      stopped = true
      tasks.clear()
    },
  }
}

/** The longest delay `setTimeout` takes; a longer wait is cut in pieces. */
const TIMEOUT_MAX_MS = 2 ** 31 - 1

/** The machine's time. One timer, for the earliest task, however many wait. */
export function realTime(clock: () => number = Date.now): Scheduler {
  const tasks = new Heap<() => void>()
  let aheadMs = 0
  let timer: NodeJS.Timeout | null = null
  let timerAt = Infinity
  const settling: (() => Promise<void>)[] = []
  let stopped = false
  const now = (): number => clock() + aheadMs

  function arm(): void {
    const nextAt = tasks.nextAt
    if (nextAt === null || nextAt >= timerAt || stopped) return
    if (timer !== null) clearTimeout(timer)
    timerAt = nextAt
    timer = setTimeout(
      () => {
        void runDue()
      },
      Math.min(Math.max(nextAt - now(), 0), TIMEOUT_MAX_MS),
    )
  }
  async function settle(): Promise<void> {
    for (const one of settling) await one()
  }
  function runDue(): Promise<void> {
    timer = null
    timerAt = Infinity
    for (let task = tasks.take(now()); task !== undefined; task = tasks.take(now())) task()
    const settled = settle()
    arm()
    return settled
  }

  return {
    virtual: false,
    now,
    at: (instant, task) => {
      if (stopped) return
      tasks.add(instant, task)
      arm()
    },
    nextAt: () => tasks.nextAt,
    advance: (ms) => {
      aheadMs += ms
      if (timer !== null) clearTimeout(timer)
      return runDue()
    },
    afterTasks: (run) => void settling.push(run),
    stop: () => {
      stopped = true
      tasks.clear()
      if (timer !== null) clearTimeout(timer)
    },
  }
}
