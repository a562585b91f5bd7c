import { readConfig } from '#server/config.ts'
import { EncryptionKeyMissing } from '#server/secrets/errors.ts'
import { openDenrei } from '#server/openDenrei.ts'
import { EXIT, type Context } from '../context.ts'
import { say } from '../texts.ts'

/**
 * `denrei secrets rotate`: seals all that is kept with the first key of DENREI_ENCRYPTION_KEY. A server does so when it starts; this is for
 * who wants to see it done before the old key is taken away. Exit 1 when something cannot be opened.
 */
export async function rotateSecrets({ output, env }: Context): Promise<number> {
  const config = readConfig(env)
  if (config.DENREI_ENCRYPTION_KEY.length === 0) throw new EncryptionKeyMissing()
  const opened = await openDenrei(config)
  try {
    // Opening has done it.
    const { rotated, current, unreadable } = opened.kept.rotation
    const keys = opened.kept.secrets.keyIds
    output.result(
      { rotated, current, unreadable: unreadable.map(({ name, error }) => ({ name, code: error.code })), keys },
      () => {
        output.line(say(output.language, 'secretsRotated', rotated.length, current.length, keys[0] ?? ''))
        for (const { error } of unreadable) output.line(`! ${error.code}: ${error.message}`)
      },
    )
    return unreadable.length === 0 ? EXIT.ok : EXIT.no
  } finally {
    await opened.close()
  }
}
