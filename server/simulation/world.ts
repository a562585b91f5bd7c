import { oneAccount } from '#actions/whatsapp/accounts.ts'
import type { Template } from '#definitions/definitions.ts'
import { template as templateSchema } from '#definitions/template.ts'
import type { Settings } from '#definitions/settings.ts'
import { templateBody } from '#actions/whatsapp/templateBody.ts'
import type { Performer } from '#actions/performer.ts'
import { Account } from '#emulator/account.ts'
import { GraphError } from '#emulator/graphError.ts'
import { Random } from '#emulator/random.ts'
import { virtualTime, type Scheduler } from '#emulator/scheduler.ts'
import type { TemplateStatus } from '#emulator/templates.ts'
import type { SourceFile } from '#definitions/problem.ts'
import type { Instant } from '#engine/clock.ts'
import { InvalidInput } from '#engine/errors.ts'
import { NUMBER_DEFAULTS, TEMPLATE_DEFAULTS, templateKey, type NumberState, type TemplateState } from '#engine/state.ts'
import type { WorldEvent } from '#engine/trigger.ts'
import { openSqlite } from '#store/sqlite/openSqlite.ts'
import { definitionHash } from '../applyDefinitions.ts'
import { createDenrei } from '../createDenrei.ts'
import type { Denrei } from '../denrei.ts'
import { silentObserver } from '../observer.ts'
import { createCustomers, type Customers } from './customers.ts'
import { createEars } from './ears.ts'
import type { Plan } from './plan.ts'
import type { SimulationOptions, SimulationRun } from './request.ts'
import { quietStore } from './quietStore.ts'
import { readAlong } from './readAlong.ts'
import { createTally, type Tally } from './tally.ts'
import { statusesHeard } from './heardStatuses.ts'
import { inProcess } from './whatsapp.ts'

/** Far beyond every end: a template is decided before the simulation begins, not by a review in it. */
const NEVER_MS = 1e13
const ACCOUNT_ID = '102290129340398'

/** The real engine on the real store, with an emulated WhatsApp in the same process and a clock that is moved by hand. */
export interface SimulatedWorld {
  denrei: Denrei
  tally: Tally
  account: Account
  customers: Customers
  scheduler: Scheduler
  /** Statuses that somebody waits for. */
  heard: ReturnType<typeof statusesHeard>
  /** What WhatsApp told since the last time. */
  told(): WorldEvent[]
  setNow(now: Instant): void
  quarantined: { triggerId: string; error: string }[]
  settings: Settings
  close(): Promise<void>
}

/**
 * The templates of the definitions are put into the account, each with the status that was told of it.
 *
 * @throws InvalidInput when a status is told of a template that is not there
 */
export async function createWorld(
  { files, options, settings, startAt }: Plan,
  run: SimulationRun = {},
): Promise<SimulatedWorld> {
  const { seed, numbers } = options
  let now = startAt
  const { store, database } = openSqlite(':memory:', { synchronous: 'NORMAL' })
  // Nothing of it outlives the process.
  database.pragma('synchronous = OFF')
  database.pragma('locking_mode = EXCLUSIVE')

  const scheduler = virtualTime(startAt)
  const ears = createEars(ACCOUNT_ID, () => now)
  const templates = templatesOf(files)
  const buttons = new Map(templates.map((one) => [templateKey(one), quickReplies(one)]))
  const customers = createCustomers(
    options.behaviour,
    seed,
    () => account,
    (name, language) => buttons.get(templateKey({ name, language })) ?? [],
  )
  const account = new Account(
    {
      token: '',
      appSecret: '',
      schedule: scheduler,
      wabaId: ACCOUNT_ID,
      numbers: numbers.map(({ id, displayNumber, throughput }) => ({
        id,
        displayNumber,
        throughput,
        verifiedName: 'Denrei',
      })),
      reviewDelayMs: NEVER_MS,
      magic: false,
      hear: (event) => ears.hear(event),
      fate: (message) => customers.fate(message),
    },
    seed,
  )
  const states = fillAccount(account, templates, options.templates, startAt)
  // What the review would have told belongs to the time before the simulation.
  ears.take()

  await store.saveSettings(settings, startAt)
  await store.saveNumbers(
    numbers.map((one) => numberState(one, startAt)),
    startAt,
  )
  await store.saveTemplates(states, startAt)

  const tally = createTally()
  const read = readAlong(store, tally)
  const quarantined: SimulatedWorld['quarantined'] = []
  const random = new Random(seed ^ 0x5eed)
  let ids = 0
  const denrei = await createDenrei({
    store: run.careful === true ? read : quietStore(read, () => tally.waiting),
    clock: { now: () => now },
    newId: () => sortedId(startAt, ids++),
    random: () => random.next(),
    accounts: oneAccount(
      inProcess(account, (intent) => customers.show(intent)),
      ACCOUNT_ID,
    ),
    performers: () => [idle('callWebhook')],
    observer: {
      ...silentObserver,
      setAside: (triggerId, error) => void quarantined.push({ triggerId, error: String(error) }),
      // In a server a loop goes on after a fault; here it is the end, because nothing is there that could fail but us.
      faltered: (_, error) => {
        throw error
      },
    },
    limits: { batchMax: 500, pendingMax: Infinity, lagMaxMs: Infinity },
  })
  return {
    denrei,
    tally,
    account,
    customers,
    scheduler,
    heard: statusesHeard(files),
    told: () => ears.take(),
    setNow: (at) => void (now = at),
    quarantined,
    settings,
    async close() {
      scheduler.stop()
      await account.webhooks.close()
      await store.close()
    },
  }
}

/** UUIDs that sort by the order they were made in, as version 7 does, and always the same. */
function sortedId(startAt: Instant, count: number): string {
  const time = startAt.toString(16).padStart(12, '0')
  const tail = count.toString(16).padStart(15, '0')
  return `${time.slice(0, 8)}-${time.slice(8)}-7${tail.slice(0, 3)}-8${tail.slice(3, 6)}-${tail.slice(6)}000`
}

/** Does nothing, and says that it is done: no program outside is called by a simulation. */
const idle = (type: string): Performer => ({
  type,
  perform: () => Promise.resolve({ kind: 'done', detail: 'simulated' }),
})

function numberState(
  { id, displayNumber, throughput, reachMax }: SimulationOptions['numbers'][number],
  at: Instant,
): NumberState {
  return {
    id,
    accountId: ACCOUNT_ID,
    displayNumber,
    nickname: null,
    verifiedName: 'Denrei',
    status: 'CONNECTED',
    verified: true,
    quality: 'GREEN',
    throughput,
    ...NUMBER_DEFAULTS,
    reachMax,
    updatedAt: at,
  }
}

/** Those that are of their form; what is wrong with the others is told when all are applied. */
function templatesOf(files: readonly SourceFile[]): Template[] {
  return files.flatMap(({ json }) => {
    const parsed = templateSchema.safeParse(json)
    return parsed.success ? [parsed.data] : []
  })
}

function fillAccount(
  account: Account,
  templates: Template[],
  told: SimulationOptions['templates'],
  now: Instant,
): TemplateState[] {
  const names = new Set(templates.flatMap((one) => [one.name, templateKey(one)]))
  const unknown = Object.keys(told).find((name) => !names.has(name))
  if (unknown !== undefined) {
    throw new InvalidInput(`A status is told of the template "${unknown}", which is not among the definitions.`, {
      field: `templates.${unknown}`,
    })
  }
  return templates.flatMap((one) => {
    const status = told[templateKey(one)] ?? told[one.name] ?? 'APPROVED'
    const id = status === 'DRAFT' ? null : submit(account, one, status)
    return {
      name: one.name,
      language: one.language,
      accountId: ACCOUNT_ID,
      metaId: id,
      status,
      category: one.category,
      quality: null,
      reason: null,
      // As if it had been submitted as it is, so that applying it submits nothing.
      ...TEMPLATE_DEFAULTS,
      submittedHash: definitionHash(one),
      updatedAt: now,
    }
  })
}

/** @returns WhatsApp's id; null when it would not take the template, which then cannot be sent */
function submit(account: Account, one: Template, status: string): string | null {
  try {
    const made = account.templates.create(templateBody(one))
    made.status = status as TemplateStatus
    // By name the emulator may have made it another category; a simulation takes each at its word.
    made.category = one.category
    return made.id
  } catch (error) {
    if (error instanceof GraphError) return null
    throw error
  }
}

const quickReplies = ({ buttons = [] }: Template) =>
  buttons.flatMap((button, index) => (button.type === 'quick_reply' ? [{ index, label: button.text }] : []))
