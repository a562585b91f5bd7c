import { afterEach, beforeEach, expect, test } from 'vitest'
import { GREET, HOUR, MINUTE, openAccount, WELCOME } from './account.ts'

let world: Awaited<ReturnType<typeof openAccount>>
beforeEach(async () => {
  world = await openAccount()
})
afterEach(() => world.denrei.stop())

const become = (name: string, change: object) => {
  const key = `${name}/ja`
  world.nodes.set(key, { ...world.nodes.get(key)!, ...change })
}

test('an approval whose webhook was lost is found within minutes', async () => {
  await world.apply(WELCOME, GREET)
  await world.lead('1')
  await world.pass(MINUTE)
  become('welcome_lead', { status: 'APPROVED' })
  await world.pass(3 * MINUTE)
  expect(await world.states()).toEqual({ welcome_lead: 'APPROVED' })
  expect(world.sent).toHaveLength(1)
  expect((await world.notices()).map(({ code }) => code)).toEqual(['template_approved'])
})

test('it asks less and less often while nothing comes of a review, and hourly when nothing is under way (S62)', async () => {
  await world.apply(WELCOME)
  const askedAfter: number[] = []
  for (let minute = 0; minute <= 240; minute++) {
    const before = world.asked()
    await world.pass(minute === 0 ? 0 : MINUTE)
    if (world.asked() > before) askedAfter.push(minute)
  }
  const gaps = askedAfter.slice(1).map((at, index) => at - askedAfter[index]!)
  expect(gaps[0]).toBeLessThanOrEqual(6)
  expect(gaps).toEqual(gaps.toSorted((a, b) => a - b))
  expect(gaps.at(-1)).toBeLessThanOrEqual(63)

  // Something new is looked at soon again.
  await world.apply({ ...WELCOME, name: 'second' })
  const before = world.asked()
  await world.pass(3 * MINUTE)
  expect(world.asked()).toBe(before + 1)
})

test('what was deleted at WhatsApp meanwhile is gone, told once, and blocks what would be sent as it', async () => {
  await world.apply(WELCOME, GREET)
  await world.tell('welcome_lead', 'APPROVED')
  await world.pass(0)
  world.nodes.clear()
  for (let hour = 0; hour < 4; hour++) await world.pass(HOUR)
  expect(await world.states()).toEqual({ welcome_lead: 'DELETED' })
  expect((await world.notices()).map(({ code }) => code)).toEqual(['template_approved', 'template_gone'])
  await world.lead('1')
  expect(await world.messages()).toMatchObject([{ state: 'blocked', reason: 'template_rejected' }])
})

test('a draft that was never at WhatsApp is not missed', async () => {
  await world.apply(WELCOME)
  await world.store.saveTemplates(
    (await world.store.templates()).map((one) => ({ ...one, status: 'DRAFT', metaId: null, checkedAt: null })),
    world.now(),
  )
  world.nodes.clear()
  await world.pass(2 * HOUR)
  expect(await world.states()).toEqual({ welcome_lead: 'DRAFT' })
})

test('an older list does not undo what WhatsApp told meanwhile', async () => {
  await world.apply(WELCOME)
  await world.pass(0)
  // The webhook comes while the list is read: both are of the same second.
  become('welcome_lead', { status: 'PENDING' })
  await world.denrei.accept([
    {
      kind: 'template',
      source: 'whatsapp',
      sourceId: 'approved',
      occurredAt: world.now() + 3 * MINUTE,
      accountId: '2001',
      name: 'welcome_lead',
      language: 'ja',
      status: 'APPROVED',
    },
  ])
  await world.denrei.drain()
  await world.pass(3 * MINUTE)
  expect(await world.states()).toEqual({ welcome_lead: 'APPROVED' })
})

test('WhatsApp that is asked too often is asked hourly, and what nobody confirms is told once as stale', async () => {
  await world.apply(WELCOME)
  await world.tell('welcome_lead', 'APPROVED')
  await world.pass(0)
  world.refuse(80008)
  for (let quarter = 0; quarter < 4 * 72; quarter++) await world.pass(15 * MINUTE)
  expect(world.asked()).toBeLessThanOrEqual(75)
  const stale = (await world.notices()).filter(({ code }) => code === 'template_stale')
  expect(stale).toMatchObject([{ severity: 'warning', details: { accountId: '2001', name: 'welcome_lead' } }])
  expect((await world.store.kept({ field: 'template_poll_failed', limit: 5 }))[0]?.value).toEqual({ code: '80008' })

  world.refuse(null)
  await world.pass(HOUR)
  expect((await world.store.templates())[0]?.checkedAt).toBe(world.now())
})

test('a word that only webhooks use is not sendable, and is looked up at once', async () => {
  await world.apply(WELCOME, GREET)
  await world.tell('welcome_lead', 'APPROVED')
  await world.pass(0)
  await world.tell('welcome_lead', 'REINSTATED')
  become('welcome_lead', { status: 'APPROVED' })
  await world.lead('1')
  expect(world.sent).toEqual([])
  await world.pass(3 * MINUTE)
  expect(world.sent).toHaveLength(1)
})
