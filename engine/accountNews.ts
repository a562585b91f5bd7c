import type { Json } from '#definitions/json.ts'
import type { NoticeCode, Severity } from './notice.ts'
import type { AccountState, NumberState, Trouble, TroubleCode } from './state.ts'
import type { Address } from './trigger.ts'

/** One understood piece of news. */
export type AccountNews =
  /** A number by its id, or by its digits: that is all some webhooks name. */
  | {
      about: 'number'
      numberId?: string
      digits?: string
      change: Partial<Omit<NumberState, 'id' | 'accountId' | 'troubles' | 'updatedAt'>>
      /** Goes along with the notices of what changed: why a name was declined. */
      details?: Record<string, Json>
    }
  /** Of the whole portfolio; null means unlimited. */
  | { about: 'reach'; reachMax: number | null }
  | { about: 'account'; change: Partial<Omit<AccountState, 'id' | 'troubles' | 'heardAt' | 'updatedAt'>> }
  /** Of the account, or of one of its numbers. */
  | { about: 'trouble'; numberId?: string; digits?: string; trouble: Omit<Trouble, 'since'> }
  | { about: 'mended'; numberId?: string; digits?: string; codes: TroubleCode[] | 'all' }
  /** WhatsApp refused a message because of this person: 131049 (capped), 130472 (experiment). */
  | { about: 'person'; who: Address; error: number }
  /** Our copy of a template is wrong (132000, 132001, its parts were changed): to be read again. By WhatsApp's name of it. */
  | { about: 'template'; name: string; language: string }
  /** Somebody should know. */
  | { about: 'notice'; code: NoticeCode; severity: Severity; details: Record<string, Json> }
