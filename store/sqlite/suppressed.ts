import { createHmac, randomBytes } from 'node:crypto'
import type { Instant } from '#engine/clock.ts'
import { allKeys } from '#engine/decide/contact.ts'
import type { Contact } from '#engine/state.ts'
import type { Address } from '#engine/trigger.ts'
import type { Documents } from './documents.ts'
import type { Session } from './session.ts'

/** Where the key of the hashes stands among the documents. Made when the first person is remembered so. */
const KEY = 'suppression/key'

/**
 * Addresses of people who were erased and had refused our messages. Who is forgotten has not agreed: each address stays as an
 * HMAC-SHA256 under a random key, of use only to whoever asks for that very address.
 */
export type Suppressed = ReturnType<typeof createSuppressed>

export function createSuppressed({ db, onRollback }: Session, documents: Documents) {
  const one = db.prepare<[], number>('SELECT 1 FROM suppressed LIMIT 1').pluck()
  const at = db.prepare<[string], Instant>('SELECT at FROM suppressed WHERE hash = ?').pluck()
  const put = db.prepare<[string, Instant]>(
    'INSERT INTO suppressed (hash, at) VALUES (?, ?) ON CONFLICT (hash) DO UPDATE SET at = max(at, excluded.at)',
  )
  const drop = db.prepare<[string, Instant]>('DELETE FROM suppressed WHERE hash = ? AND at <= ?')
  // Every message asks, and mostly nobody was ever erased. Null: not known.
  let any: boolean | null = null
  onRollback(() => (any = null))

  const isAny = () => (any ??= one.get() === 1)

  function keyOf(now: Instant): Buffer {
    const known = documents.get(KEY)
    if (typeof known === 'string') return Buffer.from(known, 'base64')
    const made = randomBytes(32)
    documents.save(KEY, made.toString('base64'), now)
    return made
  }

  const hashOf = (address: string, key: Buffer) => createHmac('sha256', key).update(address).digest('base64')

  return {
    /** Whether this person is remembered so, and no contact known by now says that they agreed again. */
    has(to: Address, contact: Contact | null): boolean {
      if (!isAny() || (contact?.optedInAt ?? contact?.optedInAllAt ?? null) !== null) return false
      const known = documents.get(KEY)
      if (typeof known !== 'string') return false
      const key = Buffer.from(known, 'base64')
      return allKeys(to).some((address) => at.get(hashOf(address, key)) !== undefined)
    },
    add(addresses: Iterable<string>, now: Instant): void {
      const key = keyOf(now)
      for (const address of addresses) put.run(hashOf(address, key), now)
      any = true
    },
    /** A person has agreed, after they were erased. */
    lift(contact: Contact): void {
      const agreedAt = Math.max(contact.optedInAt ?? -Infinity, contact.optedInAllAt ?? -Infinity)
      if (agreedAt === -Infinity || !isAny()) return
      const key = keyOf(agreedAt)
      const { phone, waId, bsuid } = contact
      const address = { ...(phone && { phone }), ...(waId && { waId }), ...(bsuid && { bsuid }) }
      for (const one of allKeys(address)) drop.run(hashOf(one, key), agreedAt)
      any = null
    },
  }
}
