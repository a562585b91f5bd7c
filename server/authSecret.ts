import { randomBytes } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { ConfigInvalid } from './config.ts'
import { Secret } from './secret.ts'

/**
 * The secret that signs sessions: from the environment, or made once and kept beside the database in a file that only
 * its owner can read.
 *
 * @param database path of the SQLite file; `:memory:` gets a secret that lives as long as the process
 * @throws ConfigInvalid when the file holds something else
 */
export async function authSecret(configured: Secret | undefined, database: string): Promise<Secret> {
  if (configured) return configured
  const fresh = randomBytes(32).toString('base64url')
  if (database === ':memory:') return new Secret(fresh)
  const file = `${database}.secret`
  try {
    await writeFile(file, `${fresh}\n`, { mode: 0o600, flag: 'wx' })
    return new Secret(fresh)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
  const kept = (await readFile(file, 'utf8')).trim()
  if (kept.length < 32) {
    throw new ConfigInvalid(`${file} holds no secret of 32 characters. Set DENREI_AUTH_SECRET, or delete the file.`)
  }
  return new Secret(kept)
}
