import { describe, expect, test } from 'vitest'
import type { Json, Values } from '#definitions/json.ts'
import { builtinModules } from '#definitions/modules.ts'
import { defaultSettings } from '#definitions/settings.ts'
import { factsOf, type Sight } from '#engine/decide/factSource.ts'
import { compileDefinitions } from '#engine/definitionSet.ts'
import { resolveText } from '#engine/merge.ts'
import { recordSource } from '#engine/decide/recordSource.ts'
import { recordKey, type RecordState } from '#engine/state.ts'
import { NOW, recordEvent } from '../workbench.ts'

const definitions = compileDefinitions([], builtinModules)

function record(module: string, id: string, values: Values, deleted = false): [string, RecordState] {
  return [
    recordKey(module, id),
    {
      module,
      id,
      values,
      deleted,
      recent: [],
      revision: 1,
      createdAt: NOW,
      updatedAt: NOW,
    },
  ]
}

/** A deal of a contact of an account. */
function sightOf(contact: Values | null, deleted = false): Sight {
  const records = new Map<string, RecordState | null>([
    ...(contact === null ? [] : [record('Contacts', 'c1', contact, deleted)]),
    record('Accounts', 'a1', { Account_Name: '鈴木商店' }),
  ])
  return {
    definitions,
    now: NOW,
    trigger: { ...recordEvent('updated', 'Deals', 'd1', {}), id: 't1', receivedAt: NOW },
    known: {
      records,
      settings: defaultSettings,
      contacts: new Map(),
      contactByAddress: new Map(),
      conversations: new Map(),
    },
  }
}
function asked(values: Values, sight: Sight): (fact: string) => Json | undefined {
  const about = { on: 'record.updated', module: 'Deals', recordId: 'd1', values, previous: {}, changed: [] } as const
  return factsOf(sight, { ...about, changed: [] })
}

const SUZUKI: Values = { Last_Name: '鈴木', Mobile: '+819012345678', Account_Name: { id: 'a1', name: '鈴木商店' } }

describe('facts behind a lookup', () => {
  test.each<[string, Json, Values | null, boolean, Json | undefined]>([
    ['an id', 'c1', SUZUKI, false, '+819012345678'],
    ['an id with a name', { id: 'c1', name: '鈴木' }, SUZUKI, false, '+819012345678'],
    ['a deleted record', 'c1', SUZUKI, true, undefined],
    ['a record nobody knows', 'c1', null, false, undefined],
    ['nothing', null, SUZUKI, false, undefined],
    ['no id', ['c1'], SUZUKI, false, undefined],
  ])('a lookup with %s', (_what, lookup, contact, deleted, mobile) => {
    expect(asked({ Contact_Name: lookup }, sightOf(contact, deleted))('Contact_Name.Mobile')).toBe(mobile)
  })

  test('a name that every object has is no field, here and behind a lookup', () => {
    const fact = asked({ Contact_Name: 'c1' }, sightOf(SUZUKI))
    for (const name of ['constructor', 'Contact_Name.constructor', 'constructor.name', '__proto__.Mobile', 'toString'])
      expect(fact(name)).toBe(undefined)
  })

  test('what is no lookup leads nowhere, and a field with a dot in its name is itself', () => {
    const fact = asked({ Deal_Name: 'c1', 'Contact_Name.Mobile': '自身' }, sightOf(SUZUKI))
    expect(fact('Deal_Name.Mobile')).toBe(undefined)
    expect(fact('Contact_Name.Mobile')).toBe('自身')
  })

  test('conditions and merge fields see the same record, step by step', () => {
    for (const deleted of [false, true]) {
      const sight = sightOf(SUZUKI, deleted)
      const values: Values = { Contact_Name: 'c1' }
      const source = recordSource(sight, 'Deals', values)
      for (const path of [
        'Contact_Name.Last_Name',
        'Contact_Name.Mobile',
        'Contact_Name.Email',
        'Contact_Name.Account_Name.Account_Name',
      ]) {
        const merged = resolveText(`$[Deals.${path}]`, 'Deals', definitions, source, {
          language: 'ja',
          zone: 'Asia/Tokyo',
        })
        expect(asked(values, sight)(path) ?? null).toEqual(merged)
      }
    }
    expect(asked({ Contact_Name: 'c1' }, sightOf(SUZUKI))('Contact_Name.Account_Name.Account_Name')).toBe('鈴木商店')
  })
})
