import { describe, expect, test } from 'vitest'
import { SMITH, walk, YAMADA, type Walk } from './walk.ts'

const JOURNEY = 'journey/subscriber-onboarding'
/** A utility template, in micro-credits. */
const PRICES = { JP: 11_300, GB: 22_000 }
const yamada = { Name: '山田様 Standard', Customer_Name: '山田', Plan: 'Standard', Status: 'Active', Owner: 'sales-1' }
const smith = { Name: 'Smith Light', Customer_Name: 'Smith', Plan: 'Light', Status: 'Active', Owner: 'sales-2' }
const subscribe = (w: Walk, one: 'yamada' | 'smith') =>
  one === 'yamada'
    ? w.record('created', 'Subscriptions', '1', { ...yamada, ...YAMADA })
    : w.record('created', 'Subscriptions', '2', { ...smith, ...SMITH })

describe('subscriber-onboarding', () => {
  test('greets each in their language when their day has begun (S68)', async () => {
    const w = await walk('2026-11-24 10:00')
    await subscribe(w, 'yamada')
    await subscribe(w, 'smith') // 01:00 in London: it waits for eight.
    await w.to('2026-11-24 18:00')
    expect(w.got(YAMADA)).toEqual(['2026-11-24 10:00 onboarding_welcome/ja'])
    expect(w.words(YAMADA)).toContain('ご契約ありがとうございます、山田様。「Standard」をすぐにお使いいただけます。')
    expect(w.got(SMITH)).toEqual(['2026-11-24 08:00 onboarding_welcome/en'])
    expect(w.words(SMITH)).toContain('Thank you for subscribing, Smith. Your Light plan is ready to use.')
  })

  test.each([
    [
      'yamada',
      YAMADA,
      'はじめ方を見る',
      'ありがとうございます、山田様。はじめ方はこちらです: https://example.com/ja/start',
      'guide-ja',
    ],
    ['smith', SMITH, 'Show me how', 'Thank you, Smith. Here is how to begin: https://example.com/en/start', 'guide-en'],
  ] as const)(
    'answers the tap of %s at once, free of charge, in free text',
    async (who, person, label, words, step) => {
      const w = await walk('2026-11-24 18:00')
      await subscribe(w, who)
      await w.to('2026-11-24 20:00')
      await w.tap(person.Mobile, label)
      await w.to('2026-11-24 20:01')
      expect(w.got(person)).toHaveLength(2)
      expect(w.got(person)[1]).toMatch(/ text$/)
      expect(w.words(person)).toContain(words)
      const { spent, held } = await w.server.denrei.store.balance()
      expect(held).toBe(0)
      expect(spent).toBe(who === 'yamada' ? PRICES.JP : PRICES.GB)

      await w.to('2026-12-01 09:00')
      const id = who === 'yamada' ? '1' : '2'
      const way = who === 'yamada' ? 'else>guide-ja' : 'branch/0>guide-en'
      expect(await w.path(JOURNEY, id)).toBe(
        `record>hello next>reply then>which branch/0>language ${way} next>used timeout>done goal>`,
      )
      expect(step).toBe(way.split('>')[1])
      expect(await w.values('Subscriptions', id)).toMatchObject({ Tag: ['onboarded'] })
      expect(await w.tasks(id)).toEqual([])
    },
  )

  test('a tap at night is answered in the morning, still within the window', async () => {
    const w = await walk('2026-11-24 18:00')
    await subscribe(w, 'yamada')
    await w.to('2026-11-24 22:30')
    await w.tap(YAMADA.Mobile, 'はじめ方を見る')
    await w.to('2026-11-25 12:00')
    expect(w.got(YAMADA)).toEqual(['2026-11-24 18:00 onboarding_welcome/ja', '2026-11-25 08:00 text'])
  })

  test('a tap whose answer cannot go out within a day is answered with the template', async () => {
    const w = await walk('2026-11-24 18:00')
    await subscribe(w, 'yamada')
    await w.to('2026-11-24 20:00')
    const { denrei } = w.server
    await denrei.saveSettings({ ...(await denrei.settings()), integration: { active: false } })
    await w.tap(YAMADA.Mobile, 'はじめ方を見る')
    await w.to('2026-11-26 09:00')
    expect(w.got(YAMADA)).toHaveLength(1)
    await denrei.saveSettings({ ...(await denrei.settings()), integration: { active: true } })
    await w.to('2026-11-26 09:01')
    expect(w.got(YAMADA)[1]).toBe('2026-11-26 09:00 onboarding_guide/ja')
    expect(w.words(YAMADA)).toContain('「Standard」のはじめ方は、下のボタンからご覧いただけます。')
  })

  test.each([
    ['yamada', YAMADA, '1', '担当者と話す', 'sales-1', '山田'],
    ['yamada', YAMADA, '1', '設定がわかりません', 'sales-1', '山田'],
    ['smith', SMITH, '2', 'Talk to a person', 'sales-2', 'Smith'],
    ['smith', SMITH, '2', 'How much is Premium?', 'sales-2', 'Smith'],
  ] as const)('whoever wants a person gets one: %s', async (who, person, id, said, owner, name) => {
    const w = await walk('2026-11-24 18:00')
    await subscribe(w, who)
    await w.to('2026-11-24 20:00')
    if (/person|担当者/.test(said)) await w.tap(person.Mobile, said)
    else await w.write(person.Mobile, said)
    expect(await w.tasks(id)).toEqual([
      `新しいお客様に連絡する / Get in touch with the new customer: ${name} | 2026-11-25 | High | ${owner}`,
    ])
    await w.to('2026-12-01 12:00')
    expect(await w.place(JOURNEY, id)).toBe('with-person')
    // The person in charge is done: the goal ends it from wherever it stands.
    await w.record('updated', 'Subscriptions', id, { Tag: ['onboarded'] })
    expect(await w.place(JOURNEY, id)).toBe('goal 2026-12-01 12:00')
    expect(w.got(person)).toHaveLength(1)
  })

  test('a task that nobody closes ends it after two weeks', async () => {
    const w = await walk('2026-11-24 18:00')
    await subscribe(w, 'yamada')
    await w.to('2026-11-24 20:00')
    await w.tap(YAMADA.Mobile, '担当者と話す')
    await w.to('2026-12-31 00:00')
    expect(await w.place(JOURNEY, '1')).toBe('handed-over 2026-12-08 20:00')
  })

  test('reminds once of silence, and gives up', async () => {
    const w = await walk('2026-11-24 10:00')
    await subscribe(w, 'yamada')
    await subscribe(w, 'smith')
    await w.to('2026-12-31 00:00')
    expect(w.got(YAMADA)).toEqual(['2026-11-24 10:00 onboarding_welcome/ja', '2026-11-26 10:00 onboarding_reminder/ja'])
    expect(w.got(SMITH)).toEqual(['2026-11-24 08:00 onboarding_welcome/en', '2026-11-26 08:00 onboarding_reminder/en'])
    expect(await w.place(JOURNEY, '1')).toBe('no-answer 2026-12-01 10:00')
    expect(await w.place(JOURNEY, '2')).toBe('no-answer 2026-12-01 17:00')
    expect(await w.tasks('1')).toEqual([])
  })

  test('an answer to the reminder counts as much as one to the greeting', async () => {
    const w = await walk('2026-11-24 10:00')
    await subscribe(w, 'yamada')
    await w.to('2026-11-27 10:00')
    await w.write(YAMADA.Mobile, '使い方を教えてください')
    expect(await w.path(JOURNEY, '1')).toContain('timeout>remind next>second-reply then>which else>person')
  })

  test.each(['停止', 'ＳＴＯＰ', 'Stop!'])('「%s」 ends it at once, and nothing more is sent', async (word) => {
    const w = await walk('2026-11-24 10:00')
    await subscribe(w, 'yamada')
    await w.write(YAMADA.Mobile, word)
    expect(await w.place(JOURNEY, '1')).toBe('opted-out 2026-11-24 10:00')
    await w.to('2026-12-31 00:00')
    expect(w.got(YAMADA)).toHaveLength(1)
    expect(await w.tasks('1')).toEqual([])
  })

  test('who cancels leaves, who was never active does not enter, and nobody enters twice', async () => {
    const w = await walk('2026-11-24 10:00')
    await subscribe(w, 'yamada')
    await w.record('created', 'Subscriptions', '2', { ...smith, ...SMITH, Status: 'Suspended' })
    await w.to('2026-11-25 10:00')
    await w.record('updated', 'Subscriptions', '1', { Status: 'Cancelled' })
    expect(await w.place(JOURNEY, '1')).toBe('cancelled 2026-11-25 10:00')
    expect(await w.place(JOURNEY, '2')).toBeNull()
    await w.record('updated', 'Subscriptions', '1', { Status: 'Active' })
    await w.to('2026-12-31 00:00')
    expect(w.got(YAMADA)).toHaveLength(1)
  })
})
