import { expect, test } from 'vitest'
import { oneAccount } from '#actions/whatsapp/accounts.ts'
import type { CloudClient } from '#actions/whatsapp/client.ts'
import { ACCOUNT_DEFAULTS } from '#engine/state.ts'
import { approved } from '../../engine/workbench.ts'
import { leadCreated, NOW } from '../openServer.ts'
import { openShop } from './shop.ts'

const RECHARGE = { active: true, floorMicros: 2_000_000, amountMicros: 10_000_000, dailyCapMicros: 50_000_000 }
const files = [
  {
    kind: 'template',
    name: 'welcome_lead',
    language: 'ja',
    category: 'MARKETING',
    module: 'Leads',
    body: '伝令商店です。{{name}}様、秋の割引のお知らせをお送りします。',
    parameters: { name: { value: '$[Leads.Last_Name]', example: '山田' } },
  },
  {
    kind: 'workflow',
    name: 'wari',
    module: 'Leads',
    trigger: { on: 'record.created' },
    branches: [{ actions: [{ type: 'sendTemplate', template: 'welcome_lead' }] }],
  },
].map((json) => ({ file: `${json.name}.json`, json }))

/** A shop with an account that takes every message. */
async function openBusyShop() {
  const sent: string[] = []
  const client = {
    send: async ({ id }: { id: string }) => ({ kind: 'accepted', wamid: `wamid.${sent.push(id)}` }),
    listTemplates: async () => [],
    close: async () => undefined,
  } as unknown as CloudClient
  const shop = await openShop({ autoRecharge: RECHARGE }, { accounts: oneAccount(client, '2001') })
  await shop.store.saveAccounts([{ ...ACCOUNT_DEFAULTS, id: '2001', updatedAt: NOW }], NOW)
  await shop.denrei.apply(files, 'test')
  await shop.store.saveTemplates([approved('welcome_lead', 'ja', 'APPROVED', 'MARKETING')], NOW)
  await shop.buy(5_000_000)
  const lead = (id: string, digits: string) =>
    shop.call('POST /v1/events', leadCreated(id, { Mobile: `+8190${digits}` }))
  return { ...shop, sent, lead }
}

test('a message that waits for credits has them bought at once, not at the next round', async () => {
  const shop = await openBusyShop()
  await shop.pass(60_000)
  await shop.spend((await shop.balance()).available - 10)
  await shop.lead('a', '11112222')
  await shop.settle()
  expect(shop.sent).toEqual([])
  // Time stands still: the duty would come ten seconds later. Twice a question makes one purchase.
  shop.clock.at += 1_000
  await shop.denrei.upkeep()
  await shop.denrei.upkeep()
  await shop.settle()
  expect(shop.sent).toHaveLength(1)
  expect((await shop.purchases()).filter(({ automatic }) => automatic)).toHaveLength(1)
  await shop.checkLedger()
})

test('a message that takes the balance below the floor has credits bought before the next one waits', async () => {
  const shop = await openBusyShop()
  await shop.pass(60_000)
  await shop.spend((await shop.balance()).available - RECHARGE.floorMicros - 10)
  shop.clock.at += 1_000
  await shop.denrei.upkeep()
  expect((await shop.purchases()).filter(({ automatic }) => automatic)).toEqual([])
  await shop.lead('b', '11113333')
  await shop.settle()
  expect(shop.sent).toHaveLength(1)
  await shop.denrei.upkeep()
  await shop.settle()
  expect((await shop.purchases()).filter(({ automatic }) => automatic)).toMatchObject([{ state: 'succeeded' }])
  expect((await shop.balance()).available).toBeGreaterThan(RECHARGE.amountMicros)
})
