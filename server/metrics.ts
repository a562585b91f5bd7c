import { Counter, Gauge, Histogram, Registry } from 'prom-client'
import type { Clock } from '#engine/clock.ts'
import type { Store } from '#engine/store.ts'
import type { Observer } from './observer.ts'

/** What Prometheus reads, in a registry of its own, so that a host application keeps its own. */
export interface Metrics {
  observer: Observer
  /** A request was answered. `route` is the pattern, never the path, so that the series stay few. */
  answered(method: string, route: string, status: number, tookMs: number): void
  contentType: string
  text(): Promise<string>
}

const SECONDS = 1_000
const MICROS = 1_000_000
const LATENCY_S = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30]

/** Counters grow as the observer hears of things; depths and credits are read from the store when they are asked for. */
export function createMetrics({ store, clock }: { store: Store; clock: Clock }): Metrics {
  const registers = [new Registry()]
  const counter = <T extends string>(name: string, help: string, labelNames: T[] = []) =>
    new Counter({ name: `denrei_${name}`, help, labelNames, registers })
  const histogram = <T extends string>(name: string, help: string, labelNames: T[] = []) =>
    new Histogram({ name: `denrei_${name}`, help, labelNames, buckets: LATENCY_S, registers })
  const gauge = <T extends string>(name: string, help: string, labelNames: T[] = []) =>
    new Gauge({ name: `denrei_${name}`, help, labelNames, registers })

  const events = counter('events_total', 'Events offered to the inbox, by what became of them.', ['outcome'])
  const acceptSeconds = histogram('accept_seconds', 'Time to put a batch of events on disk.')
  const decisions = counter('decisions_total', 'Triggers decided.')
  const decideSeconds = histogram('decide_batch_seconds', 'Time to load, decide and commit a batch.')
  const conflicts = counter('commit_conflicts_total', 'Commits that lost a race and were decided again.')
  const setAside = counter('triggers_set_aside_total', 'Triggers that could not be decided.', ['final'])
  const notices = counter('notices_total', 'What admins were told, besides what automations say.', ['code', 'severity'])
  const verdicts = counter('guard_verdicts_total', 'What the guards said.', ['verdict', 'reason', 'at'])
  const attempts = counter('attempts_total', 'Attempts to perform an intent.', ['type', 'outcome'])
  const sendSeconds = histogram('send_seconds', 'Time one attempt took, until the other side answered.', ['type'])
  const fences = counter('fenced_settlements_total', 'Settlements refused because another worker has the row.')
  const unsettled = counter('unsettled_total', 'Attempts whose end could not be written.')
  const recovered = counter('recovered_total', 'Messages whose lease or waiting time ran out.', ['outcome'])
  const reachable = gauge('whatsapp_reachable', '1 while WhatsApp answers, 0 while sends wait because it does not.')
  reachable.set(1)
  const timers = counter('timers_fired_total', 'Timers that came due.')
  const faults = counter('loop_faults_total', 'Rounds of a loop that failed.', ['loop'])
  const httpSeconds = histogram('http_request_seconds', 'Time to answer a request.', ['method', 'route', 'status'])

  const inbox = gauge('inbox_pending', 'Events accepted and not yet decided.')
  const quarantined = gauge('inbox_quarantined', 'Events set aside for good.')
  const inboxAge = gauge('inbox_oldest_seconds', 'Age of the oldest event not yet decided.')
  const outbox = gauge('outbox_messages', 'Messages and other intents, by state.', ['state'])
  const outboxAge = gauge('outbox_oldest_seconds', 'Age of the oldest intent that could go out now.')
  const waiting = gauge('timers_waiting', 'Timers that wait for their time.')
  const instances = gauge('instances_running', 'Records on their way through blueprints and journeys.')
  const credits = gauge('credits', 'Credits by account.', ['account'])

  async function read(): Promise<void> {
    const now = clock.now()
    const [depths, balance] = await Promise.all([store.depths(now), store.balance()])
    const age = (at: number | null) => (at === null ? 0 : Math.max(0, now - at) / SECONDS)
    inbox.set(depths.inboxPending)
    quarantined.set(depths.inboxQuarantined)
    inboxAge.set(age(depths.oldestPendingAt))
    outbox.reset()
    for (const [state, count] of Object.entries(depths.outbox)) outbox.set({ state }, count)
    outboxAge.set(age(depths.oldestQueuedAt))
    waiting.set(depths.timersWaiting)
    instances.set(depths.instancesRunning)
    for (const [account, micros] of Object.entries(balance)) credits.set({ account }, Number(micros) / MICROS)
  }

  return {
    observer: {
      accepted(outcomes, tookMs) {
        for (const { kind } of outcomes) events.inc({ outcome: kind })
        acceptSeconds.observe(tookMs / SECONDS)
      },
      decided(triggers, tookMs) {
        decisions.inc(triggers)
        decideSeconds.observe(tookMs / SECONDS)
      },
      conflicted: () => conflicts.inc(),
      setAside: (_, __, retryAt) => setAside.inc({ final: String(retryAt === null) }),
      verdict: (verdict, at) =>
        verdicts.inc({ verdict: verdict.kind, reason: verdict.kind === 'allow' ? '' : verdict.reason, at }),
      noticed: ({ code, severity }) => notices.inc({ code, severity }),
      attempted(type, outcome, tookMs) {
        attempts.inc({ type, outcome })
        sendSeconds.observe({ type }, tookMs / SECONDS)
      },
      settled: (_, fenced) => fences.inc(fenced),
      unsettled: () => unsettled.inc(),
      recovered(expired, requeued, gaveUp) {
        recovered.inc({ outcome: 'unknown' }, expired)
        recovered.inc({ outcome: 'requeued' }, requeued)
        recovered.inc({ outcome: 'gave_up' }, gaveUp)
      },
      reachable: (isReachable) => reachable.set(isReachable ? 1 : 0),
      timersFired: (count) => timers.inc(count),
      beat() {},
      faltered: (loop) => faults.inc({ loop }),
    },
    answered: (method, route, status, tookMs) => httpSeconds.observe({ method, route, status }, tookMs / SECONDS),
    contentType: registers[0]!.contentType,
    async text() {
      await read()
      return registers[0]!.metrics()
    },
  }
}
