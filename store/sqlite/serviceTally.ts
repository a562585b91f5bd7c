import { monthOf } from '#engine/calendar.ts'
import type { MessageState } from '#engine/message.ts'
import type { OutboxRow } from './outboxRow.ts'

/** States of free text that counts: under way or delivered. One that was given up may have arrived. */
const COUNTS: ReadonlySet<MessageState> = new Set([
  'sending',
  'unknown',
  'accepted',
  'sent',
  'delivered',
  'read',
  'gave_up',
])

/** The tally of a number's free text in a calendar month (`2026-10`): WhatsApp makes the first thousand free. */
export function serviceTally(numberId: string, month: string): string {
  return `service/${numberId}/${month}`
}

/** The tally that a row counts in; null when it counts in none. @param zone of the account, whose months count */
export function serviceTallyOf(row: OutboxRow, zone: () => string): string | null {
  if (row.form !== 'text' || row.claimedAt === null || !COUNTS.has(row.state)) return null
  return serviceTally(row.lane, monthOf(row.claimedAt, zone()))
}
