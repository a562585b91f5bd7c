import { createHash, timingSafeEqual } from 'node:crypto'
import { NotAuthentic } from '#engine/errors.ts'

/**
 * Compares without telling by its time where the two differ, nor how long the expected one is: both are hashed first.
 * Two empty strings are not the same secret, because an empty secret is a missing one.
 */
export function sameSecret(given: string, expected: string): boolean {
  const same = timingSafeEqual(sha256(given), sha256(expected))
  return same && expected !== ''
}

/** Whether it is any of them. Looks at all, so that the time does not tell which one it was. */
export function isOneOf(given: string, secrets: readonly string[]): boolean {
  return secrets.reduce((found, secret) => sameSecret(given, secret) || found, false)
}

/**
 * Checks the secret of a header or query parameter. Several are valid at once while one is being replaced.
 *
 * @param given as the request carried it; undefined when it carried none
 * @param where for the message: `header X-Denrei-Secret`. Never the secret
 * @throws NotAuthentic
 */
export function verifySecret(given: string | undefined, secrets: readonly string[], where: string): void {
  if (secrets.every((secret) => secret === '')) {
    throw new NotAuthentic(`No secret is configured for ${where}, so nothing can be accepted. Configure one.`, {
      where,
    })
  }
  if (given === undefined || given === '') {
    throw new NotAuthentic(`The request carries no secret in ${where}. Send the one configured here.`, { where })
  }
  if (!isOneOf(given, secrets)) {
    throw new NotAuthentic(`The secret in ${where} is not the one configured here.`, { where })
  }
}

function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}
