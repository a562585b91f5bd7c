import type { Synced } from '#actions/whatsapp/sync.ts'
import type { Definition } from '#definitions/definitions.ts'
import type { Json } from '#definitions/json.ts'
import type { Problem, SourceFile } from '#definitions/problem.ts'
import type { Settings } from '#definitions/settings.ts'
import type { ProcessView } from '#engine/blueprint/possible.ts'
import type { Clock, Instant } from '#engine/clock.ts'
import type { Trace } from '#engine/decision.ts'
import type { Instance, InstanceStep } from '#engine/instance.ts'
import type { JourneyReport } from '#engine/journey/report.ts'
import type { GuardTrace, Message, Verdict } from '#engine/message.ts'
import type { NumberState, RecordState } from '#engine/state.ts'
import type { InboxEntry, MessageStep } from '#engine/reads.ts'
import type { AcceptOutcome, Store, StoredDefinition } from '#engine/store.ts'
import type { Actor, Command, Move } from '#engine/command.ts'
import type { RecordEvent, SendEvent, WorldEvent } from '#engine/trigger.ts'
import type { BuyAnswer, BuyRequest, Credits } from './credits/desk.ts'
import type { RecordPlace } from './process.ts'
import type { TemplateDesk } from './templates/desk.ts'
import type { PreviewRequest, TemplatePreview } from './templates/preview.ts'
import type { Language } from './texts.ts'

/** What applying would do to one definition. */
export interface PlanEntry {
  key: string
  change: 'create' | 'update' | 'unchanged'
  fromVersion: number | null
  toVersion: number
  /** What follows outside our own store: a template to submit, ... */
  effects: string[]
  /** What runs and waits under older versions. */
  inFlight: InFlight
}

/** What runs and waits under older versions of a definition, and what will become of it. */
export interface InFlight {
  /** Running instances by where they stand. `exists`: the new version has such a position. */
  instances: { version: number; position: string; running: number; exists: boolean; becomes: Move }[]
  /** `kept` runs as it was written; `replanned` by the new version; `cancelled` because it has no dates. */
  timers: { version: number; kind: 'later' | 'date'; waiting: number; becomes: 'kept' | 'replanned' | 'cancelled' }[]
}

/** What is to become of the instances at one position: `move` is to the same position, and where there is none, to stay. */
export type InFlightChoice = 'stay' | 'move' | 'exit' | { to: string }

export interface MigrationChoice {
  /** For positions not named. Default: stay. */
  otherwise?: 'stay' | 'move' | 'exit'
  positions?: Record<string, InFlightChoice>
}

/** By key: `blueprint/deal-desk`, `journey/trial-nurture`. */
export type Migrations = Record<string, MigrationChoice>

/** How files are looked at, and what is to become of what is in flight. */
export interface ApplyOptions {
  language?: Language
  migrations?: Migrations
}

export interface CommandOptions {
  /** Asking twice with one key does it once. */
  idempotencyKey?: string
  /** How long it is waited for. Default: 10 s. */
  waitMs?: number
  /** Of a refusal. Default: English. */
  language?: Language
}

/** What became of a command; refusals are thrown. */
export type CommandOutcome =
  | { kind: 'done'; triggerId: string; details: Json }
  /** On disk, not decided yet. Its answer will stand in the trace of the trigger. */
  | { kind: 'waiting'; triggerId: string }

/** What a person may choose when sending from a record (S69 to S73). */
export interface SendOptions {
  numbers: NumberState[]
  /** Approved templates usable in the record's module. */
  templates: { name: string; language: string; category: string; body: string; parameters: string[] }[]
  /** Phone numbers found on the record. */
  to: { field: string; value: string }[]
}

/** What a person asks for; the rest of the event is added on its way in. */
export type SendRequest = Pick<
  SendEvent,
  'module' | 'recordId' | 'template' | 'language' | 'to' | 'numberId' | 'parameters' | 'header'
>

/** What would go out, and whether it may. */
export interface Preview {
  to: { raw: string; phone?: string; bsuid?: string }
  language: string
  header: string | null
  body: string
  footer: string | null
  buttons: string[]
  verdict: Verdict
  guards: GuardTrace[]
  priceMicros: number
  market: string | null
}

interface Course {
  key: string
  name: string
  /** The newest. */
  version: number
  active: boolean
  module: string
  paused: { at: Instant; by: string } | null
  entered: number
  running: number
  ended: { reason: string; count: number }[]
}

/** How a blueprint or a journey fares. */
export interface Standing extends Course {
  positions: { position: string; running: number }[]
}

export interface BlueprintReport extends Course {
  /** Whose values are the states. */
  field: string
  /** `exists`: in the newest version. `left`: how often a record went on from here, `averageMs` after how long. */
  states: {
    state: string
    exists: boolean
    final: boolean
    running: number
    versions: { version: number; running: number }[]
    left: number
    averageMs: number | null
  }[]
  /** `name` is that of the transition, or `field` when something else changed the field. */
  transitions: { name: string; from: string; to: string; count: number; averageMs: number }[]
}

export type JourneyReportAnswer = Omit<Course, 'ended'> & JourneyReport

/** Why a message did or did not go out, why a record is where it is, and what set it off. */
export interface Explanation {
  message: Message | null
  /** When it is likely to go out; null when it does not wait, or for an event. */
  expectedAt: Instant | null
  steps: MessageStep[]
  instance: Instance | null
  /** Of the instance, oldest first. */
  history: InstanceStep[]
  trigger: InboxEntry | null
  trace: Trace | null
  /** In words, one line a step, in the asked language. */
  story: string[]
}

/** What happened to a record lately, newest first. */
export interface RecordExplanation {
  /** Null when we have no copy, or it was erased. */
  record: RecordState | null
  events: InboxEntry[]
  instances: Instance[]
  messages: Message[]
  /** In words, one line each, in the asked language. */
  story: string[]
}

/** The engine with its store, its loops and its doors to WhatsApp, without HTTP. Routes and the CLI call only this. */
export interface Denrei {
  readonly store: Store
  readonly clock: Clock
  /** Purchases, prices, statements. */
  readonly credits: Credits
  /**
   * Buys credits, once a number is active (S38).
   * @throws InvalidInput, NumberNotActive, EventIdReused; nothing is bought then
   */
  buyCredits(request: BuyRequest, actor: string, idempotencyKey?: string): Promise<BuyAnswer>
  /** On disk when it resolves; concurrent calls share one transaction. @throws Overloaded when the inbox lags */
  accept(events: WorldEvent[]): Promise<AcceptOutcome[]>
  /**
   * Waits until a trigger that was accepted has been decided, so that who wrote a record can read it back.
   * @returns true once it is done or set aside (or was before), false when `timeoutMs` passed first
   */
  whenDecided(triggerId: string, timeoutMs: number): Promise<boolean>
  /** Schema and cross checks of the files together with what is already active. */
  check(files: SourceFile[], language?: Language): Promise<Problem[]>
  /** What `apply` would do, with the same options. Changes nothing. @throws InvalidInput as `apply` does */
  plan(files: SourceFile[], options?: ApplyOptions): Promise<{ entries: PlanEntry[]; problems: Problem[] }>
  /**
   * All or nothing.
   *
   * @throws DefinitionsInvalid with every problem
   * @throws InvalidInput when a migration names a definition or a position that is not there
   */
  apply(
    files: SourceFile[],
    by: string,
    options?: ApplyOptions,
  ): Promise<{ entries: PlanEntry[]; stored: StoredDefinition[]; problems: Problem[] }>
  setActive(key: string, active: boolean): Promise<void>
  definitions(): Promise<StoredDefinition[]>
  moduleNames(): string[]
  sendOptions(module: string, recordId: string): Promise<SendOptions>
  preview(request: SendRequest): Promise<Preview>
  /** @throws as `previewTemplate` of `server/templates/preview.ts` does */
  previewTemplate(request: PreviewRequest): Promise<TemplatePreview>
  /** What people do with templates, besides writing them. */
  readonly templates: TemplateDesk
  /** Accepts the send as a trigger. @returns the id of the message it will make */
  send(request: SendRequest, actor: string, idempotencyKey?: string): Promise<{ triggerId: string; messageId: string }>
  /** Asks for something and waits for the answer. @throws the fault that refuses it; Overloaded, EventIdReused, SetAside */
  command(command: Command, actor: Actor, options?: CommandOptions): Promise<CommandOutcome>
  /** Puts records into a journey, page by page. @param journey its name. @throws as `command` does */
  enroll(journey: string, recordIds: readonly string[], actor: Actor, options?: CommandOptions): Promise<CommandOutcome>
  /**
   * Where a record stands in its blueprint, and what this person can do now.
   * @throws NotFound, RecordNotInProcess, BlueprintInvalid
   */
  process(place: RecordPlace, actor: Actor, language: Language): Promise<ProcessView>
  /** For writes that come to us first. @throws FieldLocked when a blueprint moves the field */
  requireUnlocked(write: Pick<RecordEvent, 'module' | 'recordId' | 'values' | 'mode'>, actor: Actor): Promise<void>
  /** How each blueprint, or each journey, fares. */
  standings(kind: 'blueprint' | 'journey'): Promise<Standing[]>
  /** @throws NotFound */
  blueprintReport(name: string): Promise<BlueprintReport>
  /** @throws NotFound */
  journeyReport(name: string): Promise<JourneyReportAnswer>
  /** @param id of a message, a trigger or an instance. @throws NotFound */
  explain(id: string, language: 'ja' | 'en'): Promise<Explanation>
  /** The latest events, instances and messages of a record, and where it stands. @throws NotFound when nothing is known of it */
  explainRecord(module: string, recordId: string, language: 'ja' | 'en'): Promise<RecordExplanation>
  /** Decides quarantined triggers again: all, or one. @returns how many */
  requeue(triggerId?: string): Promise<number>
  settings(): Promise<Settings>
  /** Releases held messages that the change frees. */
  saveSettings(settings: Settings): Promise<void>
  /**
   * Reads numbers and templates from WhatsApp, every page: of one account, or of all, each alone.
   * @returns the numbers that are known now, and in `failed` the accounts that were refused; their troubles are told as well
   * @throws InvalidInput without an account, and WhatsApp's faults when only one was asked
   */
  syncAccount(accountId?: string): Promise<Synced>
  /** Starts the loops: decide, fire timers, dispatch, recover. */
  start(): void
  /** Decides what waits, and sends nothing. For who works on the database of a stopped server. */
  decide(): Promise<void>
  /** Works until nothing is due now: inbox, timers, outbox. For tests, the demo and the CLI. */
  drain(): Promise<void>
  /** Does the duties that are due now: polls, alerts, purchases. They come round by themselves after `start`. */
  upkeep(): Promise<void>
  /** Stops taking work, finishes what is in flight, closes the store. */
  stop(): Promise<void>
}

export type { Definition }
