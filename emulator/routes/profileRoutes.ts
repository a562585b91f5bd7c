import type { FastifyInstance } from 'fastify'
import type { Account } from '../account.ts'
import { GraphError } from '../graphError.ts'
import type { QrCode } from '../numberExtras.ts'
import type { NumberOptions } from '../options.ts'
import type { World } from '../world.ts'
import { only } from './fields.ts'
import { numberOf } from './numberRoutes.ts'
import { paramsOf, textOf } from './params.ts'

type Route = { Params: { id: string; code?: string }; Querystring: { fields?: string } }
const path = '/v:version/:id'

/** Longest texts. Source: Meta, Cloud API, "Business profiles". */
const TEXT_MAX: Record<string, number> = { about: 139, address: 256, description: 256, email: 128 }

/** What people see of a number: profile, settings, username, links. Source: Meta, Cloud API, "Business profiles", "QR codes". */
export function profileRoutes(app: FastifyInstance, world: World): void {
  app.get<Route>(`${path}/whatsapp_business_profile`, async ({ params, query }) => {
    const { account, number } = numberOf(world, params.id, 'GET')
    const { id: _, ...profile } = only(
      { messaging_product: 'whatsapp', ...account.extrasOf(number.id).profile },
      query.fields,
      ['about', 'address', 'description', 'email', 'profile_picture_url', 'websites', 'vertical'],
    )
    return { data: [{ ...profile, messaging_product: 'whatsapp' }] }
  })
  app.post<Route>(`${path}/whatsapp_business_profile`, async (request) => {
    const { account, number } = numberOf(world, request.params.id, 'POST')
    const given = paramsOf(request)
    checkProfile(given)
    const { profile_picture_handle: handle, messaging_product: _, ...told } = given
    if (handle !== undefined) {
      if (!world.uploads.handles.has(textOf(handle)))
        throw new GraphError(100, 'Param profile_picture_handle is not a handle of an upload.')
      told['profile_picture_url'] = `https://pps.whatsapp.net/v/t61/${encodeURIComponent(textOf(handle)).slice(0, 32)}`
    }
    Object.assign(account.extrasOf(number.id).profile, told)
    return { success: true }
  })

  app.get<Route>(`${path}/settings`, async ({ params }) => {
    const { account, number } = numberOf(world, params.id, 'GET')
    return account.extrasOf(number.id).settings
  })
  app.post<Route>(`${path}/settings`, async (request) => {
    const { account, number } = numberOf(world, request.params.id, 'POST')
    const given = Object.entries(paramsOf(request))
    const [feature, value] = given[0] ?? []
    if (given.length !== 1 || !FEATURES.has(feature!) || typeof value !== 'object')
      throw new GraphError(100, `Give exactly one of ${[...FEATURES].join(', ')}.`)
    account.extrasOf(number.id).settings[feature!] = value
    return { success: true }
  })

  app.get<Route>(`${path}/username`, async ({ params }) => {
    const { account, number } = numberOf(world, params.id, 'GET')
    const { username } = account.extrasOf(number.id)
    return username === null ? {} : { username, status: 'APPROVED' }
  })
  app.post<Route>(`${path}/username`, async (request) => {
    const { account, number } = numberOf(world, request.params.id, 'POST')
    const { username } = paramsOf(request)
    const reasons = problemsOfUsername(username)
    if (reasons.length > 0) return { status: 'REJECTED', rejection_reasons: reasons }
    account.extrasOf(number.id).username = username as string
    account.tell('phone_number_username_update', {
      display_phone_number: number.displayNumber.replace(/\D/g, ''),
      username,
      status: 'APPROVED',
    })
    void account.webhooks.deliverDue()
    return { status: 'APPROVED' }
  })

  qrRoutes(app, world)
}

const FEATURES = new Set(['calling', 'user_identity_change', 'payload_encryption', 'storage_configuration'])

function checkProfile(given: Record<string, unknown>): void {
  if (given['messaging_product'] !== 'whatsapp')
    throw new GraphError(100, "Param messaging_product must be 'whatsapp'.")
  for (const [name, max] of Object.entries(TEXT_MAX)) {
    const value = given[name]
    if (value !== undefined && (typeof value !== 'string' || value.length > max))
      throw new GraphError(100, `Param ${name} must be a string of at most ${max} characters.`)
  }
  if (given['about'] === '') throw new GraphError(100, 'Param about must not be empty.')
  const { websites } = given
  const fits = (site: unknown): boolean => typeof site === 'string' && site.length <= 256 && URL.canParse(site)
  if (websites !== undefined && !(Array.isArray(websites) && websites.length <= 2 && websites.every(fits)))
    throw new GraphError(100, 'Param websites may have two addresses of at most 256 characters.')
}

/** Source: Meta, Cloud API, "Business usernames". */
function problemsOfUsername(username: unknown): string[] {
  if (typeof username !== 'string' || !/^[a-z0-9._]{3,35}$/.test(username) || !/[a-z]/.test(username))
    return ['INVALID_FORMAT']
  if (/^\.|\.$|\.\./.test(username) || username.startsWith('www') || /\.(com|net|org|jp)$/.test(username))
    return ['INVALID_FORMAT']
  return []
}

function qrRoutes(app: FastifyInstance, world: World): void {
  app.get<Route>(`${path}/message_qrdls`, async ({ params }) => {
    const { account, number } = numberOf(world, params.id, 'GET')
    return { data: [...account.extrasOf(number.id).qrCodes.values()] }
  })
  for (const at of [`${path}/message_qrdls`, `${path}/message_qrdls/:code`]) {
    app.post<Route>(at, async (request) => {
      const { account, number } = numberOf(world, request.params.id, 'POST')
      const given = paramsOf(request)
      const link = qrCode(world, account, number, { ...given, code: request.params.code ?? given['code'] })
      const image = given['generate_qr_image']
      if (image === undefined) return link
      return { ...link, qr_image_url: `https://scontent.example.test/${link.code}.${textOf(image).toLowerCase()}` }
    })
  }
  app.get<Route>(`${path}/message_qrdls/:code`, async ({ params }) => {
    const { account, number } = numberOf(world, params.id, 'GET')
    const found = account.extrasOf(number.id).qrCodes.get(params.code!)
    return { data: found === undefined ? [] : [found] }
  })
  app.delete<Route>(`${path}/message_qrdls/:code`, async ({ params }) => {
    const { account, number } = numberOf(world, params.id, 'DELETE')
    return { success: account.extrasOf(number.id).qrCodes.delete(params.code!) }
  })
}

/** Makes a link, or changes the text of one. @throws GraphError 100 */
function qrCode(
  world: World,
  account: Account,
  number: NumberOptions,
  { prefilled_message: text, code: known }: Record<string, unknown>,
): QrCode {
  if (typeof text !== 'string' || text === '' || text.length > 140)
    throw new GraphError(100, 'Param prefilled_message must be a string of at most 140 characters.')
  const { qrCodes } = account.extrasOf(number.id)
  if (known !== undefined && !qrCodes.has(textOf(known)))
    throw new GraphError(100, `There is no QR code ${textOf(known)}.`)
  // Letters and digits as in base 32, of which only some are used.
  const code = known === undefined ? world.shared.random.hex(14).replaceAll(/[0189]/g, 'Q') : textOf(known)
  const link = { code, prefilled_message: text, deep_link_url: `https://wa.me/message/${code}` }
  qrCodes.set(code, link)
  return link
}
