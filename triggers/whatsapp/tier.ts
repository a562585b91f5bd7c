import { idText } from './payload.ts'

/**
 * How many different people may be reached in a moving day. Meta writes it as `TIER_250`, `TIER_2K`, `TIER_UNLIMITED` in one place
 * and as 2000 or -1 in another, and its own pages contradict one another: all are read.
 *
 * @returns null means unlimited; undefined when it cannot be read, and then nothing is to be changed
 * Source: Meta, WhatsApp Business Platform, "Messaging limits", webhooks `business_capability_update`, `phone_number_quality_update`.
 */
export function readTier(value: unknown): number | null | undefined {
  const text = idText(value)?.trim().toUpperCase()
  if (text === undefined) return undefined
  if (text === '-1' || text === 'TIER_UNLIMITED' || text === 'UNLIMITED') return null
  const found = /^(?:TIER_)?(\d{1,9})(K|M)?$/.exec(text)
  if (found === null) return undefined
  const unit = { K: 1000, M: 1_000_000 }[found[2] ?? ''] ?? 1
  const reach = Number(found[1]) * unit
  return reach > 0 ? reach : undefined
}
