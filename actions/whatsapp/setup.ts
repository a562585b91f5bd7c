import * as answers from './answers.ts'
import { WhatsAppRefused } from './faults.ts'
import { createGraph, type GraphOptions } from './graph.ts'
import { readingOf } from './reading.ts'
import * as shapes from './setupAnswers.ts'

/** The Meta app through which we speak. */
export interface AppCredentials {
  id: string
  secret: string
}

export type Profile = Partial<
  Record<'about' | 'address' | 'description' | 'email' | 'vertical' | 'profile_picture_handle', string>
> & { websites?: string[] }

/**
 * The calls of Meta's Graph API with which an account is connected. Every method throws WhatsAppRefused with WhatsApp's code,
 * WhatsAppUnreachable, or WhatsAppAnswerInvalid. Source: Meta, Cloud API, "Business phone numbers", "Registration",
 * "Webhook overrides", "Business profiles"; Meta, Embedded Signup, "Onboarding customers".
 */
export interface SetupClient {
  /** The businesses that the token sees. */
  businesses(): Promise<shapes.BusinessNode[]>
  /** Its own accounts, and those of clients that are shared with it. */
  accountsOf(businessId: string): Promise<shapes.AccountNode[]>
  account(id: string): Promise<shapes.AccountNode>
  numbersOf(accountId: string): Promise<answers.NumberNode[]>
  number(id: string): Promise<answers.NumberNode>
  /** @param number split as WhatsApp wants it: calling code and the rest, digits. @returns its id */
  addNumber(accountId: string, number: { cc: string; phone: string; verifiedName: string }): Promise<string>
  /** A code goes to the number by text or by a call. @param language such as `ja` or `en_US` */
  requestCode(numberId: string, method: 'SMS' | 'VOICE', language: string): Promise<void>
  verifyCode(numberId: string, code: string): Promise<void>
  /** @param pin six digits: a new one, or the one that the number has already */
  register(numberId: string, pin: string): Promise<void>
  deregister(numberId: string): Promise<void>
  setPin(numberId: string, pin: string): Promise<void>
  /** Meta calls `callback` with `verifyToken` before it answers. Left out: what the app itself says. */
  subscribe(accountId: string, to?: { callback: string; verifyToken: string }): Promise<void>
  subscriptions(accountId: string): Promise<{ appId: string | null; callback: string | null }[]>
  health(id: string): Promise<shapes.Health>
  profile(numberId: string): Promise<shapes.ProfileNode | null>
  setProfile(numberId: string, profile: Profile): Promise<void>
  close(): Promise<void>
}

/** What the app itself may ask, with its own id and secret. */
export interface AppClient {
  /** Proves that id and secret belong together. */
  app(): Promise<shapes.AppNode>
  /** The code of an embedded sign-up becomes a token. It lives for 30 seconds and works once. */
  exchangeCode(code: string): Promise<{ token: string; expiresInS: number | null }>
  /** What a token may do, and until when. */
  debugToken(token: string): Promise<shapes.TokenInfo>
  /** Where the webhooks of all accounts go, and of which fields; null when the app has none of them. */
  subscription(): Promise<AppSubscription | null>
  /** Meta calls `callback` with `verifyToken` before it answers. `fields` are all that are wanted: others may end. */
  subscribe(to: { callback: string; verifyToken: string; fields: readonly string[] }): Promise<void>
  close(): Promise<void>
}

export interface AppSubscription {
  callback: string | null
  active: boolean
  fields: string[]
}

/** The kind of thing whose webhooks are WhatsApp's. Source: Meta, Graph API, "Application subscriptions". */
const SUBSCRIBED_OBJECT = 'whatsapp_business_account'

/** How Meta is reached; tests and the emulator have another address. */
export type MetaOptions = Omit<GraphOptions, 'token'>

const segment = encodeURIComponent
const query = (fields: Record<string, string>): string => new URLSearchParams(fields).toString()
/** Set-up is a handful of calls, one after the other. */
const CONNECTIONS = 4

export function createSetupClient(options: MetaOptions, token: () => string): SetupClient {
  const graph = createGraph({ connections: CONNECTIONS, ...options, token })
  const read = readingOf(graph)
  const fields = answers.numberFields(options.apiVersion ?? 'v25.0')
  /** @param secrets what the body holds and no error may repeat */
  const change = async (what: string, path: string, body: unknown, secrets: readonly string[] = []): Promise<void> => {
    refuseUnlessDone(what, await withoutWords(secrets, () => read.done(what, path, body, shapes.success)))
  }
  const number = (id: string) => `/${segment(id)}`
  return {
    businesses: () => read.all('businesses', '/me/businesses', { fields: shapes.BUSINESS_FIELDS }, shapes.business),
    async accountsOf(businessId) {
      const list = (edge: string) =>
        read.all('accounts', `/${segment(businessId)}/${edge}`, { fields: shapes.ACCOUNT_FIELDS }, shapes.account)
      const [owned, shared] = await Promise.all([
        list('owned_whatsapp_business_accounts'),
        list('client_whatsapp_business_accounts'),
      ])
      return [...new Map([...owned, ...shared].map((one) => [one.id, one])).values()]
    },
    account: (id) =>
      read.one(`account ${id}`, `/${segment(id)}?${query({ fields: shapes.ACCOUNT_FIELDS })}`, shapes.account),
    numbersOf: (accountId) => read.all('numbers', `/${segment(accountId)}/phone_numbers`, { fields }, answers.number),
    number: (id) => read.one(`number ${id}`, `${number(id)}?${query({ fields })}`, answers.number),
    async addNumber(accountId, { cc, phone, verifiedName }) {
      const added = await read.done(
        'to add the number',
        `/${segment(accountId)}/phone_numbers`,
        { cc, phone_number: phone, verified_name: verifiedName },
        shapes.app,
      )
      return added.id
    },
    requestCode: (id, method, language) =>
      change('to send a code', `${number(id)}/request_code`, { code_method: method, language }),
    verifyCode: (id, code) => change('the code', `${number(id)}/verify_code`, { code }, [code]),
    register: (id, pin) =>
      change('to register the number', `${number(id)}/register`, { messaging_product: 'whatsapp', pin }, [pin]),
    deregister: (id) => change('to deregister the number', `${number(id)}/deregister`, {}),
    setPin: (id, pin) => change('to set the PIN', number(id), { pin }, [pin]),
    subscribe: (accountId, to) =>
      change(
        'to send webhooks',
        `/${segment(accountId)}/subscribed_apps`,
        to === undefined ? {} : { override_callback_uri: to.callback, verify_token: to.verifyToken },
        to === undefined ? [] : [to.verifyToken],
      ),
    async subscriptions(accountId) {
      const { data } = await read.one(
        'who gets the webhooks',
        `/${segment(accountId)}/subscribed_apps`,
        shapes.subscriptions,
      )
      return data.map(({ whatsapp_business_api_data: app, override_callback_uri: callback }) => ({
        appId: app?.id ?? null,
        callback: callback ?? null,
      }))
    },
    health: async (id) =>
      (await read.one(`the health of ${id}`, `/${segment(id)}?fields=health_status`, shapes.healthAnswer))
        .health_status,
    async profile(id) {
      const path = `${number(id)}/whatsapp_business_profile?${query({ fields: shapes.PROFILE_FIELDS })}`
      return (await read.one('the profile', path, shapes.profiles)).data[0] ?? null
    },
    setProfile: (id, profile) =>
      change('the profile', `${number(id)}/whatsapp_business_profile`, { messaging_product: 'whatsapp', ...profile }),
    close: () => graph.close(),
  }
}

/** Speaks with an app access token, `id|secret` in the header: neither stands in an address. */
export function createAppClient(options: MetaOptions, { id, secret }: AppCredentials): AppClient {
  const graph = createGraph({ connections: CONNECTIONS, ...options, token: () => `${id}|${secret}` })
  const read = readingOf(graph)
  return {
    app: () => read.one('the app', `/${segment(id)}?fields=id,name`, shapes.app),
    async exchangeCode(code) {
      const body = { client_id: id, client_secret: secret, code, grant_type: 'authorization_code' }
      const { access_token, expires_in } = await withoutWords([secret, code], () =>
        read.done('to exchange the code', '/oauth/access_token', body, shapes.exchanged),
      )
      return { token: access_token, expiresInS: expires_in ?? null }
    },
    async debugToken(token) {
      // Meta takes the token to look at only in the query. It goes over TLS, and no error or log of ours repeats a path.
      const { data } = await withoutWords([token], () =>
        read.one('what the token may do', `/debug_token?${query({ input_token: token })}`, shapes.tokenAnswer),
      )
      return data
    },
    async subscription() {
      const { data } = await read.one('what the app is told', `/${segment(id)}/subscriptions`, shapes.appSubscriptions)
      const ours = data.find(({ object }) => object === SUBSCRIBED_OBJECT)
      if (ours === undefined) return null
      return { callback: ours.callback_url ?? null, active: ours.active, fields: ours.fields }
    },
    async subscribe({ callback, verifyToken, fields }) {
      const body = {
        object: SUBSCRIBED_OBJECT,
        callback_url: callback,
        verify_token: verifyToken,
        fields: fields.join(','),
        include_values: true,
      }
      const what = 'to tell the app'
      const done = await withoutWords([verifyToken], () =>
        read.done(what, `/${segment(id)}/subscriptions`, body, shapes.success),
      )
      refuseUnlessDone(what, done)
    },
    close: () => graph.close(),
  }
}

function refuseUnlessDone(what: string, { success }: { success?: boolean | undefined }): void {
  if (success !== false) return
  throw new WhatsAppRefused(
    `WhatsApp refused ${what} without saying why.`,
    { code: null, subcode: null, httpStatus: 200 },
    false,
  )
}

/** A refusal may repeat what it refuses. These words must not stand in it. */
async function withoutWords<T>(words: readonly string[], work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof WhatsAppRefused)) throw error
    const clean = (text: string) =>
      words.reduce((before, word) => (word === '' ? before : before.replaceAll(word, '[secret]')), text)
    const details = error.details as ConstructorParameters<typeof WhatsAppRefused>[1]
    throw new WhatsAppRefused(
      clean(error.message),
      { ...details, ...(details.said !== undefined && { said: clean(details.said) }) },
      error.retryable,
    )
  }
}
