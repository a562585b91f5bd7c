import { bad, blueprint, calendar, journey, moving, stepping, workflow } from './bases.ts'

const scheduled = (cron: string, timezone?: string) =>
  workflow({ trigger: { on: 'schedule', cron, ...(timezone && { timezone }) }, branches: [{}] })
const later = (after: unknown) =>
  workflow({ branches: [{ later: [{ after, actions: [{ type: 'addTags', tags: ['x'] }] }] }] })
const quiet = (from: string, to: string, timezone = 'contact') => journey({ quietHours: { from, to, timezone } })
const days = { unit: 'business_days', count: 2, calendar: 'ofice' }
const open = [{ from: '09:00', to: '12:00' }]
const sla = (within: unknown) =>
  blueprint({
    states: {
      Qualification: {
        initial: true,
        sla: [{ within, actions: [{ type: 'notify', role: 'manager', message: '遅れ' }] }],
      },
      Proposal: {},
      Won: { final: true },
    },
  })

export const timeCases = [
  bad('invalid_cron', '/trigger/cron', scheduled('every day')),
  bad('invalid_cron', '/trigger/cron', scheduled('0 25 * * *')),
  bad('invalid_cron', '/entry/trigger/cron', journey({ entry: { trigger: { on: 'schedule', cron: '* *' } } })),
  bad('cron_never', '/trigger/cron', scheduled('0 9 31 2 *')),
  bad('cron_never', '/trigger/cron', scheduled('0 9 31 4,6 *', 'Asia/Tokyo')),
  bad('unknown_timezone', '/trigger/timezone', scheduled('0 9 * * *', 'Asia/Tokio')),
  bad('unknown_timezone', '/quietHours/timezone', quiet('21:00', '09:00', 'Asia/Tokio')),
  bad('unknown_timezone', '/timezone', calendar({ timezone: 'Japan/Tokyo' })),
  bad('wrong_field_type', '/trigger/field', workflow({ trigger: { on: 'date', field: 'Company' }, branches: [{}] })),
  bad('zero_span', '/branches/0/later/0/after', later('P0D'), { severity: 'warning' }),
  bad('zero_span', '/branches/0/later/0/after', later({ unit: 'business_hours', count: 0 }), { severity: 'warning' }),
  bad('zero_span', '/states/Qualification/sla/0/within', sla('PT0S')),
  bad(
    'zero_span',
    '/steps/0/timeout',
    stepping({ id: 'reply', waitFor: { on: 'message.received' }, timeout: 'P0DT0H' }),
  ),
  bad('zero_span', '/frequencyCap/per', journey({ frequencyCap: { max: 1, per: 'P0D' } })),
  bad('unknown_calendar', '/branches/0/later/0/after/calendar', [calendar(), later(days)], { fix: 'office' }),
  bad('unknown_calendar', '/states/Qualification/sla/0/within/calendar', sla(days)),
  bad('unknown_calendar', '/transitions/0/auto/after/calendar', moving({ auto: { after: days } })),
  bad('unknown_calendar', '/steps/0/wait/calendar', stepping({ id: 'a', wait: days })),
  bad(
    'unknown_calendar',
    '/steps/0/timeout/calendar',
    stepping({ id: 'a', waitFor: { on: 'record.updated' }, timeout: days }),
  ),
  bad('calendar_never_open', '/week', calendar({ week: {} })),
  bad(
    'calendar_never_open',
    '/week',
    calendar({ week: { monday: [] }, specialDays: [{ date: '2026-12-28', hours: open }] }),
    {
      about: 'but for some days',
    },
  ),
  bad('calendar_interval_empty', '/week/monday/0', calendar({ week: { monday: [{ from: '18:00', to: '09:00' }] } }), {
    fix: 'midnight',
  }),
  bad(
    'calendar_interval_empty',
    '/specialDays/0/hours/0',
    calendar({ specialDays: [{ date: '2026-12-28', hours: [{ from: '09:00', to: '09:00' }] }] }),
  ),
  bad(
    'calendar_intervals_overlap',
    '/week/friday/1',
    calendar({ week: { friday: [...open, { from: '11:00', to: '18:00' }] } }),
  ),
  bad(
    'calendar_intervals_overlap',
    '/week/friday/1',
    calendar({ week: { friday: [{ from: '13:00', to: '18:00' }, ...open] } }),
    { about: 'not in order' },
  ),
  bad(
    'calendar_day_twice',
    '/holidays/1/date',
    calendar({ holidays: [{ date: '2026-01-01', name: { ja: '元日' } }, { date: '2026-01-01' }] }),
    { severity: 'warning' },
  ),
  bad(
    'calendar_day_twice',
    '/specialDays/1/date',
    calendar({
      specialDays: [
        { date: '2026-12-28', hours: open },
        { date: '2026-12-28', hours: [] },
      ],
    }),
  ),
  bad('invalid_quiet_hours', '/quietHours', quiet('09:00', '09:00')),
  bad('invalid_quiet_hours', '/quietHours', quiet('00:00', '23:59'), { severity: 'warning' }),
]
