import { expect, test } from 'vitest'
import { table } from './table.ts'

test('a table reads its header, its cells and no comments', () => {
  expect(
    table(`
      intent    inbound_h  note          | verdict
      // a line of its own
      template  never      two words     | allow          // outranks
      text      24         "a | b  \\n"   | window_closed  // see https://example.com
      text      -          https://a.b   | 0
    `),
  ).toEqual([
    { intent: 'template', inbound_h: 'never', note: 'two words', verdict: 'allow' },
    { intent: 'text', inbound_h: '24', note: 'a | b  \n', verdict: 'window_closed' },
    { intent: 'text', inbound_h: '-', note: 'https://a.b', verdict: '0' },
  ])
})

test('a line with too few or too many cells is refused', () => {
  expect(() => table('a  b | c\n1  2')).toThrow('3 cells wanted')
  expect(() => table('a  b | c\n1  2  3  4')).toThrow('3 cells wanted')
  expect(() => table('\n\n')).toThrow('needs a header')
})
