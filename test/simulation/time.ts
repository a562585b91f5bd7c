import { setImmediate as turn } from 'node:timers/promises'
import { Heap } from '#emulator/heap.ts'

interface Timer {
  id: number
  at: number
  everyMs: number | null
  run: () => void
}

/**
 * The only time there is: what the world does stands in an agenda, and the timers of the code under test
 * (`setTimeout`, `setInterval`) are kept here instead of running. Time moves by jumps, as on a machine that slept:
 * an interval that should have run a thousand times on the way runs once.
 */
export class WorldTime {
  /** True time, epoch ms. A machine's clock may be off; see `skewMs`. */
  now: number
  /** How far the server's clock is ahead. */
  skewMs = 0
  /** Grows with everything that happens; standing still for some turns of the event loop means that nothing does. */
  activity = 0
  /** Work under way that ends by itself, without time passing. */
  underWay = 0
  private readonly agenda = new Heap<() => void>()
  private readonly timers = new Map<number, Timer>()
  private nextId = 1
  private readonly originals = {
    setTimeout: globalThis.setTimeout,
    setInterval: globalThis.setInterval,
    clearTimeout: globalThis.clearTimeout,
    clearInterval: globalThis.clearInterval,
  }

  constructor(now: number) {
    this.now = now
  }

  /** What the server's clock shows. */
  readonly server = { now: (): number => this.now + this.skewMs }

  after(ms: number, task: () => void): void {
    this.agenda.add(this.now + Math.max(0, Math.round(ms)), task)
  }

  get nextAt(): number | null {
    return this.agenda.nextAt
  }

  get nextTimerAt(): number | null {
    let least: number | null = null
    for (const { at } of this.timers.values()) if (least === null || at < least) least = at
    return least
  }

  /** Runs what the agenda holds for now, then the timers that are due, each once. */
  runDue(): void {
    for (let task = this.agenda.take(this.now); task !== undefined; task = this.agenda.take(this.now)) {
      this.activity++
      task()
    }
    const due = [...this.timers.values()].filter(({ at }) => at <= this.now).sort((a, b) => a.at - b.at || a.id - b.id)
    for (const timer of due) {
      if (!this.timers.delete(timer.id)) continue // An earlier one has cleared it.
      if (timer.everyMs !== null) this.timers.set(timer.id, { ...timer, at: this.now + timer.everyMs })
      this.activity++
      timer.run()
    }
  }

  /** Resolves when everything that can happen without time passing has happened. */
  async quiet(): Promise<void> {
    let still = 0
    while (still < 5) {
      const before = this.activity
      await turn()
      still = this.activity === before && this.underWay === 0 ? still + 1 : 0
    }
  }

  /** Counts work that ends by itself. */
  async during<T>(work: Promise<T>): Promise<T> {
    this.underWay++
    try {
      return await work
    } finally {
      this.underWay--
      this.activity++
    }
  }

  /** From now on all timers of this process are virtual. */
  takeTimers(): void {
    const add = (run: () => void, ms: number, everyMs: number | null) => {
      const id = this.nextId++
      this.timers.set(id, { id, at: this.now + Math.max(1, Math.ceil(ms)), everyMs, run })
      const handle = { id, unref: () => handle, ref: () => handle, hasRef: () => false, refresh: () => handle }
      return handle
    }
    const clear = (handle: unknown) => void this.timers.delete((handle as { id?: number } | undefined)?.id ?? 0)
    globalThis.setTimeout = ((run: (...args: unknown[]) => void, ms = 0, ...args: unknown[]) =>
      add(() => run(...args), ms, null)) as unknown as typeof setTimeout
    globalThis.setInterval = ((run: (...args: unknown[]) => void, ms = 0, ...args: unknown[]) =>
      add(() => run(...args), ms, Math.max(1, ms))) as unknown as typeof setInterval
    globalThis.clearTimeout = clear
    globalThis.clearInterval = clear
  }

  /** A process is gone, and its timers with it. */
  dropTimers(): void {
    this.timers.clear()
  }

  giveTimersBack(): void {
    Object.assign(globalThis, this.originals)
  }
}
