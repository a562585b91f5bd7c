import { readConfig } from '#server/config.ts'
import { startServer } from '#server/main.ts'
import { EXIT, type Context } from '../context.ts'
import { say } from '../texts.ts'

/** `denrei start`: serves until SIGINT or SIGTERM, then finishes what is in flight. */
export async function start({ output, env }: Context): Promise<number> {
  const config = readConfig(env)
  const server = await startServer(config)
  output.result({ url: server.url, ...(server.adminKey === undefined ? {} : { adminKey: server.adminKey }) }, () => {
    output.line(say(output.language, 'listening', server.url))
    if (server.adminKey !== undefined) output.line(`${say(output.language, 'adminKey')}\n  ${server.adminKey}`)
    if (server.connecting.webhook.accountIds().size === 0) output.line(say(output.language, 'noAccount', server.url))
  })
  await untilStopped()
  output.line(say(output.language, 'stopping'))
  await server.close()
  output.line(say(output.language, 'stopped'))
  return EXIT.ok
}

/** Resolves at the first signal; a second one ends the process at once, as people expect of Ctrl-C twice. */
export function untilStopped(): Promise<void> {
  return new Promise((resolve) => {
    const stop = () => {
      process.once('SIGINT', () => process.exit(130))
      process.once('SIGTERM', () => process.exit(143))
      resolve()
    }
    process.once('SIGINT', stop)
    process.once('SIGTERM', stop)
  })
}
