import { expect, test } from 'vitest'
import { refusalText } from '#engine/blueprint/texts.ts'

test('problems follow one another as sentences, names as a list', () => {
  const problems = [{ message: '日付を入力してください。' }, { message: 'メモを入力してください。' }]
  expect(refusalText('ERR_TRANSITION_DATA', { transition: '提案', problems }, 'ja')).toBe(
    '「提案」の入力内容を確認してください: 日付を入力してください。メモを入力してください。',
  )
  const inEnglish = [{ message: 'Fill in "Date".' }, { message: 'Write a note.' }]
  expect(refusalText('ERR_TRANSITION_DATA', { transition: 'Propose', problems: inEnglish }, 'en')).toBe(
    '"Propose" lacks something: Fill in "Date". Write a note.',
  )
  const gone = { transition: 'Propose', state: 'Won', possible: ['Negotiate', 'Lose'] }
  expect(refusalText('ERR_TRANSITION_GONE', gone, 'ja')).toContain('実行できる遷移: Negotiate、Lose')
  expect(refusalText('ERR_TRANSITION_GONE', { ...gone, possible: [] }, 'en')).toContain('Possible now: nothing.')
})
