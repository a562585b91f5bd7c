import type { Definition } from '#definitions/definitions.ts'
import type { Json } from '#definitions/json.ts'
import type { Settings } from '#definitions/settings.ts'
import type { Ahead, Candidate, ClaimRequest, Claimed, Judgement, Settlement } from './claim.ts'
import type { Instant } from './clock.ts'
import type { Decision, Posting, Trace } from './decision.ts'
import type { LoadRequest, SendFacts, WorkingSet } from './facts.ts'
import type { Broadcast, Instance, InstanceStep } from './instance.ts'
import type { Intent, Message, MessageState, SendIntent } from './message.ts'
import type { Timer } from './parkedTimer.ts'
import type {
  ContactFilter,
  Depths,
  InboxEntry,
  InstanceCounts,
  InstanceFilter,
  MessageFilter,
  MessageStep,
  Notification,
  Page,
  StatementQuery,
  StatementRow,
  TriggerFilter,
} from './reads.ts'
import type {
  AccountState,
  Balance,
  ConsentEntry,
  Contact,
  Conversation,
  NumberState,
  Purchase,
  RecordState,
  TemplateState,
} from './state.ts'
import type { Address, Trigger, WorldEvent } from './trigger.ts'

/** What became of one event offered to the inbox. */
export type AcceptOutcome =
  | { kind: 'accepted'; id: string }
  /** Same source and id, same content: nothing to do. */
  | { kind: 'duplicate'; id: string }
  /** Same source and id, other content: refused, the first one stands. */
  | { kind: 'reused'; id: string }

/** `conflict`: a revision moved since `load`; nothing was applied, decide again. */
export type CommitOutcome = { kind: 'committed' } | { kind: 'conflict'; keys: string[] }

export interface StoredDefinition {
  /** See `definitionKey`. */
  key: string
  version: number
  active: boolean
  definition: Definition
  /** SHA-256 of the canonical JSON. */
  hash: string
  createdAt: Instant
  createdBy: string
}

/**
 * All that remembers. One conformance suite is its true definition. Every method is one transaction.
 *
 * A decision is a value, applied whole or not at all. The two places that take a function (`claim`, `giveUp`) take a
 * pure, synchronous one: it runs inside the transaction between its reads and its writes, so no await is held open.
 */
export interface Store {
  // the inbox
  /** On disk when it resolves. Outcomes are in the order of `events`. One transaction for all. */
  accept(events: { id: string; event: WorldEvent }[], now: Instant): Promise<AcceptOutcome[]>
  /** The oldest undecided triggers, in order of acceptance; quarantined ones and those not yet due for retry are left out. */
  pending(limit: number, now: Instant): Promise<Trigger[]>
  load(request: LoadRequest, now: Instant): Promise<WorkingSet>
  /** Facts for the forecast of freshly decided messages, in their order. Reserves nothing. */
  sendFacts(intents: SendIntent[], now: Instant): Promise<SendFacts[]>
  /**
   * Applies all decisions in order and marks their triggers done, or nothing.
   * @param newId makes the UUIDv7 of each follow-up trigger
   */
  commit(
    decisions: Decision[],
    revisions: Map<string, number>,
    now: Instant,
    newId: () => string,
  ): Promise<CommitOutcome>
  /** A trigger that makes `decide` throw: tried again at `retryAt`, or set aside for good when null. */
  setAside(triggerId: string, error: string, retryAt: Instant | null): Promise<void>
  /** Puts quarantined triggers (all, or one) back into the queue. @returns how many */
  requeue(triggerId?: string): Promise<number>

  // the outbox
  /**
   * Claims due rows of a lane: takes the lane's lease, offers rows with their facts to `judge`, and in the same
   * transaction holds the credits and marks `sending`, or records the block, the hold or the deferral. A block also puts
   * an `OutcomeEvent` into the inbox; so do `failed` in `settle` and a message given up in `resolveUnknown`.
   * @param newId makes the ids of those triggers
   * @returns only the rows to send now; empty when another worker has the lane
   */
  claim(request: ClaimRequest, judge: (candidates: Candidate[]) => Judgement[], newId: () => string): Promise<Claimed[]>
  /** @returns for each: false when the fence is old (somebody else has the row) and nothing was written */
  settle(settlements: Settlement[], newId: () => string): Promise<boolean[]>
  /** Messages `sending` under a lease that ran out become `unknown` until `now + unknownWaitMs`; work rows go back to the queue. */
  expireLeases(now: Instant, unknownWaitMs: number): Promise<number>
  /**
   * Messages `unknown` whose waiting time is over: `at-least-once` goes back to the queue, `at-most-once` gives up; holds are
   * released. A message waits on while an event accepted before its time was over is undecided: that may be its status.
   */
  resolveUnknown(now: Instant, newId: () => string): Promise<{ requeued: number; gaveUp: number }>
  /**
   * We were deaf until now: the server starts. Messages `unknown` wait their whole time again, because the statuses that
   * would settle them are only now repeated to us. @returns how many
   */
  waitAnew(now: Instant, unknownWaitMs: number): Promise<number>
  /**
   * Puts back into the queue what is held though its wait is over and no event said so: credits came back from other
   * messages and cover it; or, looked at now and then, the integration, the number or the template is ready and the event
   * that would have told died with a process.
   * @returns above zero when something may be claimed now
   */
  wakeHeld(now: Instant): Promise<number>
  /**
   * Gives back the credits held for messages that were accepted or sent, and whose time to live is over: WhatsApp drops
   * those without a word. @returns how many
   */
  expireHolds(now: Instant): Promise<number>
  /** When a row of this lane can next be claimed; null when none waits. */
  nextDueAt(): Promise<Instant | null>
  /**
   * What goes before a message that waits for its turn or for a time, as the claims would take it. Cheap: bounded counts in an index.
   * @returns null when there is no such message, or it waits for neither
   */
  ahead(id: string, now: Instant): Promise<Ahead | null>
  /** How many messages are queued for each number, not those held; `numberId` is '' for those that go by the default number. */
  queuedByNumber(): Promise<{ numberId: string; count: number }[]>
  /** Lanes with rows due now. */
  dueLanes(now: Instant): Promise<string[]>

  // timers
  /** Moves due timers into the inbox as triggers, in one transaction: each fires once. @returns how many */
  fireTimers(now: Instant, limit: number, newId: () => string): Promise<number>
  /** When the next timer comes due that waits, held back by a pause or not; null when none does. Cheap. */
  nextTimerAt(): Promise<Instant | null>

  // definitions, settings, account
  /** Older versions that are still run: those with running instances, and those of templates that WhatsApp knows. */
  pinnedDefinitions(): Promise<StoredDefinition[]>
  /**
   * Saves all of them or none: same hash as the newest version changes nothing; otherwise a new version becomes active.
   * Each new version puts a `DefinitionEvent` into the inbox, in the same transaction.
   *
   * @param work intents that follow from it (templates to submit), enqueued in the same transaction
   * @param events what else follows from it: migrations of what is in flight
   */
  saveDefinitions(
    definitions: { key: string; definition: Definition; hash: string }[],
    work: Intent[],
    templates: TemplateState[],
    by: string,
    now: Instant,
    newId: () => string,
    events?: WorldEvent[],
  ): Promise<StoredDefinition[]>
  definitions(filter?: { activeOnly?: boolean }): Promise<StoredDefinition[]>
  definitionVersions(key: string): Promise<StoredDefinition[]>
  /** A change puts a `DefinitionEvent` into the inbox. @throws NotFound */
  setActive(key: string, active: boolean, now: Instant, newId: () => string): Promise<void>
  settings(): Promise<Settings>
  /** Messages held by quiet hours or a frequency cap become due, so that the guards ask them by the new settings. */
  saveSettings(settings: Settings, now: Instant): Promise<void>
  templates(): Promise<TemplateState[]>
  /** From a sync with the account: replaces what is known of them. */
  saveTemplates(templates: TemplateState[], now: Instant): Promise<void>
  numbers(): Promise<NumberState[]>
  saveNumbers(numbers: NumberState[], now: Instant): Promise<void>

  /** The accounts, by id. */
  accounts(): Promise<AccountState[]>
  /** From a look at WhatsApp, or by an admin: replaces what is known of them. */
  saveAccounts(accounts: AccountState[], now: Instant): Promise<void>
  /** A secret as it was sealed; the store never sees it open. Null when there is none. */
  secret(name: string): Promise<string | null>
  /** All or none; null drops one. */
  saveSecrets(secrets: { name: string; sealed: string | null }[], now: Instant): Promise<void>
  secretNames(): Promise<string[]>
  /** Small things that are kept as JSON under a key: `setup/…`, `upkeep/…`, `rateCard/…`, `reconciliation/…`. */
  document(key: string): Promise<Json | null>
  /** Of a prefix, by key. */
  documents(prefix: string): Promise<{ key: string; value: Json; updatedAt: Instant }[]>
  /** Null drops it. */
  saveDocument(key: string, value: Json | null, now: Instant): Promise<void>

  // money
  purchase(id: string): Promise<Purchase | null>
  /** Newest first. */
  purchases(filter: { state?: Purchase['state'] }, options: { after?: string; limit: number }): Promise<Page<Purchase>>
  /** What was spent, from sums kept by day: as cheap after a million messages as after none. */
  statement(query: StatementQuery): Promise<StatementRow[]>

  // consent
  /** Newest first. */
  consents(
    filter: { contactId?: string; since?: Instant },
    options: { after?: string; limit: number },
  ): Promise<Page<ConsentEntry>>

  /** Messages accepted or sent before an instant of which no status has come since, oldest first: a webhook may be lost. */
  unheard(before: Instant, limit: number): Promise<{ id: string; numberId: string; wamid: string }[]>

  /**
   * What the world did to records, what people wrote, agreed to and asked for since an instant, oldest first: what automations
   * begin with, and none of what they did themselves. Only what was decided.
   *
   * @param after the `next` of the page before
   */
  recordedEvents(since: Instant, options: { after?: string; limit: number }): Promise<Page<Trigger>>

  // reads for people
  record(module: string, id: string): Promise<RecordState | null>
  records(module: string, options: { after?: string; limit: number; search?: string }): Promise<Page<RecordState>>
  /** Of all modules, those with one of the spellings of this address in their phone field. */
  recordsAt(address: Address): Promise<{ module: string; recordId: string }[]>
  message(id: string): Promise<Message | null>
  messages(filter: MessageFilter, options: { after?: string; limit: number }): Promise<Page<Message>>
  messageSteps(id: string): Promise<MessageStep[]>
  trigger(id: string): Promise<InboxEntry | null>
  /**
   * Accepted events, newest first. A page looks at so many events and no more, so with a filter it may be short though `next`
   * says that there are others.
   */
  triggers(filter: TriggerFilter, options: { after?: string; limit: number }): Promise<Page<InboxEntry>>
  /** Keys of definitions whose instances are being brought over to another version: pages of that are still to be decided. */
  migrating(): Promise<string[]>
  /** The trigger as which an event of this source and id was accepted; null when none was. */
  acceptedAs(source: string, sourceId: string): Promise<string | null>
  trace(triggerId: string): Promise<Trace | null>
  contact(address: Address | { id: string }): Promise<Contact | null>
  /** Those known last come first. Merged ones are not there. */
  contacts(filter: ContactFilter, options: { after?: string; limit: number }): Promise<Page<Contact>>
  conversation(numberId: string, contactId: string): Promise<Conversation | null>
  timers(filter: {
    module?: string
    recordId?: string
    instanceId?: string
    definition?: string
    state?: 'waiting' | 'paused' | 'fired' | 'cancelled'
  }): Promise<(Timer & { state: string; reason: string | null })[]>
  balance(): Promise<Balance>
  postings(options: { after?: string; limit: number }): Promise<Page<Posting>>
  notifications(options: { after?: string; limit: number }): Promise<Page<Notification>>
  kept(options: { field?: string; limit: number }): Promise<{ field: string; value: Json; at: Instant }[]>
  /** How many of each field were ever kept. */
  keptCounts(): Promise<{ field: string; count: number }[]>
  depths(now: Instant): Promise<Depths>
  /**
   * Counts since the store was made: messages by state and reason, all triggers, and of the world's events those that were
   * accepted and those refused because they had come before, each by kind (`record`, `status`, ...).
   */
  totals(): Promise<{
    messages: { state: MessageState; reason: string | null; count: number }[]
    triggers: number
    accepted: Partial<Record<WorldEvent['kind'], number>>
    duplicates: Partial<Record<WorldEvent['kind'], number>>
  }>

  instance(id: string): Promise<Instance | null>
  /** Newest first. */
  instances(filter: InstanceFilter, options: { after?: string; limit: number }): Promise<Page<Instance>>
  /** Oldest first. */
  instanceSteps(id: string): Promise<InstanceStep[]>
  /** Kept as sums: as cheap for a million instances as for none. @param definition `journey/trial-nurture` */
  instanceCounts(definition: string): Promise<InstanceCounts>
  /** `later` and `date` timers that wait, by definition with version. */
  waitingTimers(definition: string): Promise<{ definition: string; kind: Timer['kind']; count: number }[]>
  paused(): Promise<{ definition: string; at: Instant; by: string }[]>
  broadcast(id: string): Promise<Broadcast | null>
  /** Newest first. */
  broadcasts(filter: { definition?: string }, options: { after?: string; limit: number }): Promise<Page<Broadcast>>

  close(): Promise<void>
}
