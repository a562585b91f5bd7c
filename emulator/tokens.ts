import { GraphError } from './graphError.ts'
import { SCOPES, type Scope, type TokenOptions } from './options.ts'

/** A token as it stands. */
export interface IssuedToken {
  token: string
  userId: string
  scopes: Scope[]
  issuedAt: number
  /** Null: never. */
  expiresAt: number | null
  revoked: boolean
  /** Null: all accounts. */
  wabaIds: string[] | null
}

interface Code {
  issuedAt: number
  used: boolean
  grant: Omit<TokenOptions, 'token'>
}

/** How long a code of the embedded sign-up can be exchanged. Source: Meta, "Embedded Signup" (30 seconds). */
const CODE_MS = 30_000

/** The tokens of the app and the codes that can be exchanged for one. */
export class Tokens {
  private readonly byToken = new Map<string, IssuedToken>()
  private readonly codes = new Map<string, Code>()
  private readonly now: () => number
  private readonly hex: (length: number) => string

  /** @param main the token that may do everything; @param hex makes random text */
  constructor(main: string, more: TokenOptions[], now: () => number, hex: (length: number) => string) {
    this.now = now
    this.hex = hex
    for (const one of [{ token: main }, ...more]) this.issue(one)
  }

  issue({ token, scopes = [...SCOPES], expiresAt = null, wabaIds }: TokenOptions): IssuedToken {
    const issued: IssuedToken = {
      token,
      userId: '122100000000000001',
      scopes,
      issuedAt: this.now(),
      expiresAt,
      revoked: false,
      wabaIds: wabaIds ?? null,
    }
    this.byToken.set(token, issued)
    return issued
  }

  get(token: string): IssuedToken | undefined {
    return this.byToken.get(token)
  }

  /** @throws GraphError 190: unknown, revoked, or with subcode 463 expired */
  check(token: string): IssuedToken {
    const found = this.byToken.get(token)
    const problem = this.problemOf(found)
    if (problem !== null) throw problem
    return found!
  }

  /** What is wrong with a token; null when it is good. */
  problemOf(found: IssuedToken | undefined): GraphError | null {
    if (found === undefined) {
      return new GraphError(190, 'The access token could not be decrypted.', {
        message: 'Invalid OAuth access token - Cannot parse access token',
      })
    }
    if (found.revoked) {
      return new GraphError(190, 'The session was invalidated because the user or the app took it back.', {
        subcode: 467,
        message: 'Error validating access token: The session is invalid because the user logged out.',
      })
    }
    if (found.expiresAt !== null && found.expiresAt <= this.now()) {
      return new GraphError(190, 'The access token has expired.', {
        subcode: 463,
        message: `Error validating access token: Session has expired on ${new Date(found.expiresAt).toUTCString()}.`,
      })
    }
    return null
  }

  /** What the embedded sign-up of a customer would hand to the page. @returns a code, good once and for 30 seconds */
  grantCode(grant: Omit<TokenOptions, 'token'> = {}): string {
    const code = `AQ${this.hex(48)}`
    this.codes.set(code, { issuedAt: this.now(), used: false, grant })
    return code
  }

  /** @throws GraphError 100: unknown, used, or too old */
  exchange(code: string): IssuedToken {
    const found = this.codes.get(code)
    const refuse = (subcode: number, message: string): GraphError => new GraphError(100, message, { subcode, message })
    if (found === undefined) throw refuse(36007, 'Invalid verification code format.')
    if (found.used) throw refuse(36009, 'This authorization code has been used.')
    if (this.now() >= found.issuedAt + CODE_MS) throw refuse(36007, 'This authorization code has expired.')
    found.used = true
    return this.issue({ ...found.grant, token: `EAA${this.hex(60)}` })
  }
}

/** @throws GraphError 10 for messages, 200 for the rest, when the token lacks the permission */
export function checkScope({ scopes }: IssuedToken, needed: Scope): void {
  if (scopes.includes(needed)) return
  throw needed === 'whatsapp_business_messaging'
    ? new GraphError(10, `The token lacks the permission ${needed}.`, {
        message: '(#10) Application does not have permission for this action',
      })
    : new GraphError(200, `The token lacks the permission ${needed}.`, {
        message: `(#200) Requires ${needed} permission`,
      })
}
