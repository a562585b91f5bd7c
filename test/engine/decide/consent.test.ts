import fc from 'fast-check'
import { expect, test } from 'vitest'
import { putConsent } from '#engine/decide/consent.ts'
import { newContact } from '#engine/decide/contact.ts'
import type { Draft } from '#engine/decide/draft.ts'
import type { Contact } from '#engine/state.ts'

interface Word {
  direction: 'in' | 'out'
  scope: 'marketing' | 'all'
  at: number
}

/** The contact after these words were decided one after the other. */
function after(words: readonly Word[]): Contact {
  return words.reduce((contact, { direction, scope, at }) => {
    const draft = { now: 1000, changes: [], notes: [] as string[] } as unknown as Draft
    putConsent(draft, contact, direction, scope, 'keyword', at)
    const change = draft.changes.findLast((one) => one.kind === 'putContact')
    return change?.kind === 'putContact' ? change.contact : contact
  }, newContact('c1'))
}

const is = ({ optedOutAllAt, optedOutMarketingAt }: Contact) => ({
  outOfAll: optedOutAllAt !== null,
  outOfMarketing: optedOutMarketingAt !== null,
})

const words = fc
  .array(fc.record({ direction: fc.constantFrom('in', 'out'), scope: fc.constantFrom('marketing', 'all') }), {
    minLength: 1,
    maxLength: 5,
  })
  .map((list) => list.map((word, at): Word => ({ ...word, at })))

test('whatever the order in which they come, the newest word on each question holds', () => {
  fc.assert(
    fc.property(
      words.chain((list) =>
        fc.tuple(fc.constant(list), fc.shuffledSubarray(list, { minLength: list.length, maxLength: list.length })),
      ),
      ([inOrder, shuffled]) => {
        expect(is(after(shuffled))).toEqual(is(after(inOrder)))
      },
    ),
    { numRuns: 500 },
  )
})

test('a stop to everything that comes after a newer agreement to marketing still stops everything else', () => {
  const late = after([
    { direction: 'in', scope: 'marketing', at: 2 },
    { direction: 'out', scope: 'all', at: 1 },
  ])
  expect(is(late)).toEqual({ outOfAll: true, outOfMarketing: false })
})

test('a stop to marketing outlives an older stop and start of everything that come after it', () => {
  const late = after([
    { direction: 'out', scope: 'marketing', at: 3 },
    { direction: 'out', scope: 'all', at: 1 },
    { direction: 'in', scope: 'all', at: 2 },
  ])
  expect(is(late)).toEqual({ outOfAll: false, outOfMarketing: true })
})
