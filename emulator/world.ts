import { Account } from './account.ts'
import { NotKnown } from './notKnown.ts'
import { firstAccount, type AccountOptions, type EmulatorOptions, type NumberOptions } from './options.ts'
import type { Portfolio } from './portfolio.ts'
import { createShared, type Shared } from './shared.ts'
import type { EmulatedTemplate } from './templates.ts'
import { Tokens } from './tokens.ts'
import { Uploads } from './uploads.ts'

/** One business with its accounts, and the app that may use them. */
export class World {
  readonly options: EmulatorOptions
  readonly shared: Shared
  readonly accounts: [Account, ...Account[]]
  readonly tokens: Tokens
  readonly uploads: Uploads
  private nextNumberId = 1_100_000_000_000_001

  constructor(options: EmulatorOptions, seed: number) {
    this.options = options
    this.shared = createShared(options, seed)
    const open = (own: AccountOptions): Account => new Account(options, seed, own, this.shared)
    this.accounts = [open(firstAccount(options)), ...(options.accounts ?? []).map(open)]
    const { random, scheduler } = this.shared
    this.tokens = new Tokens(
      options.token,
      options.tokens ?? [],
      () => scheduler.now(),
      (length) => random.hex(length),
    )
    this.uploads = new Uploads((length) => random.hex(length))
  }

  /** An id for a number that is added. */
  newNumberId(): string {
    return String(this.nextNumberId++)
  }

  get first(): Account {
    return this.accounts[0]
  }

  get portfolio(): Portfolio {
    return this.shared.portfolio
  }

  account(wabaId: string): Account | undefined {
    return this.accounts.find((account) => account.wabaId === wabaId && !account.state.gone)
  }

  /** The number of that id and its account. */
  number(id: string): { account: Account; number: NumberOptions } | undefined {
    for (const account of this.accounts) {
      const number = account.number(id)
      if (number !== undefined && !account.state.gone) return { account, number }
    }
    return undefined
  }

  template(id: string): { account: Account; template: EmulatedTemplate } | undefined {
    for (const account of this.accounts) {
      const template = account.templates.get(id)
      if (template !== undefined && !account.state.gone) return { account, template }
    }
    return undefined
  }

  /** What a control door means: the account of that id or of that number, or the first. @throws NotKnown */
  meant({ wabaId, numberId }: { wabaId?: string | undefined; numberId?: string | undefined }): Account {
    const found =
      numberId !== undefined
        ? this.accounts.find((account) => account.number(numberId) !== undefined)
        : wabaId === undefined
          ? this.first
          : this.accounts.find((account) => account.wabaId === wabaId)
    const what = numberId === undefined ? `account ${wabaId}` : `number ${numberId}`
    if (found === undefined) throw new NotKnown(`The emulator has no ${what}.`)
    return found
  }
}
