import { describe, expect, test } from 'vitest'
import type { Definition } from '#definitions/definitions.ts'
import { judge } from '#engine/judge.ts'
import { ACCOUNT_DEFAULTS, type Trouble } from '#engine/state.ts'
import type { StatusEvent } from '#engine/trigger.ts'
import { table } from '#test/table.ts'
import { createWorkbench, inbound, NOW, NUMBER, recordEvent, TANAKA, WELCOME, type Workbench } from '../workbench.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR

const welcome: Definition = {
  kind: 'workflow',
  name: 'welcome',
  module: 'Leads',
  trigger: { on: 'record.created' },
  branches: [{ actions: [{ type: 'sendTemplate', template: 'welcome_lead' }] }],
}

async function bench(troubles: { account?: Trouble[]; number?: Trouble[] } = {}): Promise<Workbench> {
  const made = await createWorkbench([WELCOME, welcome])
  const account = { id: NUMBER.accountId, ...ACCOUNT_DEFAULTS, name: '伝令商店', updatedAt: NOW }
  await made.store.saveAccounts([{ ...account, troubles: troubles.account ?? [] }], NOW)
  await made.store.saveNumbers([{ ...NUMBER, troubles: troubles.number ?? [] }], NOW)
  return made
}

let count = 0
const lead = (made: Workbench) =>
  made.happen(recordEvent('created', 'Leads', `l${count++}`, { Last_Name: '田中', Mobile: TANAKA }))

async function send(made: Workbench): Promise<string[]> {
  const claimed = await made.store.claim(
    { lane: NUMBER.id, worker: 'w', now: made.now(), leaseMs: 1000, limit: 10 },
    judge,
    made.shell.newId,
  )
  await made.store.settle(
    claimed.map(({ message, fence }) => ({
      id: message.intent.id,
      fence,
      at: made.now(),
      kind: 'accepted' as const,
      wamid: `wamid.${message.intent.id}`,
    })),
    made.shell.newId,
  )
  await made.settle()
  return claimed.map(({ message }) => message.intent.id)
}

function status(made: Workbench, kind: StatusEvent['status'], messageId: string, code?: number): StatusEvent {
  return {
    kind: 'status',
    source: 'whatsapp',
    sourceId: `status:${messageId}:${kind}:${count++}`,
    occurredAt: made.now(),
    messageId,
    wamid: `wamid.${messageId}`,
    status: kind,
    recipient: { waId: TANAKA.slice(1) },
    ...(code !== undefined && { errors: [{ code, title: 'refused', details: '理由' }] }),
  }
}

async function failOnce(made: Workbench, code: number): Promise<void> {
  await lead(made)
  const [id] = await send(made)
  await made.happen(status(made, 'failed', id!, code))
}

const contact = async (made: Workbench) => (await made.store.contact({ phone: TANAKA }))!
const lastMessage = async (made: Workbench) => (await made.messages()).at(-1)!

async function toldCodes(made: Workbench): Promise<string[]> {
  const { items } = await made.store.notifications({ limit: 50 })
  return items.flatMap(({ notice }) => notice?.code ?? [])
}

describe('a person', () => {
  test('who could not be reached three times in a row is not written to again', async () => {
    const made = await bench()
    for (const unreachable of [1, 2, 3]) {
      await failOnce(made, 131026)
      expect(await contact(made)).toMatchObject({ unreachable, unreachableAt: made.now() })
      made.advance(DAY)
    }
    await lead(made)
    expect(await lastMessage(made)).toMatchObject({ state: 'blocked', reason: 'recipient_unreachable', detail: '3' })
  })

  test.each(['delivered', 'read'] as const)('whom something reaches (%s) is counted anew', async (kind) => {
    const made = await bench()
    await failOnce(made, 131026)
    await lead(made)
    const [id] = await send(made)
    await made.happen(status(made, kind, id!))
    expect(await contact(made)).toMatchObject({ unreachable: 0, unreachableAt: null })
  })

  test('whom nothing but sent is told of is not', async () => {
    const made = await bench()
    await failOnce(made, 131026)
    await lead(made)
    const [id] = await send(made)
    await made.happen(status(made, 'sent', id!))
    expect(await contact(made)).toMatchObject({ unreachable: 1 })
  })

  test('who writes can be reached', async () => {
    const made = await bench()
    await failOnce(made, 131026)
    made.advance(1000)
    await made.happen(inbound('はい', { occurredAt: made.now() }))
    expect(await contact(made)).toMatchObject({ unreachable: 0 })
  })

  test('whose failures lie more than a month apart is counted from one', async () => {
    const made = await bench()
    await failOnce(made, 131026)
    made.advance(31 * DAY)
    await failOnce(made, 131026)
    expect(await contact(made)).toMatchObject({ unreachable: 1 })
  })

  test('whose number the send itself refuses is counted the same, by the outcome', async () => {
    const made = await bench()
    await lead(made)
    const [claimed] = await made.store.claim(
      { lane: NUMBER.id, worker: 'w', now: made.now(), leaseMs: 1000, limit: 10 },
      judge,
      made.shell.newId,
    )
    const { message, fence } = claimed!
    const failed = { kind: 'failed' as const, reason: 'whatsapp_131026', detail: '理由' }
    await made.store.settle([{ id: message.intent.id, fence, at: made.now(), ...failed }], made.shell.newId)
    await made.settle()
    expect(await contact(made)).toMatchObject({ unreachable: 1 })
  })

  test('the same failure told twice counts once', async () => {
    const made = await bench()
    await lead(made)
    const [id] = await send(made)
    await made.happen(status(made, 'failed', id!, 131026), status(made, 'failed', id!, 131026))
    expect(await contact(made)).toMatchObject({ unreachable: 1 })
  })

  test.each([
    [131049, DAY],
    [130472, 7 * DAY],
  ])('of whom WhatsApp says %i gets no marketing for %i ms', async (code, ms) => {
    const made = await bench()
    await failOnce(made, code)
    expect(await contact(made)).toMatchObject({ cappedUntil: made.now() + ms, unreachable: 0 })
  })
})

const errors = table(`
  code    of       trouble                  verdict
  131042  account  payment_problem          hold payment_missing
  131031  account  account_locked           hold integration_inactive
  368     account  policy_blocked           hold integration_inactive
  131064  account  templates_misclassified  hold account_restricted
  131048  number   spam_limited             hold account_restricted
  133010  number   number_unregistered      hold number_not_ready
  131057  number   maintenance              hold number_not_ready
`)
test.each(errors)('a status that tells $code gives the $of the trouble $trouble: $verdict', async (row) => {
  const made = await bench()
  await failOnce(made, Number(row.code))
  const [account] = await made.store.accounts()
  const [number] = await made.store.numbers()
  const troubles = row.of === 'account' ? account!.troubles : number!.troubles
  expect(troubles).toMatchObject([{ code: row.trouble, since: made.now(), detail: 'refused: 理由' }])
  expect(await toldCodes(made)).toEqual([`${row.of}_trouble`])
  await lead(made)
  const { state, reason } = await lastMessage(made)
  // A forecast hold is queued at once, so that the claim asks again.
  await send(made)
  const after = await lastMessage(made)
  expect(`hold ${after.reason}`).toBe(row.verdict)
  expect(['queued', 'held']).toContain(state)
  expect([row.verdict.slice(5), null]).toContain(reason)
  expect(after.dueAt).toBeGreaterThan(made.now())
})

describe('what proves that a trouble is over', () => {
  const paymentProblem: Trouble = {
    code: 'payment_problem',
    stops: 'paid',
    since: NOW - 2 * HOUR,
    until: null,
    triedAgainAt: NOW - HOUR,
    detail: '',
  }
  const locked: Trouble = { ...paymentProblem, code: 'account_locked', stops: 'all' }

  async function afterASend(trouble: Trouble): Promise<{ left: number; told: string[] }> {
    const made = await bench({ account: [trouble] })
    await lead(made)
    const [id] = await send(made)
    await made.happen(status(made, 'sent', id!))
    const [account] = await made.store.accounts()
    return { left: account!.troubles.length, told: await toldCodes(made) }
  }

  test.each([
    ['a paid message, of the payment', paymentProblem],
    ['any message, of what stopped all', locked],
    ['a utility message, of what stopped those', { ...locked, stops: 'utility' as const }],
  ])('%s', async (_, trouble) => {
    expect(await afterASend(trouble)).toEqual({ left: 0, told: ['account_mended'] })
  })

  test('nothing proves a trouble over that only somebody’s word can end', async () => {
    const { triedAgainAt: _, ...asked } = paymentProblem
    expect(await afterASend({ ...asked, stops: 'marketing' })).toEqual({ left: 1, told: [] })
  })

  test('a message that was on its way before it was tried again proves nothing', async () => {
    const made = await bench()
    await lead(made)
    const [id] = await send(made)
    const [account] = await made.store.accounts()
    await made.store.saveAccounts([{ ...account!, troubles: [{ ...locked, triedAgainAt: NOW + HOUR }] }], NOW)
    await made.happen(status(made, 'delivered', id!))
    expect((await made.store.accounts())[0]!.troubles).toHaveLength(1)
  })
})

test('a free entry point that a status tells makes everything to the person free until then', async () => {
  const made = await bench()
  await lead(made)
  const [id] = await send(made)
  await made.happen({ ...status(made, 'sent', id!), freeUntil: NOW + 72 * HOUR })
  const { id: contactId } = await contact(made)
  expect(await made.store.conversation(NUMBER.id, contactId)).toMatchObject({ freeUntil: NOW + 72 * HOUR })
  await lead(made)
  const [free] = await send(made)
  expect((await made.messages()).find(({ intent }) => intent.id === free)).toMatchObject({ priceMicros: 0 })
})
