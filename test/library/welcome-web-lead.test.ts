import { describe, expect, test } from 'vitest'
import { SMITH, walk, YAMADA, type Walk } from './walk.ts'

const yamada = {
  Last_Name: '山田',
  Lead_Source: 'Web',
  Country: 'JP',
  Lead_Status: 'New',
  Email: 'yamada@example.com',
  Owner: 'sales-1',
  ...YAMADA,
}
const smith = {
  Last_Name: 'Smith',
  Lead_Source: 'Web',
  Country: 'GB',
  Lead_Status: 'New',
  Email: 'smith@example.com',
  Owner: 'sales-1',
  ...SMITH,
}
const CALL = (ja: string, en = ja) => `${ja}様に電話する / Call ${en}`

async function arrived(): Promise<Walk> {
  const w = await walk('2026-11-20 12:00')
  await w.record('created', 'Leads', '1', yamada)
  await w.record('created', 'Leads', '2', smith)
  return w
}

describe('welcome-web-lead', () => {
  test('greets at once and in the language of the lead (S66)', async () => {
    const w = await arrived()
    await w.to('2026-11-20 12:05')
    expect(w.got(YAMADA)).toEqual(['2026-11-20 12:00 welcome_lead/ja'])
    expect(w.words(YAMADA)).toContain('こんにちは、山田様。お問い合わせいただき、誠にありがとうございます。')
    expect(w.got(SMITH)).toEqual(['2026-11-20 03:00 welcome_lead/en'])
    expect(w.words(SMITH)).toContain('Hello Smith, thank you for getting in touch with us.')
    // Marketing, in micro-credits: Japan and the United Kingdom.
    expect((await w.server.denrei.store.balance()).spent).toBe(84_200 + 63_500)
  })

  test('has a lead called that is still new after two days, and no other', async () => {
    const w = await arrived()
    await w.to('2026-11-21 12:00')
    await w.record('updated', 'Leads', '2', { Lead_Status: 'Attempted to Contact' })
    await w.to('2026-11-30 00:00')
    expect(await w.tasks('1')).toEqual([`${CALL('山田')} | 2026-11-23 | High | sales-1`])
    expect(await w.tasks('2')).toEqual([])
  })

  test('a lead that is deleted meanwhile is not called', async () => {
    const w = await arrived()
    await w.record('deleted', 'Leads', '1')
    await w.to('2026-11-30 00:00')
    expect(await w.tasks('1')).toEqual([])
  })

  test.each([
    ['電話で話したい', 'Call me', [`${CALL('山田')} | 2026-11-20 | High | sales-1`], []],
    [
      'メッセージがよい',
      'Write to me',
      [],
      ['2026-11-20 12:00 sales: 山田様から返信がありました。 / 山田 has replied.'],
    ],
  ])('a tap on 「%s」 or "%s" is heard', async (label, inEnglish, tasks, notified) => {
    const w = await arrived()
    await w.tap(YAMADA.Mobile, label)
    expect(await w.tasks('1')).toEqual(tasks)
    expect(await w.notified()).toEqual(notified)
    expect(await w.values('Leads', '1')).toMatchObject({ Tag: ['replied'] })
    await w.tap(SMITH.Mobile, inEnglish)
    expect(await w.values('Leads', '2')).toMatchObject({ Tag: ['replied'] })
  })

  test('whoever cannot be reached by WhatsApp is called, and one from elsewhere only tagged', async () => {
    const w = await walk('2026-11-20 12:00')
    await w.record('created', 'Leads', '1', { ...yamada, Mobile: '+819012340026' })
    await w.record('created', 'Leads', '2', { ...smith, Country: 'CN' })
    await w.to('2026-11-20 13:00')
    expect(await w.tasks('1')).toEqual([
      'WhatsAppが届かなかったため、山田様に電話する / WhatsApp did not reach 山田: call | 2026-11-21 | High | sales-1',
    ])
    expect(await w.values('Leads', '2')).toMatchObject({ Tag: ['no-whatsapp'] })
    expect(w.got(SMITH)).toEqual([])
  })

  test('greets a person once, however often the CRM tells of them', async () => {
    const w = await arrived()
    await w.record('created', 'Leads', '1', yamada)
    await w.to('2026-11-20 13:00')
    expect(w.got(YAMADA)).toHaveLength(1)
  })
})
