import { InvalidInput } from '#engine/errors.ts'
import { readConfig } from '#server/config.ts'
import { createLogger } from '#server/logger.ts'
import { startServer } from '#server/main.ts'
import type { SetupView } from '#server/setup/view.ts'
import { answerFor, type ConnectOptions } from '../connect/answers.ts'
import { askFor, terminalAsker, type Asker } from '../connect/ask.ts'
import { localDoor, remoteDoor, type ConnectDoor } from '../connect/door.ts'
import { walk } from '../connect/walk.ts'
import type { Context } from '../context.ts'
import { say } from '../texts.ts'

/**
 * `denrei connect`: walks the set-up of a WhatsApp account, from where it was left. What is not said in advance is asked on a
 * terminal. Without a server to talk to it is one itself meanwhile, because Meta has to reach the webhook.
 */
export async function connect(context: Context, options: ConnectOptions): Promise<number> {
  if (options.emulator === true) {
    const { connectEmulator } = await import('../connect/emulated.ts')
    return connectEmulator(context, options)
  }
  const { env, output } = context
  const { language } = output
  const url = options.url ?? env.DENREI_URL
  const asker = !output.json && process.stdin.isTTY && process.stdout.isTTY ? await terminalAsker() : null
  if (url !== undefined && url !== '')
    return walkThrough(context, options, remoteDoor(url, env.DENREI_KEY, language), asker)
  const server = await startServer(readConfig(env), { logger: createLogger('silent') })
  try {
    output.line(say(language, 'connectServes', server.url))
    return await walkThrough(context, options, localDoor(server, language), asker)
  } finally {
    await server.close()
  }
}

async function walkThrough(
  { env, output }: Context,
  options: ConnectOptions,
  door: ConnectDoor,
  asker: Asker | null,
): Promise<number> {
  const begun = await begin(door, options)
  output.line(say(output.language, 'connectBegins', begun.id))
  /** What was said in advance counts once: a refused answer is not given again. */
  const used = new Set<string>()
  return walk(
    door,
    begun,
    async (step) => {
      const kind = `${step.step} ${step.missing.join()}`
      const given = used.has(kind) ? null : answerFor(step, options, env)
      used.add(kind)
      if (given !== null) return { input: given, mayAskAgain: asker !== null }
      if (asker === null) return null
      return { input: await askFor(step, asker, output.language), mayAskAgain: true }
    },
    output,
  )
}

/** The named one, the one that was left last, or a new one. @throws InvalidInput */
async function begin(door: ConnectDoor, options: ConnectOptions): Promise<SetupView> {
  const all = await door.list()
  if (options.setup !== undefined) {
    const named = all.find(({ id }) => id === options.setup)
    if (named === undefined) throw new InvalidInput(`There is no set-up "${options.setup}".`, { setup: options.setup })
    return named
  }
  const left = all.filter(({ state }) => state === 'open').at(-1)
  return left === undefined || options.new === true ? door.start() : left
}
