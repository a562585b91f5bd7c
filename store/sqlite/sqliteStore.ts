import { allKeys } from '#engine/decide/contact.ts'
import type { Store } from '#engine/store.ts'
import { createAccount } from './account.ts'
import { createAccounts } from './accounts.ts'
import { createBroadcasts } from './broadcasts.ts'
import { createClaim } from './claim.ts'
import { createCommit } from './commit.ts'
import { createConsents } from './consents.ts'
import { listContacts } from './contactList.ts'
import { createContacts } from './contacts.ts'
import { createCounters } from './counters.ts'
import { createCounts } from './counts.ts'
import { createDefinitions } from './definitions.ts'
import { createDocuments } from './documents.ts'
import { createEntries } from './entries.ts'
import { createErasure } from './erasure.ts'
import { createInbox } from './inbox.ts'
import { listInstances } from './instanceList.ts'
import { createInstances } from './instances.ts'
import { createInstanceSums } from './instanceSums.ts'
import { createAhead } from './ahead.ts'
import { createLanes } from './lanes.ts'
import { createLedger } from './ledger.ts'
import { createLoad } from './load.ts'
import { listMessages } from './messageList.ts'
import { createNotes } from './notes.ts'
import { createOpenHolds } from './openHolds.ts'
import { createOutbox } from './outbox.ts'
import { toMessage } from './outboxRow.ts'
import { createOutcomes } from './outcomes.ts'
import { createParking } from './parking.ts'
import { createPaused } from './paused.ts'
import { createPurchases } from './purchases.ts'
import { createQueues } from './queues.ts'
import { createReach } from './reach.ts'
import { createRecorded } from './recorded.ts'
import { createRecords } from './records.ts'
import { createReleases } from './releases.ts'
import { createSendFacts } from './sendFacts.ts'
import type { Session } from './session.ts'
import { createSettle } from './settle.ts'
import { createSpending } from './spending.ts'
import { stateBefore } from './statedBefore.ts'
import { createSuppressed } from './suppressed.ts'
import { createTalks } from './talks.ts'
import { createTimers } from './timers.ts'
import { listTriggers } from './triggerList.ts'
import { createWake } from './wake.ts'

/**
 * The store over one SQLite connection. Each method is written whole or not at all; every statement of the hot path is prepared here,
 * once.
 *
 * @param close gives back the connection and the lock
 */
export function createSqliteStore(session: Session, close: () => void): Store {
  const { write, read } = session
  const queues = createQueues(session)
  const account = createAccount(session, queues)
  const reach = createReach(session)
  const accounts = createAccounts(session, reach)
  const documents = createDocuments(session)
  const purchases = createPurchases(session)
  const consents = createConsents(session)
  const suppressed = createSuppressed(session, documents)
  const contacts = createContacts(session, consents, suppressed)
  const counters = createCounters(session)
  const broadcasts = createBroadcasts(session)
  const entries = createEntries(session)
  const inbox = createInbox(session)
  const definitions = createDefinitions(session, inbox)
  const instanceSums = createInstanceSums(session)
  const instances = createInstances(session, entries, instanceSums)
  const lanes = createLanes(session, queues)
  const spending = createSpending(session, account)
  const ledger = createLedger(session, spending)
  const notes = createNotes(session)
  const recorded = createRecorded(session)
  const records = createRecords(session)
  const talks = createTalks(session, contacts)
  const paused = createPaused(session)
  const timers = createTimers(session, inbox, paused)
  const outbox = createOutbox(session, { account, accounts, contacts, queues, spending })
  const release = createReleases(session, account)
  const outcomes = createOutcomes(inbox)
  const parking = createParking(session, inbox, outbox, notes)
  const sendFacts = createSendFacts(session, { account, accounts, contacts, documents, ledger, reach, suppressed })
  const counts = createCounts(session, inbox, lanes)
  const load = createLoad({ account, accounts, documents, purchases, broadcasts, contacts, counters, definitions, entries, inbox, instances, ledger, outbox, paused, records }) // prettier-ignore
  const erasure = createErasure(session, {
    contacts,
    definitions,
    inbox,
    instances,
    notes,
    outbox,
    reach,
    records,
    suppressed,
    timers,
  })
  const commit = createCommit({
    account,
    accounts,
    purchases,
    broadcasts,
    consents,
    contacts,
    counters,
    entries,
    erasure,
    inbox,
    instances,
    ledger,
    notes,
    outbox,
    parking,
    paused,
    records,
    release,
    talks,
    timers, // prettier-ignore
  })
  const claim = createClaim(session, { account, ledger, outbox, outcomes, sendFacts })
  const ahead = createAhead(session, { account, accounts, outbox, reach })
  const openHolds = createOpenHolds(session, { ledger, outbox })
  const wake = createWake(session, { account, accounts, inbox, ledger, outbox, release })
  const settle = createSettle({ contacts, ledger, outbox, outcomes, parking })

  lanes.dropLeases()
  stateBefore(session.db, account.settings().timezone)

  return {
    accept: async (events, now) => write(() => events.map(({ id, event }) => inbox.accept(id, event, now))),
    pending: async (limit, now) => read(() => inbox.pending(limit, now)),
    load: async (request, now) => read(() => load(request, now)),
    sendFacts: async (intents, now) =>
      read(() => sendFacts.read(intents.map((intent) => ({ intent, contactId: null })), now)), // prettier-ignore
    commit: async (decisions, revisions, now, newId) => {
      const outcome = await write(() => commit(decisions, revisions, now, newId))
      if (decisions.some(({ changes }) => changes.some(({ kind }) => kind === 'erase' || kind === 'forgetEvent')))
        erasure.emptyLog()
      return outcome
    },
    setAside: async (triggerId, error, retryAt) => write(() => inbox.setAside(triggerId, error, retryAt)),
    requeue: async (triggerId) => write(() => inbox.requeue(triggerId)),

    claim: async (request, judge, newId) => write(() => claim(request, judge, newId)),
    settle: async (settlements, newId) => write(() => settle.settle(settlements, newId)),
    expireLeases: async (now, unknownWaitMs) =>
      write(() => {
        const rows = lanes.expired(now)
        for (const row of rows) settle.expire(row, now, unknownWaitMs)
        return rows.length
      }),
    resolveUnknown: async (now, newId) =>
      write(() => {
        const counted = { requeued: 0, gaveUp: 0 }
        // Everything accepted before this instant is decided.
        const heardUntil = inbox.oldestPendingAt() ?? now
        for (const row of lanes.overdue(Math.min(now, heardUntil))) counted[settle.resolve(row, now, newId)]++
        return counted
      }),
    waitAnew: async (now, unknownWaitMs) => write(() => lanes.waitAnew(now + unknownWaitMs)),
    wakeHeld: async (now) => write(() => wake(now)),
    expireHolds: async (now) => write(() => openHolds.expire(now)),
    ahead: async (id, now) => read(() => ahead(id, now)),
    queuedByNumber: async () => read(() => lanes.queued()),
    nextDueAt: async () => read(() => lanes.nextDueAt()),
    dueLanes: async (now) => read(() => lanes.due(now)),

    fireTimers: async (now, limit, newId) => write(() => timers.fire(now, limit, newId)),
    nextTimerAt: async () => read(() => timers.nextAt()),

    pinnedDefinitions: async () => read(() => definitions.pinned()),
    saveDefinitions: async (wanted, work, templates, by, now, newId, events = []) =>
      write(() => {
        const stored = wanted.map((one) => definitions.save(one, by, now, newId))
        for (const event of events) inbox.follow(newId(), event, now)
        account.saveTemplates(templates)
        outbox.enqueueWork(work, now)
        return stored
      }),
    definitions: async (filter) => read(() => definitions.list(filter?.activeOnly ?? false)),
    definitionVersions: async (key) => read(() => definitions.versions(key)),
    setActive: async (key, active, now, newId) => write(() => definitions.setActive(key, active, now, newId)),
    settings: async () => read(() => account.settings()),
    saveSettings: async (settings, now) =>
      write(() => {
        account.saveSettings(settings, now)
        outbox.lookAnew(['quiet_hours', 'frequency_capped'], now)
      }),
    templates: async () => read(() => [...account.templates().values()]),
    saveTemplates: async (templates) => write(() => account.saveTemplates(templates)),
    numbers: async () => read(() => [...account.numbers()]),
    saveNumbers: async (numbers, now) =>
      write(() => {
        if (account.saveNumbers(numbers)) outbox.lookAnew(['reach_limit'], now)
      }),

    accounts: async () => read(() => [...accounts.all().values()]),
    saveAccounts: async (all, now) => write(() => accounts.save(all, now)),
    secret: async (name) => read(() => documents.secret(name)),
    saveSecrets: async (secrets, now) => write(() => documents.saveSecrets(secrets, now)),
    secretNames: async () => read(() => documents.secretNames()),
    document: async (key) => read(() => documents.get(key)),
    documents: async (prefix) => read(() => documents.all(prefix)),
    saveDocument: async (key, value, now) => write(() => documents.save(key, value, now)),
    purchase: async (id) => read(() => purchases.get(id)),
    purchases: async (filter, options) => read(() => purchases.page(filter, options)),
    statement: async (query) => read(() => spending.statement(query)),
    consents: async ({ contactId, ...filter }, options) =>
      read(() =>
        consents.page(
          { ...filter, ...(contactId !== undefined && { contactId: contacts.current(contactId) }) },
          options,
        ),
      ),
    unheard: async (before, limit) => read(() => lanes.unheard(before, limit)),
    keptCounts: async () => read(() => notes.keptCounts()),

    recordedEvents: async (since, options) => read(() => recorded(since, options)),
    record: async (module, id) => read(() => records.get(module, id)),
    records: async (module, options) => read(() => records.page(module, options)),
    recordsAt: async (address) => read(() => records.allAt(allKeys(address))),
    message: async (id) =>
      read(() => {
        const row = outbox.get(id)
        return row === null ? null : toMessage(row)
      }),
    messages: async (filter, options) => read(() => listMessages(session, filter, options)),
    messageSteps: async (id) => read(() => outbox.steps(id)),
    trigger: async (id) => read(() => inbox.entry(id)),
    triggers: async (filter, options) => read(() => listTriggers(session, filter, options)),
    migrating: async () => read(() => inbox.migrating()),
    acceptedAs: async (source, sourceId) => read(() => inbox.acceptedAs(source, sourceId)),
    trace: async (triggerId) => read(() => notes.traceOf(triggerId)),
    contact: async (by) =>
      read(() => {
        const id = 'id' in by ? by.id : contacts.find(by)
        return id === null ? null : contacts.byId(id)
      }),
    contacts: async (filter, options) => read(() => listContacts(session, filter, options)),
    conversation: async (numberId, contactId) =>
      read(() => contacts.conversation(numberId, contacts.current(contactId))),
    timers: async (filter) => read(() => timers.list(filter)),
    balance: async () => read(() => ledger.balance()),
    postings: async (options) => read(() => ledger.page(options)),
    notifications: async (options) => read(() => notes.notifications(options)),
    kept: async (options) => read(() => notes.kept(options)),
    depths: async (now) => read(() => counts.depths(now)),
    totals: async () => read(() => counts.totals()),

    instance: async (id) => read(() => instances.get(id)),
    instances: async (filter, options) => read(() => listInstances(session, filter, options)),
    instanceSteps: async (id) => read(() => instances.steps(id)),
    instanceCounts: async (definition) => read(() => instanceSums.counts(definition)),
    waitingTimers: async (definition) => read(() => timers.waiting(definition)),
    paused: async () => read(() => paused.list()),
    broadcast: async (id) => read(() => broadcasts.get(id)),
    broadcasts: async (filter, options) => read(() => broadcasts.page(filter, options)),

    async close() {
      session.flush()
      close()
    },
  }
}
