import { z } from 'zod'
import { AppError } from '#engine/errors.ts'
import { Secret } from './secret.ts'
import { readKey } from './secrets/vault.ts'

/** An environment variable is missing or wrong. `details.variables` lists each with what to do; values are not shown. */
export class ConfigInvalid extends AppError {
  readonly code = 'ERR_CONFIG_INVALID'
  readonly retryable = false
}

const secret = (min = 1) =>
  z
    .string()
    .min(min, `Use at least ${String(min)} characters.`)
    .transform((value) => new Secret(value))
const secrets = z.string().transform((list) => words(list).map((value) => new Secret(value)))
/** Keys of the vault: none, or each the base64 of 32 bytes. */
const keys = z
  .string()
  .refine((list) => words(list).every((word) => readKey(word) !== null), {
    error: 'Use the base64 of 32 bytes, as "openssl rand -base64 32" makes; several with commas, the newest first.',
  })
  .transform((list) => words(list).map((value) => new Secret(value)))
const LOOPBACK = /^(localhost|127(\.\d+){3}|\[::1\])$/
const whole = (min: number, max: number) =>
  z
    .string()
    .regex(/^\d+$/, 'Use a whole number.')
    .transform(Number)
    .pipe(
      z
        .int()
        .min(min, `Use ${String(min)} or more.`)
        .max(max, `Use ${String(max)} or less.`),
    )
const yesNo = z.enum(['true', 'false'], 'Use "true" or "false".').transform((value) => value === 'true')

/**
 * Every variable the server reads, with its default. The descriptions are the table in the documentation
 * (see {@link describeConfig}). Lists are separated by commas.
 */
export const variables = {
  DENREI_HOST: z.string().default('127.0.0.1').describe('Address to listen on. `0.0.0.0` opens it to the network.'),
  DENREI_PORT: whole(0, 65_535).prefault('8080').describe('Port to listen on; 0 takes any free one.'),
  DENREI_DB: z.string().default('./denrei.db').describe('The SQLite file; `:memory:` keeps nothing.'),
  DENREI_SYNCHRONOUS: z
    .enum(['full', 'normal'], 'Use "full" or "normal".')
    .default('full')
    .describe('`full` survives a power cut; `normal` may lose the last moments of one, not of a crash.'),
  DENREI_LOG_LEVEL: z
    .enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'])
    .default('info')
    .describe('Least severe line that is logged.'),
  DENREI_AUTH_SECRET: secret(32)
    .optional()
    .describe('At least 32 characters. When missing, one is made and kept beside the database, readable by you only.'),
  DENREI_ENCRYPTION_KEY: keys
    .prefault('')
    .describe(
      'Seals the tokens and app secrets that are kept: the base64 of 32 bytes. To change it put the new one in front, with a comma.',
    ),
  DENREI_PUBLIC_URL: z
    .url({ protocol: /^https?$/, error: 'Use an https URL.' })
    .refine((url) => url.startsWith('https:') || LOOPBACK.test(new URL(url).hostname), {
      error: 'Use https: WhatsApp sends webhooks to nothing else. Only this machine itself may be http.',
    })
    .transform((url) => url.replace(/\/+$/, ''))
    .optional()
    .describe('Where WhatsApp reaches this server from outside, with the prefix if it has one.'),
  DENREI_TRUST_PROXY: yesNo
    .prefault('false')
    .describe('`true` behind a reverse proxy: the client is who `X-Forwarded-For` says.'),
  DENREI_METRICS_OPEN: yesNo.prefault('false').describe('`true` serves /metrics without an API key.'),
  DENREI_REQUESTS_PER_MINUTE: whole(1, 100_000_000)
    .prefault('600000')
    .describe('Requests one API key may make in a minute.'),
  DENREI_FAILURES_PER_MINUTE: whole(1, 100_000_000)
    .prefault('30')
    .describe('Requests with a wrong key or signature one address may make in a minute before it gets 429.'),
  DENREI_INBOX_MAX: whole(1, 100_000_000)
    .prefault('50000')
    .describe('Undecided events above which new ones are refused with 503.'),
  DENREI_INBOX_LAG_MAX_MS: whole(100, 86_400_000)
    .prefault('60000')
    .describe(
      'Age of the oldest undecided event, in ms, above which new ones are refused with 503 and /readyz says so.',
    ),
  WHATSAPP_BASE_URL: z
    .url({ protocol: /^https?$/, error: 'Use an http or https URL.' })
    .default('https://graph.facebook.com')
    .describe('Where the Cloud API is; the emulator’s address for local work.'),
  WHATSAPP_API_VERSION: z
    .string()
    .regex(/^v\d+\.\d+$/, 'Use a version such as "v25.0".')
    .default('v25.0')
    .describe('Version of the Graph API.'),
  WHATSAPP_ACCOUNT_ID: z
    .string()
    .regex(/^\d+$/, 'Use the digits that WhatsApp Manager shows as the account id.')
    .optional()
    .describe('WhatsApp Business account id.'),
  WHATSAPP_APP_ID: z
    .string()
    .regex(/^\d+$/, 'Use the digits that the app’s page at Meta shows as the app id.')
    .optional()
    .describe('Id of the Meta app, to which samples of templates are uploaded. Default: the app of the token.'),
  WHATSAPP_TOKEN: secret().optional().describe('Access token of a system user.'),
  WHATSAPP_APP_SECRET: secrets
    .prefault('')
    .describe('Secret of the Meta app that signs webhooks; two, with a comma, while it is changed.'),
  WHATSAPP_VERIFY_TOKEN: secret().optional().describe('The word you typed in the webhook form at Meta.'),
  STRIPE_SECRET_KEY: secret().optional().describe('Key with which credits are paid through Stripe.'),
  STRIPE_WEBHOOK_SECRET: secrets
    .prefault('')
    .describe('Signs what Stripe posts to /v1/payments/stripe; two, with a comma, while it is changed.'),
  STRIPE_BASE_URL: z
    .url({ protocol: /^https?$/, error: 'Use an http or https URL.' })
    .default('https://api.stripe.com')
    .describe('Where Stripe’s API is; a double’s address for local work.'),
  ZOHO_CHANNEL_TOKEN: secrets.prefault('').describe('Tokens of the Zoho notification channels.'),
  ZOHO_WEBHOOK_SECRET: secrets
    .prefault('')
    .describe('What Zoho workflow webhooks send in the `x-denrei-secret` header, because Zoho signs nothing.'),
  WEBHOOK_SIGNING_SECRET: z
    .string()
    .regex(/^whsec_[A-Za-z0-9+/]{32,}={0,2}$/, 'Use "whsec_" and at least 24 bytes in base64.')
    .transform((value) => new Secret(value))
    .optional()
    .describe('Signs the webhooks we call, as Standard Webhooks says.'),
} as const
const schema = z.object(variables)

/** What the server runs with. Field names are the variables'. */
export type Config = z.output<typeof schema>

/**
 * @param env such as `process.env`; an empty value counts as missing
 * @throws ConfigInvalid that names every wrong variable and the way out, never its value
 */
export function readConfig(env: Readonly<Record<string, string | undefined>>): Config {
  const given = Object.fromEntries(
    Object.entries(env).filter(([name, value]) => name in variables && value !== undefined && value.trim() !== ''),
  )
  const parsed = schema.safeParse(given)
  if (parsed.success) return parsed.data
  const wrong = parsed.error.issues.map((issue) => ({ variable: String(issue.path[0]), message: issue.message }))
  throw new ConfigInvalid(
    `The configuration is not usable. ${wrong.map(({ variable, message }) => `${variable}: ${message}`).join(' ')}`,
    { variables: wrong },
  )
}

/** A row for each variable, for the documentation and `denrei doctor`. */
export function describeConfig(): { name: string; fallback: string; description: string }[] {
  return Object.entries(variables).map(([name, type]) => {
    const parsed = type.safeParse(undefined)
    const fallback = parsed.success && parsed.data !== undefined ? parsed.data : ''
    return { name, fallback: Array.isArray(fallback) ? '' : String(fallback), description: type.description ?? '' }
  })
}

function words(list: string): string[] {
  return list
    .split(',')
    .map((word) => word.trim())
    .filter((word) => word !== '')
}
