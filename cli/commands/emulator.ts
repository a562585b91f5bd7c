import { runEmulator } from '#emulator/standalone.ts'
import { EXIT, type Context } from '../context.ts'
import { untilStopped } from './start.ts'

/** `denrei emulator`: a WhatsApp Cloud API on loopback until it is stopped. */
export async function emulator(
  { output }: Context,
  options: { port: string; webhookUrl?: string; world: string },
): Promise<number> {
  const args = ['--port', options.port, '--language', output.language, '--world', options.world]
  if (options.webhookUrl !== undefined) args.push('--webhook-url', options.webhookUrl)
  const stopped = untilStopped()
  const running = await runEmulator(args, (text) => output.line(text))
  if (output.json)
    output.result({ url: running.url, wabaId: running.wabaId, numbers: running.numbers }, () => undefined)
  await stopped
  await running.close()
  return EXIT.ok
}
