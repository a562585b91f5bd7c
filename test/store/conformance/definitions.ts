import { expect, test } from 'vitest'
import type { Definition } from '#definitions/definitions.ts'
import { NotFound } from '#engine/errors.ts'
import { aTemplate, NOW } from '#test/engine/builders.ts'
import { claimAll, newId, workIntent } from '../builders.ts'
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
}
