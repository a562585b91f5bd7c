import { randomBytes } from 'node:crypto'
import { startEmulator, type Emulator } from '#emulator/emulator.ts'
import type { EmulatorOptions } from '#emulator/options.ts'
import { startStripe, type StripeDouble } from '#emulator/stripe/stripe.ts'
import { readConfig } from '#server/config.ts'
import { startServer, type ServerOptions, type StartedServer } from '#server/main.ts'
import type { Target } from './feed.ts'

/** The real server, an emulated WhatsApp and a double of Stripe, which know each other's secrets and talk HTTP on loopback. */
export interface House {
  server: StartedServer
  emulator: Emulator
  /** Takes the payments. It follows the time of the emulator. */
  stripe: StripeDouble
  target: Target
  /** Once is enough. */
  close(): Promise<void>
}

type Given = Omit<EmulatorOptions, 'token' | 'appSecret' | 'verifyToken' | 'webhookUrl' | 'numbers'>

/** @param database path of the SQLite file, or `:memory:` */
export async function openHouse(database: string, given: Given, options: ServerOptions = {}): Promise<House> {
  const secrets = { token: secret(), appSecret: secret(), verifyToken: secret(), zohoToken: secret().slice(0, 40) }
  const payments = { secretKey: `sk_test_${secret()}`, webhookSecret: `whsec_${secret()}` }
  const emulator = await startEmulator({
    ...given,
    ...secrets,
    numbers: [{ id: '106540352242922', displayNumber: '+81 3-4567-8901', verifiedName: '伝令商会', throughput: 1000 }],
  })
  let stripe: StripeDouble | undefined
  try {
    const { seed, schedule } = given
    const double = await startStripe({
      ...payments,
      ...(seed === undefined ? {} : { seed }),
      ...(schedule === undefined ? {} : { schedule }),
    })
    stripe = double
    const config = readConfig({
      DENREI_PORT: '0',
      DENREI_DB: database,
      DENREI_LOG_LEVEL: 'error',
      WHATSAPP_BASE_URL: emulator.url,
      WHATSAPP_ACCOUNT_ID: emulator.wabaId,
      WHATSAPP_TOKEN: secrets.token,
      WHATSAPP_APP_SECRET: secrets.appSecret,
      WHATSAPP_VERIFY_TOKEN: secrets.verifyToken,
      STRIPE_SECRET_KEY: payments.secretKey,
      STRIPE_WEBHOOK_SECRET: payments.webhookSecret,
      STRIPE_BASE_URL: double.url,
      ZOHO_CHANNEL_TOKEN: secrets.zohoToken,
    })
    const server = await startServer(config, options)
    emulator.setWebhookUrl(`${server.url}/v1/whatsapp/webhook`)
    double.setWebhook(`${server.url}/v1/payments/stripe`)
    return {
      server,
      emulator,
      stripe: double,
      target: { url: server.url, key: server.adminKey ?? '', zohoToken: secrets.zohoToken },
      async close() {
        await server.close()
        await double.close()
        await emulator.close()
      },
    }
  } catch (error) {
    await stripe?.close()
    await emulator.close()
    throw error
  }
}

function secret(): string {
  return randomBytes(24).toString('hex')
}
