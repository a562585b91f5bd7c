import { expect, test } from 'vitest'
import { playMonths } from '#cli/demo/months.ts'
import { timelineLines } from '#cli/demo/timeline.ts'
import { LIBRARY } from '#cli/places.ts'
import { readFolder } from '#cli/readFolder.ts'

const files = await readFolder(LIBRARY)

test('three months of the demo are the same each time, and tell in Japanese what they tell in English', async () => {
  const [ja, again, en] = [await playMonths(files, 'ja'), await playMonths(files, 'ja'), await playMonths(files, 'en')]
  expect(again).toEqual(ja)
  expect(en.months).toEqual(ja.months)
  expect(en.timeline.map(({ at, zone }) => ({ at, zone }))).toEqual(ja.timeline.map(({ at, zone }) => ({ at, zone })))
  expect(ja.wrong).toEqual([])

  const lines = timelineLines(ja.timeline, 'ja')
  expect(lines[0]).toBe('2026年11月20日金曜日')
  expect(lines).toContain('  13:00  山田 花子  ボタン「はじめ方を見る」を押す')
  expect(lines).toContain(
    '  11:00  伊藤  「Send proposal」はできません  -- 「Send proposal」を実行する権限がありません。',
  )
  expect(lines.find((line) => line.includes('Olivia Smith'))).toMatch(
    /^ {2}17:00 \(現地08:00\) {2}Olivia Smith {2}受信 onboarding_welcome「Thank you for subscribing, Smith\./,
  )
  const inEnglish = timelineLines(en.timeline, 'en')
  expect(inEnglish[0]).toBe('Friday, November 20, 2026')
  expect(inEnglish).toContain('  13:00  山田 花子  taps "はじめ方を見る"')
  expect(inEnglish).toContain(
    '  09:30  manager  notice: No progress for three business days: Warehouse robots  -- Warehouse robots',
  )
})

test('every kind of end is among them, and every word of a customer was heard', async () => {
  const { months, timeline } = await playMonths(files, 'en')
  expect(months.processes).toEqual({
    'blueprint/deal-desk': { completed: 2 },
    'journey/payment-failure': { goal: 1 },
    'journey/renewal': { renewed: 1, cancelled: 1 },
    'journey/subscriber-onboarding': { goal: 2 },
  })
  expect(months.messages).toEqual({ accepted: 13, ja: 7, en: 5, freeText: 1 })
  expect(months.transitions).toEqual({ byPeople: 4, byThemselves: 1, refused: 3 })
  expect(months.replies).toBe(4)
  // Twelve templates at the price of their market; the free text within the window costs nothing.
  const prices = { Japan: 11_300, 'United Kingdom': 22_000, Australia: 11_300 }
  expect(months.credits.spent).toBe(7 * prices.Japan + 3 * prices['United Kingdom'] + 2 * prices.Australia)
  expect(timeline.map(({ at }) => at)).toEqual(timeline.map(({ at }) => at).toSorted((a, b) => a - b))
  expect(timeline.filter(({ what }) => what.startsWith('gets '))).toHaveLength(months.messages.accepted)
})
