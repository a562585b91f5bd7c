import type { FastifyInstance } from 'fastify'
import type { Account } from '../account.ts'
import { GraphError, noSuchObject } from '../graphError.ts'
import { healthOf } from '../health.ts'
import type { NumberOptions } from '../options.ts'
import { throughputOf } from '../throughput.ts'
import type { World } from '../world.ts'
import { only } from './fields.ts'
import { pageOf, type PageQuery } from './pages.ts'
import { paramsOf, textOf } from './params.ts'

type Route = { Params: { version: string; id: string }; Querystring: { fields?: string } & PageQuery }

export const NUMBER_FIELDS = [
  ...['verified_name', 'code_verification_status', 'display_phone_number', 'quality_rating', 'platform_type'],
  ...['throughput', 'id'],
]

/** Numbers of an account, and how one comes onto the Cloud API. Source: Meta, Cloud API, "Business phone numbers". */
export function numberRoutes(app: FastifyInstance, world: World): void {
  const path = '/v:version/:id'

  app.get<Route>(`${path}/phone_numbers`, async ({ params, query }) => {
    const account = accountOf(world, params.id, 'GET')
    account.checkManagement()
    const { items, paging } = pageOf(account.numbers, query, ({ id }) => id)
    const data = items.map((number) => only(numberNode(account, number, params.version), query.fields, NUMBER_FIELDS))
    return { data, ...(paging === undefined ? {} : { paging }) }
  })
  app.post<Route>(`${path}/phone_numbers`, async (request) => {
    const account = accountOf(world, request.params.id, 'POST')
    account.checkManagement()
    return { id: addNumber(world, account, paramsOf(request)) }
  })

  const act = (name: string, work: (at: { account: Account; number: NumberOptions }, given: Given) => object): void => {
    app.post<Route>(`${path}/${name}`, async (request) => {
      const found = numberOf(world, request.params.id, 'POST')
      return work(found, paramsOf(request))
    })
  }
  act('request_code', ({ account, number }, { code_method, language }) => {
    account.registrations.requestCode(number, code_method, language)
    return { success: true }
  })
  act('verify_code', ({ account, number }, { code }) => {
    account.registrations.verifyCode(number, code)
    return { success: true, id: number.id }
  })
  act('register', ({ account, number }, given) => {
    if (given['messaging_product'] !== 'whatsapp')
      throw new GraphError(100, "Param messaging_product must be 'whatsapp'.")
    account.registrations.register(number, given['pin'], given['backup'] !== undefined)
    void account.webhooks.deliverDue()
    return { success: true }
  })
  act('deregister', ({ account, number }) => {
    account.registrations.deregister(number)
    return { success: true }
  })
}

type Given = Record<string, unknown>

/** @throws GraphError 100 with subcode 33 when there is none */
export function accountOf(world: World, id: string, method: string): Account {
  const account = world.account(id)
  if (account === undefined) throw noSuchObject(id, method)
  return account
}

/** @throws GraphError 100 with subcode 33 when there is none */
export function numberOf(world: World, id: string, method: string): { account: Account; number: NumberOptions } {
  const found = world.number(id)
  if (found === undefined) throw noSuchObject(id, method)
  return found
}

const NUMBERS_MAX = 20

function addNumber(world: World, account: Account, given: Given): string {
  const { cc, phone_number: phone, verified_name: name } = given
  if (account.state.isRestricted('RESTRICTED_ADD_PHONE_NUMBER_ACTION', account.scheduler.now()))
    throw new GraphError(368, 'Phone numbers cannot be added while the account is restricted.')
  if (!/^\d{1,3}$/.test(textOf(cc))) throw new GraphError(100, 'Param cc must be a calling code, digits only.')
  const digits = textOf(phone).replace(/[\s()-]/g, '')
  if (!/^\d{4,14}$/.test(digits))
    throw new GraphError(100, 'Param phone_number must be a number without its calling code.')
  if (typeof name !== 'string' || name.trim().length < 3)
    throw new GraphError(100, 'Param verified_name must have at least 3 characters.')
  const full = `${textOf(cc)}${digits.replace(/^0+/, '')}`
  if (world.portfolio.numbers.some(({ displayNumber }) => displayNumber.replace(/\D/g, '') === full)) {
    throw new GraphError(100, 'The phone number is already registered with a WhatsApp Business account.', {
      userTitle: 'Phone number in use',
    })
  }
  if (world.portfolio.numbers.length >= (world.portfolio.verified ? NUMBERS_MAX : 2))
    throw new GraphError(100, 'The business has as many phone numbers as it may have.')
  const number: NumberOptions = {
    id: world.newNumberId(),
    displayNumber: `+${full}`,
    verifiedName: name,
    status: 'PENDING',
    verified: false,
    quality: 'UNKNOWN',
    platform: 'NOT_APPLICABLE',
    nameStatus: 'PENDING_REVIEW',
    tier: 'TIER_250',
  }
  account.numbers.push(number)
  world.portfolio.numbers.push(number)
  world.shared.displayNumbers.set(number.id, number.displayNumber)
  return number.id
}

/** A number as REST tells it. */
export function numberNode(account: Account, number: NumberOptions, version: string): Record<string, unknown> {
  const tier = account.portfolio.tier ?? number.tier ?? 'TIER_UNLIMITED'
  const status = number.status ?? 'CONNECTED'
  const extras = account.extrasOf(number.id)
  const override = account.webhooks.overrides
  return {
    id: number.id,
    display_phone_number: number.displayNumber,
    verified_name: number.verifiedName,
    status,
    quality_rating: number.quality ?? 'GREEN',
    code_verification_status: number.verified === false ? 'NOT_VERIFIED' : 'VERIFIED',
    name_status: number.nameStatus ?? 'APPROVED',
    account_mode: number.accountMode ?? 'LIVE',
    platform_type: number.platform ?? 'CLOUD_API',
    host_platform: number.platform ?? 'CLOUD_API',
    is_on_biz_app: number.onBizApp ?? false,
    is_pin_enabled: typeof number.pin === 'string',
    is_official_business_account: false,
    throughput: {
      level: status === 'CONNECTED' ? (throughputOf(number) > 80 ? 'HIGH' : 'STANDARD') : 'NOT_APPLICABLE',
    },
    ...(extras.username === null ? {} : { username: extras.username }),
    // The field's name changed with v24.
    ...(Number.parseInt(version, 10) >= 24
      ? { whatsapp_business_manager_messaging_limit: tier }
      : { messaging_limit_tier: tier }),
    webhook_configuration: {
      ...(account.webhooks.url === null ? {} : { application: account.webhooks.url }),
      ...(override.has(account.wabaId) ? { whatsapp_business_account: override.get(account.wabaId) } : {}),
      ...(override.has(number.id) ? { phone_number: override.get(number.id) } : {}),
    },
    health_status: healthOf(account, { number }),
  }
}
