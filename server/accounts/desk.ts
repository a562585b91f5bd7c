import type { Settings, Intake } from '#definitions/settings.ts'
import { WhatsAppRefused } from '#actions/whatsapp/faults.ts'
import type { AppClient, SetupClient } from '#actions/whatsapp/setup.ts'
import { InvalidInput, NotFound } from '#engine/errors.ts'
import type { AccountState, NumberState } from '#engine/state.ts'
import type { AccountNews } from '#engine/accountNews.ts'
import type { Denrei } from '../denrei.ts'
import { accessOf } from '../setup/access.ts'
import type { Bench } from '../setup/bench.ts'
import { ConfirmationNeeded, SetupRefused } from '../setup/errors.ts'
import type { Remark } from '../setup/document.ts'
import { refusedAt } from '../setup/refusal.ts'
import { subscribeHere } from '../setup/subscribing.ts'
import type { Rotation } from '../secrets/kept.ts'
import { missingAssignees } from './assignees.ts'
import { tokenName, type KeptAccounts } from './keptAccounts.ts'
import { accountEvent, lookAt, type Look } from './look.ts'
import { keepWebhooks, keptWebhooks, readWebhooks, webhookRemarks, type Webhooks } from './webhooks.ts'

/** An account as people look at it. */
export interface AccountView {
  account: AccountState
  numbers: NumberState[]
  /** Why its token cannot be used, when it is kept and does not open. */
  unreadable: { code: string; message: string } | null
  /** Where its webhooks go, when it was last asked, and what is wrong with that; null when it never was. */
  webhook: { at: Webhooks; remarks: Remark[] } | null
}

/** What admins do with accounts that are connected. */
export interface AccountDesk {
  list(): Promise<AccountView[]>
  /** @throws NotFound */
  read(accountId: string): Promise<AccountView>
  /** How many messages would be held, in their states of now. */
  wouldHold(accountId: string): Promise<number>
  /** @throws ConfirmationNeeded unless `confirm` is the account's id (S116) */
  disable(accountId: string, confirm: string | undefined, actor: string): Promise<AccountView>
  enable(accountId: string, actor: string): Promise<AccountView>
  /**
   * Has everything that we read of it sent here, proved by handshakes.
   * @param replace also when the app sends its webhooks elsewhere until now
   * @throws SetupRefused, InvalidInput without a token or the app's secret
   */
  subscribe(accountId: string, replace: boolean): Promise<AccountView>
  /** Asks Meta where its webhooks go. @returns null when we may not ask: there is no token, or no secret of its app */
  webhooks(accountId: string): Promise<Webhooks | null>
  /** Reads it now, and mends what is over. */
  look(accountId: string): Promise<{ view: AccountView; look: Look }>
  /** @throws SetupRefused when the token does not do, InvalidInput for the environment's account */
  replaceToken(accountId: string, token: string): Promise<AccountView>
  /** @throws NotFound, InvalidInput */
  changeNumber(numberId: string, change: { nickname?: string | null; intake?: Intake | null }): Promise<NumberState>
  /** Seals anew what an older key sealed. */
  rotate(): Promise<Rotation>
}

/** How long an answer waits for its event to be decided. */
const WAIT_MS = 10_000

interface Parts {
  denrei: Pick<Denrei, 'store' | 'clock' | 'accept' | 'whenDecided' | 'settings'>
  bench: Bench
  accounts: KeptAccounts
  newId: () => string
}

export function accountDesk({ denrei, bench, accounts, newId }: Parts): AccountDesk {
  const { store, clock } = denrei

  async function view(account: AccountState): Promise<AccountView> {
    const unreadable = accounts.unreadable().get(account.id)
    const kept = await keptWebhooks(store, account.id)
    return {
      account,
      numbers: (await store.numbers()).filter(({ accountId }) => accountId === account.id),
      unreadable: unreadable === undefined ? null : { code: unreadable.code, message: unreadable.message },
      webhook: kept === null ? null : { at: kept, remarks: webhookRemarks(kept, bench.callback) },
    }
  }

  /** With the app's own credentials and the account's token. @returns null when one of them is not known */
  async function withDoors<T>(
    account: AccountState,
    work: (app: AppClient, client: SetupClient) => Promise<T>,
  ): Promise<T | null> {
    const app = account.appId === null ? null : await bench.apps.credentials(account.appId)
    const token = accounts.tokenOf(account.id)
    if (app === null || token === null) return null
    const [appClient, client] = [bench.openApp(app), bench.openSetup(token.reveal())]
    try {
      return await work(appClient, client)
    } finally {
      await Promise.all([appClient.close(), client.close()])
    }
  }

  async function webhooks(accountId: string): Promise<Webhooks | null> {
    const account = await stateOf(accountId)
    const found = await withDoors(account, (app, client) =>
      readWebhooks(app, client, accountId, clock.now(), account.appId ?? undefined),
    )
    if (found !== null) await keepWebhooks(store, accountId, found)
    return found
  }

  /** That Meta will not tell the app's webhooks does no harm to a look: they are as they were told last. */
  async function askedWebhooks(accountId: string): Promise<void> {
    try {
      await webhooks(accountId)
    } catch (error) {
      if (!(error instanceof WhatsAppRefused)) throw error
    }
  }

  async function stateOf(accountId: string): Promise<AccountState> {
    const found = (await store.accounts()).find(({ id }) => id === accountId)
    if (found === undefined) throw new NotFound(`There is no account "${accountId}".`, { id: accountId })
    return found
  }
  const read = async (accountId: string) => view(await stateOf(accountId))

  async function tell(
    accountId: string,
    field: 'health' | 'setup' | 'token',
    says: AccountNews[],
    value: Record<string, string | boolean | null>,
  ): Promise<void> {
    const event = accountEvent(field, { accountId, says, value, id: newId(), now: clock.now() })
    const [outcome] = await denrei.accept([event])
    if (outcome !== undefined) await denrei.whenDecided(outcome.id, WAIT_MS)
  }

  async function wouldHold(accountId: string): Promise<number> {
    const numbers = new Set((await store.numbers()).filter((one) => one.accountId === accountId).map(({ id }) => id))
    const settings: Settings = await denrei.settings()
    const ours = (await store.queuedByNumber()).filter(({ numberId }) =>
      numbers.has(numberId === '' ? (settings.defaultNumberId ?? '') : numberId),
    )
    return ours.reduce((sum, { count }) => sum + count, 0)
  }

  return {
    async list() {
      return Promise.all((await store.accounts()).map(view))
    },
    read,
    wouldHold,
    async disable(accountId, confirm, actor) {
      const account = await stateOf(accountId)
      if (confirm !== accountId) {
        const held = await wouldHold(accountId)
        throw new ConfirmationNeeded(
          `Nothing was switched off. Without "${account.name ?? accountId}" ${held} messages that wait would be held, and all that follow; everything is kept, and enabling it lets them go. Send "confirm": "${accountId}" to do it.`,
          { account: accountId, wouldHold: held, confirm: accountId },
        )
      }
      if (account.enabled)
        await tell(accountId, 'setup', [{ about: 'account', change: { enabled: false } }], { actor, enabled: false })
      return read(accountId)
    },
    async enable(accountId, actor) {
      const account = await stateOf(accountId)
      if (!account.enabled)
        await tell(accountId, 'setup', [{ about: 'account', change: { enabled: true } }], { actor, enabled: true })
      return read(accountId)
    },
    webhooks,
    async subscribe(accountId, replace) {
      const account = await stateOf(accountId)
      const done = await withDoors(account, (appClient, client) =>
        subscribeHere(bench, { appClient, client, accountId, replace }),
      )
      if (done === null) {
        throw new InvalidInput(
          `Denrei has no token of the account "${accountId}", or not the secret of its app. Connect it with "denrei connect", or set WHATSAPP_APP_ID and WHATSAPP_APP_SECRET.`,
          { account: accountId, app: account.appId },
        )
      }
      return read(accountId)
    },
    async look(accountId) {
      await stateOf(accountId)
      const client = accounts.clientOf(accountId)
      if (client === null) {
        throw new InvalidInput(`There is no token for the account "${accountId}". Enter one first.`, {
          account: accountId,
        })
      }
      const look = await lookAt(client, accountId, await store.numbers(), clock.now())
      if (look.says.length > 0) {
        const value = { health: look.health?.can_send_message ?? null, refused: look.refused?.message ?? null }
        await tell(accountId, 'health', look.says, value)
      }
      // Only where WhatsApp answers: a token that is refused is told already.
      if (look.refused === null) await askedWebhooks(accountId)
      return { view: await read(accountId), look }
    },
    async replaceToken(accountId, token) {
      const account = await stateOf(accountId)
      if (account.access === 'environment') {
        throw new InvalidInput(
          'This account has its token from the environment. Change WHATSAPP_TOKEN and start again.',
          {
            account: accountId,
          },
        )
      }
      const access = await checked(account, token)
      await bench.secrets.write([{ name: tokenName(accountId), value: token }])
      await accounts.reload()
      await tell(
        accountId,
        'token',
        [
          { about: 'account', change: { tokenExpiresAt: access.expiresAt, scopes: access.scopes } },
          { about: 'mended', codes: ['token_invalid', 'permission_missing'] },
        ],
        { replaced: true },
      )
      return read(accountId)
    },
    async changeNumber(numberId, change) {
      const number = (await store.numbers()).find(({ id }) => id === numberId)
      if (number === undefined) throw new NotFound(`There is no number "${numberId}".`, { id: numberId })
      const missing = change.intake ? await missingAssignees(store, change.intake) : []
      if (missing.length > 0) {
        const problems = missing.map(({ module, id }) => ({
          in: 'body',
          pointer: '/intake/assignTo/ids',
          code: 'assignee_missing',
          message: `There is no record "${id}" in ${module}.`,
        }))
        throw new InvalidInput(problems[0]?.message ?? '', { problems })
      }
      await tell(number.accountId, 'setup', [{ about: 'number', numberId, change }], { number: numberId })
      return (await store.numbers()).find(({ id }) => id === numberId) ?? number
    },
    rotate: () => bench.secrets.rotate(),
  }

  /** That Meta takes it, that it may do what we do, and that it sees this account. */
  async function checked(account: AccountState, token: string): Promise<ReturnType<typeof accessOf>> {
    try {
      const app = account.appId === null ? null : await bench.apps.credentials(account.appId)
      if (app === null) throw new InvalidInput(`The app of the account "${account.id}" is not kept. Connect it anew.`)
      const appClient = bench.openApp(app)
      const client = bench.openSetup(token)
      try {
        const access = accessOf(await appClient.debugToken(token), app.id, 'token')
        await client.account(account.id)
        return access
      } finally {
        await Promise.all([appClient.close(), client.close()])
      }
    } catch (error) {
      const told = refusedAt('access', error, clock.now())
      throw told instanceof SetupRefused ? told : error
    }
  }
}
