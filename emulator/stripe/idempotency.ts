import { StripeFault } from './fault.ts'

interface Remembered {
  /** Method, path and parameters. */
  asked: string
  status: number
  body: object
  at: number
}

const DAY_MS = 86_400_000

/**
 * Answers by idempotency key, for a day: the same request gets the same answer, a failure of the server too; another request under
 * the same key is refused. What was refused before anything was done is not remembered.
 *
 * Source: Stripe, "Idempotent requests".
 */
export class IdempotencyKeys {
  private readonly known = new Map<string, Remembered>()

  find(key: string, asked: string, now: number): Remembered | null {
    const found = this.known.get(key)
    if (found === undefined || found.at + DAY_MS <= now) return null
    if (found.asked === asked) return found
    throw new StripeFault(
      400,
      'idempotency_error',
      `Keys for idempotent requests can only be used with the same parameters they were first used with. Try using a key other than '${key}' if you meant to execute a different request.`,
    )
  }

  keep(key: string, remembered: Remembered): void {
    if (remembered.status === 402 || remembered.status < 300 || remembered.status >= 500) {
      this.known.set(key, remembered)
    }
  }
}
