import { REACH_MS } from '#engine/guards/reach.ts'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { SendFacts } from '#engine/facts.ts'
import { judge } from '#engine/judge.ts'
import type { SendIntent } from '#engine/message.ts'
import type { Candidate, Judgement } from '#engine/claim.ts'
import {
  aMessage,
  anIntent,
  aNumber,
  aTemplate,
  aWork,
  HOUR_MS,
  NOW,
  someFacts,
  someSettings,
  wroteAgo,
} from './builders.ts'

function candidate(
  id: string,
  person: string,
  facts: Partial<SendFacts> = {},
  intent: Partial<SendIntent> = {},
): Candidate {
  return {
    message: aMessage({ intent: anIntent({ id, ...intent }), contactId: person, state: 'queued', holdState: 'none' }),
    facts: someFacts(facts),
  }
}

/** `send`, `defer`, or the reason to stop. */
function said(judgements: Judgement[]): string[] {
  return judgements.map((judgement) => (judgement.kind === 'stop' ? reasonOf(judgement) : judgement.kind))
}
function reasonOf({ verdict }: Extract<Judgement, { kind: 'stop' }>): string {
  return verdict.reason
}

describe('credits', () => {
  test('what the first takes the next ones lack, in the order given', () => {
    const facts = { availableMicros: 25_000 } // two at 11,300
    const rows = ['a', 'b', 'c'].map((id) => candidate(id, id, facts))
    const judgements = judge(rows)
    expect(judgements.map(({ id }) => id)).toEqual(['a', 'b', 'c'])
    expect(said(judgements)).toEqual(['send', 'send', 'credits_insufficient'])
    expect(judgements[0]).toMatchObject({ priceMicros: 11_300, market: 'Rest of Asia Pacific', inWindow: false })
  })

  test('a cheaper message goes on past one that is too dear', () => {
    const dear = { availableMicros: 20_000, template: aTemplate({ category: 'MARKETING' }) }
    const cheap = { availableMicros: 20_000 }
    expect(said(judge([candidate('a', 'a', dear), candidate('b', 'b', cheap)]))).toEqual([
      'credits_insufficient',
      'send',
    ])
  })

  test('a deferred message takes nothing and is asked for once', () => {
    const facts = { availableMicros: 12_000, number: aNumber({ reachMax: 1 }) }
    const asked: string[] = []
    const judgements = judge(
      [candidate('a', 'a', facts), candidate('b', 'b', facts), candidate('c', 'c', facts)],
      ({ message }) => {
        asked.push(message.intent.id)
        return message.intent.id === 'a' ? NOW + 6_000 : null
      },
    )
    expect(judgements[0]).toEqual({ id: 'a', kind: 'defer', until: NOW + 6_000 })
    expect(said(judgements)).toEqual(['defer', 'send', 'reach_limit'])
    expect(asked).toEqual(['a', 'b']) // the limiter hears only of what the guards allow
  })
})

describe('reach', () => {
  const facts = { number: aNumber({ reachMax: 2 }), reached: 1, oldestReachedAt: NOW - 3 * HOUR_MS }

  test('each new person counts, the same person once', () => {
    const rows = [candidate('a', '佐藤', facts), candidate('b', '佐藤', facts), candidate('c', '鈴木', facts)]
    const judgements = judge(rows)
    expect(said(judgements)).toEqual(['send', 'send', 'reach_limit'])
    expect(judgements[2]).toMatchObject({ verdict: { until: NOW - 3 * HOUR_MS + REACH_MS } })
  })

  test('an answer in an open window, or to someone reached already, counts nobody', () => {
    const open = { ...facts, conversation: wroteAgo(HOUR_MS) }
    const known = { ...facts, reachedAlready: true }
    const rows = [candidate('a', 'a', open), candidate('b', 'b', known), candidate('c', 'c', facts)]
    expect(said(judge(rows))).toEqual(['send', 'send', 'send'])
  })

  test('when the batch itself fills the limit, the rest waits for its first to fall out', () => {
    const fresh = { number: aNumber({ reachMax: 1 }), reached: 0, oldestReachedAt: null }
    const [, second] = judge([candidate('a', 'a', fresh), candidate('b', 'b', fresh)])
    expect(second).toMatchObject({ verdict: { reason: 'reach_limit', until: NOW + REACH_MS } })
  })
})

test('marketing counts towards the cap of its person within the batch, and of nobody else', () => {
  const settings = someSettings({ frequencyCap: { max: 2, per: 'P7D', otherwise: 'hold' } })
  const marketing = { settings, template: aTemplate({ category: 'MARKETING' }), recentMarketingAt: [NOW - HOUR_MS] }
  const utility = { settings, recentMarketingAt: [NOW - HOUR_MS] }
  const rows = [
    candidate('a', '佐藤', marketing),
    candidate('b', '佐藤', utility),
    candidate('c', '佐藤', marketing),
    candidate('d', '鈴木', { ...marketing, recentMarketingAt: [] }),
  ]
  const judgements = judge(rows)
  expect(said(judgements)).toEqual(['send', 'send', 'frequency_capped', 'send'])
  expect(judgements[2]).toMatchObject({ verdict: { until: NOW - HOUR_MS + 7 * 24 * HOUR_MS } })
})

test('S67 messages of all journeys count towards the cap of a journey within the batch', () => {
  const frequencyCap = { max: 2, per: 'P1D', otherwise: 'hold' as const }
  const journey = (name: string, cap = true): Partial<SendIntent> => ({
    definition: `journey/${name}@1`,
    instanceId: `instance-${name}`,
    ...(cap && { frequencyCap }),
  })
  const facts = { recentJourneyAt: [NOW - HOUR_MS] }
  const judgements = judge([
    candidate('a', '佐藤', facts), // a workflow's: of no journey
    candidate('b', '佐藤', facts, journey('呼び戻し', false)),
    candidate('c', '佐藤', facts, journey('お試し')),
    candidate('d', '鈴木', { recentJourneyAt: [] }, journey('お試し')),
    candidate('e', '佐藤', facts, journey('更新', false)), // asks for no cap
  ])
  expect(said(judgements)).toEqual(['send', 'send', 'frequency_capped', 'send', 'send'])
  expect(judgements[2]).toMatchObject({
    verdict: { until: NOW - HOUR_MS + 24 * HOUR_MS, detail: 'journey/お試し@1 2/P1D' },
  })
})

test('free text takes credits, but nobody’s place in the reach limit or under the cap for marketing', () => {
  const settings = someSettings({ frequencyCap: { max: 1, per: 'P7D', otherwise: 'hold' } })
  const shared = { settings, number: aNumber({ reachMax: 1 }), template: aTemplate({ category: 'MARKETING' }) }
  const open = { ...shared, conversation: wroteAgo(HOUR_MS), availableMicros: 107_000, serviceThisMonth: 1000 }
  const text = { text: { body: '承知しました。' } }
  const judgements = judge([
    candidate('a', '佐藤', open, text),
    candidate('b', '佐藤', open, text),
    candidate('c', '佐藤', { ...open, conversation: null }, text), // 84,200 are left for the template
    candidate('d', '鈴木', open, text),
  ])
  expect(judgements).toMatchObject([
    { kind: 'send', form: 'text', category: 'SERVICE', priceMicros: 11_300 },
    { kind: 'send', form: 'text' },
    { kind: 'send', form: 'template', category: 'MARKETING', priceMicros: 84_200 },
    { kind: 'stop', verdict: { reason: 'credits_insufficient', detail: '0.0113 > 0.0002' } },
  ])
})

test('a text that WhatsApp refused once is judged as its template, though we hold the window to be open', () => {
  const { message, facts } = candidate('a', '佐藤', { conversation: wroteAgo(HOUR_MS) }, { text: { body: 'はい' } })
  const judged = (form: 'text' | 'fallback') => judge([{ message: { ...message, form }, facts }])
  expect(judged('text')).toMatchObject([{ kind: 'send', form: 'text' }])
  expect(judged('fallback')).toMatchObject([{ kind: 'send', form: 'fallback', category: 'UTILITY' }])
})

test('work always goes, costs nothing, and the limiter is not asked', () => {
  const work: Candidate = { message: aMessage({ intent: aWork() }), facts: someFacts({ availableMicros: 0 }) }
  const judgements = judge([work], () => {
    throw new Error('asked')
  })
  expect(judgements).toEqual([
    {
      id: 'trigger-1',
      kind: 'send',
      priceMicros: 0,
      market: null,
      category: null,
      form: null,
      inWindow: false,
      guards: [],
    },
  ])
})

test('people without a contact yet are told apart by where the message goes', () => {
  const facts = { number: aNumber({ reachMax: 2 }), contact: null }
  const row = (id: string, phone: string) => {
    const { message, ...rest } = candidate(id, '', facts, { to: { raw: phone, phone } })
    return { ...rest, message: { ...message, contactId: null } }
  }
  const rows = [
    row('a', '+819011112222'),
    row('b', '+819011112222'),
    row('c', '+819033334444'),
    row('d', '+819055556666'),
  ]
  expect(said(judge(rows))).toEqual(['send', 'send', 'send', 'reach_limit'])
})

test('whatever comes, no more is spent, and nobody more is reached, than there is room for', () => {
  const row = fc.record({
    person: fc.constantFrom('a', 'b', 'c', 'd'),
    category: fc.constantFrom('UTILITY', 'MARKETING', 'AUTHENTICATION' as const),
    country: fc.constantFrom('JP', 'IN', 'US', 'DE'),
    deferred: fc.boolean(),
  })
  const room = fc.record({
    availableMicros: fc.nat({ max: 300_000 }),
    reached: fc.nat({ max: 5 }),
    reachMax: fc.nat({ max: 6 }),
  })
  fc.assert(
    fc.property(fc.array(row, { maxLength: 30 }), room, (rows, { availableMicros, reached, reachMax }) => {
      const facts = { availableMicros, reached, number: aNumber({ reachMax }) }
      const candidates = rows.map(({ person, category, country }, index) =>
        candidate(String(index), person, { ...facts, template: aTemplate({ category }) }, { country }),
      )
      const judgements = judge(candidates, ({ message }) => (rows[+message.intent.id]?.deferred ? NOW + 1 : null))
      const sent = judgements.filter((judgement) => judgement.kind === 'send')
      expect(sent.reduce((sum, { priceMicros }) => sum + priceMicros, 0)).toBeLessThanOrEqual(availableMicros)
      const people = new Set(sent.map(({ id }) => rows[+id]?.person))
      expect(people.size).toBeLessThanOrEqual(Math.max(0, reachMax - reached))
      expect(judgements.map(({ id }) => id)).toEqual(candidates.map(({ message }) => message.intent.id))
    }),
  )
})
