import { expect, test } from 'vitest'
import { happened } from './happened.ts'
import { live } from './live.ts'

const SEEDS = Number(process.env.DENREI_SEEDS ?? 25)
const FIRST_SEED = Number(process.env.DENREI_FIRST_SEED ?? 0)
const DAYS = Number(process.env.DENREI_SIMULATED_DAYS ?? 4)

/** In seconds of a busy machine; alone a seed takes some. */
const LONG_MS = 180_000

const seeds = Array.from({ length: SEEDS }, (_, index) => FIRST_SEED + index)
/** What happened in the worlds of the seeds that were run, over all of them. */
const sums = new Map<string, number>()

test.each(seeds)(
  'seed %i: whatever goes wrong, every law holds',
  async (seed) => {
    const world = await live(seed, DAYS)
    for (const [what, count] of happened(world)) sums.set(what, (sums.get(what) ?? 0) + count)
    // A world in which nothing happens breaks no law.
    expect(world.account.messages.size).toBeGreaterThan(0)
  },
  LONG_MS,
)

/** Each of these, all seeds together, at least so often. Whoever makes the world poorer must look here. */
const MUST_HAPPEN: Record<string, number> = {
  crash: 100,
  // Transitions: taken, in parts, saved, by time, by condition, by the record's field, and refused.
  'transition done': 50,
  'blueprint/deal-desk moved 提案を送る': 10,
  'blueprint/deal-desk moved 保留': 5,
  'blueprint/deal-desk moved 大口': 3,
  'blueprint/deal-desk moved 期限切れ': 5,
  'blueprint/deal-desk moved 保留切れ': 2,
  'blueprint/deal-desk moved field': 5,
  'blueprint/deal-desk noted partial_save': 3,
  'blueprint/deal-desk noted escalated': 20,
  'blueprint/deal-desk migrated migrated': 3,
  'all parts done': 1,
  'blueprint/deal-desk completed': 20,
  'blueprint/deal-desk left_by_field': 1,
  'blueprint/keep-desk completed': 3,
  'transition ERR_TRANSITION_GONE': 5,
  'transition ERR_TRANSITION_DATA': 3,
  'transition ERR_TRANSITION_NOT_ALLOWED': 1,
  // Two people at once: one moved the deal, the other was told that it is gone.
  'race ERR_TRANSITION_GONE done': 5,
  // Journeys: replies, time-outs, branches, splits, loops with a bound, ends of every kind, versions brought over.
  'journey/nurture moved then': 20,
  'journey/nurture moved timeout': 20,
  'journey/nurture moved branch/0': 1,
  'journey/nurture moved goto': 20,
  'journey/nurture moved split/0': 10,
  'journey/nurture moved split/1': 5,
  'journey/nurture moved split/2': 5,
  'journey/nurture migrated migrated': 5,
  'journey/nurture completed': 50,
  'journey/nurture goal': 1,
  'journey/nurture junk': 1,
  'exit on edit': 1,
  'journey/nurture お客様の希望': 1,
  'journey/offer entered command': 5,
  'journey/offer entered timer': 20,
  'journey/renewal entered timer': 5,
  'journey/renewal completed': 5,
  'reply in time': 5,
  // Free text inside the window, and the template where WhatsApp holds it to be closed.
  'message text': 10,
  'message fallback': 2,
  'message blocked window_closed': 1,
  'message blocked frequency_capped': 5,
  // What stands still and goes on.
  'pause done': 10,
  'timer instance fired quiet': 50,
  'timer instance fired resume': 5,
  'timer instance fired wait': 50,
  'timer schedule fired': 200,
  'timer date fired': 50,
  'timer date cancelled date_changed': 5,
  'broadcast done': 5,
  'broadcast cancelled': 1,
  'broadcast paused and resumed': 1,
  // The account: what stops it, and what is held for it.
  'act payment_problem': 10,
  'act lock': 10,
  'act renew_token': 10,
  'act ban': 5,
  'act restrict': 5,
  'act number_status': 10,
  'act tier': 10,
  'act disable': 5,
  'act flood': 3,
  'act template pause': 5,
  'act template recategorize': 3,
  'held for integration_inactive': 100,
  'held for number_not_ready': 20,
  'held for payment_missing': 50,
  'held for account_restricted': 20,
  'held for reach_limit': 10,
  'held for template_paused': 5,
  'held for credits_insufficient': 30,
  'notice account_mended': 20,
  'notice number_mended': 5,
  'notice template_took_over': 10,
  'sent as a later version': 50,
  // Money: bought, declined, given back, disputed, up to the cap of the day.
  'purchase succeeded': 10,
  'purchase automatic succeeded': 20,
  'purchase automatic failed': 5,
  'notice recharge_capped': 5,
  'notice purchase_returned': 3,
  'notice purchase_disputed': 5,
  // People who are forgotten, and told of once more.
  'visitor erased': 50,
  'visitor back': 10,
  'visitor back who opted out': 5,
}

// After the seeds, on what they have counted; a few seeds alone need not come by everything.
test.runIf(SEEDS >= 25)('over all seeds everything has happened', () => {
  const missing = Object.entries(MUST_HAPPEN).filter(([what, least]) => (sums.get(what) ?? 0) < least)
  expect(missing.map(([what, least]) => ({ what, least, was: sums.get(what) ?? 0 }))).toEqual([])
})
