import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { checkGuards } from '#engine/guards/guards.ts'
import { checkIntegration } from '#engine/guards/integration.ts'
import type { Outlook } from '#engine/guards/verdict.ts'
import type { Category } from '#engine/message.ts'
import { ACCOUNT_DEFAULTS, type AccountState, type Trouble, type TroubleCode } from '#engine/state.ts'
import { table } from '../../table.ts'
import { aContact, anIntent, aNumber, aTemplate, HOUR_MS, NOW, someFacts, someSettings, wroteAgo } from '../builders.ts'

const DAY_MS = 24 * HOUR_MS

function anAccount(change: Partial<AccountState> = {}): AccountState {
  return { id: '20001', ...ACCOUNT_DEFAULTS, name: '伝令商店', updatedAt: NOW, ...change }
}

function aTrouble(code: TroubleCode, stops: Trouble['stops'], change: Partial<Trouble> = {}): Trouble {
  return { code, stops, since: NOW - 1, until: null, detail: '', ...change }
}

function outlook(change: Partial<Outlook>): Outlook {
  return { form: 'template', category: 'UTILITY', inWindow: false, market: null, priceMicros: 11_300, ...change }
}

/** A trouble of the account or the number, and what becomes of a message like this. `ends`: hours from now, or - for never. */
const cases = table(`
  of       trouble                  stops      ends  again  category   window  price  | reason                waits               until_h
  account  account_banned           all        -     -      UTILITY    no      11300  | integration_inactive  integration_active  -
  account  token_invalid            all        -     1      UTILITY    no      11300  | integration_inactive  integration_active  1
  account  token_invalid            all        -     1      SERVICE    yes     0      | integration_inactive  integration_active  1
  account  token_invalid            all        -     -1     UTILITY    no      11300  | -                     -                   -      // tried again
  account  account_restricted       all        2     -      UTILITY    no      11300  | account_restricted    integration_active  2
  account  account_restricted       all        -1    -      UTILITY    no      11300  | -                     -                   -      // over
  account  account_restricted       initiated  2     -      UTILITY    no      11300  | account_restricted    integration_active  2
  account  account_restricted       initiated  2     -      UTILITY    yes     11300  | -                     -                   -      // an answer
  account  account_restricted       replies    2     -      SERVICE    yes     0      | account_restricted    integration_active  2
  account  account_restricted       replies    2     -      UTILITY    no      11300  | -                     -                   -
  account  account_restricted       nothing    -     -      UTILITY    no      11300  | -                     -                   -
  account  templates_misclassified  utility    2     -      UTILITY    no      11300  | account_restricted    integration_active  2
  account  templates_misclassified  utility    -     -      UTILITY    yes     11300  | account_restricted    integration_active  -
  account  templates_misclassified  utility    2     -      MARKETING  no      84200  | -                     -                   -
  account  templates_misclassified  utility    2     -      SERVICE    yes     0      | -                     -                   -
  number   number_restricted        marketing  2     -      MARKETING  no      84200  | account_restricted    number_ready        2
  number   number_restricted        marketing  2     -      UTILITY    no      11300  | -                     -                   -
  account  payment_problem          paid       -     1      UTILITY    no      11300  | payment_missing       integration_active  1
  account  payment_problem          paid       -     1      UTILITY    yes     0      | -                     -                   -      // free
  account  payment_problem          paid       -     -      SERVICE    yes     11300  | payment_missing       integration_active  -
  number   payment_problem          paid       -     -      UTILITY    no      11300  | payment_missing       number_ready        -
  number   number_unregistered      all        -     1      UTILITY    no      11300  | number_not_ready      number_ready        1
  number   maintenance              all        1     -      UTILITY    no      11300  | number_not_ready      number_ready        1
  number   spam_limited             all        4     -      SERVICE    yes     0      | account_restricted    number_ready        4
`)
test.each(cases)(
  '$of $trouble stops $stops, ends in $ends h, tried again in $again h: $category, window $window, $price -> $reason',
  (row) => {
    const hours = (text: string) => NOW + Number(text) * HOUR_MS
    const trouble = aTrouble(row.trouble as TroubleCode, row.stops as Trouble['stops'], {
      until: row.ends === '-' ? null : hours(row.ends),
      ...(row.again !== '-' && { triedAgainAt: hours(row.again) }),
    })
    const verdict = checkIntegration(
      anIntent(),
      someFacts({
        account: anAccount({ troubles: row.of === 'account' ? [trouble] : [] }),
        number: aNumber({ troubles: row.of === 'number' ? [trouble] : [] }),
      }),
      outlook({ category: row.category as Category, inWindow: row.window === 'yes', priceMicros: Number(row.price) }),
    )
    if (row.reason === '-') return expect(verdict).toEqual({ kind: 'allow' })
    const of = row.of === 'account' ? '伝令商店' : '+81 3-1234-5678'
    expect(verdict).toEqual({
      kind: 'hold',
      reason: row.reason,
      waitsFor: row.waits,
      detail: `${of} ${row.trouble}`,
      ...(row.until_h !== '-' && { until: hours(row.until_h) }),
    })
  },
)

test('S115: a disabled account holds everything, whatever else is amiss', () => {
  const facts = someFacts({ account: anAccount({ enabled: false }), number: aNumber({ status: 'BANNED' }) })
  expect(checkIntegration(anIntent(), facts, outlook({}))).toEqual({
    kind: 'hold',
    reason: 'integration_inactive',
    waitsFor: 'integration_active',
    detail: '伝令商店 disabled',
  })
})

test('of several troubles the one that lasts longest is told, and one without an end before all', () => {
  const short = aTrouble('account_restricted', 'initiated', { until: NOW + HOUR_MS })
  const long = aTrouble('templates_misclassified', 'utility', { until: NOW + 2 * HOUR_MS })
  const endless = aTrouble('number_restricted', 'marketing')
  const ask = (...troubles: Trouble[]) =>
    checkIntegration(anIntent(), someFacts({ account: anAccount({ troubles }) }), outlook({ category: 'UTILITY' }))
  expect(ask(short, long)).toMatchObject({ until: NOW + 2 * HOUR_MS, detail: '伝令商店 templates_misclassified' })
  expect(ask(long, short)).toEqual(ask(short, long))
  expect(ask(endless, short)).toMatchObject({ until: NOW + HOUR_MS }) // it does not stop utility
})

test('the wider reason comes first: all, the number, what is restricted, the payment', () => {
  const all = aTrouble('account_banned', 'all')
  const restricted = aTrouble('account_restricted', 'initiated')
  const unpaid = aTrouble('payment_problem', 'paid')
  const reasonOf = (troubles: Trouble[], number = aNumber()) => {
    const verdict = checkIntegration(anIntent(), someFacts({ account: anAccount({ troubles }), number }), outlook({}))
    return verdict.kind === 'hold' ? verdict.reason : verdict.kind
  }
  const pending = aNumber({ status: 'PENDING' })
  expect(reasonOf([unpaid, restricted, all], pending)).toBe('integration_inactive')
  expect(reasonOf([unpaid, restricted], pending)).toBe('number_not_ready')
  expect(reasonOf([unpaid, restricted])).toBe('account_restricted')
  expect(reasonOf([unpaid])).toBe('payment_missing')
})

test('every hold of a trouble names an event, and an instant only when it is still to come', () => {
  const stops = fc.constantFrom<Trouble['stops'][]>(
    'all',
    'paid',
    'initiated',
    'replies',
    'marketing',
    'utility',
    'nothing',
  )
  const instant = fc.option(fc.integer({ min: NOW - DAY_MS, max: NOW + DAY_MS }), { nil: null })
  const trouble = fc
    .record({
      code: fc.constantFrom<TroubleCode[]>('token_invalid', 'spam_limited', 'maintenance', 'payment_problem'),
      stops,
      until: instant,
      again: instant,
    })
    .map(({ again, ...rest }) =>
      aTrouble(rest.code, rest.stops, { ...rest, ...(again !== null && { triedAgainAt: again }) }),
    )
  const troubles = fc.array(trouble, { maxLength: 4 })
  fc.assert(
    fc.property(troubles, troubles, fc.boolean(), fc.nat({ max: 1 }), (ofAccount, ofNumber, inWindow, priceMicros) => {
      const facts = someFacts({ account: anAccount({ troubles: ofAccount }), number: aNumber({ troubles: ofNumber }) })
      const verdict = checkIntegration(anIntent(), facts, outlook({ inWindow, priceMicros }))
      expect(verdict.kind).not.toBe('block')
      if (verdict.kind !== 'hold') {
        const inForce = [...ofAccount, ...ofNumber].filter(
          (one) => one.stops === 'all' && (one.until ?? one.triedAgainAt ?? Infinity) > NOW,
        )
        expect(inForce).toEqual([])
        return
      }
      expect(verdict.waitsFor).toBeDefined()
      expect(verdict.until ?? Infinity).toBeGreaterThan(NOW)
    }),
  )
})

describe('people', () => {
  const cases = table(`
    failures  days  limit | reason
    0         -     3     | -
    2         1     3     | -
    3         0     3     | recipient_unreachable
    9         29    3     | recipient_unreachable
    3         30    3     | -                      // long enough ago to try once more
    1         0     1     | recipient_unreachable
    3         0     4     | -
  `)
  test.each(cases)('$failures undeliverable in a row, the last $days days ago, of $limit: $reason', (row) => {
    const contact = aContact({
      unreachable: Number(row.failures),
      unreachableAt: row.days === '-' ? null : NOW - Number(row.days) * DAY_MS,
    })
    const settings = someSettings({ unreachableAfter: Number(row.limit) })
    const { verdict } = checkGuards(anIntent(), someFacts({ contact, settings }))
    const expected =
      row.reason === '-' ? { kind: 'allow' } : { kind: 'block', reason: row.reason, detail: row.failures }
    expect(verdict).toEqual(expected)
  })

  const caps = table(`
    category   window  hours | until
    MARKETING  no      2     | 2
    MARKETING  no      0     | -
    MARKETING  no      -1    | -
    MARKETING  yes     2     | -    // WhatsApp does not count it there
    UTILITY    no      2     | -
  `)
  test.each(caps)('capped for $hours h, $category, window $window: until $until', (row) => {
    const contact = aContact({ cappedUntil: NOW + Number(row.hours) * HOUR_MS })
    const category = row.category as 'MARKETING' | 'UTILITY'
    const conversation = row.window === 'yes' ? wroteAgo(HOUR_MS) : null
    const facts = someFacts({ contact, conversation, template: aTemplate({ category }) })
    const until = NOW + Number(row.until) * HOUR_MS
    const expected = row.until === '-' ? { kind: 'allow' } : { kind: 'hold', reason: 'marketing_capped', until }
    expect(checkGuards(anIntent({ category }), facts).verdict).toEqual(expected)
  })

  test('who was erased and had refused everything is still not written to', () => {
    expect(checkGuards(anIntent(), someFacts({ contact: null, suppressed: true })).verdict).toEqual({
      kind: 'block',
      reason: 'opted_out',
      detail: 'erased',
    })
  })
})

describe('templates', () => {
  const cases = table(`
    setting  wanted     now        agreed     | verdict
    accept   UTILITY    MARKETING  -          | allow
    hold     UTILITY    MARKETING  -          | hold
    ask      UTILITY    MARKETING  -          | hold
    ask      UTILITY    MARKETING  MARKETING  | allow
    ask      UTILITY    MARKETING  UTILITY    | hold   // agreed to another
    hold     UTILITY    UTILITY    -          | allow  // it never changed
    ask      MARKETING  UTILITY    -          | hold   // cheaper, and other rules all the same
    hold     MARKETING  MARKETING  UTILITY    | allow
  `)
  test.each(cases)('$setting: wanted as $wanted, now $now, agreed to $agreed: $verdict', (row) => {
    const settings = someSettings({
      templates: { categoryChange: row.setting as 'accept' | 'hold' | 'ask', staleAfter: 'P2D' },
    })
    const template = aTemplate({
      category: row.now as 'UTILITY',
      agreedCategory: row.agreed === '-' ? null : (row.agreed as 'UTILITY'),
    })
    const { verdict } = checkGuards(anIntent({ category: row.wanted as 'UTILITY' }), someFacts({ settings, template }))
    const held = {
      kind: 'hold',
      reason: 'template_category_changed',
      waitsFor: 'template_approved',
      detail: `welcome_lead/ja ${row.wanted} > ${row.now}`,
    }
    expect(verdict).toEqual(row.verdict === 'allow' ? { kind: 'allow' } : held)
  })

  test.each([
    [NOW + HOUR_MS, { until: NOW + HOUR_MS }],
    [NOW, {}],
    [null, {}],
  ])('one paused until %s waits for its approval, and for that instant while it is to come', (pausedUntil, more) => {
    const template = aTemplate({ status: 'PAUSED', pausedUntil })
    expect(checkGuards(anIntent(), someFacts({ template })).verdict).toEqual({
      kind: 'hold',
      reason: 'template_paused',
      waitsFor: 'template_approved',
      detail: 'welcome_lead/ja PAUSED',
      ...more,
    })
  })
})

describe('the price', () => {
  const free = { ...wroteAgo(HOUR_MS)!, freeUntil: NOW + HOUR_MS }

  test('is nothing while a free entry point is open, and the regular one from its end on', () => {
    const facts = { template: aTemplate({ category: 'MARKETING' }), conversation: free }
    expect(checkGuards(anIntent(), someFacts(facts)).priceMicros).toBe(0)
    expect(checkGuards(anIntent(), someFacts({ ...facts, now: NOW + HOUR_MS })).priceMicros).toBe(84_200)
  })

  test('a free message passes the payment guard, by a free entry point and by the free messages of the month', () => {
    const account = anAccount({ troubles: [aTrouble('payment_problem', 'paid')] })
    const text = { text: { body: 'はい' } }
    const ask = (facts: object, intent = {}) => checkGuards(anIntent(intent), someFacts({ account, ...facts })).verdict
    expect(ask({ conversation: free })).toEqual({ kind: 'allow' })
    expect(ask({ conversation: wroteAgo(HOUR_MS), serviceThisMonth: 999 }, text)).toEqual({ kind: 'allow' })
    expect(ask({ conversation: wroteAgo(HOUR_MS), serviceThisMonth: 1000 }, text)).toMatchObject({
      reason: 'payment_missing',
    })
  })

  test('follows the calendar of the account, not of the installation', () => {
    const now = Date.parse('2026-10-01T00:00:00+09:00')
    const facts = { now, conversation: { ...wroteAgo(0)!, lastInboundAt: now - HOUR_MS } }
    const priceIn = (zone: string | null) =>
      checkGuards(anIntent(), someFacts({ ...facts, account: anAccount({ zone }) })).priceMicros
    expect(priceIn('Asia/Tokyo')).toBe(11_300) // the window frees utility no more
    expect(priceIn('America/Los_Angeles')).toBe(0) // where it is still September
    expect(priceIn(null)).toBe(11_300)
  })
})
