import { oneAccount } from '#actions/whatsapp/accounts.ts'
import type { Database } from 'better-sqlite3'
import { createHash } from 'node:crypto'
import type { FastifyInstance } from 'fastify'
import { WhatsAppRefused } from '#actions/whatsapp/faults.ts'
import { createCloudClient } from '#actions/whatsapp/client.ts'
import type { Performer } from '#actions/performer.ts'
import { settings as settingsSchema } from '#definitions/settings.ts'
import type { Account } from '#emulator/account.ts'
import { graphServer } from '#emulator/graph.ts'
import { Random } from '#emulator/random.ts'
import { virtualTime, type Scheduler } from '#emulator/scheduler.ts'
import { startStripe, type StripeDouble } from '#emulator/stripe/stripe.ts'
import { World as EmulatedWorld } from '#emulator/world.ts'
import { AppError } from '#engine/errors.ts'
import type { Actor, Command } from '#engine/command.ts'
import type { WorldEvent } from '#engine/trigger.ts'
import { accountEvent } from '#server/accounts/look.ts'
import { createDenrei } from '#server/createDenrei.ts'
import type { CommandOutcome, Denrei } from '#server/denrei.ts'
import { createSession } from '#store/sqlite/session.ts'
import { createSqliteStore } from '#store/sqlite/sqliteStore.ts'
import { openSqlite } from '#store/sqlite/openSqlite.ts'
import { readableId } from '#triggers/fingerprint.ts'
import { refusals, type Told } from './asking.ts'
import type { Business } from './business.ts'
import type { Chaos } from './chaos.ts'
import { Life, mortal } from './life.ts'
import type { Law } from './law.ts'
import { APP_SECRET, CLIENT_TIMEOUT_MS, Network } from './network.ts'
import { watchLimits, type LimitMet } from './limits.ts'
import { somePeople, type Person } from './people.ts'
import { Till } from './till.ts'
import { WorldTime } from './time.ts'
import { layTripwires, type Tripwires } from './tripwires.ts'
import type { Visitor } from './visitors.ts'
import { NUMBER_ID, SECOND_NUMBER_ID } from './numbers.ts'
import { watchOver, type Watch } from './watch.ts'
import { InProcess } from './wire.ts'

const TOKEN = 'simulation-token'
const SECOND_MS = 1000
const DAY_MS = 86_400_000
/** So many ticks of the engine's timers in a row without anything coming of it means that it spins or starves. */
const TICKS_MAX = 2_000
/** A timer this near, so many times in a row without anything coming of it, is a loop that never rests. */
const HASTY_MS = 5
const HASTY_TICKS_MAX = 8

/**
 * A world of one seed: the real engine with its loops on the real store, the emulated WhatsApp, people who write back,
 * and everything that goes wrong. Nothing in it takes real time, and the same seed gives the same run.
 */
export class World {
  readonly seed: number
  readonly chaos: Chaos
  readonly business: Business
  readonly time: WorldTime
  readonly whatsapp: EmulatedWorld
  readonly account: Account
  readonly till: Till
  readonly database: Database
  readonly people: Person[]
  /** Who came and is forgotten again. */
  readonly visitors: Visitor[] = []
  /** Sends that WhatsApp refused for a limit of its own. */
  readonly limitsMet: LimitMet[]
  /** How often each thing happened to the account. */
  readonly acts = new Map<string, number>()
  /** What broke a law, as it was seen. */
  readonly violations: string[] = []
  /** Ids of accepted triggers by `source/sourceId`. */
  readonly accepted = new Map<string, string>()
  /** What the person at this number wrote to us, by WhatsApp's clock. */
  readonly written: { phone: string; text: string; at: number; messageId: string }[] = []
  /** Statuses that were answered 200: message id, and when by the server's clock. */
  readonly told: { messageId: string; wamid: string; status: string; at: number }[] = []
  /** What people were told who asked for something: each once, however often they had to ask. */
  readonly answers: { key: string; command: Command; told: Told }[] = []
  /** Keys of two commands that take one step from one state at once. */
  readonly races: [string, string][] = []
  /** How often the definitions were edited. */
  version = 1
  readonly counts = { crashes: 0, restarts: 0, sends: 0, steps: 0 }
  /** When the process was there again, by the server's clock. */
  readonly starts: number[] = []
  calm = false
  /** Since when nothing goes wrong any more; what was asked before may still fail. */
  calmSince = Infinity
  private denrei: Denrei | null = null
  private life: Life | null = null
  private readonly watch: Watch
  private readonly tripwires: Tripwires
  private readonly scheduler: Scheduler
  private readonly graph: FastifyInstance
  private readonly network: Network
  private readonly closing = new AbortController()
  private readonly random: Record<'crash' | 'engine' | 'plan' | 'performer' | 'desk' | 'fate', Random>
  private idCount = 0

  private constructor(seed: number, chaos: Chaos, business: Business, schedule: Scheduler, stripe: StripeDouble) {
    this.seed = seed
    this.chaos = chaos
    this.business = business
    this.time = new WorldTime(chaos.startAt)
    this.scheduler = schedule
    const stream = (salt: number) => new Random(Math.imul(seed + 1, 0x9e3779b1) ^ salt)
    this.random = {
      crash: stream(2),
      engine: stream(3),
      plan: stream(4),
      performer: stream(5),
      desk: stream(7),
      fate: stream(9),
    }
    this.people = somePeople(stream(6), chaos.people)
    this.whatsapp = new EmulatedWorld(
      {
        token: TOKEN,
        appSecret: APP_SECRET,
        schedule: this.scheduler,
        webhookUrl: 'https://denrei.example/v1/whatsapp/webhook',
        numbers: [
          { id: NUMBER_ID, displayNumber: '+81 3-1234-5678', verifiedName: '伝令商店' },
          ...(business.numbers > 1
            ? [{ id: SECOND_NUMBER_ID, displayNumber: '+81 6-1234-5678', verifiedName: '伝令商店 大阪' }]
            : []),
        ],
        reviewDelayMs: 60_000,
        delivery: { ...chaos.webhooks, retry: { firstMs: 10_000, maxMs: 3_600_000, forMs: 7 * DAY_MS } },
        dispatcher: new InProcess((call) => void this.time.during(this.network.webhookIn(call, this.process))),
      },
      seed,
    )
    this.account = this.whatsapp.first
    this.till = new Till(this, stripe, stream(10))
    this.graph = graphServer(this.whatsapp, () => 'https://graph.example', this.closing.signal)
    this.network = new Network(this, this.graph, stream(1))
    this.database = openSqlite(':memory:', { synchronous: 'NORMAL' }).database
    this.limitsMet = watchLimits(this)
    this.watch = watchOver(this)
    this.tripwires = layTripwires(this.database)
  }

  static async create(seed: number, chaos: Chaos, business: Business): Promise<World> {
    const schedule = virtualTime(chaos.startAt)
    // It has a clock of its own, because it sends nothing by itself: its events are fetched.
    const stripe = await startStripe({ schedule: followed(schedule), webhookUrl: null, seed })
    const world = new World(seed, chaos, business, schedule, stripe)
    await world.graph.ready()
    world.time.takeTimers()
    try {
      await world.open()
      await world.setUp()
    } catch (error) {
      await world.close()
      throw error
    }
    return world
  }

  get plan(): Random {
    return this.random.plan
  }

  get desk(): Random {
    return this.random.desk
  }

  get fate(): Random {
    return this.random.fate
  }

  /** Gives the timers of the process back. Closing twice is as good as once. */
  async close(): Promise<void> {
    if (this.closing.signal.aborted) return
    this.life?.die()
    this.time.dropTimers()
    this.time.giveTimersBack()
    this.closing.abort()
    await this.graph.close()
    await this.till.stripe.close()
    this.database.close()
  }

  // time

  /** Lets the world go on for so long. @throws Error at the first broken law that was seen on the way */
  async advance({ ms = 0, days = 0 }: { ms?: number; days?: number }): Promise<void> {
    const until = this.time.now + ms + days * DAY_MS
    let idleTicks = 0
    let hastyTicks = 0
    for (;;) {
      await this.time.quiet()
      this.throwViolations()
      const { at, isTick, isHasty } = this.next(idleTicks)
      if (at > until) break
      idleTicks = isTick ? idleTicks + 1 : 0
      hastyTicks = isHasty ? hastyTicks + 1 : 0
      if (hastyTicks > HASTY_TICKS_MAX) this.violate('the engine does not spin', { due: this.watch.due() })
      if (idleTicks > TICKS_MAX) throw new Error(`seed ${this.seed}: the engine spins: ${this.whatIsDue()}`)
      await this.moveTo(at)
    }
    await this.moveTo(until)
    await this.time.quiet()
    this.throwViolations()
  }

  /**
   * When something happens next. What is due for the engine already waits for the next tick of one of its timers; while
   * those do nothing (a limit or a pause keeps it), the process sleeps for longer and longer.
   */
  private next(idleTicks: number): { at: number; isTick: boolean; isHasty: boolean } {
    const least = (...instants: (number | null)[]) =>
      Math.min(...instants.map((at) => (at === null ? Infinity : Math.max(at, this.time.now))))
    const world = least(this.time.nextAt, this.scheduler.nextAt())
    if (this.life === null) return { at: world, isTick: false, isHasty: false }
    const dueAt = this.watch.engineDueAt() - this.time.skewMs
    if (dueAt > this.time.now) return { at: Math.min(world, dueAt), isTick: false, isHasty: false }
    const timerAt = least(this.time.nextTimerAt)
    const isHasty = timerAt - this.time.now <= HASTY_MS
    const sleepMs = idleTicks < 3 ? 0 : Math.min(20 * SECOND_MS, 100 * 2 ** (idleTicks - 3))
    const tick = Math.max(timerAt, this.time.now + sleepMs)
    return tick < world ? { at: tick, isTick: true, isHasty } : { at: world, isTick: false, isHasty: false }
  }

  private async moveTo(at: number): Promise<void> {
    this.counts.steps++
    this.time.now = Math.max(this.time.now, at)
    await this.scheduler.advance(this.time.now - this.scheduler.now())
    this.time.runDue()
  }

  private whatIsDue(): string {
    return JSON.stringify(this.watch.due())
  }

  violate(law: string, facts: object): void {
    if (this.violations.length < 20) this.violations.push(`${law}: ${JSON.stringify(facts)}`)
  }

  throwViolations(): void {
    for (const { law, facts } of this.tripwires.tripped()) this.violate(law, facts)
    const [first] = this.violations
    if (first === undefined) return
    throw new Error(`seed ${this.seed}, ${new Date(this.time.now).toISOString()}: ${this.violations.join('\n')}`)
  }

  // the process

  private get process(): { denrei: Denrei; life: Life } | null {
    const { denrei, life } = this
    return denrei === null || life === null ? null : { denrei, life }
  }

  /** Starts the process on the database as the last one left it. */
  async open(): Promise<void> {
    const life = new Life(() => this.died(life))
    this.life = life
    const session = createSession(this.database)
    session.onCommit(() => this.tripwires.atCommit())
    const inner = createSqliteStore(session, () => undefined)
    const crashRate = () => (this.calm ? 0 : this.chaos.crashRate)
    const store = mortal(inner, life, this.random.crash, crashRate, this.watch)
    const client = createCloudClient({
      baseUrl: 'https://graph.example',
      token: () => TOKEN,
      timeoutMs: CLIENT_TIMEOUT_MS,
      dispatcher: new InProcess((call) => this.network.callOut(call, life)),
    })
    const denrei = await Promise.race([
      createDenrei({
        store,
        clock: this.time.server,
        newId: () => this.newId(),
        random: () => this.random.engine.next(),
        accounts: oneAccount(client, this.account.wabaId),
        payments: [this.till.providerFor(life)],
        performers: () => [this.hook],
        observer: this.watch.observer,
      }),
      life.died,
    ])
    if (denrei === 'died') return
    this.denrei = denrei
    this.starts.push(this.time.server.now())
    denrei.start()
  }

  private died(life: Life): void {
    if (this.life !== life) return
    this.life = null
    this.denrei = null
    this.time.dropTimers()
    this.counts.crashes++
    const downMs = this.random.crash.chance(0.1) ? this.random.crash.next() * 6 * 3_600_000 : 20 * SECOND_MS
    this.time.after(SECOND_MS + downMs, () => void this.time.during(this.open()))
  }

  /** Stops the process as an operator would, and starts it again a little later. */
  restart(): void {
    const { denrei, life } = this
    if (denrei === null || life === null) return
    this.counts.restarts++
    this.denrei = null
    void Promise.race([denrei.stop(), life.died]).then((end) => {
      if (end !== 'died') life.die()
    })
  }

  /** UUIDs that sort by the order they were made in, as version 7 does. */
  private newId(): string {
    const count = (this.idCount++).toString(16).padStart(12, '0')
    return `0199${count.slice(0, 4)}-${count.slice(4, 8)}-7${count.slice(8, 11)}-8${count.slice(11)}00-${'0'.repeat(12)}`
  }

  /** Calls of `callWebhook`, which fail now and then. */
  private readonly hook: Performer = {
    type: 'callWebhook',
    perform: async () =>
      this.random.performer.chance(this.calm ? 0 : 0.2)
        ? { kind: 'retry', reason: 'http_503', detail: 'down' }
        : { kind: 'done' },
  }

  // people and programs outside

  /** Notes what the process has taken, so that the laws can ask for it. */
  remember(events: WorldEvent[], outcomes: { id: string }[]): void {
    for (const [index, event] of events.entries()) {
      this.accepted.set(`${event.source}/${event.sourceId}`, outcomes[index]?.id ?? '')
      if (event.kind === 'status' && event.messageId !== undefined) {
        const { messageId, wamid, status } = event
        this.told.push({ messageId, wamid, status, at: this.time.server.now() })
      }
    }
  }

  /** Does it with the process as it is, and again after each death in between, until it is done. */
  insist(task: (denrei: Denrei) => Promise<unknown>): void {
    const { denrei, life } = this
    const again = () => this.time.after(30 * SECOND_MS, () => this.insist(task))
    if (denrei === null || life === null) return again()
    void Promise.race([task(denrei).then(() => 'done' as const), life.died]).then(
      (end) => {
        this.time.activity++
        if (end === 'died') again()
      },
      (error: unknown) => {
        this.time.activity++
        if (error instanceof AppError && error.retryable) again()
        else
          this.violate('nobody outside meets a bug', {
            error: error instanceof Error ? error.stack : String(error),
            details: error instanceof AppError ? error.details : null,
          })
      },
    )
  }

  /** Posts events as a careful client does: again until they are taken. */
  post(...events: WorldEvent[]): void {
    this.insist(async (denrei) => this.remember(events, await denrei.accept(events)))
  }

  /**
   * Somebody asks for something and is told what became of it. Who hears nothing asks again with the same key.
   *
   * @param hear told once, with what is done
   */
  ask(command: Command, actor: Actor, hear: (outcome: CommandOutcome) => void = () => undefined): string {
    const key = `asked-${this.asked++}`
    const tell = (told: Told) => this.answers.push({ key, command, told })
    this.insist(async (denrei) => {
      const outcome = await denrei.command(command, actor, { idempotencyKey: key }).catch(refusals)
      if (typeof outcome === 'string') return tell(outcome)
      tell(outcome.kind)
      hear(outcome)
    })
    return key
  }

  /** A person writes to our number, or taps a button of a message. */
  write(person: Person, text: string, payload?: string): void {
    const digits = person.mobile.replace(/\D/g, '')
    const wamid = this.account.receive({
      from: digits,
      ...(payload === undefined ? { text } : { button: { text, payload } }),
    })
    this.written.push({
      phone: person.mobile,
      text,
      at: Math.floor(this.scheduler.now() / 1000) * 1000,
      messageId: wamid,
    })
  }

  acted(what: string): void {
    this.acts.set(what, (this.acts.get(what) ?? 0) + 1)
  }

  /** Whether the process has taken what somebody wrote. */
  isHeard({ mobile }: Person, text: string): boolean {
    return this.written.some(
      (one) =>
        one.phone === mobile &&
        one.text === text &&
        this.accepted.has(`whatsapp/${readableId('message', one.messageId)}`),
    )
  }

  /** An admin switches the account off, or on again (S115). */
  switchAccount(enabled: boolean): void {
    const event = accountEvent('setup', {
      accountId: this.account.wabaId,
      says: [{ about: 'account', change: { enabled } }],
      value: { enabled },
      id: `switch-${this.switched++}`,
      now: this.time.server.now(),
    })
    this.post(event)
  }
  private switched = 0

  private async setUp(): Promise<void> {
    const { settings, creditsMicros, credits } = this.chaos
    const own = this.business.numbers > 1 ? { defaultNumberId: NUMBER_ID, credits } : {}
    this.insist((denrei) => denrei.saveSettings(settingsSchema.parse({ ...settings, ...own })))
    await this.advance({ ms: 60_000 })
    this.insist((denrei) => denrei.syncAccount())
    await this.advance({ ms: 300_000 })
    this.insist((denrei) => denrei.apply(this.business.files(1), 'admin'))
    this.buy(creditsMicros)
    await this.advance({ ms: 600_000 })
    const { errorRate, garbageRate, tooFastRate, maintenanceRate } = this.chaos.whatsapp
    const { faults } = this.account
    if (errorRate > 0) faults.add({ kind: '503_transient', rate: errorRate / 2, match: { path: 'messages' } })
    if (errorRate > 0) faults.add({ kind: '500', rate: errorRate / 2, match: { path: 'messages' } })
    if (garbageRate > 0) faults.add({ kind: 'garbage', rate: garbageRate, match: { path: 'messages' } })
    if (tooFastRate > 0) faults.add({ kind: 'error', code: 130429, rate: tooFastRate, match: { path: 'messages' } })
    if (maintenanceRate > 0) faults.add({ kind: '131057', rate: maintenanceRate, match: { path: 'messages' } })
  }

  /** An admin has the account read from WhatsApp, and is told when WhatsApp does not answer this token. */
  sync(): void {
    this.insist((denrei) =>
      denrei.syncAccount().catch((error: unknown) => {
        if (!(error instanceof WhatsAppRefused) || error.retryable) throw error
      }),
    )
  }

  private asked = 0
  private bought = 0
  buy(amountMicros: number): void {
    const sourceId = `purchase-${this.bought++}`
    const occurredAt = this.time.now
    this.post({ kind: 'credits', source: 'api', sourceId, occurredAt, amountMicros, memo: '前払い', actor: '経理' })
  }

  /** Nothing goes wrong from now on and nobody acts; what is under way may end. */
  async settle({ days, credits }: { days: number; credits: boolean }): Promise<void> {
    this.calm = true
    this.calmSince = this.time.now
    this.account.faults.clear()
    this.insist(async (denrei) => denrei.saveSettings({ ...(await denrei.settings()), integration: { active: true } }))
    this.business.clear(this)
    if (credits) this.buy(1_000_000_000)
    // A day at a time: the duties of a server come round however little happens.
    for (let day = 0; day < days; day++) await this.advance({ days: 1 })
    // The world sleeps while nothing is due. A server does not: its loops look again every few seconds.
    for (let look = 0; look < 30; look++) await this.advance({ ms: 10 * SECOND_MS })
  }

  /** @throws Error that tells all that broke the laws */
  check(laws: Record<string, Law>): void {
    for (const [name, law] of Object.entries(laws)) {
      const broken = law(this)
      for (const facts of broken.slice(0, 3)) this.violate(`${name} (${broken.length} in all)`, facts)
    }
    this.throwViolations()
  }

  /** All that the run came to, as one word: two runs of one seed have the same. */
  digest(): string {
    const tables = [
      ...['outbox', 'messageStep', 'ledgerPosting', 'inbox', 'timer', 'contact', 'instance', 'instanceStep'],
      ...['purchase', 'accountState', 'numberState', 'templateState', 'notification'],
    ]
    const rows = tables.map((table) => this.database.prepare(`SELECT * FROM ${table} ORDER BY 1`).all())
    return createHash('sha256')
      .update(JSON.stringify([rows, this.account.messages.list()]))
      .digest('hex')
  }
}

/** Tells the time of another, and has nothing to do by itself. */
function followed(schedule: Scheduler): Scheduler {
  return {
    ...schedule,
    virtual: true,
    at: () => undefined,
    nextAt: () => null,
    advance: async () => undefined,
    afterTasks: () => undefined,
    stop: () => undefined,
  }
}
