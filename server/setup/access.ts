import { InvalidInput } from '#engine/errors.ts'
import type { TokenInfo } from '#actions/whatsapp/setupAnswers.ts'
import { setupTokenName, valueOf, withApp, type StepWork } from './bench.ts'
import type { StepValues } from './document.ts'
import type { StepInput } from './inputs.ts'
import { refuse } from './refusal.ts'

/** Source: Meta, WhatsApp Business Platform, "Permissions". */
export const SCOPES = ['whatsapp_business_management', 'whatsapp_business_messaging'] as const

/** The app is asked about itself: only with its own secret does it answer. */
export async function performApp(
  work: StepWork,
  { appId, appSecret, verifyToken }: StepInput<'app'>,
): Promise<StepValues['app']> {
  const secret = appSecret ?? (await work.apps.credentials(appId))?.secret
  if (secret === undefined) throw refuse('app', { code: 'app_secret_missing', details: { app: appId } })
  const { id, name } = await withApp(work, { id: appId, secret }, (client) => client.app())
  if (id !== appId) throw refuse('app', { code: 'app_wrong', details: { said: '' } })
  await work.apps.keep({ id, secret }, verifyToken)
  return { id, name: name ?? null }
}

/** A token, pasted or got for the code of an embedded sign-up, and what it may do. */
export async function performAccess(work: StepWork, input: StepInput<'access'>): Promise<StepValues['access']> {
  const { id } = valueOf(work.setup, 'app')
  const app = await work.apps.credentials(id)
  if (app === null) throw refuse('app', { code: 'app_secret_missing', details: { app: id } })
  const found = await withApp(work, app, async (client) => {
    // First of all: the code lives for 30 seconds.
    const token = 'code' in input ? (await client.exchangeCode(input.code)).token : input.token
    return { token, info: await client.debugToken(token) }
  })
  const value = accessOf(found.info, id, 'code' in input ? 'code' : 'token')
  await work.secrets.write([{ name: setupTokenName(work.setup.id), value: found.token }])
  return value
}

/** @throws SetupRefused when the token is not good for what is to come */
export function accessOf(info: TokenInfo, appId: string, kind: 'code' | 'token'): StepValues['access'] {
  if (!info.is_valid) throw refuse('access', { code: 'token_invalid', details: { said: info.error?.message ?? '' } })
  if (info.app_id !== undefined && info.app_id !== appId) {
    throw refuse('access', { code: 'token_of_other_app', details: { app: info.app_id, wanted: appId } })
  }
  const missing = SCOPES.filter((scope) => !info.scopes.includes(scope))
  if (missing.length > 0) {
    throw refuse('access', { code: 'permissions_missing', details: { missing: missing.join(', ') } })
  }
  return {
    kind,
    userId: info.user_id ?? null,
    scopes: info.scopes,
    expiresAt: expiryOf(info),
    granted: info.granular_scopes?.find(({ scope }) => scope === SCOPES[0])?.target_ids ?? null,
  }
}

/** The sooner of the two ends; 0 and nothing mean never. Meta tells seconds. */
export function expiryOf({ expires_at, data_access_expires_at }: TokenInfo): number | null {
  const ends = [expires_at, data_access_expires_at].filter((end): end is number => typeof end === 'number' && end > 0)
  return ends.length === 0 ? null : Math.min(...ends) * 1000
}

/** Nothing was said of what was asked. */
export function nothingSaid(what: string): InvalidInput {
  return new InvalidInput(`Send ${what}.`, { problems: [{ in: 'body', pointer: '', message: `Send ${what}.` }] })
}
