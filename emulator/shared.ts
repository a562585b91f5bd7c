import { Faults } from './faults.ts'
import { Media } from './media.ts'
import { DELIVERY_DEFAULTS, firstAccount, type DeliveryOptions, type EmulatorOptions } from './options.ts'
import { Portfolio } from './portfolio.ts'
import { Random } from './random.ts'
import { realTime, type Scheduler } from './scheduler.ts'
import { Webhooks } from './webhooks.ts'

/** What all accounts of the business have in common. */
export interface Shared {
  appId: string
  scheduler: Scheduler
  random: Random
  delivery: DeliveryOptions
  webhooks: Webhooks
  portfolio: Portfolio
  media: Media
  faults: Faults
  /** As people write them, by number id. */
  displayNumbers: Map<string, string>
  /** The next id of a template, over all accounts. */
  templateIds: { next: number }
}

export function createShared(options: EmulatorOptions, seed: number): Shared {
  const scheduler = options.schedule ?? realTime(options.now)
  const random = new Random(seed)
  const delivery = { ...DELIVERY_DEFAULTS, ...options.delivery }
  const displayNumbers = new Map<string, string>()
  const webhooks = new Webhooks({
    scheduler,
    random,
    appSecret: options.appSecret,
    wabaId: firstAccount(options).wabaId,
    options: delivery,
    metadataOf: (id) => ({
      display_phone_number: displayNumbers.get(id)?.replace(/\D/g, '') ?? '',
      phone_number_id: id,
    }),
    ...(options.dispatcher === undefined ? {} : { dispatcher: options.dispatcher }),
    ...(options.hear === undefined ? {} : { hear: options.hear }),
  })
  webhooks.url = options.webhookUrl ?? null
  if (options.webhookFields !== undefined) webhooks.fields = new Set(options.webhookFields)
  return {
    appId: options.appId ?? '634974688087057',
    scheduler,
    random,
    delivery,
    webhooks,
    portfolio: new Portfolio(options.business),
    media: new Media(scheduler),
    faults: new Faults(random),
    displayNumbers,
    templateIds: { next: 1_689_550_000_000_001 },
  }
}
