import { nothingSaid } from './access.ts'
import { tokenOf, valueOf, withApp, withSetupClient, type StepWork } from './bench.ts'
import { isRegistered } from './choices.ts'
import type { SetupDocument, StepValues } from './document.ts'
import { remarksOf } from './health.ts'
import type { StepInput } from './inputs.ts'
import { missingAssignees } from '../accounts/assignees.ts'
import { refuse, refusedAt } from './refusal.ts'
import { subscribeHere } from './subscribing.ts'

/** Tries with one code. WhatsApp has limits of its own behind this one, and they last longer. */
const WRONG_CODES_MAX = 3

export type VerifyOutcome =
  { kind: 'verified'; value: StepValues['verify'] } | { kind: 'asked'; code: NonNullable<SetupDocument['code']> }

/** Asks for a code, or enters it. @throws SetupRefused; then `wrongCode` says what is to be remembered */
export async function performVerify(
  work: StepWork,
  { code, method, language }: StepInput<'verify'>,
): Promise<VerifyOutcome> {
  const numberId = valueOf(work.setup, 'number').id
  return withSetupClient(work, async (client) => {
    if ((await client.number(numberId)).code_verification_status === 'VERIFIED') {
      return { kind: 'verified', value: { by: work.setup.code === null ? 'already' : 'code' } }
    }
    if (code === undefined) {
      if (method === undefined) throw nothingSaid('"method" (SMS or VOICE) to get a code, or the "code" itself')
      const tongue = language ?? 'en_US'
      await client.requestCode(numberId, method, tongue)
      return { kind: 'asked', code: { requestedAt: work.now(), method, language: tongue, wrong: 0 } }
    }
    const asked = work.setup.code
    if (asked === null) throw refuse('verify', { code: 'code_not_asked', details: {} })
    if (asked.wrong >= WRONG_CODES_MAX) throw refuse('verify', { code: 'code_void', details: {} })
    await client.verifyCode(numberId, code)
    return { kind: 'verified', value: { by: 'code' } }
  })
}

/**
 * What a refused code leaves behind: one try less.
 * @returns the refusal to tell, and the code's state; null when the refusal is not about the code
 */
export function wrongCode(
  setup: SetupDocument,
  error: unknown,
  now: number,
): { refused: unknown; code: SetupDocument['code'] } | null {
  const refused = refusedAt('verify', error, now) as { remark?: { code: string; details: Record<string, never> } }
  if (setup.code === null || refused.remark?.code !== 'code_wrong') return null
  const wrong = setup.code.wrong + 1
  const left = WRONG_CODES_MAX - wrong
  const remark =
    left > 0
      ? { code: 'code_wrong', details: { ...refused.remark.details, left } }
      : { code: 'code_void', details: refused.remark.details }
  return { refused: refuse('verify', remark, null, error), code: { ...setup.code, wrong } }
}

export async function performRegister(work: StepWork, { pin }: StepInput<'register'>): Promise<StepValues['register']> {
  const numberId = valueOf(work.setup, 'number').id
  return withSetupClient(work, async (client) => {
    // Registering anew what is registered costs one of ten tries in 72 hours, and gains nothing.
    if (isRegistered(await client.number(numberId))) return { by: 'already' }
    if (pin === undefined) throw nothingSaid('"pin": six digits')
    await client.register(numberId, pin)
    return { by: 'pin' }
  })
}

/** Meta is told where we are, twice, and calls us each time: done is done only when those calls came in here. */
export async function performWebhook(
  work: StepWork,
  { replace }: StepInput<'webhook'>,
): Promise<StepValues['webhook']> {
  const accountId = valueOf(work.setup, 'account').id
  const { id } = valueOf(work.setup, 'app')
  const app = await work.apps.credentials(id)
  if (app === null) throw refuse('webhook', { code: 'app_secret_missing', details: { app: id } })
  return withApp(work, app, (appClient) =>
    withSetupClient(work, (client) => subscribeHere(work, { appClient, client, accountId, replace: replace === true })),
  )
}

export async function performPeople(work: StepWork, intake: StepInput<'people'>): Promise<StepValues['people']> {
  const [missing] = await missingAssignees(work.store, intake)
  if (missing !== undefined) throw refuse('people', { code: 'assignee_missing', details: missing })
  return { intake }
}

/** Looks at the health of number, account, business and app; then the account is ours (S27). */
export async function performActive(work: StepWork): Promise<StepValues['active']> {
  const { setup } = work
  const account = valueOf(setup, 'account')
  const { id: numberId } = valueOf(setup, 'number')
  const { node, health } = await withSetupClient(work, async (client) => {
    const [one, ofNumber, ofAccount] = await Promise.all([
      client.number(numberId),
      client.health(numberId),
      client.health(account.id),
    ])
    return { node: one, health: { ...ofNumber, entities: [...ofNumber.entities, ...ofAccount.entities] } }
  })
  const { blocked, limited } = remarksOf(health)
  const [obstacle] = blocked
  if (obstacle !== undefined) throw refuse('active', obstacle)
  if (node.status !== 'CONNECTED') {
    throw refuse('active', { code: 'number_not_connected', details: { status: node.status } })
  }
  await work.connect({
    account,
    access: valueOf(setup, 'access'),
    appId: valueOf(setup, 'app').id,
    token: await tokenOf(work),
    numberId,
    nickname: valueOf(setup, 'profile').nickname,
    intake: valueOf(setup, 'people').intake,
  })
  const unverified = account.businessVerification !== null && account.businessVerification.toLowerCase() !== 'verified'
  const warnings = [...limited, ...(unverified ? [{ code: 'business_not_verified', details: {} }] : [])]
  return { accountId: account.id, numberId, warnings: uniqueRemarks(warnings) }
}

function uniqueRemarks<T>(remarks: T[]): T[] {
  return [...new Map(remarks.map((one) => [JSON.stringify(one), one])).values()]
}
