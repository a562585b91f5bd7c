import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { checkGuards } from '#engine/guards/guards.ts'
import type { SendFacts } from '#engine/facts.ts'
import type { SendIntent } from '#engine/message.ts'
import { aContact, anIntent, aTemplate, HOUR_MS, NOW, someFacts, someSettings, wroteAgo } from '../builders.ts'

const frequencyCap = { max: 1, per: 'P1D', otherwise: 'hold' as const }
const capped = someSettings({ frequencyCap })
const marketing = { category: 'MARKETING' as const }

/** One way for each guard to say no, in order of precedence. */
const troubles: [guard: string, reason: string, intent: Partial<SendIntent>, facts: Partial<SendFacts>][] = [
  [
    'integration',
    'integration_inactive',
    {},
    { settings: someSettings({ frequencyCap, integration: { active: false } }) },
  ],
  ['recipient', 'recipient_invalid', { to: { raw: '03-1234-5678' }, country: null }, {}],
  ['consent', 'opted_out', {}, { contact: aContact({ optedOutAllAt: NOW - 1 }) }],
  ['template', 'template_paused', {}, { template: aTemplate({ category: 'MARKETING', status: 'PAUSED' }) }],
  [
    'parameters',
    'parameter_missing',
    { parameters: { format: 'NAMED', body: [{ name: '姓', value: null }], buttons: [] } },
    {},
  ],
  // The window lets every template pass; what it says of free text is in each.test.ts.
  ['market', 'market_unreachable', { country: 'US' }, {}],
  ['timing', 'frequency_capped', {}, { recentMarketingAt: [NOW - 1] }],
  ['reach', 'reach_limit', {}, { reached: 250, oldestReachedAt: NOW - HOUR_MS }],
  ['credits', 'credits_insufficient', {}, { availableMicros: 0 }],
]
/** A message with the troubles from one to before another. */
function trouble(from: number, to = troubles.length) {
  let intent = anIntent(marketing)
  let facts = someFacts({ settings: capped, template: aTemplate(marketing) })
  for (const [, , intentChange, factsChange] of troubles.slice(from, to)) {
    intent = { ...intent, ...intentChange }
    facts = { ...facts, ...factsChange }
  }
  return checkGuards(intent, facts)
}

test('a message without troubles may go, and every guard is listed in order of precedence', () => {
  const { verdict, guards, ...outlook } = checkGuards(anIntent(), someFacts())
  expect(verdict).toEqual({ kind: 'allow' })
  expect(guards.map(({ guard }) => guard)).toEqual(
    'integration recipient consent template parameters window market timing reach credits'.split(' '),
  )
  expect(guards.every(({ verdict }) => verdict.kind === 'allow')).toBe(true)
  expect(outlook).toEqual({
    form: 'template',
    priceMicros: 11_300,
    market: 'Rest of Asia Pacific',
    category: 'UTILITY',
    inWindow: false,
  })
})

test.each(troubles.map(([guard, reason], index) => ({ guard, reason, index })))(
  '$guard outranks all that come after it',
  ({ guard, reason, index }) => {
    const { verdict, guards } = trouble(index)
    expect(verdict).toMatchObject({ reason })
    const refusing = guards.filter((answer) => answer.verdict.kind !== 'allow').map((answer) => answer.guard)
    expect(refusing).toEqual(troubles.slice(index).map(([name]) => name))
    expect(refusing[0]).toBe(guard)
  },
)

test.each(troubles.map(([guard, reason], index) => ({ guard, reason, index })))(
  '$guard alone is enough',
  ({ reason, index }) => {
    const { verdict, guards } = trouble(index, index + 1)
    expect(verdict).toMatchObject({ reason })
    expect(guards.filter((answer) => answer.verdict.kind !== 'allow')).toHaveLength(1)
  },
)

test('the category in force is the one WhatsApp says, not the one the definition says', () => {
  const moved = someFacts({ template: aTemplate({ category: 'MARKETING' }) })
  expect(checkGuards(anIntent({ category: 'UTILITY' }), moved)).toMatchObject({
    category: 'MARKETING',
    priceMicros: 84_200,
  })
})

describe('free text', () => {
  const text = { text: { body: 'お問い合わせありがとうございます。' } }
  const marketingTemplate = { template: aTemplate({ category: 'MARKETING' }) }

  test('with a template: text of the category SERVICE in the window, the template of its own category outside', () => {
    expect(
      checkGuards(anIntent(text), someFacts({ ...marketingTemplate, conversation: wroteAgo(HOUR_MS) })),
    ).toMatchObject({
      verdict: { kind: 'allow' },
      form: 'text',
      category: 'SERVICE',
      priceMicros: 0,
      inWindow: true,
    })
    expect(
      checkGuards(anIntent(text), someFacts({ ...marketingTemplate, conversation: wroteAgo(24 * HOUR_MS) })),
    ).toMatchObject({
      verdict: { kind: 'allow' },
      form: 'template',
      category: 'MARKETING',
      priceMicros: 84_200,
      inWindow: false,
    })
  })

  test('without a template, outside the window: blocked, and nothing else is amiss', () => {
    const { verdict, guards } = checkGuards(
      anIntent({ ...text, template: null, parameters: null }),
      someFacts({ template: null }),
    )
    expect(verdict).toEqual({ kind: 'block', reason: 'window_closed' })
    expect(guards.filter((answer) => answer.verdict.kind !== 'allow').map(({ guard }) => guard)).toEqual(['window'])
  })

  test('an answer passes what is for marketing alone: its opt-out, the United States, quiet hours, the cap', () => {
    const settings = someSettings({
      frequencyCap,
      quietHours: { from: '00:00', to: '23:59', timezone: 'Asia/Tokyo', otherwise: 'block' },
    })
    const facts = someFacts({
      ...marketingTemplate,
      settings,
      contact: aContact({ optedOutMarketingAt: NOW - 1 }),
      recentMarketingAt: [NOW - 1],
      conversation: wroteAgo(HOUR_MS),
    })
    expect(checkGuards(anIntent({ ...text, country: 'US' }), facts).verdict).toEqual({ kind: 'allow' })
    const closed = checkGuards(anIntent({ ...text, country: 'US' }), { ...facts, conversation: null })
    expect(closed.guards.filter(({ verdict }) => verdict.kind !== 'allow').map(({ guard }) => guard)).toEqual([
      'consent',
      'market',
      'timing',
    ])
  })

  test('it is free before October 2026, and reaches nobody who was not reached', () => {
    const now = Date.parse('2026-09-30T12:00:00+09:00')
    const facts = {
      now,
      reached: 250,
      availableMicros: 0,
      conversation: { ...wroteAgo(0)!, lastInboundAt: now - HOUR_MS },
    }
    expect(checkGuards(anIntent(text), someFacts(facts))).toMatchObject({ verdict: { kind: 'allow' }, priceMicros: 0 })
  })

  test('no message goes out as text with the window closed, whatever the world is like', () => {
    const hours = fc.option(fc.integer({ min: -2, max: 60 }))
    const before = fc.constantFrom(null, 'text' as const, 'template' as const, 'fallback' as const)
    fc.assert(
      fc.property(hours, before, fc.boolean(), fc.boolean(), (wrote, before, hasText, hasTemplate) => {
        const conversation = wrote === null ? null : wroteAgo(wrote * HOUR_MS)
        const intent = anIntent({ ...(hasText && text), ...(!hasTemplate && { template: null, parameters: null }) })
        const { verdict, form, inWindow } = checkGuards(intent, someFacts({ conversation }), before)
        if (verdict.kind !== 'allow') return
        expect(form === 'text' ? inWindow && hasText : hasTemplate).toBe(true)
        if (before === 'fallback' && hasTemplate && hasText) expect(form).toBe('fallback')
      }),
    )
  })
})

test('the markup of the settings is part of the price', () => {
  const { priceMicros } = checkGuards(anIntent(), someFacts({ settings: someSettings({ markupMicros: 1_000 }) }))
  expect(priceMicros).toBe(12_300)
})

test('asking twice gives the same answer and changes nothing that was handed in', () => {
  const someone = fc.record({
    category: fc.constantFrom<SendIntent['category'][]>('UTILITY', 'MARKETING', 'AUTHENTICATION'),
    consent: fc.constantFrom(true, false, null),
    zone: fc.constantFrom('Asia/Tokyo', 'America/New_York', 'nowhere', null),
  })
  const world = fc.record({
    conversation: fc.constantFrom(null, wroteAgo(HOUR_MS), wroteAgo(25 * HOUR_MS)),
    availableMicros: fc.integer({ min: -1_000, max: 100_000 }),
    reached: fc.nat({ max: 300 }),
    reachedAlready: fc.boolean(),
    now: fc.integer({ min: NOW, max: NOW + 400 * 24 * HOUR_MS }),
    settings: fc.constant(
      someSettings({ quietHours: { from: '21:00', to: '09:00', timezone: 'contact', otherwise: 'hold' } }),
    ),
  })
  fc.assert(
    fc.property(someone, world, (someone, world) => {
      const intent = Object.freeze(anIntent(someone))
      const facts = Object.freeze(someFacts(world))
      const first = checkGuards(intent, facts)
      expect(checkGuards(intent, facts)).toEqual(first)
      const firstNo = first.guards.find(({ verdict }) => verdict.kind !== 'allow')
      expect(first.verdict).toEqual(firstNo?.verdict ?? { kind: 'allow' })
      if (first.verdict.kind === 'hold') {
        // A hold says what it waits for, and an instant it waits for is still to come.
        expect((first.verdict.until ?? Infinity) > facts.now).toBe(true)
        expect(first.verdict.until !== undefined || first.verdict.waitsFor !== undefined).toBe(true)
      }
    }),
  )
})
