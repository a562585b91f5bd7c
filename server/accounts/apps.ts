import { randomBytes } from 'node:crypto'
import { z } from 'zod'
import type { AppCredentials } from '#actions/whatsapp/setup.ts'
import type { Clock } from '#engine/clock.ts'
import { AppError } from '#engine/errors.ts'
import type { KeptSecrets } from '../secrets/kept.ts'

/** Secrets of Meta apps: they sign webhooks, and the verify token answers handshakes. */
export interface Apps {
  /** The environment's too. Null when nothing is known of this app. @throws SecretUnreadable */
  credentials(appId: string): Promise<AppCredentials | null>
  /** Kept from now on. The secret before stays good for signatures for a while: WhatsApp repeats webhooks for days. */
  keep(app: AppCredentials, verifyToken?: string): Promise<void>
  forget(appId: string): Promise<void>
  /** All that may have signed a webhook: the environment's, and those of every kept app. */
  signingSecrets(): readonly string[]
  verifyTokens(): readonly string[]
  /** Reads them again. What cannot be opened is left out, and named. */
  reload(): Promise<void>
  unreadable(): ReadonlyMap<string, AppError>
}

/** Source: Meta, WhatsApp Cloud API, "Webhooks": what was not answered 200 is repeated for up to 7 days. */
const PREVIOUS_MS = 7 * 86_400_000
const PREFIX = 'app/'

const kept = z.object({
  secret: z.string(),
  verifyToken: z.string(),
  previous: z.object({ secret: z.string(), until: z.int() }).nullable(),
})

export function createApps(
  secrets: KeptSecrets,
  clock: Clock,
  environment: { signing: readonly string[]; verifyToken: string | null; appId: string | null },
): Apps {
  const known = new Map<string, z.infer<typeof kept>>()
  const unreadable = new Map<string, AppError>()

  async function read(appId: string): Promise<z.infer<typeof kept> | null> {
    const open = await secrets.read(PREFIX + appId)
    return open === null ? null : kept.parse(JSON.parse(open.reveal()))
  }

  return {
    async credentials(appId) {
      const app = await read(appId)
      if (app !== null) return { id: appId, secret: app.secret }
      const [secret] = appId === environment.appId ? environment.signing : []
      return secret === undefined ? null : { id: appId, secret }
    },
    async keep({ id, secret }, verifyToken) {
      const before = known.get(id) ?? null
      const previous =
        before === null || before.secret === secret
          ? (before?.previous ?? null)
          : { secret: before.secret, until: clock.now() + PREVIOUS_MS }
      const app = {
        secret,
        verifyToken: verifyToken ?? before?.verifyToken ?? randomBytes(24).toString('base64url'),
        previous,
      }
      await secrets.write([{ name: PREFIX + id, value: JSON.stringify(app) }])
      known.set(id, app)
      unreadable.delete(id)
    },
    async forget(appId) {
      await secrets.write([{ name: PREFIX + appId, value: null }])
      known.delete(appId)
      unreadable.delete(appId)
    },
    signingSecrets() {
      const now = clock.now()
      const ours = [...known.values()].flatMap(({ secret, previous }) =>
        previous !== null && previous.until > now ? [secret, previous.secret] : [secret],
      )
      return [...environment.signing, ...ours]
    },
    verifyTokens: () => [
      ...(environment.verifyToken === null ? [] : [environment.verifyToken]),
      ...[...known.values()].map(({ verifyToken }) => verifyToken),
    ],
    async reload() {
      known.clear()
      unreadable.clear()
      for (const name of await secrets.names(PREFIX)) {
        const appId = name.slice(PREFIX.length)
        try {
          const app = await read(appId)
          if (app !== null) known.set(appId, app)
        } catch (error) {
          if (!(error instanceof AppError)) throw error
          unreadable.set(appId, error)
        }
      }
    },
    unreadable: () => unreadable,
  }
}
