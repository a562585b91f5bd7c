import type { DeliveryOptions } from '#emulator/options.ts'
import { Random } from '#emulator/random.ts'
import { settings as settingsSchema, type Settings } from '#definitions/settings.ts'
import { pick } from './people.ts'

/** Probabilities, each for one call or event. */
export interface Chaos {
  /** For each call of the store: the process dies before or after it. */
  crashRate: number
  network: {
    /** Not one byte is written. */
    refusedRate: number
    /** The socket closes before WhatsApp has read the request. */
    closedRate: number
    /** WhatsApp did it, and its answer is lost: the socket closes, or nothing comes before the client's deadline. */
    answerLostRate: number
    /** The answer takes up to 25 s. */
    slowRate: number
  }
  /** WhatsApp's own faults: 500, transient 503, a body that is not JSON, too fast, an account in maintenance. */
  whatsapp: { errorRate: number; garbageRate: number; tooFastRate: number; maintenanceRate: number }
  webhooks: Partial<DeliveryOptions>
  settings: Partial<Settings>
  /** Things that happen in a day. */
  actionsPerDay: number
  people: number
  /** Micro-credits bought at the beginning. */
  creditsMicros: number
  clockStepsMs: number
  startAt: number
  /** What happens to the account in a day. */
  accountActsPerDay: number
  /** Who come, and want to be forgotten. */
  visitorsPerDay: number
  /** For each question to Stripe: it is not done, or its answer is lost. */
  stripe: { troubleRate: number }
  credits: Settings['credits']
}

const HOUR_MS = 3_600_000
const creditsSchema = settingsSchema.shape.credits

/** What goes wrong in the world of one seed, and how the installation is set up. */
export function chaosOf(seed: number): Chaos {
  const random = new Random(seed ^ 0x5eed)
  const up = (max: number) => (random.chance(0.7) ? random.next() * max : 0)
  return {
    crashRate: pick(random, [0, 0.001, 0.003, 0.01]),
    network: { refusedRate: up(0.1), closedRate: up(0.1), answerLostRate: up(0.25), slowRate: up(0.2) },
    whatsapp: {
      errorRate: up(0.1),
      garbageRate: up(0.05),
      tooFastRate: up(0.1),
      maintenanceRate: up(0.01),
    },
    webhooks: {
      duplicateRate: up(0.3),
      reorderRate: up(0.4),
      reorderMs: pick(random, [2_000, 60_000, 3 * HOUR_MS]),
      beforeAnswerRate: up(0.4),
      forgedRate: 0,
      batchMax: pick(random, [1, 3, 100]),
    },
    settings: {
      ...(random.chance(0.4) ? { quietHours: quietHours(random), quietCategories: quietCategories(random) } : {}),
      ...(random.chance(0.4)
        ? {
            frequencyCap: {
              max: pick(random, [1, 2]),
              per: pick(random, ['P1D', 'P7D']),
              otherwise: pick(random, ['hold', 'block'] as const),
            },
          }
        : {}),
      ...(random.chance(0.15) ? { consent: { required: true } } : {}),
      ...(random.chance(0.3) ? { markupMicros: 1_234 } : {}),
      unknownWaitMs: pick(random, [60_000, 600_000, HOUR_MS]),
    },
    actionsPerDay: pick(random, [4, 10, 25]),
    people: pick(random, [3, 10, 30]),
    creditsMicros: pick(random, [1, 60_000, 500_000, 100_000_000]),
    clockStepsMs: random.chance(0.4) ? pick(random, [2_000, 90_000]) : 0,
    startAt: pick(random, ['2026-09-24T00:00:00Z', '2026-11-22T01:00:00Z', '2026-03-27T12:00:00Z'].map(Date.parse)),
    accountActsPerDay: pick(random, [3, 6, 10]),
    visitorsPerDay: 2,
    stripe: { troubleRate: up(0.3) },
    credits: creditsSchema.parse({
      provider: 'stripe',
      autoRecharge: random.chance(0.7) ? pick(random, RECHARGES) : null,
      alertBelowMicros: 100_000,
      alertBelowDays: 3,
    }),
  }
}

const RECHARGES: Settings['credits']['autoRecharge'][] = [
  { active: true, floorMicros: 300_000, amountMicros: 500_000, dailyCapMicros: 1_000_000 },
  { active: true, floorMicros: 200_000_000, amountMicros: 10_000_000, dailyCapMicros: 35_000_000 },
  { active: true, floorMicros: 2_000_000, amountMicros: 1_000_000, dailyCapMicros: 1_500_000 },
]

const quietHours = (random: Random) => ({
  from: pick(random, ['21:00', '00:30']),
  to: pick(random, ['09:00', '08:30']),
  timezone: pick(random, ['contact', 'Asia/Tokyo']),
  otherwise: pick(random, ['hold', 'block'] as const),
})

const quietCategories = (random: Random): Settings['quietCategories'] =>
  random.chance(0.5) ? ['MARKETING'] : ['MARKETING', 'UTILITY']
