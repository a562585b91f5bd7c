import { GraphError } from './graphError.ts'
import type { NumberOptions } from './options.ts'

/** What Meta can forbid for a while. Source: Meta, Cloud API, "account_update" webhook. */
export const RESTRICTIONS = [
  'RESTRICTED_BIZ_INITIATED_MESSAGING',
  'RESTRICTED_CUSTOMER_INITIATED_MESSAGING',
  'RESTRICTED_ADD_PHONE_NUMBER_ACTION',
  'RESTRICTED_UTILITY_TEMPLATES',
] as const
export type Restriction = (typeof RESTRICTIONS)[number]

export interface SendQuestion {
  number: NumberOptions
  /** Of the template; null for a free-form message. */
  category: string | null
  windowOpen: boolean
  now: number
}

/** How an account stands with Meta. Everything is good at first; the control doors change it. */
export class AccountState {
  /** `answer`: paid sends are refused at once; `status`: they fail by webhook. Null: the bills are paid. */
  paymentProblem: 'answer' | 'status' | null = null
  locked = false
  /** Null: not banned. Only `DISABLE` stops the account. */
  ban: 'DISABLE' | 'SCHEDULE_FOR_DISABLE' | null = null
  /** Gone: deleted, or our access taken away. */
  gone = false
  review: 'APPROVED' | 'PENDING' | 'REJECTED' = 'APPROVED'
  /** Until when a number is worked on, as while its throughput is raised. */
  private readonly maintained = new Map<string, number>()
  private readonly restricted = new Map<Restriction, number>()

  /** @param until epoch ms; in the past lifts it */
  restrict(what: Restriction, until: number): void {
    this.restricted.set(what, until)
  }

  maintain(numberId: string, until: number): void {
    this.maintained.set(numberId, until)
  }

  isRestricted(what: Restriction, now: number): boolean {
    return now < (this.restricted.get(what) ?? 0)
  }

  /** @throws GraphError 368, 131031, 131037, 131057, 131064 when the account may not send this */
  checkSend({ number, category, windowOpen, now }: SendQuestion): void {
    if (this.ban === 'DISABLE') throw banned()
    if (this.locked) {
      throw new GraphError(131031, 'The business account was locked because of a policy violation or a wrong PIN.')
    }
    if (now < (this.maintained.get(number.id) ?? 0))
      throw new GraphError(131057, 'The business account is in maintenance mode.')
    const restriction = windowOpen ? 'RESTRICTED_CUSTOMER_INITIATED_MESSAGING' : 'RESTRICTED_BIZ_INITIATED_MESSAGING'
    if (this.isRestricted(restriction, now)) {
      throw new GraphError(368, `The account is restricted: ${restriction}.`)
    }
    if (category === 'UTILITY' && this.isRestricted('RESTRICTED_UTILITY_TEMPLATES', now)) {
      throw new GraphError(131064, 'Utility templates of this account were misclassified too often.')
    }
    if (number.nameStatus === 'DECLINED' && number.displayNumber.replace(/\D/g, '').startsWith('1555')) {
      throw new GraphError(131037, 'The display name of this number was not approved.')
    }
  }

  /** @throws GraphError 131042 for what would be charged while there is a payment problem */
  checkPayment(billable: boolean): void {
    if (this.paymentProblem !== 'answer' || !billable) return
    throw new GraphError(
      131042,
      'Message failed to send because there were one or more errors related to your payment method.',
    )
  }

  /** @throws GraphError 368 while templates may not be made */
  checkTemplateCreation(category: string, now: number): void {
    if (this.ban === 'DISABLE') throw banned()
    if (category === 'UTILITY' && this.isRestricted('RESTRICTED_UTILITY_TEMPLATES', now)) {
      throw new GraphError(368, 'Utility templates cannot be made while the account is restricted.')
    }
  }
}

const banned = (): GraphError =>
  new GraphError(368, 'The WhatsApp Business account was disabled for violating a policy of the platform.')
