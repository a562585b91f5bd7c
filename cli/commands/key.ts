import { InvalidInput } from '#engine/errors.ts'
import { createAuth } from '#server/auth.ts'
import { authSecret } from '#server/authSecret.ts'
import { readConfig } from '#server/config.ts'
import { openDenrei } from '#server/openDenrei.ts'
import { role } from '#server/roles.ts'
import { EXIT, type Context } from '../context.ts'
import { say } from '../texts.ts'

/**
 * `denrei key`: makes an API key in the database itself, for the one who lost the admin key. Whoever may open the file may do
 * it; a running server has the file, so it must be stopped first.
 */
export async function key({ output, env }: Context, options: { role: string; name: string }): Promise<number> {
  const wanted = role.safeParse(options.role)
  if (!wanted.success) {
    throw new InvalidInput(`There is no role "${options.role}". Use ${role.options.join(', ')}.`, {
      role: options.role,
    })
  }
  const config = readConfig(env)
  const opened = await openDenrei(config)
  try {
    const secret = await authSecret(config.DENREI_AUTH_SECRET, config.DENREI_DB)
    const made = await createAuth({ database: opened.database, clock: opened.denrei.clock, secret }).createKey({
      name: options.name,
      role: wanted.data,
    })
    output.result({ id: made.id, name: made.name, role: made.role, key: made.key }, () =>
      output.line(`${say(output.language, 'keyMade', made.role)}\n  ${made.key}`),
    )
    return EXIT.ok
  } finally {
    await opened.close()
  }
}
