import type { WebhookEvent } from '#emulator/webhooks.ts'
import type { Instant } from '#engine/clock.ts'
import type { StatusEvent, WorldEvent } from '#engine/trigger.ts'
import { readStatus } from '#triggers/whatsapp/status.ts'
import { parseWebhook } from '#triggers/whatsapp/webhook.ts'

/**
 * What the emulated WhatsApp tells, read by the very functions that read webhooks, in the order in which it was told.
 * Signatures and sockets are left out: nothing of it depends on them.
 */
export function createEars(accountId: string, now: () => Instant) {
  let heard: WorldEvent[] = []

  let told = 0

  /** Nothing is told twice here, so a short id will do, and nobody looks at what came raw: a third of what is stored. */
  function brief({ raw: _, ...event }: StatusEvent): StatusEvent {
    return { ...event, sourceId: `status:${told++}` }
  }

  function read(event: WebhookEvent): WorldEvent[] {
    if (event.kind === 'status') {
      const place = { now: now(), accountId, entryTime: null, field: 'messages', pointer: '' }
      const status = readStatus(event.status, undefined, place)
      if (!('problem' in status)) return [brief(status.event)]
      throw new Error(`The emulator told a status that cannot be read: ${status.problem}.`)
    }
    const { field, value, time } = event
    const entry = { id: accountId, ...(time === undefined ? {} : { time }), changes: [{ field, value }] }
    return parseWebhook({ object: 'whatsapp_business_account', entry: [entry] }, { now: now() }).events
  }

  return {
    hear: (event: WebhookEvent): void => void heard.push(...read(event)),
    /** What came since the last time. */
    take(): WorldEvent[] {
      const events = heard
      heard = []
      return events
    },
  }
}
