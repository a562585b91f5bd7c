import { expect, test } from 'vitest'
import { defaultSettings } from '#definitions/settings.ts'
import { aNumber, aTemplate, NOW, someSettings } from '#test/engine/builders.ts'
import { eachWith, type Open } from '../world.ts'

export function accountCases(open: Open): void {
  const world = eachWith(open)

  test('settings begin with the defaults and are kept as saved', async () => {
    expect(await world.store.settings()).toEqual(defaultSettings)
    const changed = someSettings({ defaultCountry: 'BR', optOutWords: { ja: ['停止'] } })
    await world.store.saveSettings(changed, NOW)
    expect(await world.store.settings()).toEqual(changed)
  })

  test('settings handed out are no door into the store', async () => {
    const settings = await world.store.settings()
    expect(() => {
      settings.quietCategories.push('UTILITY')
    }).toThrow(TypeError)
    expect(await world.store.settings()).toEqual(defaultSettings)
  })

  test('a sync replaces what is known of the templates it names, and keeps the hash that we submitted', async () => {
    await world.store.saveTemplates(
      [aTemplate({ status: 'PENDING', submittedHash: 'h' }), aTemplate({ name: 'other' })],
      NOW,
    )
    await world.store.saveTemplates([aTemplate({ status: 'REJECTED', reason: 'INVALID_FORMAT' })], NOW)
    expect(await world.store.templates()).toEqual([
      aTemplate({ name: 'other' }),
      aTemplate({ status: 'REJECTED', reason: 'INVALID_FORMAT', submittedHash: 'h' }),
    ])
  })

  test('a sync that knows no nickname of a number keeps ours', async () => {
    await world.store.saveNumbers([aNumber({ nickname: '営業' })], NOW)
    await world.store.saveNumbers([aNumber({ quality: 'RED' })], NOW)
    expect(await world.store.numbers()).toEqual([aNumber({ nickname: '営業', quality: 'RED' })])
    await world.store.saveNumbers([aNumber({ nickname: '受付' })], NOW)
    expect(await world.store.numbers()).toEqual([aNumber({ nickname: '受付' })])
  })

  test('a sync replaces what is known of the numbers', async () => {
    await world.store.saveNumbers([aNumber(), aNumber({ id: '10002' })], NOW)
    await world.store.saveNumbers([aNumber({ verified: false, reachMax: null, status: 'DISCONNECTED' })], NOW)
    expect(await world.store.numbers()).toEqual([
      aNumber({ verified: false, reachMax: null, status: 'DISCONNECTED' }),
      aNumber({ id: '10002' }),
    ])
  })
}
