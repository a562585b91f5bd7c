export type PricingPolicy = (typeof POLICIES)[number]['policy']

/**
 * How Meta charges, and since which day.
 *
 * - `conversation`: once for each category in 24 hours, however many messages; free-form messages are free.
 * - `per-message`: each delivered template; utility is free while the customer service window is open, free-form always.
 * - `per-message with service charge`: utility costs in the window too, and so do free-form messages after the first
 *   1,000 of a number in a month, at the rate of utility. Readers of Meta's pages differ on utility in the window; charging is the careful
 *   reading, and the status of each message corrects it.
 *
 * Source: Meta, WhatsApp Business Platform, "Pricing" and its update for service and utility messages (2026).
 */
export const POLICIES = [
  { from: '2023-06-01', policy: 'conversation' },
  { from: '2025-07-01', policy: 'per-message' },
  { from: '2026-10-01', policy: 'per-message with service charge' },
] as const
