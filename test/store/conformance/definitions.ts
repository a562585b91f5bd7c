import { describe, expect, test } from 'vitest'
import type { Definition } from '#definitions/definitions.ts'
import { NotFound } from '#engine/errors.ts'
import { aTemplate, NOW } from '#test/engine/builders.ts'
import { anInstance, apply, claimAll, ends, enters, leadEvent, moves, newId, workIntent } from '../builders.ts'
import { eachWith, type Open } from '../world.ts'

export function definitionCases(open: Open): void {
  const world = eachWith(open)
  const definition = (description: string): Definition => ({
    kind: 'workflow',
    name: 'welcome',
    description,
    module: 'Leads',
    trigger: { on: 'record.created' },
    branches: [{ actions: [{ type: 'addTags', tags: ['新規'] }] }],
  })
  const save = (description: string, key = 'workflow/welcome') =>
    world.store.saveDefinitions(
      [{ key, definition: definition(description), hash: description }],
      [],
      [],
      '田中',
      NOW,
      newId,
    )

  test('the first version is active', async () => {
    const stored = {
      key: 'workflow/welcome',
      version: 1,
      active: true,
      definition: definition('一'),
      hash: '一',
      createdAt: NOW,
      createdBy: '田中',
    }
    expect(await save('一')).toEqual([stored])
    expect(await world.store.definitions()).toEqual([stored])
  })

  test('the same text again changes nothing', async () => {
    await save('一')
    expect(await save('一')).toMatchObject([{ version: 1 }])
    expect(await world.store.definitionVersions('workflow/welcome')).toHaveLength(1)
  })

  test('another text is a new version, and only that one is active', async () => {
    await save('一')
    await save('二')
    expect(await save('一')).toMatchObject([{ version: 3, active: true }])
    const versions = await world.store.definitionVersions('workflow/welcome')
    expect(versions.map(({ version, hash, active }) => [version, hash, active])).toEqual([
      [1, '一', false],
      [2, '二', false],
      [3, '一', true],
    ])
    expect(await world.store.definitions()).toMatchObject([{ version: 3 }])
  })

  test('a definition can be switched off and on; the same text again does not switch it on', async () => {
    await save('一')
    await world.store.setActive('workflow/welcome', false, NOW, newId)
    expect(await world.store.definitions({ activeOnly: true })).toEqual([])
    expect(await save('一')).toMatchObject([{ version: 1, active: false }])
    await world.store.setActive('workflow/welcome', true, NOW, newId)
    expect(await world.store.definitions({ activeOnly: true })).toHaveLength(1)
  })

  test('a definition that does not exist cannot be switched', async () => {
    await expect(world.store.setActive('workflow/none', true, NOW, newId)).rejects.toThrow(NotFound)
    expect(await world.store.definitionVersions('workflow/none')).toEqual([])
  })

  test('definitions, their templates and the work that follows are saved together, or not at all', async () => {
    const work = workIntent({ type: 'submitTemplate', id: 'submit-1' })
    const wanted = [{ key: 'workflow/welcome', definition: definition('一'), hash: '一' }]
    const draft = aTemplate({ status: 'DRAFT', submittedHash: '一' })
    await world.store.saveDefinitions(wanted, [work], [draft], '田中', NOW, newId)
    expect(await world.store.templates()).toEqual([draft])
    expect((await claimAll(world.store, { lane: 'work' })).map(({ message }) => message.intent)).toEqual([work])

    const broken = aTemplate({ name: 'other', status: null as unknown as string })
    const next = [{ key: 'workflow/welcome', definition: definition('二'), hash: '二' }]
    await expect(world.store.saveDefinitions(next, [workIntent()], [broken], '田中', NOW, newId)).rejects.toThrow()
    expect(await world.store.definitionVersions('workflow/welcome')).toHaveLength(1)
    expect(await world.store.dueLanes(NOW)).toEqual([])
    expect(await world.store.templates()).toEqual([draft])
  })

  describe('the engine hears', () => {
    const heard = async () =>
      (await world.store.pending(100, NOW)).flatMap((one) =>
        one.kind === 'definition' ? `${one.key}@${one.version} ${one.active ? 'on' : 'off'}` : [],
      )

    test('of each new version, once', async () => {
      await save('一')
      await save('一')
      await save('二')
      expect(await heard()).toEqual(['workflow/welcome@1 on', 'workflow/welcome@2 on'])
      expect(await world.store.pending(1, NOW)).toMatchObject([
        { source: 'denrei:definition', sourceId: 'workflow/welcome@1:applied', occurredAt: NOW, receivedAt: NOW },
      ])
    })

    test('of each switch that changes something, however often', async () => {
      await save('一')
      for (const active of [true, false, false, true, false]) {
        await world.store.setActive('workflow/welcome', active, NOW, newId)
      }
      expect(await heard()).toEqual([
        'workflow/welcome@1 on',
        'workflow/welcome@1 off',
        'workflow/welcome@1 on',
        'workflow/welcome@1 off',
      ])
    })

    test('of what follows from it after the versions, and of nothing when saving fails', async () => {
      const event = leadEvent()
      const wanted = [{ key: 'workflow/welcome', definition: definition('一'), hash: '一' }]
      const broken = aTemplate({ status: null as unknown as string })
      await expect(world.store.saveDefinitions(wanted, [], [broken], '田中', NOW, newId, [event])).rejects.toThrow()
      expect(await world.store.pending(10, NOW)).toEqual([])
      await world.store.saveDefinitions(wanted, [], [], '田中', NOW, newId, [event])
      expect((await world.store.pending(10, NOW)).map(({ kind }) => kind)).toEqual(['definition', 'record'])
    })
  })

  describe('older versions that are still run', () => {
    const one = anInstance({ definition: 'workflow/welcome' })
    const pinned = async () => (await world.store.pinnedDefinitions()).map(({ key, version }) => `${key}@${version}`)

    test('are those with running instances, until the last one is gone', async () => {
      for (const text of ['一', '二', '三']) await save(text)
      const second = anInstance({ definition: 'workflow/welcome', version: 2 })
      await apply(world.store, [enters(one), enters(second), enters(anInstance({ ...one, id: 'new-0', version: 3 }))])
      expect(await pinned()).toEqual(['workflow/welcome@1', 'workflow/welcome@2'])
      expect(await world.store.pinnedDefinitions()).toMatchObject([{ definition: definition('一'), active: false }, {}])
      await apply(world.store, [ends(one, 'goal').change])
      expect(await pinned()).toEqual(['workflow/welcome@2'])
      await apply(world.store, [moves(second, 'hello', { kind: 'migrated' }, { version: 3 }).change])
      expect(await pinned()).toEqual([])
    })

    test('the newest version is none of them, also when it is switched off', async () => {
      await save('一')
      await apply(world.store, [enters(one)])
      await world.store.setActive('workflow/welcome', false, NOW, newId)
      expect(await pinned()).toEqual([])
    })
  })
}
