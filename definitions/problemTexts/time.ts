import { error, meantEn, meantJa, warning } from './words.ts'

const SPANS = {
  sla: ['This escalation', 'このエスカレーション'],
  timeout: ['This timeout', 'この待ち時間'],
  cap: ['This frequency cap', 'この頻度の上限'],
  later: ['This "later"', 'この「later」'],
} as const

/** Of spans, calendars, schedules and quiet hours. */
export const timeTexts = {
  zero_span: error<{ what: keyof typeof SPANS }>(
    ({ what }) => [
      `${SPANS[what][0]} takes no time at all.`,
      what === 'later'
        ? 'Write how long to wait, such as "P1D", or move its actions to "actions".'
        : 'Write a length of time, such as "P1D".',
    ],
    ({ what }) => [
      `${SPANS[what][1]}の長さが0です。`,
      what === 'later'
        ? '待つ長さを書くか(例:「P1D」)、処理を「actions」に移してください。'
        : '期間を書いてください(例:「P1D」)。',
    ],
  ),
  unknown_calendar: error<{ name: string; suggestions: string[] }>(
    ({ name, suggestions }) => [
      `There is no calendar "${name}".`,
      meantEn(suggestions, 'Define the calendar in a file of its own, or leave "calendar" out.'),
    ],
    ({ name, suggestions }) => [
      `カレンダー「${name}」はありません。`,
      meantJa(suggestions, 'カレンダーを別のファイルで定義するか、「calendar」を外してください。'),
    ],
  ),
  calendar_never_open: error<object>(
    () => [
      'This calendar has no open hours in any week, so waiting for working time would never end.',
      'Give at least one weekday hours, such as [{ "from": "09:00", "to": "18:00" }].',
    ],
    () => [
      'このカレンダーには営業時間がまったくないため、営業時間を待つ処理が終わりません。',
      '少なくとも1つの曜日に時間を書いてください(例: [{ "from": "09:00", "to": "18:00" }])。',
    ],
  ),
  calendar_interval_empty: error<{ from: string; to: string }>(
    ({ from, to }) => [
      `${from} is not before ${to}, so these hours are none.`,
      'Write the earlier time first. Over midnight is two intervals: until "24:00", and from "00:00" of the next day.',
    ],
    ({ from, to }) => [
      `${from} が ${to} より前ではないため、営業時間になりません。`,
      '早い時刻を先に書いてください。日をまたぐ場合は「24:00」までと翌日の「00:00」からの2つに分けます。',
    ],
  ),
  calendar_intervals_overlap: error<{ from: string; to: string; before: string }>(
    ({ from, to, before }) => [
      `${from} to ${to} begins before the hours above it end (${before}).`,
      'Write the hours of a day in order, none within another.',
    ],
    ({ from, to, before }) => [
      `${from}〜${to} は、その前に書かれた時間が終わる ${before} より早く始まっています。`,
      '1日の時間は重ならないように順に書いてください。',
    ],
  ),
  calendar_day_twice: warning<{ date: string }>(
    ({ date }) => [`${date} stands here twice.`, 'Remove one of the two.'],
    ({ date }) => [`${date} が2回書かれています。`, 'どちらかを削除してください。'],
  ),
  invalid_cron: error<{ value: string; detail: string }>(
    ({ value, detail }) => [
      `"${value}" is not a cron expression: ${detail}.`,
      'Write five fields: minute, hour, day of the month, month, weekday, such as "0 9 * * 1-5".',
    ],
    ({ value, detail }) => [
      `「${value}」はcron式ではありません(${detail})。`,
      '分、時、日、月、曜日の5項目を書いてください(例:「0 9 * * 1-5」)。',
    ],
  ),
  cron_never: error<{ value: string }>(
    ({ value }) => [
      `"${value}" never comes due: there is no such day.`,
      'Look at the day of the month and the month together: "0 9 31 2 *" would be 31 February.',
    ],
    ({ value }) => [
      `「${value}」に当てはまる日はないため、一度も実行されません。`,
      '日と月の組み合わせを確認してください(「0 9 31 2 *」は2月31日になります)。',
    ],
  ),
  unknown_timezone: error<{ value: string }>(
    ({ value }) => [`There is no time zone "${value}".`, 'Use an IANA name, such as "Asia/Tokyo".'],
    ({ value }) => [`タイムゾーン「${value}」はありません。`, 'IANAの名前を使ってください(例:「Asia/Tokyo」)。'],
  ),
  invalid_quiet_hours: error<{ open: number }>(
    ({ open }) => [
      open === 0
        ? 'These quiet hours begin when they end. They would be the whole day or none of it.'
        : `These quiet hours leave only ${open} minutes a day in which a message may go out.`,
      'Write the hours in which nobody is to be written to, such as from "21:00" to "09:00".',
    ],
    ({ open }) => [
      open === 0
        ? '送信を控える時間の始まりと終わりが同じです。一日中なのか、まったくないのか判別できません。'
        : `送信を控える時間が長く、1日に${open}分しか送信できません。`,
      '送信を控える時間を書いてください(例:「21:00」から「09:00」)。',
    ],
  ),
}
