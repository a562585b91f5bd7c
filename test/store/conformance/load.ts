import { describe, expect, test } from 'vitest'
import type { Values } from '#definitions/json.ts'
import type { Change } from '#engine/decision.ts'
import { ranKey } from '#engine/workingSet.ts'
import { aContact, aNumber, aTemplate, NOW } from '#test/engine/builders.ts'
import {
  accepted,
  apply,
  buy,
  enqueue,
  leadEvent,
  NUMBER,
  request,
  sendIntent,
  sending,
  settleOne,
  statusEvent,
  timer,
} from '../builders.ts'
import { eachWith, type Open } from '../world.ts'

const put = (module: string, id: string, values: Values, addresses: string[] = []): Change => ({
  kind: 'putRecord',
  module,
  id,
  values,
  deleted: false,
  at: NOW,
  addresses,
  recent: [],
})

export function loadCases(open: Open): void {
  const world = eachWith(open)
  const common = { source: 'test', occurredAt: NOW, causedBy: [] }

  test('a record that is unknown is null at revision 0', async () => {
    const known = await world.store.load(request(await accepted(world.store, [leadEvent()])), NOW)
    expect(known.records.get('Leads/5725')).toBeNull()
    expect(known.revisions.get('Leads/5725')).toBe(0)
    expect(known.now).toBe(NOW)
  })

  test('a record comes with its values and its revision', async () => {
    await apply(world.store, [put('Leads', '5725', { Last_Name: '佐藤' }), put('Leads', '5725', { Last_Name: '加藤' })])
    const known = await world.store.load(request(await accepted(world.store, [leadEvent()])), NOW)
    expect(known.records.get('Leads/5725')).toMatchObject({
      values: { Last_Name: '加藤' },
      revision: 2,
      deleted: false,
    })
    expect(known.revisions.get('Leads/5725')).toBe(2)
  })

  describe('lookups', () => {
    const lookups = {
      Deals: [['Contact_Name'], ['Contact_Name', 'Account_Name'], ['Contact_Name', 'Account_Name', 'Parent']],
    }
    const lookupModules = {
      'Deals.Contact_Name': 'Contacts',
      'Contacts.Account_Name': 'Accounts',
      'Accounts.Parent': 'Accounts',
    }

    test('are followed three levels, by id, by number and by an object with an id', async () => {
      await apply(world.store, [
        put('Deals', '1', { Contact_Name: { id: '20', name: '佐藤' } }),
        put('Contacts', '20', { Account_Name: 30 }),
        put('Accounts', '30', { Parent: '31' }),
        put('Accounts', '31', { Parent: '32' }),
        put('Accounts', '32', {}),
      ])
      const triggers = await accepted(world.store, [leadEvent({ module: 'Deals', recordId: '1', values: {} })])
      const known = await world.store.load(request(triggers, { lookups, lookupModules }), NOW)
      expect([...known.records.keys()].sort()).toEqual(['Accounts/30', 'Accounts/31', 'Contacts/20', 'Deals/1'])
      expect(known.revisions.get('Accounts/31')).toBe(1)
    })

    test('are followed from the values that the trigger brings as well', async () => {
      await apply(world.store, [
        put('Deals', '1', { Contact_Name: '20' }),
        put('Contacts', '20', {}),
        put('Contacts', '21', {}),
      ])
      const values = { Contact_Name: '21' }
      const triggers = await accepted(world.store, [leadEvent({ module: 'Deals', recordId: '1', values })])
      const known = await world.store.load(request(triggers, { lookups, lookupModules }), NOW)
      expect(known.records.get('Contacts/20')).not.toBeNull()
      expect(known.records.get('Contacts/21')).not.toBeNull()
    })

    test('that point at nothing, at no id or at no module are no fault', async () => {
      const events = [null, '', [], { name: '名' }, 'gone'].map((Contact_Name, index) =>
        leadEvent({ module: 'Deals', recordId: `${index}`, values: { Contact_Name } }),
      )
      const triggers = await accepted(world.store, events)
      const known = await world.store.load(request(triggers, { lookups, lookupModules }), NOW)
      expect(known.records.get('Contacts/gone')).toBeNull()
      expect(known.records.size).toBe(6)
      const blind = await world.store.load(request(triggers, { lookups }), NOW)
      expect(blind.records.size).toBe(5)
    })
  })

  test('rules that ran once are known by name, module and record', async () => {
    const ran = { kind: 'ruleRan', rule: 'welcome', module: 'Leads', recordId: '5725', at: NOW } as const
    await apply(world.store, [ran, ran, { ...ran, recordId: 'other' }])
    const known = await world.store.load(request(await accepted(world.store, [leadEvent()])), NOW)
    expect([...known.ran]).toEqual([ranKey('welcome', 'Leads', '5725')])
  })

  test.each([
    ['timer', { ...common, kind: 'timer', sourceId: 'x', timer: timer() } as const],
    [
      'send',
      { ...common, kind: 'send', sourceId: 'x', module: 'Leads', recordId: '5725', template: 't', actor: 'a' } as const,
    ],
  ])('a %s trigger brings its record', async (_kind, event) => {
    await apply(world.store, [put('Leads', '5725', { Last_Name: '佐藤' })])
    const known = await world.store.load(request(await accepted(world.store, [event])), NOW)
    expect(known.records.get('Leads/5725')?.values).toEqual({ Last_Name: '佐藤' })
  })

  describe('a message', () => {
    const message = {
      ...common,
      kind: 'message',
      sourceId: 'wamid.in',
      numberId: NUMBER,
      from: { waId: '819012345678', name: '花子' },
      message: { id: 'wamid.in', type: 'text', text: 'はい', raw: {} },
      opensWindow: true,
    } as const

    test('brings the contact under every key it is known by, and its conversations', async () => {
      const bsuid = 'JP.1300000000001'
      await apply(world.store, [
        { kind: 'putContact', contact: aContact({ id: 'c1', waId: null, bsuid }), at: NOW },
        {
          kind: 'inbound',
          numberId: NUMBER,
          contactId: 'c1',
          messageId: 'm',
          type: 'text',
          text: 'a',
          raw: {},
          at: NOW - 5,
          opensWindow: true,
        },
      ])
      const known = await world.store.load(request(await accepted(world.store, [message])), NOW)
      expect(known.contacts.get('c1')).toEqual(aContact({ id: 'c1', waId: null, bsuid }))
      expect(known.contactByAddress.get('819012345678')).toBe('c1')
      expect(known.contactByAddress.get('+819012345678')).toBe('c1')
      expect(known.contactByAddress.get(bsuid)).toBe('c1')
      expect(known.conversations.get(`${NUMBER}/c1`)).toMatchObject({ lastInboundAt: NOW - 5, lastOutboundAt: null })
    })

    test('brings the records of its address, of the modules that are asked about', async () => {
      await apply(world.store, [
        put('Leads', '1', {}, ['819012345678']),
        put('Contacts', '2', {}, ['819012345678', '819099999999']),
        put('Leads', '3', {}, ['819099999999']),
      ])
      const triggers = await accepted(world.store, [message])
      const known = await world.store.load(request(triggers, { phoneModules: ['Leads'] }), NOW)
      expect(known.recordsByAddress.get('819012345678')).toEqual(['Leads/1'])
      expect([...known.records.keys()]).toEqual(['Leads/1'])
    })

    test('a status brings none of them: no rule runs for them, and an office shares its phone with thousands', async () => {
      await apply(world.store, [put('Leads', '1', {}, ['819012345678'])])
      const triggers = await accepted(world.store, [statusEvent({ recipient: { waId: '819012345678' } })])
      const known = await world.store.load(request(triggers, { phoneModules: ['Leads'] }), NOW)
      expect(known.records.size).toBe(0)
    })

    test('finds a record no more by an address that it has lost', async () => {
      await apply(world.store, [put('Leads', '1', {}, ['819012345678']), put('Leads', '1', {}, ['819000000000'])])
      const triggers = await accepted(world.store, [message])
      const known = await world.store.load(request(triggers, { phoneModules: ['Leads'] }), NOW)
      expect(known.recordsByAddress.get('819012345678')).toEqual([])
    })

    test('of a stranger brings nobody', async () => {
      const known = await world.store.load(request(await accepted(world.store, [message])), NOW)
      expect(known.contacts.size).toBe(0)
      expect(known.contactByAddress.size).toBe(0)
    })
  })

  describe('a status', () => {
    test('brings its message by our id, with the record it was for', async () => {
      await apply(world.store, [put('Leads', '5725', { Last_Name: '佐藤' })])
      const { message } = await sending(world.store)
      const triggers = await accepted(world.store, [statusEvent({ messageId: message.intent.id })])
      const known = await world.store.load(request(triggers), NOW)
      expect(known.messages.get(message.intent.id)).toEqual(message)
      expect(known.records.get('Leads/5725')?.revision).toBe(1)
    })

    test('brings its message by the wamid', async () => {
      const claimed = await sending(world.store)
      await settleOne(world.store, claimed, { kind: 'accepted', wamid: 'wamid.1' })
      const triggers = await accepted(world.store, [statusEvent({ wamid: 'wamid.1' })])
      const known = await world.store.load(request(triggers), NOW)
      expect(known.messageByWamid.get('wamid.1')).toBe(claimed.message.intent.id)
      expect(known.messages.get(claimed.message.intent.id)).toMatchObject({ state: 'accepted' })
    })

    test('of a message of another sender brings none', async () => {
      const known = await world.store.load(request(await accepted(world.store, [statusEvent()])), NOW)
      expect(known.messages.size).toBe(0)
    })
  })

  test('an outcome brings its message and the record', async () => {
    const intent = sendIntent()
    await apply(world.store, [put('Leads', '5725', {}), enqueue(intent)])
    const event = {
      ...common,
      kind: 'outcome',
      sourceId: 'x',
      messageId: intent.id,
      state: 'blocked',
      reason: 'opted_out',
    } as const
    const known = await world.store.load(request(await accepted(world.store, [event])), NOW)
    expect(known.messages.has(intent.id)).toBe(true)
    expect(known.records.get('Leads/5725')).not.toBeNull()
  })

  test('templates, numbers, counters, settings and credits come with every batch', async () => {
    await world.store.saveTemplates([aTemplate()], NOW)
    await world.store.saveNumbers([aNumber()], NOW)
    await world.store.saveSettings({ ...(await world.store.settings()), defaultLanguage: 'en' }, NOW)
    await apply(world.store, [{ kind: 'count', counter: 'owner', value: 2 }])
    await apply(world.store, [{ kind: 'count', counter: 'owner', value: 3 }])
    await buy(world.store, 500)
    const known = await world.store.load(request([]), NOW)
    expect(known.templates.get('welcome_lead/ja')).toEqual(aTemplate())
    expect(known.numbers).toEqual([aNumber()])
    expect(known.settings.defaultLanguage).toBe('en')
    expect(known.counters).toEqual(new Map([['owner', 3]]))
    expect(known.availableMicros).toBe(500)
  })

  test('what a decider folds into one working set is not seen by the next', async () => {
    await world.store.saveTemplates([aTemplate()], NOW)
    const first = await world.store.load(request([]), NOW)
    first.templates.clear()
    first.numbers.push(aNumber())
    first.counters.set('x', 1)
    const second = await world.store.load(request([]), NOW)
    expect([second.templates.size, second.numbers.length, second.counters.size]).toEqual([1, 0, 0])
  })
}
