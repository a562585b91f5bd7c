import type { Instant } from '#engine/clock.ts'
import type { Verdict } from '#engine/message.ts'
import type { Settlement } from '#engine/claim.ts'
import type { AcceptOutcome } from '#engine/store.ts'
import { noticeText, type Notice } from './noticeTexts.ts'

/** The loops that `start()` runs. Each beats after every round, at least once in {@link BEAT_MS_MAX}, also when idle. */
export type Loop = 'decide' | 'timers' | 'dispatch' | 'recover'

/** A loop that has not beaten for this long counts as dead. */
export const BEAT_MS_MAX = 15_000

/**
 * Hears what the engine's loops do, so that metrics, readiness and the log can tell. Calls are cheap, synchronous and
 * never throw; nothing in the engine depends on them.
 */
export interface Observer {
  /** A batch of events was offered to the inbox. */
  accepted(outcomes: readonly AcceptOutcome[], tookMs: number): void
  /** A batch of triggers was loaded, decided and committed in `tookMs`. */
  decided(triggers: number, tookMs: number): void
  /** A commit lost its race and is decided again. */
  conflicted(keys: readonly string[]): void
  /** A trigger made `decide` throw; `retryAt` is null when it is set aside for good. */
  setAside(triggerId: string, error: unknown, retryAt: Instant | null): void
  /** The guards spoke on one message. */
  verdict(verdict: Verdict, when: 'commit' | 'claim'): void
  /** Admins are told something; it is on disk. */
  noticed(notice: Pick<Notice, 'code' | 'severity' | 'details'>): void
  /** One attempt of a performer or of the Cloud API client ended. `type` is `sendTemplate`, `callWebhook`, ... */
  attempted(type: string, outcome: Settlement['kind'], tookMs: number): void
  /** A group of settlements was written; `fenced` of them were refused because somebody else has the row. */
  settled(written: number, fenced: number): void
  /** A settlement could not be written; its row is recovered when its lease runs out. */
  unsettled(settlement: Settlement, error: unknown): void
  /** Leases that ran out, and messages of unknown fate that were queued again or given up. */
  recovered(expired: number, requeued: number, gaveUp: number): void
  /** WhatsApp answers nobody any more, or again. */
  reachable(isReachable: boolean): void
  timersFired(count: number): void
  /** A round of a loop ended well. */
  beat(loop: Loop, at: Instant): void
  /** A round of a loop threw; the loop goes on after a pause. */
  faltered(loop: Loop | 'upkeep', error: unknown): void
}

/** Hears nothing. */
export const silentObserver: Observer = {
  accepted() {},
  decided() {},
  conflicted() {},
  setAside() {},
  verdict() {},
  noticed() {},
  attempted() {},
  settled() {},
  unsettled() {},
  recovered() {},
  reachable() {},
  timersFired() {},
  beat() {},
  faltered() {},
}

/** Tells several observers, in order. More may join the list later. */
export function observers(all: readonly Observer[]): Observer {
  return {
    accepted: (...args) => all.forEach((one) => one.accepted(...args)),
    decided: (...args) => all.forEach((one) => one.decided(...args)),
    conflicted: (...args) => all.forEach((one) => one.conflicted(...args)),
    setAside: (...args) => all.forEach((one) => one.setAside(...args)),
    verdict: (...args) => all.forEach((one) => one.verdict(...args)),
    noticed: (...args) => all.forEach((one) => one.noticed(...args)),
    attempted: (...args) => all.forEach((one) => one.attempted(...args)),
    settled: (...args) => all.forEach((one) => one.settled(...args)),
    unsettled: (...args) => all.forEach((one) => one.unsettled(...args)),
    recovered: (...args) => all.forEach((one) => one.recovered(...args)),
    reachable: (...args) => all.forEach((one) => one.reachable(...args)),
    timersFired: (...args) => all.forEach((one) => one.timersFired(...args)),
    beat: (...args) => all.forEach((one) => one.beat(...args)),
    faltered: (...args) => all.forEach((one) => one.faltered(...args)),
  }
}

/** As pino and Fastify log. */
export interface Log {
  warn(fields: object, message: string): void
  error(fields: object, message: string): void
}

/** The log is in English, and in UTC as its own times are. */
const LOG_READER = { language: 'en', zone: 'UTC' } as const

/** Writes down what a person should look at: triggers set aside, loops that fail. */
export function loggingObserver(log: Log): Observer {
  return {
    ...silentObserver,
    setAside(triggerId, error, retryAt) {
      if (retryAt === null) log.error({ triggerId, err: error }, 'a trigger cannot be decided and is set aside')
      else log.warn({ triggerId, err: error, retryAt }, 'a trigger could not be decided and is tried again')
    },
    noticed({ code, severity, details }) {
      // The others wait in the list of notifications; what is about people is never this urgent, and is not for a log.
      if (severity !== 'critical') return
      log.error(
        { notice: code, text: noticeText({ code, severity, details }, LOG_READER) },
        'an admin should look at this now',
      )
    },
    reachable: (isReachable) =>
      isReachable
        ? log.warn({}, 'WhatsApp answers again')
        : log.error({}, 'WhatsApp does not answer; nothing is sent but a probe now and then'),
    unsettled: ({ id, kind }, error) =>
      log.error({ messageId: id, outcome: kind, err: error }, 'how a send ended could not be written; it is recovered'),
    faltered: (loop, error) => log.error({ loop, err: error }, 'a loop failed and goes on after a pause'),
  }
}
