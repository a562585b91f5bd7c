import { WhatsAppRefused } from '#actions/whatsapp/faults.ts'
import type { AppClient, SetupClient } from '#actions/whatsapp/setup.ts'
import { NEEDED_FIELDS, WELCOME_FIELDS } from '#triggers/whatsapp/wantedFields.ts'
import type { Bench } from './bench.ts'
import type { StepValues } from './document.ts'
import { keepWebhooks, readWebhooks } from '../accounts/webhooks.ts'
import { refuse, refusedAt } from './refusal.ts'

/** How long a handshake may take after Meta has answered. */
const HANDSHAKE_MS = 10_000
/** Invalid parameter: among others, a field that the app cannot have. Source: Meta, Cloud API, "Error codes". */
const INVALID_PARAMETER = 100

interface Doors {
  appClient: Pick<AppClient, 'subscription' | 'subscribe'>
  client: Pick<SetupClient, 'subscribe' | 'subscriptions'>
  accountId: string
  /** The app may be told to leave the address that it calls now. */
  replace: boolean
}

/**
 * Has everything that we read of an account sent here: the app's own callback takes what concerns templates, numbers and the account
 * itself, the account's takes its messages. Meta proves both by a handshake, and both must come in at this very server.
 *
 * @throws SetupRefused, and WhatsApp's faults
 */
export async function subscribeHere(bench: Bench, doors: Doors): Promise<StepValues['webhook']> {
  const { callback } = bench
  if (callback === null) throw refuse('webhook', { code: 'public_url_missing', details: {} })
  await subscribeApp(bench, doors, callback)
  await proved(bench, callback, 'webhook', (verifyToken) =>
    doors.client.subscribe(doors.accountId, { callback, verifyToken }),
  )
  const now = await readWebhooks(doors.appClient, doors.client, doors.accountId, bench.now())
  await keepWebhooks(bench.store, doors.accountId, now)
  const fields = now.app?.fields ?? []
  const missing = NEEDED_FIELDS.filter((field) => !fields.includes(field))
  if (missing.length > 0) {
    throw refuse('webhook', { code: 'webhook_fields_missing', details: { missing: missing.join(', ') } })
  }
  return { callback, fields: [...fields].sort() }
}

/** What the app has besides stays: it may be read by something else that shares the callback with us. */
async function subscribeApp(bench: Bench, { appClient, replace }: Doors, callback: string): Promise<void> {
  const before = await told('app', callback, bench.now(), () => appClient.subscription())
  const elsewhere = before?.callback ?? null
  if (elsewhere !== null && elsewhere !== callback && !replace) {
    throw refuse('webhook', { code: 'webhook_elsewhere', details: { callback: elsewhere, wanted: callback } })
  }
  const kept = before?.fields ?? []
  const subscribe = (fields: readonly string[]) =>
    proved(bench, callback, 'app', (verifyToken) =>
      appClient.subscribe({ callback, verifyToken, fields: [...new Set([...kept, ...fields])].sort() }),
    )
  try {
    await subscribe([...NEEDED_FIELDS, ...WELCOME_FIELDS])
  } catch (error) {
    // One field that the app may not have spoils the whole call, so those that we can do without are left out.
    if (whatsappCode(error) !== INVALID_PARAMETER) throw error
    await subscribe(NEEDED_FIELDS)
  }
}

/** @param whose of whom Meta's refusals speak: the app's own credentials, or the token of the set-up */
async function proved(
  { handshakes, now }: Bench,
  callback: string,
  whose: 'app' | 'webhook',
  ask: (verifyToken: string) => Promise<void>,
): Promise<void> {
  const expected = handshakes.expect()
  try {
    await told(whose, callback, now(), () => ask(expected.token))
    if (await expected.came(HANDSHAKE_MS)) return
    throw refuse('webhook', { code: 'webhook_not_seen', details: { callback } })
  } finally {
    expected.forget()
  }
}

/** With the address in the refusal, for whoever has to mend the way to it. */
async function told<T>(whose: 'app' | 'webhook', callback: string, now: number, ask: () => Promise<T>): Promise<T> {
  try {
    return await ask()
  } catch (error) {
    if (!(error instanceof WhatsAppRefused)) throw error
    const ofCredentials = whose === 'app' && [0, 101, 190].includes(whatsappCode(error) ?? NaN)
    const { remark, until } = refusedAt(ofCredentials ? 'app' : 'webhook', error, now) as ReturnType<typeof refuse>
    throw refuse('webhook', { ...remark, details: { ...remark.details, callback } }, until, error)
  }
}

function whatsappCode(error: unknown): number | null {
  const refused = error instanceof WhatsAppRefused ? error : error instanceof Error ? error.cause : undefined
  return refused instanceof WhatsAppRefused ? (refused.details as { code: number | null }).code : null
}
