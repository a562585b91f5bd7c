import type { Clock } from '#engine/clock.ts'
import { AppError } from '#engine/errors.ts'
import type { Store } from '#engine/store.ts'
import type { Secret } from '../secret.ts'
import type { Vault } from './vault.ts'

/** Secrets by name, sealed at rest. */
export interface KeptSecrets {
  /** Null when there is none. @throws SecretUnreadable, EncryptionKeyMissing */
  read(name: string): Promise<Secret | null>
  /** All or none; null drops one. @throws EncryptionKeyMissing */
  write(secrets: { name: string; value: string | null }[]): Promise<void>
  names(prefix?: string): Promise<string[]>
  /** Seals with the first key whatever another one sealed. What cannot be opened stays as it is, and is named. */
  rotate(): Promise<Rotation>
  /** How it stands, without opening anything to anybody. */
  readonly keyIds: readonly string[]
}

export interface Rotation {
  /** Sealed anew. */
  rotated: string[]
  /** Sealed with the first key before. */
  current: string[]
  unreadable: { name: string; error: AppError }[]
}

export function keptSecrets(store: Store, clock: Clock, vault: Vault): KeptSecrets {
  return {
    keyIds: vault.keyIds,
    async read(name) {
      const sealed = await store.secret(name)
      return sealed === null ? null : vault.open(name, sealed)
    },
    async write(secrets) {
      const sealed = secrets.map(({ name, value }) => ({
        name,
        sealed: value === null ? null : vault.seal(name, value),
      }))
      await store.saveSecrets(sealed, clock.now())
    },
    names: async (prefix = '') => (await store.secretNames()).filter((name) => name.startsWith(prefix)),
    async rotate() {
      const found: Rotation = { rotated: [], current: [], unreadable: [] }
      const anew: { name: string; sealed: string }[] = []
      for (const name of await store.secretNames()) {
        const sealed = await store.secret(name)
        if (sealed === null) continue
        try {
          const open = vault.open(name, sealed)
          if (vault.isOld(sealed)) {
            anew.push({ name, sealed: vault.seal(name, open.reveal()) })
            found.rotated.push(name)
          } else found.current.push(name)
        } catch (error) {
          if (!(error instanceof AppError)) throw error
          found.unreadable.push({ name, error })
        }
      }
      if (anew.length > 0) await store.saveSecrets(anew, clock.now())
      return found
    },
  }
}
