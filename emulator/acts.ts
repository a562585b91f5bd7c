import { z } from 'zod'
import type { Account } from './account.ts'
import { RESTRICTIONS } from './accountState.ts'
import { NotKnown } from './notKnown.ts'
import type { NumberOptions } from './options.ts'
import { reachOf } from './portfolio.ts'
import type { World } from './world.ts'

/** What an act is about. */
interface At {
  world: World
  account: Account
  number: NumberOptions
}

const MINUTE_MS = 60_000
const where = { wabaId: z.string().optional(), numberId: z.string().optional() }
const tiers = z.templateLiteral([
  'TIER_',
  z.union([z.literal('UNLIMITED'), z.templateLiteral([z.int().min(1), 'K']), z.int().min(1)]),
])

interface Act<S extends z.ZodObject = z.ZodObject> {
  schema: S
  run: (at: At, given: z.infer<S>) => void
}
const act = <S extends z.ZodRawShape>(shape: S, run: (at: At, given: z.infer<z.ZodObject<S>>) => void): Act =>
  ({ schema: z.strictObject({ ...where, ...shape }), run }) as unknown as Act

const digits = ({ displayNumber }: NumberOptions): string => displayNumber.replace(/\D/g, '')
const accountUpdate = ({ account }: At, event: string, more: object = {}): void =>
  account.tell('account_update', { event, ...more })
const partner = (event: string, gone: boolean): Act =>
  act({}, (at) => {
    const { account, number } = at
    account.state.gone = gone
    accountUpdate(at, event, {
      ...(number === undefined ? {} : { phone_number: digits(number) }),
      waba_info: { waba_id: account.wabaId, owner_business_id: account.portfolio.id },
      ...(event === 'ACCOUNT_OFFBOARDED'
        ? { disconnection_info: { reason: 'ACCOUNT_DISCONNECTED', initiated_by: 'SMB_APP' } }
        : {}),
    })
  })

/**
 * What happens in the life of an account. Each changes what the API answers from now on, and tells the webhook that Meta sends with it.
 *
 * Source: Meta, Cloud API, "Webhooks" (account_update, account_alerts, phone_number_quality_update, ...).
 */
export const ACTS: Record<string, Act> = {
  /** Meta sends no webhook: sends are refused, or fail, with 131042, and health tells. */
  payment_problem: act(
    { on: z.boolean().default(true), how: z.enum(['answer', 'status']).default('answer') },
    (at, given) => {
      at.account.state.paymentProblem = given.on ? given.how : null
    },
  ),
  lock: act({ on: z.boolean().default(true) }, (at, { on }) => {
    at.account.state.locked = on
    if (on) accountUpdate(at, 'ACCOUNT_VIOLATION', { violation_info: { violation_type: 'SPAM' } })
  }),
  violation: act({ type: z.string().default('SCAM') }, (at, { type }) =>
    accountUpdate(at, 'ACCOUNT_VIOLATION', { violation_info: { violation_type: type } }),
  ),
  ban: act({ state: z.enum(['DISABLE', 'REINSTATE', 'SCHEDULE_FOR_DISABLE']).default('DISABLE') }, (at, { state }) => {
    at.account.state.ban = state === 'REINSTATE' ? null : state
    const date = new Date(at.account.scheduler.now()).toLocaleDateString('en-US', {
      dateStyle: 'long',
      timeZone: 'UTC',
    })
    accountUpdate(at, 'DISABLED_UPDATE', { ban_info: { waba_ban_state: state, waba_ban_date: date } })
  }),
  restrict: act(
    {
      what: z.enum(RESTRICTIONS).default('RESTRICTED_BIZ_INITIATED_MESSAGING'),
      forMs: z
        .int()
        .min(0)
        .default(3 * 86_400_000),
    },
    (at, { what, forMs }) => {
      const until = at.account.scheduler.now() + forMs
      at.account.state.restrict(what, until)
      const expiration = Math.floor(until / 1000)
      accountUpdate(at, 'ACCOUNT_RESTRICTION', { restriction_info: [{ restriction_type: what, expiration }] })
    },
  ),
  expire_token: act({ token: z.string().optional() }, ({ world }, { token }) => {
    tokenOf(world, token).expiresAt = world.shared.scheduler.now()
  }),
  revoke_token: act({ token: z.string().optional() }, ({ world }, { token }) => {
    tokenOf(world, token).revoked = true
  }),
  renew_token: act({ token: z.string().optional() }, ({ world }, { token }) => {
    Object.assign(tokenOf(world, token), { expiresAt: null, revoked: false })
  }),
  tier: act({ tier: tiers }, ({ world }, { tier }) => {
    world.portfolio.tier = tier
    for (const account of world.accounts) {
      account.tell('business_capability_update', {
        max_daily_conversations_per_business: reachOf(tier),
        max_phone_numbers_per_business: tier === 'TIER_250' ? 2 : 20,
        max_phone_numbers_per_waba: 25,
      })
    }
  }),
  quality: act({ quality: z.enum(['GREEN', 'YELLOW', 'RED', 'UNKNOWN']) }, ({ account, number }, { quality }) => {
    const fell = quality === 'RED'
    number.quality = quality
    account.tell('phone_number_quality_update', qualityUpdate(account, number, fell ? 'FLAGGED' : 'UNFLAGGED'))
  }),
  /** One minute of 131057, then the new speed. */
  throughput: act({ perSecond: z.int().min(1).default(1_000) }, ({ account, number }, { perSecond }) => {
    const doneAt = account.scheduler.now() + MINUTE_MS
    account.state.maintain(number.id, doneAt)
    account.scheduler.at(doneAt, () => {
      number.throughput = perSecond
      account.tell('phone_number_quality_update', qualityUpdate(account, number, 'THROUGHPUT_UPGRADE'))
    })
  }),
  name: act(
    {
      decision: z.enum(['APPROVED', 'DEFERRED', 'PENDING', 'REJECTED']),
      name: z.string().min(1).optional(),
      reason: z.string().nullable().default(null),
    },
    ({ account, number }, { decision, name = number.verifiedName, reason }) => {
      if (decision === 'APPROVED') number.verifiedName = name
      number.nameStatus = decision === 'APPROVED' ? 'APPROVED' : decision === 'REJECTED' ? 'DECLINED' : 'PENDING_REVIEW'
      account.tell('phone_number_name_update', {
        display_phone_number: digits(number),
        decision,
        requested_verified_name: name,
        rejection_reason: reason,
      })
    },
  ),
  number_status: act(
    {
      status: z.enum([
        'CONNECTED',
        'PENDING',
        'FLAGGED',
        'RESTRICTED',
        'BANNED',
        'DISCONNECTED',
        'MIGRATED',
        'RATE_LIMITED',
      ]),
    },
    ({ number }, { status }) => {
      number.status = status
    },
  ),
  review: act({ decision: z.enum(['APPROVED', 'REJECTED', 'PENDING']) }, ({ account }, { decision }) => {
    account.state.review = decision
    account.tell('account_review_update', { decision })
  }),
  alert: act(
    {
      type: z.string().default('INCREASED_CAPABILITIES_ELIGIBILITY_DEFERRED'),
      severity: z.enum(['CRITICAL', 'WARNING', 'INFORMATIONAL']).default('WARNING'),
      status: z.enum(['ACTIVE', 'NONE']).default('ACTIVE'),
      description: z.string().default('Your business cannot send to more users yet.'),
    },
    ({ account }, { type, severity, status, description }) =>
      account.tell('account_alerts', {
        entity_type: 'BUSINESS',
        entity_id: account.portfolio.id,
        alert_info: {
          alert_severity: severity,
          alert_status: status,
          alert_type: type,
          alert_description: description,
        },
      }),
  ),
  pin_changed: act(
    {
      pin: z
        .string()
        .regex(/^\d{6}$/)
        .default('000000'),
    },
    ({ account, number }, { pin }) => account.registrations.setPin(number, pin),
  ),
  verify_business: act({ on: z.boolean().default(true) }, ({ world }, { on }) => {
    world.portfolio.verified = on
  }),
  delete: partner('ACCOUNT_DELETED', true),
  remove_partner: partner('PARTNER_REMOVED', true),
  uninstall: partner('PARTNER_APP_UNINSTALLED', true),
  offboard: partner('ACCOUNT_OFFBOARDED', true),
  add_partner: partner('PARTNER_ADDED', false),
  reconnect: partner('ACCOUNT_RECONNECTED', false),
}

const OF_A_NUMBER = new Set(['quality', 'throughput', 'name', 'number_status', 'pin_changed'])

/** Lets something happen to an account. @throws NotKnown for no such act, account or token; ZodError */
export function runAct(world: World, name: string, given: unknown): void {
  const found = Object.hasOwn(ACTS, name) ? ACTS[name] : undefined
  if (found === undefined) throw new NotKnown(`The emulator knows no act "${name}".`)
  const asked = found.schema.parse(given ?? {}) as { wabaId?: string; numberId?: string }
  const account = world.meant(asked)
  const number = asked.numberId === undefined ? account.numbers[0] : account.number(asked.numberId)
  if (number === undefined && OF_A_NUMBER.has(name)) throw new NotKnown(`The account ${account.wabaId} has no number.`)
  found.run({ world, account, number: number! }, asked)
}

function tokenOf({ tokens, options }: World, token = options.token) {
  const found = tokens.get(token)
  if (found === undefined) throw new NotKnown('The emulator has no such token.')
  return found
}

function qualityUpdate({ portfolio }: Account, number: NumberOptions, event: string): object {
  return {
    display_phone_number: digits(number),
    event,
    current_limit: portfolio.limit,
    max_daily_conversations_per_business: portfolio.limit,
  }
}
