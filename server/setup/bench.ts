import type { AppClient, AppCredentials, SetupClient } from '#actions/whatsapp/setup.ts'
import type { Instant } from '#engine/clock.ts'
import type { Store } from '#engine/store.ts'
import type { Apps } from '../accounts/apps.ts'
import { tokenName } from '../accounts/keptAccounts.ts'
import type { KeptSecrets } from '../secrets/kept.ts'
import type { Choice, SetupDocument, StepName, StepValues } from './document.ts'
import type { Handshakes } from './handshakes.ts'
import { refuse } from './refusal.ts'

/** What the steps work with. */
export interface Bench {
  store: Store
  secrets: KeptSecrets
  apps: Apps
  handshakes: Handshakes
  /** Where WhatsApp reaches our webhook; null while nobody has said. */
  callback: string | null
  environmentId: string | null
  openApp: (app: AppCredentials) => AppClient
  openSetup: (token: string) => SetupClient
  /** Brings an account into the engine, with its numbers and templates. */
  connect: (connected: Connected) => Promise<void>
  now: () => Instant
}

/** What activation hands over. */
export interface Connected {
  account: StepValues['account']
  access: StepValues['access']
  appId: string
  token: string
  numberId: string
  nickname: string
  intake: StepValues['people']['intake']
}

/** A step at work: the set-up as it stands, and what belongs to it. */
export interface StepWork extends Bench {
  setup: SetupDocument
  /** Which other set-up is connecting a number. */
  claimedBy: (numberId: string) => string | null
}

/** The name under which the token of an unfinished set-up is kept. */
export const setupTokenName = (setupId: string): string => `setup/${setupId}/token`

/** The value of a step that has been done. */
export function valueOf<K extends StepName>(setup: SetupDocument, step: K): StepValues[K] {
  const done = setup.done[step]
  if (done === undefined) throw new TypeError(`The step "${step}" is not done.`)
  return done.value
}

/** That of the set-up; once it is done, that of the account. */
export async function tokenOf({ secrets, setup }: Pick<StepWork, 'secrets' | 'setup'>): Promise<string> {
  const own = await secrets.read(setupTokenName(setup.id))
  const accountId = setup.done.account?.value.id
  const token = own ?? (accountId === undefined ? null : await secrets.read(tokenName(accountId)))
  if (token === null) throw refuse('access', { code: 'token_refused', details: { said: '' } })
  return token.reveal()
}

/** Speaks with the token of the set-up, and closes. */
export async function withSetupClient<T>(
  { secrets, openSetup, setup }: StepWork,
  work: (client: SetupClient) => Promise<T>,
): Promise<T> {
  const client = openSetup(await tokenOf({ secrets, setup }))
  try {
    return await work(client)
  } finally {
    await client.close()
  }
}

export async function withApp<T>(
  { openApp }: Bench,
  app: AppCredentials,
  work: (client: AppClient) => Promise<T>,
): Promise<T> {
  const client = openApp(app)
  try {
    return await work(client)
  } finally {
    await client.close()
  }
}

/** @throws SetupRefused when it is not in the list, or cannot be chosen: with the first reason */
export function choose(step: StepName, items: readonly Choice[], id: string): Choice {
  const found = items.find((one) => one.id === id)
  if (found === undefined) throw refuse(step, { code: 'not_in_list', details: { id } })
  const [reason] = found.reasons
  if (reason !== undefined) throw refuse(step, { ...reason, details: { ...reason.details, id } })
  return found
}
