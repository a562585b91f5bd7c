import type { Clock, Instant } from '#engine/clock.ts'
import type { Depths } from '#engine/reads.ts'
import type { Store } from '#engine/store.ts'
import { BEAT_MS_MAX, silentObserver, type Loop, type Observer } from './observer.ts'

/** Why the server is not ready, in stable words. */
export type Unready = 'store_not_writable' | 'inbox_lags' | `loop_stalled:${Loop}`

export interface Readiness {
  ready: boolean
  reasons: Unready[]
  inboxPending: number
  /** Age of the oldest event not yet decided, in ms; 0 when none waits. */
  inboxLagMs: number
  /** Events set aside for good: each harms only itself, so they do not make the server unready. */
  quarantined: number
}

export interface Health {
  /** Hears the loops beat. */
  observer: Observer
  check(): Promise<Readiness>
}

export interface HealthOptions {
  store: Store
  clock: Clock
  /** Writes to the store for certain. @throws when it cannot be written */
  probe: () => void | Promise<void>
  /** Above this age of the oldest undecided event the server is not ready. */
  inboxLagMaxMs: number
  /** The loops that must beat; none before they are started. */
  loops: readonly Loop[]
  /** Hears why the store could not be written. */
  report: (error: unknown) => void
}

/** An answer serves everybody who asks within this time, so that asking often costs nothing. */
const REMEMBER_MS = 1_000

export function createHealth({ store, clock, probe, inboxLagMaxMs, loops, report }: HealthOptions): Health {
  const bornAt = clock.now()
  const beats = new Map<Loop, Instant>()
  let known: { at: Instant; readiness: Promise<Readiness> } | undefined

  async function look(now: Instant): Promise<Readiness> {
    const reasons: Unready[] = []
    let depths: Depths | null = null
    try {
      await probe()
      depths = await store.depths(now)
    } catch (error) {
      reasons.push('store_not_writable')
      report(error)
    }
    const oldestAt = depths?.oldestPendingAt ?? null
    const inboxLagMs = oldestAt === null ? 0 : Math.max(0, now - oldestAt)
    if (inboxLagMs > inboxLagMaxMs) reasons.push('inbox_lags')
    for (const loop of loops) if (now - (beats.get(loop) ?? bornAt) > BEAT_MS_MAX) reasons.push(`loop_stalled:${loop}`)
    return {
      ready: reasons.length === 0,
      reasons,
      inboxPending: depths?.inboxPending ?? 0,
      inboxLagMs,
      quarantined: depths?.inboxQuarantined ?? 0,
    }
  }

  return {
    observer: {
      ...silentObserver,
      beat(loop, at) {
        beats.set(loop, at)
      },
    },
    check() {
      const now = clock.now()
      if (!known || now - known.at >= REMEMBER_MS) known = { at: now, readiness: look(now) }
      return known.readiness
    },
  }
}
