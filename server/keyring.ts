import assert from 'node:assert/strict'
import type { Database } from 'better-sqlite3'
import { role, type Role } from './roles.ts'
import type { KeyInfo } from './auth.ts'
import type { Secret } from './secret.ts'

/** better-auth wants an owner for each key; ours belong to the installation. */
const OWNER = 'denrei'
const DAY_S = 86_400

/** API keys as better-auth keeps them: SHA-256 hashes in tables whose names begin with `auth_`. */
export interface Keyring {
  /** @returns null when the key is unknown, revoked or expired */
  verify(key: string): Promise<KeyInfo | null>
  create(wanted: { name: string; role: Role; expiresInDays?: number }): Promise<KeyInfo & { key: string }>
  list(): Promise<KeyInfo[]>
  /** @returns false when there is no such key */
  disable(id: string): Promise<boolean>
}

/** A row as better-auth gives it. */
interface Row {
  id: string
  name: string | null
  start: string | null
  enabled: boolean
  createdAt: Date
  lastRequest: Date | null
  expiresAt: Date | null
  /** An object from the endpoints, JSON from the adapter. */
  permissions?: unknown
}

/** Loads better-auth and brings its tables up to date. */
export async function openKeyring(database: Database, secret: Secret): Promise<Keyring> {
  const [{ betterAuth }, { apiKey }, { getMigrations }] = await Promise.all([
    import('better-auth'),
    import('@better-auth/api-key'),
    import('better-auth/db/migration'),
  ])
  const auth = betterAuth({
    database: withoutTransactions(database) as Database,
    secret: secret.reveal(),
    baseURL: 'http://localhost',
    telemetry: { enabled: false },
    logger: { disabled: true },
    user: { modelName: 'auth_user' },
    session: { modelName: 'auth_session' },
    account: { modelName: 'auth_account' },
    verification: { modelName: 'auth_verification' },
    plugins: [
      apiKey(
        {
          defaultPrefix: 'denrei_',
          requireName: true,
          maximumNameLength: 100,
          startingCharactersConfig: { charactersLength: 12 },
          keyExpiration: { minExpiresIn: 1, maxExpiresIn: 3650 },
          // Requests are counted by the server, in memory: the plugin would write a row for each.
          rateLimit: { enabled: false },
        },
        { schema: { apikey: { modelName: 'auth_apikey' } } },
      ),
    ],
  })
  await (await getMigrations(auth.options)).runMigrations()
  const { adapter } = await auth.$context

  return {
    async verify(key) {
      const { valid, key: row } = await auth.api.verifyApiKey({ body: { key } })
      return valid && row ? describe(row) : null
    },
    async create({ name, role, expiresInDays }) {
      const row = await auth.api.createApiKey({
        body: {
          name,
          userId: OWNER,
          permissions: { role: [role] },
          ...(expiresInDays === undefined ? {} : { expiresIn: expiresInDays * DAY_S }),
        },
      })
      return { ...describe(row), key: row.key }
    },
    async list() {
      const rows = await adapter.findMany<Row>({
        model: 'apikey',
        limit: 1_000,
        sortBy: { field: 'createdAt', direction: 'desc' },
      })
      return rows.map(describe)
    },
    async disable(id) {
      const row = await adapter.findOne<Row>({ model: 'apikey', where: [{ field: 'id', value: id }] })
      if (!row) return false
      await auth.api.updateApiKey({ body: { keyId: id, userId: OWNER, enabled: false } })
      return true
    },
  }
}

function describe(row: Row): KeyInfo {
  const permissions = (typeof row.permissions === 'string' ? JSON.parse(row.permissions) : row.permissions) as {
    role?: unknown[]
  } | null
  return {
    id: row.id,
    name: row.name ?? '',
    role: role.parse(permissions?.role?.[0]),
    start: row.start ?? '',
    enabled: row.enabled,
    createdAt: row.createdAt.getTime(),
    lastUsedAt: row.lastRequest?.getTime() ?? null,
    expiresAt: row.expiresAt?.getTime() ?? null,
  }
}

/**
 * The store's handle, for single statements. better-auth awaits between the statements of a transaction; the store
 * commits on the same connection, and what it had promised would be rolled back with a transaction not its own. API
 * keys need none, so `begin` is a bug here.
 */
function withoutTransactions(database: Database) {
  return {
    aggregate: true,
    prepare(sql: string) {
      assert(!/^\s*begin/i.test(sql), 'better-auth opened a transaction on the connection of the store')
      return database.prepare(sql)
    },
    close() {},
  } as unknown
}
