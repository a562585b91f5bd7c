import { describe, expect, test } from 'vitest'
import { defaultSettings, settings } from '#definitions/settings.ts'

describe('time zones in the settings', () => {
  // The guards work out quiet hours and the day of a price in this zone: one that is none would stop every message.
  test.each(['Asia/Tokyo', 'America/New_York', 'UTC', 'Asia/Kathmandu'])('%s is one', (timezone) => {
    expect(settings.parse({ timezone }).timezone).toBe(timezone)
  })

  test.each(['', 'Tokyo', '東京', 'Asia/Nowhere', 'contact'])('"%s" is none', (timezone) => {
    expect(settings.safeParse({ timezone }).error?.issues[0]?.message).toContain('Asia/Tokyo')
  })

  test('quiet hours are counted where the contact is, or in one zone', () => {
    const quiet = (timezone?: string) => settings.safeParse({ quietHours: { from: '21:00', to: '09:00', timezone } })
    expect(quiet().data?.quietHours?.timezone).toBe('contact')
    expect(quiet('Europe/London').success).toBe(true)
    expect(quiet('London').success).toBe(false)
  })

  test('the defaults pass their own schema', () => {
    expect(settings.parse(defaultSettings)).toEqual(defaultSettings)
  })
})
