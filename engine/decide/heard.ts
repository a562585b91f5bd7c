import type { Instant } from '../clock.ts'
import type { AccountState } from '../state.ts'

/**
 * News about an account comes late and out of order, and each thing has its own order: a name that was decided says nothing about
 * when the quality fell. So the account remembers when the newest word on each thing was said; the things are few.
 *
 * @param what `reviewStatus`, `number/3001/quality`, `trouble/3001/spam_limited`
 * @returns the account with this word noted; null when a newer one was heard before
 */
export function hear(account: AccountState, what: string, at: Instant): AccountState | null {
  const before = account.heardAt?.[what]
  if (before !== undefined && before > at) return null
  return before === at ? account : { ...account, heardAt: { ...account.heardAt, [what]: at } }
}
