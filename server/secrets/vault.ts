import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto'
import { Secret } from '../secret.ts'
import { EncryptionKeyMissing, SecretUnreadable } from './errors.ts'

/** Seals and opens secrets. The store only ever sees them sealed. */
export interface Vault {
  /** @throws EncryptionKeyMissing */
  seal(name: string, value: string): string
  /** @throws SecretUnreadable when no key opens it, or when it was sealed under another name; EncryptionKeyMissing */
  open(name: string, sealed: string): Secret
  /** Sealed with another key than the first: to be sealed anew. */
  isOld(sealed: string): boolean
  /** Of the keys, the first first. They tell nothing about the keys. */
  readonly keyIds: readonly string[]
}

const KEY_BYTES = 32
const IV_BYTES = 12
const TAG_BYTES = 16
const FORMAT = 'v1'

/** Says which key it is without saying what it is: the keys are random, so a hash of one cannot be turned round. */
const idOf = (key: Buffer): string =>
  createHash('sha256').update('denrei key id\0').update(key).digest('hex').slice(0, 12)

/** The base64 of 32 bytes; null when it is something else. */
export function readKey(text: string): Buffer | null {
  if (!/^[A-Za-z0-9+/_-]{43}=?$/.test(text)) return null
  const key = Buffer.from(text, 'base64')
  return key.length === KEY_BYTES ? key : null
}

/**
 * AES-256-GCM with a fresh nonce each time: `v1.<key id>.<nonce>.<ciphertext and tag>`. The name is authenticated with it, so
 * that a sealed text that is moved to another row does not open.
 *
 * @param keys the first seals, all open: to change the key, put the new one in front
 */
export function createVault(keys: readonly Secret[]): Vault {
  const ring = keys.map((one) => {
    const key = readKey(one.reveal())
    if (key === null) throw new TypeError('An encryption key is the base64 of 32 bytes.')
    return { id: idOf(key), key }
  })
  const [first] = ring
  const context = (keyId: string, name: string) => Buffer.from(`denrei ${FORMAT} ${keyId} ${name}`)
  const partsOf = (sealed: string) => {
    const [format, keyId, nonce, body, ...rest] = sealed.split('.')
    if (format !== FORMAT || keyId === undefined || nonce === undefined || body === undefined || rest.length > 0)
      return null
    return { keyId, nonce: Buffer.from(nonce, 'base64url'), body: Buffer.from(body, 'base64url') }
  }
  return {
    keyIds: ring.map(({ id }) => id),
    seal(name, value) {
      if (first === undefined) throw new EncryptionKeyMissing()
      const nonce = randomBytes(IV_BYTES)
      const cipher = createCipheriv('aes-256-gcm', first.key, nonce).setAAD(context(first.id, name))
      const body = Buffer.concat([cipher.update(value, 'utf8'), cipher.final(), cipher.getAuthTag()])
      return [FORMAT, first.id, nonce.toString('base64url'), body.toString('base64url')].join('.')
    },
    open(name, sealed) {
      if (first === undefined) throw new EncryptionKeyMissing()
      const parts = partsOf(sealed)
      if (parts === null || parts.nonce.length !== IV_BYTES || parts.body.length < TAG_BYTES)
        throw new SecretUnreadable(name, 'malformed', null)
      const found = ring.find(({ id }) => id === parts.keyId)
      if (found === undefined) throw new SecretUnreadable(name, 'no_key', parts.keyId)
      const split = parts.body.length - TAG_BYTES
      const decipher = createDecipheriv('aes-256-gcm', found.key, parts.nonce, { authTagLength: TAG_BYTES })
        .setAAD(context(found.id, name))
        .setAuthTag(parts.body.subarray(split))
      try {
        return new Secret(Buffer.concat([decipher.update(parts.body.subarray(0, split)), decipher.final()]).toString())
      } catch {
        // Node says no more than that the tag does not fit.
        throw new SecretUnreadable(name, 'changed', parts.keyId)
      }
    },
    isOld: (sealed) => partsOf(sealed)?.keyId !== first?.id,
  }
}
