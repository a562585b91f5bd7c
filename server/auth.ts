import { hash } from 'node:crypto'
import type { Database } from 'better-sqlite3'
import { LRUCache } from 'lru-cache'
import type { Clock, Instant } from '#engine/clock.ts'
import { NotAuthentic, NotFound } from '#engine/errors.ts'
import { openKeyring, type Keyring } from './keyring.ts'
import type { Caller, Role } from './roles.ts'
import type { Secret } from './secret.ts'

/** How long a key that was verified is believed without asking the database again. Revoking a key forgets it at once. */
const TRUST_MS = 60_000
const TRUSTED_MAX = 10_000
/** `denrei_` and 64 letters, as the keyring makes them; anything else is refused without a look into the database. */
const KEY = /^denrei_[A-Za-z]{64}$/

/** An API key without the key. */
export interface KeyInfo {
  id: string
  name: string
  role: Role
  /** The first characters, to tell keys apart. */
  start: string
  enabled: boolean
  createdAt: Instant
  lastUsedAt: Instant | null
  expiresAt: Instant | null
}

/** Names who makes a request, and keeps the keys. */
export interface Auth {
  /**
   * @param credential what `Authorization: Bearer` or `x-api-key` carried
   * @throws NotAuthentic when it is missing, unknown, revoked or expired
   */
  authenticate(credential: string | undefined): Promise<Caller>
  /** @returns the key itself, this once: only its hash is kept */
  createKey(wanted: { name: string; role: Role; expiresInDays?: number }): Promise<KeyInfo & { key: string }>
  /** Newest first, revoked ones too. */
  keys(): Promise<KeyInfo[]>
  /** @throws NotFound */
  revokeKey(id: string): Promise<void>
  /** True when no key was ever made. Cheap: it loads nothing. */
  isNew(): boolean
  /** Loads what verification needs, so that the first request does not wait for it. */
  warmUp(): Promise<void>
}

/**
 * API keys over better-auth, in the same SQLite file as all else.
 *
 * better-auth takes a third of a second to load and a millisecond (and two writes) to verify a key. So it is loaded
 * when first needed, and a verified key is remembered for a minute by its hash.
 */
export function createAuth({ database, secret, clock }: { database: Database; secret: Secret; clock: Clock }): Auth {
  const trusted = new LRUCache<string, Caller & { expiresAt: Instant | null }>({
    max: TRUSTED_MAX,
    ttl: TRUST_MS,
    ttlResolution: 0,
    perf: clock,
  })
  /** Grows with each revocation: a verification that began before one must not be remembered after it. */
  let revocations = 0
  let keyring: Promise<Keyring> | undefined
  const open = () =>
    (keyring ??= openKeyring(database, secret).catch((error: unknown) => {
      keyring = undefined
      throw error
    }))

  return {
    async authenticate(credential) {
      if (!credential) throw new NotAuthentic('No API key came with the request. Send "Authorization: Bearer <key>".')
      if (!KEY.test(credential)) throw refused()
      const digest = hash('sha256', credential, 'base64url')
      let caller = trusted.get(digest)
      if (!caller) {
        const before = revocations
        const info = await (await open()).verify(credential)
        if (!info) throw refused()
        caller = { keyId: info.id, name: info.name, role: info.role, expiresAt: info.expiresAt }
        if (before === revocations) trusted.set(digest, caller)
      }
      if (caller.expiresAt !== null && clock.now() >= caller.expiresAt) throw refused()
      return caller
    },
    async createKey(wanted) {
      return (await open()).create(wanted)
    },
    async keys() {
      return (await open()).list()
    },
    async revokeKey(id) {
      if (!(await (await open()).disable(id))) throw new NotFound(`There is no API key "${id}".`, { id })
      revocations++
      for (const [digest, caller] of trusted.entries()) if (caller.keyId === id) trusted.delete(digest)
    },
    isNew: () => !hasKeys(database),
    async warmUp() {
      await open()
    },
  }
}

function refused(): NotAuthentic {
  return new NotAuthentic('This API key is unknown, revoked or expired. Ask an admin for another.')
}

function hasKeys(database: Database): boolean {
  const table = database.prepare(`select 1 from sqlite_master where type = 'table' and name = 'auth_apikey'`).get()
  return table !== undefined && database.prepare('select 1 from auth_apikey limit 1').get() !== undefined
}
