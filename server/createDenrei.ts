import { createDispatcher } from '#actions/dispatcher.ts'
import type { Performer } from '#actions/performer.ts'
import { WhatsAppRefused } from '#actions/whatsapp/faults.ts'
import { syncAccounts } from '#actions/whatsapp/sync.ts'
import { createFetchSample } from '#actions/sampleFile.ts'
import { createSubmitTemplate } from '#actions/submitTemplate.ts'
import type { Accounts } from '#actions/whatsapp/accounts.ts'
import type { CloudClient } from '#actions/whatsapp/client.ts'
import { definitionSchemas } from '#definitions/definitions.ts'
import { builtinModules } from '#definitions/modules.ts'
import type { Settings } from '#definitions/settings.ts'
import type { PaymentProvider } from '#engine/payment.ts'
import type { Clock } from '#engine/clock.ts'
import { compileDefinitions, withTemplates } from '#engine/definitionSet.ts'
import { InvalidInput } from '#engine/errors.ts'
import { judge } from '#engine/judge.ts'
import type { Shell } from '#engine/run.ts'
import type { Store } from '#engine/store.ts'
import type { WaitsFor, WorldEvent } from '#engine/trigger.ts'
import { accountEvent, newsOfRefusal } from './accounts/look.ts'
import { applyFiles, checkFiles, planFiles, submission, submitDrafts, type Desk } from './applyDefinitions.ts'
import { createChargePurchase } from '#actions/payment/chargePurchase.ts'
import { ask } from './command.ts'
import { createCredits } from './credits/desk.ts'
import { RECHARGE_DUTY } from './credits/rechargeCheck.ts'
import { wantsCredits, watchBalance } from './credits/watchBalance.ts'
import type { Denrei } from './denrei.ts'
import { enroll } from './enroll.ts'
import { explain } from './explain.ts'
import { explainRecord } from './explainRecord.ts'
import { dutiesOf } from './duties.ts'
import { createInbox } from './inbox.ts'
import { liveRecord } from './liveRecord.ts'
import { silentObserver, type Observer } from './observer.ts'
import { processOf, requireUnlocked } from './process.ts'
import { preview, sendOptions } from './sendFromRecord.ts'
import { createTemplateDesk } from './templates/desk.ts'
import { previewTemplate } from './templates/preview.ts'
import { saveSynced } from './templates/sync.ts'
import { createTemplateStates } from './templates/states.ts'
import { createUpkeep } from './upkeep.ts'
import { blueprintReport, readJourneyReport, standings } from './standings.ts'

/** What an engine is made of. `server/main.ts`, the CLI and tests build these; everybody else is handed them. */
export interface DenreiParts {
  store: Store
  clock: Clock
  /** UUIDv7: time-ordered, so that ids sort by time of acceptance. */
  newId: () => string
  /** In [0, 1); spreads retries. */
  random: () => number
  accounts: Accounts
  /** Who takes payments for credits, besides `manual`. Default: nobody. */
  payments?: readonly PaymentProvider[]
  /** `callWebhook` and the performers of action types that plugins add. */
  performers?: (context: { settings: () => Settings }) => Performer[]
  observer?: Observer
  limits?: { batchMax?: number; pendingMax?: number; lagMaxMs?: number }
}

const unconnected: Pick<CloudClient, 'send'> = {
  send: () => Promise.resolve({ kind: 'lost', why: 'no account', written: false }),
}

const only = (accounts: Accounts, accountId: string): Accounts => ({ ...accounts, ids: () => [accountId] })

/** How long somebody waits for what they changed to be decided. */
const DECIDED_WITHIN_MS = 2_000

/** Builds the engine without HTTP. Nothing runs before `start()` or `drain()`. */
export async function createDenrei(parts: DenreiParts): Promise<Denrei> {
  const { store, clock, newId, accounts, payments = [] } = parts
  const observer = parts.observer ?? silentObserver
  let settings = await store.settings()
  const accept = (events: WorldEvent[]) => inbox.accept(events, 'ours')
  const charge = createChargePurchase({
    providers: payments,
    purchase: (id) => store.purchase(id),
    clock,
    newId,
    accept,
  })
  const submitTemplate = createSubmitTemplate({
    accounts,
    clock,
    accept,
    appIdOf: async (accountId) => (await store.accounts()).find(({ id }) => id === accountId)?.appId ?? null,
    fetchSample: createFetchSample({ mayBePrivate: () => settings.webhooksMayBePrivate }),
  })
  const own = [submitTemplate, charge]
  const performers = [...(parts.performers?.({ settings: () => settings }) ?? []), ...own]
  const schemas = definitionSchemas(performers.flatMap(({ schema }) => (schema === undefined ? [] : [schema])))
  const desk: Desk = { store, clock, newId, schemas, accountId: () => accounts.defaultId() }

  /** Which account a number belongs to. */
  const owners = new Map<string, string>()
  async function learnNumbers(): Promise<void> {
    for (const { id, accountId } of await store.numbers()) owners.set(id, accountId)
  }
  await learnNumbers()

  /** Without an account no number is known, and the first guard holds every message before a call is made. */
  function clientOf(numberId: string | null): Pick<CloudClient, 'send'> {
    const accountId = owners.get(numberId ?? '') ?? accounts.defaultId()
    return (accountId === null ? null : accounts.clientOf(accountId)) ?? unconnected
  }

  let starting: Promise<void> = Promise.resolve()

  const templates = createTemplateStates(store)
  const compile = async () =>
    compileDefinitions(
      await store.definitions(),
      builtinModules,
      await store.pinnedDefinitions(),
      await templates.read(),
    )
  let definitions = await compile()

  const shell: Shell = {
    store,
    clock,
    newId,
    definitions: () => definitions,
    observe: ({ decisions }) => {
      if (templates.follow(decisions)) definitions = withTemplates(definitions, templates.all())
      for (const { changes } of decisions) {
        for (const change of changes) {
          if (change.kind === 'enqueue' && change.verdict !== null) {
            observer.verdict(change.verdict, 'commit')
            if (wantsCredits(change.verdict)) upkeep.hasten(RECHARGE_DUTY)
          }
          if (change.kind === 'notify' && change.notice !== undefined) observer.noticed(change.notice)
          if (change.kind === 'putNumber') owners.set(change.number.id, change.number.accountId)
        }
      }
    },
  }
  const inbox = createInbox({
    store,
    clock,
    newId,
    shell,
    observer,
    batchMax: parts.limits?.batchMax ?? 256,
    pendingMax: parts.limits?.pendingMax ?? 50_000,
    lagMaxMs: parts.limits?.lagMaxMs ?? 60_000,
    onCommitted: () => dispatcher.wake(),
  })
  const dispatcher = createDispatcher({
    store,
    clock,
    client: { send: (intent, form, onWritten) => clientOf(intent.numberId).send(intent, form, onWritten) },
    performers,
    judge: watchBalance(judge, () => upkeep.hasten(RECHARGE_DUTY)),
    random: parts.random,
    newId,
    accept,
    unknownWaitMs: () => settings.unknownWaitMs,
    observer: {
      verdict: (verdict, when) => {
        observer.verdict(verdict, when)
        // A block at claim puts its outcome into the inbox. Not now: this is told inside the store's transaction.
        if (verdict.kind === 'block') setImmediate(() => inbox.wake())
      },
      attempted: (type, outcome, tookMs) => observer.attempted(type, outcome, tookMs),
      reachable: (isReachable) => observer.reachable(isReachable),
      beat: (loop, at) => observer.beat(loop, at),
      faltered: (loop, error) => observer.faltered(loop, error),
      unsettled: (settlement, error) => observer.faltered('dispatch', error ?? settlement),
      // A settlement may put triggers into the inbox: a refusal, a status that had been parked.
      settled: () => void setImmediate(() => inbox.wake()),
      recovered: () => void setImmediate(() => inbox.wake()),
    },
  })

  const upkeep = createUpkeep({
    clock,
    duties: dutiesOf({ store, clock, newId, accounts, payments, accept }),
    faltered: (_duty, error) => observer.faltered('upkeep', error),
  })

  /**
   * Nothing is decided between the change and its compilation: the trigger that tells of it must meet the new set, and no
   * record may enter a version that the new set has not been told of.
   */
  async function changeDefinitions<T>(change: () => Promise<T>): Promise<T> {
    const changed = await inbox.alone(async () => {
      const result = await change()
      definitions = await compile()
      return result
    })
    inbox.wake()
    return changed
  }

  /** Decided when it resolves, also while no loop runs; or soon after, when the inbox is full. */
  async function tell(events: WorldEvent[]): Promise<void> {
    const accepted = await accept(events)
    const decided = accepted.map(({ id }) => inbox.whenDecided(id, DECIDED_WITHIN_MS))
    await Promise.race([inbox.drain(), Promise.all(decided)])
  }

  async function release(waitsFor: WaitsFor): Promise<void> {
    await accept([
      { kind: 'release', source: 'denrei', sourceId: `release:${newId()}`, occurredAt: clock.now(), waitsFor },
    ])
  }

  const sight = { store, clock, definitions: () => definitions }
  const command: Denrei['command'] = (asked, actor, options = {}) =>
    ask({ ...sight, inbox, newId }, asked, actor, options)

  const whenDecided: Denrei['whenDecided'] = (triggerId, timeoutMs) => inbox.whenDecided(triggerId, timeoutMs)
  const credits = createCredits({ store, clock, newId, accounts, payments, accept, whenDecided })

  return {
    store,
    clock,
    credits,
    buyCredits: (request, actor, idempotencyKey) => credits.buy(request, actor, idempotencyKey),
    accept(events) {
      // WhatsApp counts what comes in on a number with what goes out.
      for (const event of events) if (event.kind === 'message') dispatcher.heard(event.numberId, 1)
      return inbox.accept(events)
    },
    whenDecided,
    check: (files, language) => checkFiles(desk, files, language),
    plan: (files, options) => planFiles(desk, files, options),
    async apply(files, by, options) {
      const applied = await changeDefinitions(() => applyFiles(desk, files, by, options))
      dispatcher.wake()
      return applied
    },
    async setActive(key, active) {
      await changeDefinitions(() => store.setActive(key, active, clock.now(), newId))
    },
    definitions: () => store.definitions(),
    moduleNames: () => [...definitions.modules.keys()],
    sendOptions: (module, recordId) => sendOptions(sight, module, recordId),
    preview: (request) => preview(sight, request),
    previewTemplate: (request) => previewTemplate({ ...sight, check: (files) => checkFiles(desk, files) }, request),
    templates: createTemplateDesk({ ...sight, newId, accounts, submission, tell, change: changeDefinitions }),
    async send(request, actor, idempotencyKey) {
      await liveRecord(store, request.module, request.recordId)
      const sourceId = `send:${idempotencyKey ?? newId()}`
      const [outcome] = await inbox.accept([
        { kind: 'send', source: 'api', sourceId, occurredAt: clock.now(), actor, ...request },
      ])
      if (outcome === undefined || outcome.kind === 'reused') {
        throw new InvalidInput('This idempotency key was used for another send. Use a new key.', {
          field: 'Idempotency-Key',
        })
      }
      return { triggerId: outcome.id, messageId: `${outcome.id}-0` }
    },
    command,
    enroll: (journey, recordIds, actor, options = {}) => enroll({ command, clock }, journey, recordIds, actor, options),
    process: (place, actor, language) => processOf(sight, place, actor, language),
    requireUnlocked: (write, actor) => requireUnlocked(sight, write, actor),
    standings: (kind) => standings(store, kind),
    blueprintReport: (name) => blueprintReport(store, name),
    journeyReport: (name) => readJourneyReport(store, name),
    explain: (id, language) => explain({ store, clock }, id, language),
    explainRecord: (module, recordId, language) => explainRecord(store, { module, recordId }, language),
    async requeue(triggerId) {
      const count = await store.requeue(triggerId)
      inbox.wake()
      return count
    },
    settings: () => store.settings(),
    async saveSettings(next: Settings) {
      const before = settings
      await store.saveSettings(next, clock.now())
      settings = next
      dispatcher.wake()
      if (next.integration.active && !before.integration.active) await release('integration_active')
      if (next.defaultNumberId !== before.defaultNumberId) await release('number_ready')
      if (next.templates.categoryChange !== before.templates.categoryChange) await release('template_approved')
    },
    async syncAccount(accountId) {
      const now = clock.now()
      const synced = await syncAccounts(accountId === undefined ? accounts : only(accounts, accountId), now)
      for (const { accountId: id, error } of synced.failed) {
        const says = error instanceof WhatsAppRefused ? newsOfRefusal(error, now) : []
        const value = { refused: error.message }
        if (says.length > 0) await accept([accountEvent('health', { accountId: id, says, value, id: newId(), now })])
      }
      const [failure] = synced.failed
      // Nobody else was asked, so there is nothing to save and nothing to tell besides.
      if (failure !== undefined && (accountId !== undefined || accounts.ids().length === 1)) throw failure.error
      // A list of numbers says nothing of what keeps them from sending.
      const troubles = new Map((await store.numbers()).map((one) => [one.id, one.troubles]))
      const numbers = synced.numbers.map((one) => ({ ...one, troubles: troubles.get(one.id) ?? [] }))
      await store.saveNumbers(numbers, now)
      await changeDefinitions(() => saveSynced(store, synced.templates, now))
      await learnNumbers()
      await submitDrafts(desk)
      await release('number_ready')
      await release('template_approved')
      dispatcher.wake()
      return { ...synced, numbers: await store.numbers() }
    },
    start() {
      void inbox.start().catch((error: unknown) => observer.faltered('decide', error))
      starting = store
        .waitAnew(clock.now(), settings.unknownWaitMs)
        .catch((error: unknown) => observer.faltered('recover', error))
        .then(() => dispatcher.start())
        .then(() => upkeep.start())
    },
    upkeep: () => upkeep.run(),
    async decide() {
      while (await inbox.drain());
    },
    async drain() {
      for (;;) {
        const decided = await inbox.drain()
        await dispatcher.drain()
        if (!decided && (await store.pending(1, clock.now())).length === 0) return
      }
    },
    async stop() {
      await starting
      await upkeep.stop()
      await inbox.stop()
      await dispatcher.stop()
      await store.close()
    },
  }
}
