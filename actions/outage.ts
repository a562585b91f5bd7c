import type { Instant } from '#engine/clock.ts'
import type { NoticeEvent, WorldEvent } from '#engine/trigger.ts'
import type { DispatchObserver } from './observer.ts'

/** An outage that comes back within this is the same one: it is told once. */
const SAME_MS = 600_000

interface Telling {
  accept: (events: WorldEvent[]) => Promise<unknown>
  observer: DispatchObserver
}

/** Tells people when WhatsApp cannot be reached, and when it can again: once for each outage, however often the breaker opens. */
export function outage({ accept, observer }: Telling) {
  let toldAt: Instant = -Infinity
  let endsTold = false

  async function tell(event: NoticeEvent): Promise<void> {
    try {
      await accept([event])
    } catch (error) {
      observer.faltered('dispatch', error)
    }
  }

  const notice = (name: string, now: Instant, rest: Pick<NoticeEvent, 'severity' | 'details'>): NoticeEvent => ({
    kind: 'notice',
    source: 'whatsapp',
    sourceId: `${name}:${now}`,
    occurredAt: now,
    code: 'whatsapp_unreachable',
    ...rest,
  })

  return {
    onOpen(since: Instant, now: Instant): void {
      observer.reachable(false)
      if (now < toldAt + SAME_MS) return
      toldAt = now
      endsTold = true
      void tell(notice('unreachable', now, { severity: 'critical', details: { since } }))
    },
    onClosed(since: Instant, now: Instant): void {
      observer.reachable(true)
      if (!endsTold) return
      endsTold = false
      void tell(notice('reachable', now, { severity: 'info', details: { since, until: now } }))
    },
  }
}
