import assert from 'node:assert/strict'
import type { SourceFile } from '#definitions/problem.ts'
import type { Settings } from '#definitions/settings.ts'
import type { Purchase } from '#engine/state.ts'
import { noticeText } from '#server/noticeTexts.ts'
import { reasonText } from '#server/texts.ts'
import { ServerRefused } from '../remote.ts'
import { say, type Language } from '../texts.ts'
import { compare, readOutcome, type Outcome } from './outcome.ts'
import { TOKYO } from './people.ts'
import { openStage, type Stage } from './stage.ts'
import { wallOf, type Happening } from './timeline.ts'

/** What a day of the account came to. Money in micro-credits. */
export interface AccountDay {
  messages: { accepted: number; heldWhilePaused: number }
  purchases: { byHand: number; automatic: number }
  /** What cards were charged with, as Stripe counted it, in cents. */
  chargedMinor: number
  credits: Outcome['credits']
}

const MINUTE_MS = 60_000
const CREDIT = 1_000_000
const CENTS_PER_CREDIT = 100
const STARTS_AT = Date.parse('2026-12-07T09:00:00+09:00')
const ENDS_AT = Date.parse('2026-12-07T14:30:00+09:00')
const TEMPLATE = { name: 'welcome_lead', language: 'ja' }
const SURNAMES = ['佐藤', '鈴木', '髙橋', '田中', '伊藤', '渡辺', '山本', '中村', '小林', '加藤']
const SETTINGS: Settings['credits'] = {
  provider: 'stripe',
  currency: 'usd',
  pricePerCreditMinor: CENTS_PER_CREDIT,
  autoRecharge: { active: true, floorMicros: CREDIT / 2, amountMicros: CREDIT, dailyCapMicros: 5 * CREDIT },
  alertBelowMicros: null,
  alertBelowDays: null,
}

/**
 * One day of the account: no credits before a number is active, a first purchase with a card, purchases by themselves when few are
 * left, and a template that WhatsApp pauses for three hours.
 */
export async function playAccount(
  files: SourceFile[],
  language: Language,
): Promise<{ account: AccountDay; timeline: Happening[]; wrong: string[] }> {
  const settings = { credits: SETTINGS }
  const at = { startAt: STARTS_AT, upkeepEveryMs: MINUTE_MS }
  const stage = await openStage({ files, ...at, settings, creditsMicros: null, language })
  const timeline: Happening[] = []
  const tell = (who: string, what: string, why = '') =>
    void timeline.push({ at: stage.now(), zone: TOKYO, who, what, why })
  const admin = say(language, 'demoAdmin')
  try {
    tell(admin, say(language, 'demoBuysTooEarly'), await refusedPurchase(stage))
    await stage.call('POST', '/v1/account/sync', {})
    await stage.until(STARTS_AT + 10 * MINUTE_MS)
    await buy(stage, CREDIT)
    tell(admin, say(language, 'demoBuys', inCredits(CREDIT), inDollars(CREDIT)))

    await leadsCome(stage, 24, 5 * MINUTE_MS)
    tell('WhatsApp', say(language, 'demoGreeted', TEMPLATE.name, stage.emulator.messages().length))
    await stage.emulator.decide('pause', TEMPLATE.name, TEMPLATE.language)
    await stage.settle()
    await leadsCome(stage, 6, 10 * MINUTE_MS)
    const held = await heldMessages(stage, language)
    await stage.until(ENDS_AT)
    return await readDay(stage, held, timeline, language)
  } finally {
    await stage.close()
  }
}

/** S38. @returns the code of the refusal */
async function refusedPurchase(stage: Stage): Promise<string> {
  try {
    await stage.call('POST', '/v1/credits/purchases', { amountMicros: CREDIT, memo: '早すぎる購入 / too early' })
  } catch (error) {
    if (error instanceof ServerRefused && error.code === 'ERR_NUMBER_NOT_ACTIVE') return error.code
    throw error
  }
  assert.fail('credits were sold before a number was active')
}

/** A person buys and pays with a card, as a page with Stripe.js has them do. */
async function buy(stage: Stage, amountMicros: number): Promise<void> {
  const asked = { amountMicros, memo: '初回購入 / first purchase' }
  const { clientSecret } = await stage.call<{ clientSecret: string | null }>('POST', '/v1/credits/purchases', asked)
  assert(clientSecret !== null, 'the first payment needs the payer')
  await stage.stripe.pay(clientSecret, 'pm_card_jcb')
  await stage.settle()
}

/** So many people ask for something on the web site, one after the other. */
async function leadsCome(stage: Stage, count: number, everyMs: number): Promise<void> {
  for (let index = 0; index < count; index++) {
    const minutes = (stage.now() - STARTS_AT) / MINUTE_MS
    const who = { Last_Name: SURNAMES[index % SURNAMES.length] ?? '', Mobile: `+81905550${1000 + minutes}` }
    const where = { Lead_Source: 'Web', Lead_Status: 'New', Country: 'JP', Language: 'ja', Time_Zone: TOKYO }
    await stage.record('created', 'Leads', `lead-${minutes}`, { ...who, ...where })
    await stage.until(stage.now() + everyMs)
  }
}

/** As an admin sees them while they wait: why, and until when. */
async function heldMessages({ server }: Stage, language: Language): Promise<(Happening & { id: string })[]> {
  const { store } = server.denrei
  const { items } = await store.messages({ state: 'held' }, { limit: 100 })
  return Promise.all(
    items.map(async ({ intent, reason, dueAt, createdAt }) => {
      const name = (await store.record(intent.module, intent.recordId))?.values.Last_Name
      return {
        id: intent.id,
        at: createdAt,
        zone: TOKYO,
        who: typeof name === 'string' ? name : intent.recordId,
        what: say(language, 'demoHeld', TEMPLATE.name, wallOf(dueAt, TOKYO)[1]),
        why: reasonText(reason ?? '', language),
      }
    }),
  )
}

async function readDay(
  { emulator, server, stripe }: Stage,
  held: (Happening & { id: string })[],
  timeline: Happening[],
  language: Language,
) {
  const { store } = server.denrei
  const { outcome, all } = await readOutcome(store)
  const { items: purchases } = await store.purchases({}, { limit: 100 })
  const charges = [...stripe.account.charges.values()]
  const chargedMinor = charges.reduce((sum, { amount }) => sum + amount, 0)
  const tell = (at: number, who: string, what: string) => void timeline.push({ at, zone: TOKYO, who, what, why: '' })

  for (const { createdAt, automatic, amountMicros } of purchases) {
    if (!automatic) continue
    tell(
      createdAt,
      say(language, 'demoServer'),
      say(language, 'demoRecharges', inCredits(amountMicros), inDollars(amountMicros)),
    )
  }
  for (const { at, notice } of (await store.notifications({ limit: 200 })).items) {
    if (notice === null || !SHOWN.includes(notice.code)) continue
    tell(at, say(language, 'demoNotice'), noticeText(notice, { language, zone: TOKYO }))
  }
  timeline.push(...held.map(({ id: _, ...line }) => line))
  const went = all.filter(({ intent, acceptedAt }) => acceptedAt !== null && held.some(({ id }) => id === intent.id))
  const wentAt = Math.max(...went.map(({ acceptedAt }) => acceptedAt ?? 0))
  tell(wentAt, 'WhatsApp', say(language, 'demoHeldWent', went.length))

  const account: AccountDay = {
    messages: { accepted: emulator.messages().length, heldWhilePaused: held.length },
    purchases: {
      byHand: purchases.filter(({ automatic }) => !automatic).length,
      automatic: purchases.filter(({ automatic }) => automatic).length,
    },
    chargedMinor,
    credits: outcome.credits,
  }
  const wrong = [...compare(all, outcome, emulator), ...payments(purchases, charges.length, chargedMinor, outcome)]
  if (went.length !== held.length)
    wrong.push(`${held.length} messages waited for the template, ${went.length} went out`)
  return { account, timeline: timeline.toSorted((a, b) => a.at - b.at), wrong }
}

/** Approvals and purchases are told of in other words already. */
const SHOWN: readonly string[] = ['template_paused', 'template_resumed', 'recharge_failed', 'recharge_capped']

/** Holds our book of purchases against Stripe's. @returns disagreements in words */
export function payments(purchases: Purchase[], charges: number, chargedMinor: number, { credits }: Outcome): string[] {
  const wrong: string[] = []
  const paid = purchases.filter(({ state }) => state === 'succeeded')
  if (paid.length !== charges) wrong.push(`${charges} charges at Stripe, ${paid.length} purchases here`)
  const wantedMinor = paid.reduce((sum, { price }) => sum + (price?.amountMinor ?? 0), 0)
  if (wantedMinor !== chargedMinor) wrong.push(`Stripe charged ${chargedMinor}, our purchases cost ${wantedMinor}`)
  if (credits.bought !== (chargedMinor / CENTS_PER_CREDIT) * CREDIT)
    wrong.push(`${credits.bought} micro-credits were booked for ${chargedMinor} cents`)
  return wrong
}

const inCredits = (micros: number) => (micros / CREDIT).toFixed(2)
const inDollars = (micros: number) => ((micros / CREDIT) * (CENTS_PER_CREDIT / 100)).toFixed(2)
