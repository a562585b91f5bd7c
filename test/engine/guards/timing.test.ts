import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Settings } from '#definitions/settings.ts'
import { checkFrequency, checkQuietHours, checkTiming } from '#engine/guards/timing.ts'
import type { Category } from '#engine/message.ts'
import { quietUntil } from '#engine/quietHours.ts'
import { table } from '../../table.ts'
import { anIntent, HOUR_MS, NOW, someFacts, someSettings } from '../builders.ts'

const DAY_MS = 24 * HOUR_MS
const at = (time: string) => Date.parse(time)
const marketing = {
  form: 'template' as const,
  category: 'MARKETING' as const,
  inWindow: false,
  market: null,
  priceMicros: 0,
}

describe('quietUntil', () => {
  const cases = table(`
    now                        from   to     zone              | until
    2026-11-22T20:59:59+09:00  21:00  09:00  Asia/Tokyo        | -
    2026-11-22T21:00:00+09:00  21:00  09:00  Asia/Tokyo        | 2026-11-23T09:00:00+09:00
    2026-11-23T00:00:00+09:00  21:00  09:00  Asia/Tokyo        | 2026-11-23T09:00:00+09:00
    2026-11-23T08:59:59+09:00  21:00  09:00  Asia/Tokyo        | 2026-11-23T09:00:00+09:00
    2026-11-23T09:00:00+09:00  21:00  09:00  Asia/Tokyo        | -
    2026-11-22T12:30:00+09:00  12:00  13:00  Asia/Tokyo        | 2026-11-22T13:00:00+09:00  // within one day
    2026-11-22T11:59:00+09:00  12:00  13:00  Asia/Tokyo        | -
    2026-11-22T12:00:00+09:00  12:00  12:00  Asia/Tokyo        | -                          // no hours at all
    2026-11-22T23:30:00+09:00  22:00  00:00  Asia/Tokyo        | 2026-11-23T00:00:00+09:00
    2026-11-22T12:00:00Z       21:00  09:00  Asia/Kolkata      | -                          // 17:30 there
    2026-11-22T16:00:00Z       21:00  09:00  Asia/Kolkata      | 2026-11-23T03:30:00Z
    2026-03-08T04:00:00Z       21:00  09:00  America/New_York  | 2026-03-08T13:00:00Z       // the night of 23 hours
    2026-11-01T03:00:00Z       21:00  09:00  America/New_York  | 2026-11-01T14:00:00Z       // the night of 25 hours
    2026-03-08T06:30:00Z       21:00  02:30  America/New_York  | 2026-03-08T07:00:00Z       // 02:30 is leapt over: quiet until the leap
    2026-11-01T05:10:00Z       21:00  01:30  America/New_York  | 2026-11-01T05:30:00Z       // the first 01:30
    2026-11-01T05:45:00Z       21:00  01:30  America/New_York  | -
    2026-11-01T06:10:00Z       21:00  01:30  America/New_York  | 2026-11-01T06:30:00Z       // 01:10 for the second time
    2026-04-04T14:40:00Z       21:00  01:45  Australia/Lord_Howe  | 2026-04-04T14:45:00Z     // clocks go back half an hour
    2026-04-04T15:05:00Z       21:00  01:45  Australia/Lord_Howe  | 2026-04-04T15:15:00Z
  `)
  test.each(cases)('at $now, quiet from $from to $to in $zone: until $until', ({ now, from, to, zone, until }) => {
    expect(quietUntil(at(now), from, to, zone)).toBe(until === '-' ? null : at(until))
  })

  test('the end is still to come, within a day and an hour, and is not quiet itself', () => {
    const minute = fc.nat({ max: 24 * 60 - 1 })
    const clock = (minutes: number) =>
      `${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`
    const zone = fc.constantFrom(
      'Asia/Tokyo',
      'America/New_York',
      'Europe/Berlin',
      'Australia/Lord_Howe',
      'Asia/Kathmandu',
    )
    const now = fc.integer({ min: at('2026-01-01T00:00:00Z'), max: at('2027-01-01T00:00:00Z') })
    fc.assert(
      fc.property(now, minute, minute, zone, (now, from, to, zone) => {
        const until = quietUntil(now, clock(from), clock(to), zone)
        if (until === null) return
        expect(until).toBeGreaterThan(now)
        expect(until).toBeLessThanOrEqual(now + 25 * HOUR_MS)
        expect(quietUntil(until, clock(from), clock(to), zone)).toBe(null)
      }),
      { numRuns: 300 },
    )
  })
})

describe('quiet hours', () => {
  const night = at('2026-11-22T23:00:00+09:00')
  const morning = at('2026-11-23T09:00:00+09:00')
  const quiet = (change: Partial<NonNullable<Settings['quietHours']>> = {}) => ({
    from: '21:00',
    to: '09:00',
    timezone: 'contact',
    otherwise: 'hold' as const,
    ...change,
  })
  function checked(zone: string | null, category: Category, settings: Partial<Settings>) {
    return checkQuietHours(anIntent({ zone }), { now: night, settings: someSettings(settings) }, { category })
  }

  test('a marketing message waits for the morning where the contact is', () => {
    const held = { kind: 'hold', reason: 'quiet_hours', until: morning, detail: 'Asia/Tokyo' }
    expect(checked('Asia/Tokyo', 'MARKETING', { quietHours: quiet() })).toEqual(held)
    expect(checked('Europe/London', 'MARKETING', { quietHours: quiet() })).toEqual({ kind: 'allow' }) // 14:00 there
  })

  test('a contact whose zone is unknown, or is none, is where the settings are', () => {
    for (const zone of [null, '', 'Tokyo', '東京', 'Asia/Nowhere'])
      expect(checked(zone, 'MARKETING', { quietHours: quiet() })).toMatchObject({
        until: morning,
        detail: 'Asia/Tokyo',
      })
  })

  test('a zone in the quiet hours holds for everybody', () => {
    const inLondon = { quietHours: quiet({ timezone: 'Europe/London' }) }
    expect(checked('Asia/Tokyo', 'MARKETING', inLondon)).toEqual({ kind: 'allow' })
  })

  test('only the categories of the settings are held back, and an admin may want a block', () => {
    expect(checked(null, 'UTILITY', { quietHours: quiet() })).toEqual({ kind: 'allow' })
    expect(checked(null, 'UTILITY', { quietHours: quiet(), quietCategories: ['UTILITY'] }).kind).toBe('hold')
    expect(checked(null, 'MARKETING', { quietHours: quiet({ otherwise: 'block' }) })).toEqual({
      kind: 'block',
      reason: 'quiet_hours',
      detail: 'Asia/Tokyo',
    })
    expect(checked(null, 'MARKETING', {})).toEqual({ kind: 'allow' })
  })

  test('quiet hours are told before a full cap', () => {
    const settings = someSettings({ quietHours: quiet(), frequencyCap: { max: 1, per: 'P1D', otherwise: 'block' } })
    const facts = someFacts({ now: night, settings, recentMarketingAt: [night - 1] })
    expect(checkTiming(anIntent(), facts, marketing)).toMatchObject({ kind: 'hold', reason: 'quiet_hours' })
    const noon = { ...facts, now: NOW, recentMarketingAt: [NOW - 1] }
    expect(checkTiming(anIntent(), noon, marketing)).toMatchObject({ kind: 'block', reason: 'frequency_capped' })
  })
})

describe('frequency cap', () => {
  const cases = table(`
    max  per    otherwise  category   sent_days_ago | verdict  free_in_days
    2    P7D    hold       MARKETING  -             | allow    -
    2    P7D    hold       MARKETING  1             | allow    -
    2    P7D    hold       MARKETING  1 3           | hold     4             // when the one of 3 days ago is 7 days old
    2    P7D    hold       MARKETING  1 3 5         | hold     4
    2    P7D    hold       MARKETING  1 7           | allow    -             // 7 days ago is out
    2    P7D    block      MARKETING  1 3           | block    -
    2    P7D    hold       UTILITY    1 3           | allow    -
    1    PT12H  hold       MARKETING  0.25          | hold     0.25
  `)
  test.each(cases)('$max in $per, sent $sent_days_ago days ago: $verdict', (row) => {
    const recentMarketingAt =
      row.sent_days_ago === '-' ? [] : row.sent_days_ago.split(' ').map((days) => NOW - +days * DAY_MS)
    const frequencyCap = { max: +row.max, per: row.per, otherwise: row.otherwise as 'hold' | 'block' }
    const facts = { now: NOW, settings: someSettings({ frequencyCap }), recentMarketingAt, recentJourneyAt: [] }
    const verdict = checkFrequency(anIntent(), facts, { category: row.category as Category })
    const until = row.free_in_days === '-' ? undefined : NOW + +row.free_in_days * DAY_MS
    expect([verdict.kind, 'until' in verdict ? verdict.until : undefined]).toEqual([row.verdict, until])
  })
})

describe('what a journey asks for', () => {
  const night = at('2026-11-22T23:00:00+09:00')
  /** `21-09`, `-` for none, `!` behind it for a block. */
  function hours(text: string) {
    if (text === '-') return undefined
    const [from, to] = text.replace('!', '').split('-')
    const otherwise = text.endsWith('!') ? ('block' as const) : ('hold' as const)
    return { from: `${from}:00`, to: `${to}:00`, timezone: 'contact', otherwise }
  }
  const nights = table(`
    settings  journey  category        | verdict  until                       detail
    -         21-09    MARKETING       | hold     2026-11-23T09:00:00+09:00  journey
    -         21-09    UTILITY         | hold     2026-11-23T09:00:00+09:00  journey
    -         21-09    SERVICE         | hold     2026-11-23T09:00:00+09:00  journey   // free text is a message of the journey
    -         21-09    AUTHENTICATION  | allow    -                          -
    -         09-18    UTILITY         | allow    -                          -
    21-09     -        MARKETING       | hold     2026-11-23T09:00:00+09:00  settings
    21-09     -        UTILITY         | allow    -                          -
    21-08     21-10    MARKETING       | hold     2026-11-23T10:00:00+09:00  journey   // the later end
    21-10     21-08    MARKETING       | hold     2026-11-23T10:00:00+09:00  settings
    21-09     21-09    MARKETING       | hold     2026-11-23T09:00:00+09:00  settings  // of equals, the house's own
    21-10     21-08!   MARKETING       | block    -                          journey   // a block before a hold
    21-08!    21-10    MARKETING       | block    -                          settings
    21-08!    21-10    UTILITY         | hold     2026-11-23T10:00:00+09:00  journey   // the settings ask for marketing only
  `)
  test.each(nights)('S67 at 23:00, settings $settings, journey $journey, $category: $verdict', (row) => {
    const quietHours = hours(row.journey)
    const intent = anIntent({
      definition: 'journey/trial-nurture@3',
      zone: 'Asia/Tokyo',
      ...(quietHours && { quietHours }),
    })
    const settings = someSettings({ quietHours: hours(row.settings) ?? null })
    const verdict = checkQuietHours(intent, { now: night, settings }, { category: row.category as Category })
    const detail = { journey: 'journey/trial-nurture@3 Asia/Tokyo', settings: 'Asia/Tokyo', '-': undefined }[row.detail]
    expect(verdict).toEqual(
      row.verdict === 'allow'
        ? { kind: 'allow' }
        : { kind: row.verdict, reason: 'quiet_hours', ...(row.until !== '-' && { until: at(row.until) }), detail },
    )
  })

  test('the zone of a journey that names one is not the contact’s', () => {
    const quietHours = { from: '21:00', to: '09:00', timezone: 'Europe/London', otherwise: 'hold' as const }
    const intent = anIntent({ zone: 'Asia/Tokyo', quietHours })
    const facts = { now: night, settings: someSettings() } // 14:00 in London
    expect(checkQuietHours(intent, facts, { category: 'UTILITY' })).toEqual({ kind: 'allow' })
  })

  const caps = table(`
    settings  journey  category        marketing  journeys | verdict  free_in_h  detail
    -         2        UTILITY         -          1        | allow    -          -
    -         2        UTILITY         -          1 5      | hold     19         journey/trial-nurture@3 2/P1D
    -         2        MARKETING       1 5        -        | allow    -          -   // marketing of others is not of journeys
    -         2        SERVICE         -          1 5      | hold     19         journey/trial-nurture@3 2/P1D
    -         2        AUTHENTICATION  -          1 5      | allow    -          -
    -         2        UTILITY         -          1 24     | allow    -          -
    -         2!       UTILITY         -          1 5      | block    -          journey/trial-nurture@3 2/P1D
    1         2        MARKETING       1          1 5      | hold     23         1/P1D
    1         2        MARKETING       6          1 5      | hold     19         journey/trial-nurture@3 2/P1D
    1         2!       MARKETING       1          1 5      | block    -          journey/trial-nurture@3 2/P1D
    1!        2        MARKETING       1          1 5      | block    -          1/P1D
    1!        2        UTILITY         1          1 5      | hold     19         journey/trial-nurture@3 2/P1D
  `)
  test.each(caps)(
    'S67 caps $settings and $journey, $category, sent $marketing and $journeys h ago: $verdict',
    (row) => {
      const cap = (text: string) =>
        text === '-'
          ? undefined
          : { max: parseInt(text), per: 'P1D', otherwise: text.endsWith('!') ? ('block' as const) : ('hold' as const) }
      const ago = (text: string) => (text === '-' ? [] : text.split(' ').map((hours) => NOW - +hours * HOUR_MS))
      const frequencyCap = cap(row.journey)
      const verdict = checkFrequency(
        anIntent({ definition: 'journey/trial-nurture@3', ...(frequencyCap && { frequencyCap }) }),
        {
          now: NOW,
          settings: someSettings({ frequencyCap: cap(row.settings) ?? null }),
          recentMarketingAt: ago(row.marketing),
          recentJourneyAt: ago(row.journeys),
        },
        { category: row.category as Category },
      )
      const until = row.free_in_h === '-' ? undefined : NOW + +row.free_in_h * HOUR_MS
      expect([
        verdict.kind,
        'until' in verdict ? verdict.until : undefined,
        'detail' in verdict ? verdict.detail : '-',
      ]).toEqual([row.verdict, until, row.detail])
    },
  )
})
