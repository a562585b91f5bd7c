import { randomBytes } from 'node:crypto'

/**
 * Handshakes that we have asked Meta for. The one-time token proves that what reached us went all the way: out to Meta, and in
 * through the address that we gave.
 */
export interface Handshakes {
  expect(): Expected
  /** A handshake came in with this token. @returns whether it was expected; then it is answered */
  saw(token: string): boolean
  tokens(): string[]
}

export interface Expected {
  readonly token: string
  /** Waits until it came. @returns false when it did not within `timeoutMs` */
  came(timeoutMs: number): Promise<boolean>
  forget(): void
}

export function createHandshakes(): Handshakes {
  const waiting = new Map<string, { came: boolean; tell: () => void }>()
  return {
    expect() {
      const token = randomBytes(24).toString('base64url')
      const entry = { came: false, tell: () => undefined as void }
      waiting.set(token, entry)
      return {
        token,
        came: (timeoutMs) =>
          new Promise((resolve) => {
            if (entry.came) return resolve(true)
            const timer = setTimeout(() => resolve(false), timeoutMs)
            entry.tell = () => {
              clearTimeout(timer)
              resolve(true)
            }
          }),
        forget: () => void waiting.delete(token),
      }
    },
    saw(token) {
      const entry = waiting.get(token)
      if (entry === undefined) return false
      entry.came = true
      entry.tell()
      return true
    },
    tokens: () => [...waiting.keys()],
  }
}
