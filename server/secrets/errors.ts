import { AppError } from '#engine/errors.ts'

const HOW_TO_MAKE_A_KEY =
  'Make one with "openssl rand -base64 32", or with ' +
  `node -e "console.log(require('crypto').randomBytes(32).toString('base64'))"` +
  ', and put it into DENREI_ENCRYPTION_KEY. Keep a copy: without it what is sealed cannot be opened.'

/** A secret is to be kept, and there is no key to seal it with. */
export class EncryptionKeyMissing extends AppError {
  readonly code = 'ERR_ENCRYPTION_KEY_MISSING'
  readonly retryable = false

  constructor() {
    super(`Secrets are kept only sealed, and there is no key to seal them with. ${HOW_TO_MAKE_A_KEY}`, {
      variable: 'DENREI_ENCRYPTION_KEY',
    })
  }
}

/** A secret was sealed with a key that is not there, or was changed since. */
export class SecretUnreadable extends AppError {
  readonly code = 'ERR_SECRET_UNREADABLE'
  readonly retryable = false

  constructor(name: string, why: 'no_key' | 'changed' | 'malformed', keyId: string | null) {
    const words = {
      no_key: `No key in DENREI_ENCRYPTION_KEY opens the secret "${name}": it was sealed with the key ${keyId ?? ''}. Put that key back into the list, behind the newest one, or enter the secret anew.`,
      changed: `The secret "${name}" was changed or moved since it was sealed, so it is not used. Enter it anew.`,
      malformed: `The secret "${name}" is not sealed as Denrei seals. Enter it anew.`,
    }[why]
    super(words, { secret: name, why, keyId })
  }
}
