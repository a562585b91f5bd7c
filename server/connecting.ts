import { createAppClient, createSetupClient, type MetaOptions } from '#actions/whatsapp/setup.ts'
import type { Clock } from '#engine/clock.ts'
import { ACCOUNT_DEFAULTS, type AccountState } from '#engine/state.ts'
import type { Store } from '#engine/store.ts'
import { createApps, type Apps } from './accounts/apps.ts'
import { accountDesk, type AccountDesk } from './accounts/desk.ts'
import { keptAccounts, tokenName, type KeptAccounts } from './accounts/keptAccounts.ts'
import { accountEvent } from './accounts/look.ts'
import type { Config } from './config.ts'
import type { Denrei } from './denrei.ts'
import { keptSecrets, type KeptSecrets, type Rotation } from './secrets/kept.ts'
import { createVault } from './secrets/vault.ts'
import type { Bench, Connected } from './setup/bench.ts'
import { createHandshakes, type Handshakes } from './setup/handshakes.ts'
import { createSetups, type Setups } from './setup/setups.ts'

/** What of the configuration is about accounts. */
export type ConnectingConfig = Pick<
  Config,
  | 'DENREI_ENCRYPTION_KEY'
  | 'DENREI_PUBLIC_URL'
  | 'WHATSAPP_BASE_URL'
  | 'WHATSAPP_API_VERSION'
  | 'WHATSAPP_ACCOUNT_ID'
  | 'WHATSAPP_APP_ID'
  | 'WHATSAPP_TOKEN'
  | 'WHATSAPP_APP_SECRET'
  | 'WHATSAPP_VERIFY_TOKEN'
>

/** What is there before the engine: accounts with their tokens, apps with their secrets. */
export interface Kept {
  secrets: KeptSecrets
  apps: Apps
  accounts: KeptAccounts
  meta: MetaOptions
  /** What was sealed anew at this start, and what no key opens. */
  rotation: Rotation
}

/** How accounts are connected and looked after. */
export interface Connecting {
  setups: Setups
  accounts: AccountDesk
  /** Everything that a webhook may be signed with, and what may stand in its handshake. */
  webhook: Pick<Apps, 'signingSecrets' | 'verifyTokens'> & {
    handshakes: Handshakes
    accountIds: () => ReadonlySet<string>
  }
}

/** Opens what is kept, seals anew what an older key sealed, and makes the environment's account known (it is set up by whoever wrote it there). */
export async function openKept(store: Store, clock: Clock, config: ConnectingConfig): Promise<Kept> {
  const secrets = keptSecrets(store, clock, createVault(config.DENREI_ENCRYPTION_KEY))
  const rotation: Rotation =
    secrets.keyIds.length === 0 ? { rotated: [], current: [], unreadable: [] } : await secrets.rotate()
  const meta: MetaOptions = { baseUrl: config.WHATSAPP_BASE_URL, apiVersion: config.WHATSAPP_API_VERSION }
  const { WHATSAPP_TOKEN: token, WHATSAPP_ACCOUNT_ID: accountId } = config
  const environment = token === undefined || accountId === undefined ? null : { token, accountId }
  await noteEnvironment(store, clock, environment?.accountId ?? null, config.WHATSAPP_APP_ID)
  const apps = createApps(secrets, clock, {
    signing: config.WHATSAPP_APP_SECRET.map((secret) => secret.reveal()),
    verifyToken: config.WHATSAPP_VERIFY_TOKEN?.reveal() ?? null,
    appId: config.WHATSAPP_APP_ID ?? null,
  })
  const accounts = keptAccounts({ store, clock, secrets, meta, environment })
  await Promise.all([apps.reload(), accounts.reload()])
  return { secrets, apps, accounts, meta, rotation }
}

async function noteEnvironment(
  store: Store,
  clock: Clock,
  accountId: string | null,
  givenApp: string | undefined,
): Promise<void> {
  const now = clock.now()
  const changed: AccountState[] = []
  for (const account of await store.accounts()) {
    // One that the environment no longer names has no token any more.
    if (account.access === 'environment' && account.id !== accountId)
      changed.push({ ...account, access: null, updatedAt: now })
  }
  const before = (await store.accounts()).find(({ id }) => id === accountId)
  const appId = givenApp ?? before?.appId ?? null
  if (accountId !== null && (before?.access !== 'environment' || before.appId !== appId)) {
    changed.push({
      ...ACCOUNT_DEFAULTS,
      ...before,
      id: accountId,
      access: 'environment',
      appId,
      setUpAt: before?.setUpAt ?? now,
      updatedAt: now,
    })
  }
  if (changed.length > 0) await store.saveAccounts(changed, now)
}

interface Parts {
  denrei: Denrei
  kept: Kept
  config: Pick<ConnectingConfig, 'DENREI_PUBLIC_URL' | 'WHATSAPP_ACCOUNT_ID' | 'WHATSAPP_TOKEN'>
  newId: () => string
  /** Default: `DENREI_PUBLIC_URL` with the path of the webhook. */
  callback?: string
}

const WEBHOOK_PATH = '/v1/whatsapp/webhook'

export function createConnecting({ denrei, kept, config, newId, callback }: Parts): Connecting {
  const { store, clock } = denrei
  const { secrets, apps, accounts, meta } = kept
  const handshakes = createHandshakes()
  const environmentId = config.WHATSAPP_TOKEN === undefined ? null : (config.WHATSAPP_ACCOUNT_ID ?? null)

  async function connect({ account, access, appId, token, numberId, nickname, intake }: Connected): Promise<void> {
    const now = clock.now()
    const before = (await store.accounts()).find(({ id }) => id === account.id)
    await secrets.write([{ name: tokenName(account.id), value: token }])
    const state: AccountState = {
      ...ACCOUNT_DEFAULTS,
      ...before,
      id: account.id,
      name: account.name,
      portfolioId: account.businessId,
      access: 'stored',
      appId,
      tokenExpiresAt: access.expiresAt,
      scopes: access.scopes,
      reviewStatus: account.reviewStatus,
      currency: account.currency,
      country: account.country,
      setUpAt: before?.setUpAt ?? now,
      checkedAt: now,
      updatedAt: now,
    }
    await store.saveAccounts([state], now)
    await accounts.reload()
    await denrei.syncAccount(account.id)
    const event = accountEvent('setup', {
      accountId: account.id,
      says: [
        { about: 'account', change: { enabled: true } },
        { about: 'mended', codes: ['token_invalid', 'permission_missing', 'account_disconnected'] },
        { about: 'number', numberId, change: { nickname, intake } },
      ],
      value: { number: numberId, nickname },
      id: newId(),
      now: clock.now(),
    })
    const [outcome] = await denrei.accept([event])
    if (outcome !== undefined) await denrei.whenDecided(outcome.id, 10_000)
    const settings = await denrei.settings()
    if (settings.defaultNumberId === null) await denrei.saveSettings({ ...settings, defaultNumberId: numberId })
  }

  const bench: Bench = {
    store,
    secrets,
    apps,
    handshakes,
    callback: callback ?? (config.DENREI_PUBLIC_URL === undefined ? null : config.DENREI_PUBLIC_URL + WEBHOOK_PATH),
    environmentId,
    openApp: (app) => createAppClient(meta, app),
    openSetup: (token) => createSetupClient(meta, () => token),
    connect,
    now: () => clock.now(),
  }
  return {
    setups: createSetups(bench, newId),
    accounts: accountDesk({ denrei, bench, accounts, newId }),
    webhook: {
      signingSecrets: () => apps.signingSecrets(),
      verifyTokens: () => apps.verifyTokens(),
      handshakes,
      accountIds: () => new Set(accounts.ids()),
    },
  }
}
