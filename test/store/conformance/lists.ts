import { expect, test } from 'vitest'
import type { InboxEntry, TriggerFilter } from '#engine/reads.ts'
import type { WorldEvent } from '#engine/trigger.ts'
import { newContact } from '#engine/decide/contact.ts'
import { NOW } from '#test/engine/builders.ts'
import { apply } from '../builders.ts'
import { eachWith, type Open } from '../world.ts'

/** Lists that people look through: accepted events, and people. */
export function listCases(open: Open): void {
  const world = eachWith(open)
  const record = (sourceId: string, recordId: string, source = 'crm'): WorldEvent => ({
    kind: 'record', source, sourceId, occurredAt: NOW, op: 'saved', module: 'Leads', recordId, values: { Last_Name: '田中' }, mode: 'merge',
  }) // prettier-ignore
  const stop = (sourceId: string): WorldEvent => ({
    kind: 'consent', source: 'api', sourceId, occurredAt: NOW, who: { phone: '+819012345678' }, scope: 'all', direction: 'out', by: 'api',
  }) // prettier-ignore
  const ids = ({ items }: { items: InboxEntry[] }) => items.map(({ trigger }) => trigger.id)

  test('accepted events are listed newest first, by kind, source, state and record', async () => {
    const { store } = world
    await store.accept(
      [record('a', 'L1'), record('b', 'L2', 'zoho'), stop('c'), record('d', 'L1')].map((event, n) => ({
        id: `t${n}`,
        event,
      })),
      NOW,
    )
    await store.setAside('t1', 'broken', null)
    const list = async (filter: TriggerFilter) => ids(await store.triggers(filter, { limit: 10 }))
    expect(await list({})).toEqual(['t3', 't2', 't1', 't0'])
    expect(await list({ kind: 'consent' })).toEqual(['t2'])
    expect(await list({ source: 'zoho' })).toEqual(['t1'])
    expect(await list({ state: 'quarantined' })).toEqual(['t1'])
    expect(await list({ state: 'pending' })).toEqual(['t3', 't2', 't0'])
    expect(await list({ module: 'Leads', recordId: 'L1' })).toEqual(['t3', 't0'])
    expect(await list({ module: 'Deals', recordId: 'L1' })).toEqual([])
    const [broken] = (await store.triggers({ state: 'quarantined' }, { limit: 1 })).items
    expect(broken).toMatchObject({ state: 'quarantined', error: 'broken', trigger: { id: 't1', sourceId: 'b' } })
  })

  test('a timer that fired and a command are about their record', async () => {
    const { store } = world
    const parked = { dueAt: NOW, definition: 'workflow/a@1', module: 'Leads', recordId: 'L1', causedBy: [] }
    const timer: WorldEvent = {
      kind: 'timer',
      source: 'denrei:timer',
      sourceId: 'x',
      occurredAt: NOW,
      timer: { kind: 'date', id: 'x', anchor: '2026-01-01', ...parked },
    }
    await store.accept([{ id: 't0', event: timer }], NOW)
    expect(ids(await store.triggers({ module: 'Leads', recordId: 'L1' }, { limit: 10 }))).toEqual(['t0'])
  })

  test('pages of events hold each once', async () => {
    const { store } = world
    const events = Array.from({ length: 7 }, (_, n) => ({ id: `t${n}`, event: record(`e${n}`, 'L1') }))
    await store.accept(events, NOW)
    const seen: string[] = []
    let after: string | null = ''
    while (after !== null) {
      const page: Awaited<ReturnType<typeof store.triggers>> = await store.triggers(
        { module: 'Leads', recordId: 'L1' },
        { limit: 3, ...(after !== '' && { after }) },
      )
      seen.push(...ids(page))
      after = page.next
    }
    expect(seen).toEqual(['t6', 't5', 't4', 't3', 't2', 't1', 't0'])
  })

  test('people are found by a part of their name or number, and by how they stand', async () => {
    const people = [
      { ...newContact('c-1'), phone: '+819012345678', waId: '819012345678', name: '田中 花子', optedOutAllAt: NOW },
      { ...newContact('c-2'), phone: '+5511981234567', name: 'Ana Souza', optedOutMarketingAt: NOW },
      { ...newContact('c-3'), bsuid: 'JP.1300000000001', name: '100%_off', optedInAt: NOW },
    ]
    await apply(
      world.store,
      people.map((contact) => ({ kind: 'putContact', contact, at: NOW })),
    )
    const list = async (filter: Parameters<typeof world.store.contacts>[0]) =>
      (await world.store.contacts(filter, { limit: 10 })).items.map(({ id }) => id)
    expect(await list({})).toEqual(['c-3', 'c-2', 'c-1'])
    expect(await list({ search: '花子' })).toEqual(['c-1'])
    expect(await list({ search: 'ANA' })).toEqual(['c-2'])
    expect(await list({ search: '1234567' })).toEqual(['c-2', 'c-1'])
    expect(await list({ search: 'jp.13' })).toEqual(['c-3'])
    // Nothing is a wildcard.
    expect(await list({ search: '%_' })).toEqual(['c-3'])
    expect(await list({ search: 'c-1' })).toEqual([])
    expect(await list({ consent: 'out' })).toEqual(['c-2', 'c-1'])
    expect(await list({ consent: 'out_all' })).toEqual(['c-1'])
    expect(await list({ consent: 'out_marketing' })).toEqual(['c-2'])
    expect(await list({ consent: 'in' })).toEqual(['c-3'])
    const first = await world.store.contacts({}, { limit: 2 })
    expect(await world.store.contacts({}, { limit: 2, after: first.next! })).toMatchObject({
      items: [{ id: 'c-1' }],
      next: null,
    })
  })

  test('a contact that proved to be another one is not listed', async () => {
    await apply(world.store, [
      { kind: 'putContact', contact: { ...newContact('c-1'), phone: '+819012345678' }, at: NOW },
      { kind: 'putContact', contact: { ...newContact('c-2'), bsuid: 'JP.1300000000001' }, at: NOW },
      { kind: 'mergeContacts', from: 'c-2', into: 'c-1', at: NOW },
    ])
    const { items } = await world.store.contacts({}, { limit: 10 })
    expect(items).toMatchObject([{ id: 'c-1', phone: '+819012345678', bsuid: 'JP.1300000000001' }])
  })
}
