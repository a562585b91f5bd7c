import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { historyText, REASONS, timerText, wayText } from '#server/instanceTexts.ts'
import { durationText } from '#server/texts.ts'

/** What deciders write as the reason of a trace or the way of a step, where it is one of ours and not a person's word. */
function written(): string[] {
  const folders = ['engine/blueprint', 'engine/journey', 'engine/time']
  const files = folders.flatMap((folder) => readdirSync(folder).map((file) => join(folder, file)))
  const sources = [...files, 'engine/decide/command.ts', 'engine/decide/instances.ts'].map((file) =>
    readFileSync(file, 'utf8'),
  )
  const patterns = [
    /\b(?:reason|via): '([a-z_]+)'/g,
    /\bgo\([^()]*(?:\([^()]*\))?[^()]*, '([a-z_]+)'/g,
    /\bleave\(.*, '([a-z_]+)', /g,
    /\brefused\('([a-z_]+)'/g,
    /\bend\(draft, \w+, '([a-z_]+)'/g,
    /^ {2}\| '([a-z_]+)'$/gm,
  ]
  return sources.flatMap((text) =>
    patterns.flatMap((pattern) => [...text.matchAll(pattern)].map(([, code = '']) => code)),
  )
}

/** Codes of sentences that carry their own words, and the numbers of reports. */
const NOT_A_WAY = [
  'not_asked',
  'missing',
  'wrong_type',
  'not_in_picklist',
  'check_failed',
  'note_missing',
  'not_ticked',
  'not_on_list',
]

test('every reason that a decision writes has words in both languages', () => {
  const reasons = [...new Set(written())].filter((one) => !NOT_A_WAY.includes(one))
  expect(reasons.length).toBeGreaterThan(25)
  expect(reasons.filter((one) => !Object.hasOwn(REASONS, one))).toEqual([])
})

test.each([
  ['branch/0', 'branch 1 matched', '分岐 1 に一致しました'],
  ['split/1', 'it drew way 2', '振り分けの 2 番に入りました'],
  ['auto/Give up', '"Give up" happens by itself', '「Give up」の自動実行'],
  ['$&を提案', '$&を提案', '$&を提案'],
  ['constructor', 'constructor', 'constructor'],
])('%s is told as %s, %s', (reason, en, ja) => {
  expect([wayText(reason, 'en'), wayText(reason, 'ja')]).toEqual([en, ja])
})

test('names of positions are told as they are written', () => {
  const step = { kind: 'moved', from: '$& {to}', to: '交渉' } as const
  expect(historyText(step, 'en')).toBe('from "$& {to}" to "交渉"')
})

test.each([
  [0, '0 ms', '0ミリ秒'],
  [59_999, '59 s', '59秒'],
  [3_600_000, '1 h', '1時間'],
  [2 * 86_400_000 + 3 * 3_600_000 + 59_000, '2 d 3 h', '2日3時間'],
])('%d ms is %s', (ms, en, ja) => {
  expect([durationText(ms, 'en'), durationText(ms, 'ja')]).toEqual([en, ja])
})

test('a timer is told by what it is for', () => {
  const common = { id: 't', dueAt: 0, definition: 'journey/a@1', module: 'Leads', recordId: '1', causedBy: [] }
  const instance = { kind: 'instance', ...common, instanceId: 'i', position: 'p', visit: 1 } as const
  expect(timerText({ ...instance, name: 'sla/0' }, 'en')).toBe('level 1 of the time limit')
  expect(timerText({ ...instance, name: 'quiet' }, 'ja')).toBe('送信を控える時間帯の終わり')
  expect(timerText({ kind: 'schedule', ...common }, 'en')).toBe('a schedule')
})
