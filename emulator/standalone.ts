import { parseArgs } from 'node:util'
import { startEmulator, type Emulator } from './emulator.ts'
import { MAGIC, TEMPLATE_MAGIC } from './magic.ts'
import type { EmulatorOptions } from './options.ts'
import { setupWorld } from './setupWorld.ts'

/** What a person who tries the emulator without settings gets: good enough for loopback, useless elsewhere. */
export const LOCAL_CREDENTIALS = {
  token: 'emulator-token',
  appSecret: 'emulator-secret',
  verifyToken: 'emulator-verify',
} as const

/** The magic numbers and names, a line each. */
export function magicTable(language: 'ja' | 'en'): string {
  const rows = Object.entries(MAGIC).map(([digits, magic]) => `  …${digits}  ${magic[language]}`)
  const names = Object.entries(TEMPLATE_MAGIC).map(([what, pattern]) => `  ${String(pattern)}  ${what}`)
  const heads = {
    ja: ['宛先の末尾 4 桁で決まる動き:', 'テンプレート名で決まる審査の結果:'],
    en: [
      'What happens, by the last four digits of the recipient:',
      'What the review says, by the name of the template:',
    ],
  }[language]
  return [heads[0], ...rows, heads[1], ...names].join('\n')
}

/** What to print when it runs: where it is, what it takes, what it does. */
export function banner(emulator: Emulator, language: 'ja' | 'en'): string {
  const numbers = emulator.numbers.map(({ id, displayNumber }) => `${id} (${displayNumber})`).join(', ')
  const words = {
    ja: ['WhatsApp Cloud API エミュレーター', 'アカウント', '番号', '操作'],
    en: ['WhatsApp Cloud API emulator', 'account', 'numbers', 'control'],
  }[language]
  return [
    `${words[0]}: ${emulator.url}`,
    `  ${words[1]}: ${emulator.wabaId}`,
    `  ${words[2]}: ${numbers}`,
    `  ${words[3]}: ${emulator.url}/_emulator/counts, messages, faults, inbound, templates/NAME/approve`,
    magicTable(language),
  ].join('\n')
}

/**
 * Starts the emulator from command-line arguments and says where it is; the caller closes it. The token and the secrets come from `DENREI_EMULATOR_TOKEN`,
 * `DENREI_EMULATOR_APP_SECRET` and `DENREI_EMULATOR_VERIFY_TOKEN`, not from arguments, which other users of the machine can read.
 */
export async function runEmulator(args: string[], say: (text: string) => void = console.log): Promise<Emulator> {
  const { values } = parseArgs({
    args,
    options: {
      port: { type: 'string', default: '4010' },
      'webhook-url': { type: 'string' },
      'review-delay-ms': { type: 'string' },
      'read-rate': { type: 'string' },
      seed: { type: 'string' },
      world: { type: 'string', default: 'plain' },
      language: { type: 'string', default: 'en' },
    },
  })
  const number = (name: 'port' | 'review-delay-ms' | 'read-rate' | 'seed'): number | undefined => {
    const text = values[name]
    if (text === undefined) return undefined
    if (text.trim() === '' || !Number.isFinite(Number(text)))
      throw new TypeError(`--${name} must be a number, not "${text}".`)
    return Number(text)
  }
  if (values.world !== 'plain' && values.world !== 'setup')
    throw new TypeError(`--world must be plain or setup, not "${values.world}".`)
  const given: EmulatorOptions = {
    ...(values.world === 'setup' ? setupWorld() : {}),
    token: process.env['DENREI_EMULATOR_TOKEN'] ?? LOCAL_CREDENTIALS.token,
    appSecret: process.env['DENREI_EMULATOR_APP_SECRET'] ?? LOCAL_CREDENTIALS.appSecret,
    verifyToken: process.env['DENREI_EMULATOR_VERIFY_TOKEN'] ?? LOCAL_CREDENTIALS.verifyToken,
    webhookUrl: values['webhook-url'] ?? null,
    port: number('port')!,
    ...(values['review-delay-ms'] === undefined ? {} : { reviewDelayMs: number('review-delay-ms')! }),
    ...(values['read-rate'] === undefined ? {} : { readRate: number('read-rate')! }),
    ...(values.seed === undefined ? {} : { seed: number('seed')! }),
  }
  const emulator = await startEmulator(given)
  say(banner(emulator, values.language === 'ja' ? 'ja' : 'en'))
  return emulator
}
