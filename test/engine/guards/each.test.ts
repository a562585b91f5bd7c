import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { SendFacts } from '#engine/facts.ts'
import { checkConsent } from '#engine/guards/consent.ts'
import { checkCredits } from '#engine/guards/credits.ts'
import { checkIntegration } from '#engine/guards/integration.ts'
import { checkMarket } from '#engine/guards/market.ts'
import { checkParameters } from '#engine/guards/parameters.ts'
import { checkReach } from '#engine/guards/reach.ts'
import { checkRecipient } from '#engine/guards/recipient.ts'
import { checkTemplate } from '#engine/guards/template.ts'
import type { Outlook } from '#engine/guards/verdict.ts'
import { checkWindow, formOf, isWindowOpen } from '#engine/guards/window.ts'
import type { Category, Form, ResolvedParameters, SendIntent, Verdict } from '#engine/message.ts'
import { readRecipient } from '#engine/phone.ts'
import { table } from '../../table.ts'
import { aContact, anIntent, aNumber, aTemplate, HOUR_MS, NOW, someFacts, someSettings, wroteAgo } from '../builders.ts'

function outlook(category: string = 'UTILITY', change: Partial<Outlook> = {}): Outlook {
  const form = category === 'SERVICE' ? 'text' : 'template'
  return { form, category: category as Category, inWindow: false, market: null, priceMicros: 11_300, ...change }
}

/** `allow`, `block opted_out`, `hold credits_insufficient credits_added`. */
function said(verdict: Verdict): string {
  if (verdict.kind === 'allow') return 'allow'
  const waitsFor = verdict.kind === 'hold' && verdict.waitsFor ? ` ${verdict.waitsFor}` : ''
  return `${verdict.kind} ${verdict.reason}${waitsFor}`
}

describe('integration', () => {
  const cases = table(`
    active  number  verified  status     | verdict
    yes     known   yes       CONNECTED  | allow
    no      known   yes       CONNECTED  | hold integration_inactive integration_active
    no      -       -         -          | hold integration_inactive integration_active  // the wider reason first
    yes     -       -         -          | hold number_not_ready number_ready
    yes     known   no        CONNECTED  | hold number_not_ready number_ready
    yes     known   yes       PENDING    | hold number_not_ready number_ready
    yes     known   yes       FLAGGED    | hold number_not_ready number_ready
    yes     known   yes       connected  | hold number_not_ready number_ready            // exactly, or not at all
  `)
  test.each(cases)('active $active, number $number, verified $verified, $status: $verdict', (row) => {
    const number = row.number === '-' ? null : aNumber({ verified: row.verified === 'yes', status: row.status })
    const settings = someSettings({ integration: { active: row.active === 'yes' } })
    expect(said(checkIntegration(anIntent(), someFacts({ settings, number }), outlook()))).toBe(row.verdict)
  })
})

describe('recipient', () => {
  const cases = table(`
    raw               category        | verdict
    090-1234-5678     UTILITY         | allow
    JP.1300000000001  UTILITY         | allow
    JP.1300000000001  MARKETING       | allow
    JP.1300000000001  AUTHENTICATION  | block recipient_invalid  // a code goes to a phone only
    090-1234-5678     AUTHENTICATION  | allow
    JP.1300000000001  SERVICE         | allow
    ""                UTILITY         | block recipient_missing
    "   "             UTILITY         | block recipient_missing
    03-1234-5678      UTILITY         | block recipient_invalid
    未登録            UTILITY         | block recipient_invalid
  `)
  test.each(cases)('$category to "$raw": $verdict', ({ raw, category, verdict }) => {
    const { phone, bsuid } = readRecipient(raw, 'JP')
    const to = { raw, ...(phone && { phone }), ...(bsuid && { bsuid }) }
    expect(said(checkRecipient(anIntent({ to }), someFacts(), outlook(category)))).toBe(verdict)
  })
})

describe('consent', () => {
  const cases = table(`
    optedOut   optedIn  record  required  category        | verdict
    -          -        -       no        MARKETING       | allow
    marketing  -        -       no        MARKETING       | block opted_out
    marketing  -        -       no        UTILITY         | allow
    marketing  -        -       no        AUTHENTICATION  | allow
    all        -        -       no        MARKETING       | block opted_out
    all        -        -       no        UTILITY         | block opted_out
    all        -        -       no        AUTHENTICATION  | block opted_out
    marketing  -        -       no        SERVICE         | allow             // free text is an answer
    all        -        -       no        SERVICE         | block opted_out
    -          -        no      no        SERVICE         | block no_consent
    -          -        -       yes       SERVICE         | block no_consent
    all        yes      yes     no        UTILITY         | block opted_out   // a field does not lift a person's word
    -          -        no      no        UTILITY         | block no_consent
    -          yes      no      no        UTILITY         | block no_consent
    marketing  -        no      no        MARKETING       | block opted_out   // the person's own word is the reason
    -          -        -       yes       UTILITY         | block no_consent
    -          -        yes     yes       UTILITY         | allow
    -          yes      -       yes       MARKETING       | allow
    unknown    -        -       no        MARKETING       | allow             // nobody we have met
    unknown    -        -       yes       MARKETING       | block no_consent
    unknown    -        yes     yes       MARKETING       | allow
  `)
  test.each(cases)('out $optedOut, in $optedIn, record $record, required $required, $category: $verdict', (row) => {
    const contact = aContact({
      optedOutAllAt: row.optedOut === 'all' ? NOW - 1 : null,
      optedOutMarketingAt: row.optedOut === 'marketing' ? NOW - 1 : null,
      optedInAt: row.optedIn === 'yes' ? 0 : null, // the first instant of all is an instant too
    })
    const facts = someFacts({
      contact: row.optedOut === 'unknown' ? null : contact,
      settings: someSettings({ consent: { required: row.required === 'yes' } }),
    })
    const consent = { yes: true, no: false, '-': null }[row.record] ?? null
    expect(said(checkConsent(anIntent({ consent }), facts, outlook(row.category)))).toBe(row.verdict)
  })
})

describe('template', () => {
  const cases = table(`
    status            | verdict
    APPROVED          | allow
    approved          | hold template_pending template_approved  // exactly APPROVED, or not at all
    DRAFT             | hold template_pending template_approved
    PENDING           | hold template_pending template_approved
    IN_APPEAL         | hold template_pending template_approved
    LIMIT_EXCEEDED    | hold template_pending template_approved
    FLAGGED           | hold template_pending template_approved
    ""                | hold template_pending template_approved
    PAUSED            | hold template_paused template_approved
    REJECTED          | block template_rejected
    DISABLED          | block template_rejected
    ARCHIVED          | block template_rejected
    PENDING_DELETION  | block template_rejected
    DELETED           | block template_rejected
  `)
  test.each(cases)('$status: $verdict', ({ status, verdict }) => {
    expect(said(checkTemplate(anIntent(), someFacts({ template: aTemplate({ status }) }), outlook()))).toBe(verdict)
  })

  test('no status but APPROVED is ever sent, whatever WhatsApp may invent', () => {
    fc.assert(
      fc.property(fc.string(), (status) => {
        fc.pre(status !== 'APPROVED')
        expect(checkTemplate(anIntent(), someFacts({ template: aTemplate({ status }) }), outlook()).kind).not.toBe(
          'allow',
        )
      }),
    )
  })

  test('a template without a definition, or one that WhatsApp does not know, is missing', () => {
    expect(checkTemplate(anIntent({ parameters: null }), someFacts(), outlook())).toEqual({
      kind: 'block',
      reason: 'template_missing',
      detail: 'welcome_lead/ja',
    })
    expect(said(checkTemplate(anIntent(), someFacts({ template: null }), outlook()))).toBe('block template_missing')
  })

  test('free text asks for no template, whatever becomes of the one it would fall back to', () => {
    const intent = anIntent({ text: { body: 'はい' } })
    for (const template of [null, aTemplate({ status: 'REJECTED' })])
      expect(checkTemplate(intent, someFacts({ template }), outlook('SERVICE'))).toEqual({ kind: 'allow' })
    expect(said(checkTemplate(intent, someFacts({ template: null }), outlook()))).toBe('block template_missing')
    expect(checkTemplate(anIntent({ template: null }), someFacts({ template: null }), outlook())).toEqual({
      kind: 'block',
      reason: 'template_missing',
    })
  })

  test('a rejection says why', () => {
    const template = aTemplate({ status: 'REJECTED', reason: 'TAG_CONTENT_MISMATCH' })
    expect(checkTemplate(anIntent(), someFacts({ template }), outlook())).toMatchObject({
      detail: 'welcome_lead/ja REJECTED TAG_CONTENT_MISMATCH',
    })
  })
})

describe('parameters', () => {
  const asked = (intent: Partial<SendIntent>, category?: string) =>
    checkParameters(anIntent(intent), someFacts(), outlook(category))

  const cases = table(`
    value            | verdict
    佐藤 花子        | allow
    "a    b"         | allow                     // four spaces
    "a     b"        | block parameter_invalid   // five
    "a\\nb"          | block parameter_invalid
    "a\\r\\nb"       | block parameter_invalid
    "a\\tb"          | block parameter_invalid
    "a\\u2028b"      | block parameter_invalid   // a line break of its own
    ""               | block parameter_invalid
    " \\u3000 "      | block parameter_invalid   // nothing to see
    null             | block parameter_missing
    0                | allow
    LONG             | block parameter_invalid
    FULL             | allow
  `)
  test.each(cases)('a body value $value: $verdict', ({ value, verdict }) => {
    const resolved = { null: null, LONG: '字'.repeat(1025), FULL: '😀'.repeat(1024) }[value]
    const body = [{ name: 'name', value: resolved === undefined ? value : resolved }]
    expect(said(asked({ parameters: { format: 'NAMED', body, buttons: [] } }))).toBe(verdict)
  })

  const parts: [what: string, parameters: Partial<ResolvedParameters>, verdict: Verdict][] = [
    ['no parameters at all', {}, { kind: 'allow' }],
    [
      'a missing one outranks an invalid one before it',
      { body: [{ name: '1', value: '' }, { name: '2', value: null }] }, // prettier-ignore
      { kind: 'block', reason: 'parameter_missing', detail: 'body 2' },
    ],
    [
      'a header text too long for a header',
      { header: { type: 'text', parameters: [{ name: 'code', value: 'x'.repeat(61) }] } },
      { kind: 'block', reason: 'parameter_invalid', detail: 'header code: too_long 61/60' },
    ],
    ['a picture by link', { header: { type: 'image', link: 'https://example.com/a.png' } }, { kind: 'allow' }],
    ['a picture by id', { header: { type: 'image', id: '778' } }, { kind: 'allow' }],
    [
      'a picture whose field is empty',
      { header: { type: 'image', link: null } },
      { kind: 'block', reason: 'parameter_missing', detail: 'header link' },
    ],
    [
      'a video without link and id',
      { header: { type: 'video' } },
      { kind: 'block', reason: 'parameter_missing', detail: 'header link' },
    ],
    [
      'a link that leads nowhere',
      { header: { type: 'document', link: 'invoice.pdf' } },
      { kind: 'block', reason: 'parameter_invalid', detail: 'header link: not_a_web_address' },
    ],
    [
      'a link that is a script',
      { header: { type: 'document', link: 'javascript:alert(1)' } },
      { kind: 'block', reason: 'parameter_invalid', detail: 'header link: not_a_web_address' },
    ],
    [
      'a document without a name',
      { header: { type: 'document', link: 'https://example.com/a.pdf', filename: null } },
      { kind: 'allow' },
    ],
    [
      'values that fit one by one, but not into one body',
      { body: [1, 2].map((name) => ({ name: String(name), value: '字'.repeat(513) })) },
      { kind: 'block', reason: 'parameter_invalid', detail: 'body: too_long 1026/1024' },
    ],
    [
      'an empty address of a button',
      { buttons: [{ index: 1, subType: 'url', name: 'suffix', value: null }] },
      { kind: 'block', reason: 'parameter_missing', detail: 'button 1 suffix' },
    ],
    [
      'a coupon too long to copy',
      { buttons: [{ index: 0, subType: 'copy_code', name: 'code', value: 'A'.repeat(21) }] },
      { kind: 'block', reason: 'parameter_invalid', detail: 'button 0 code: too_long 21/20' },
    ],
  ]
  test.each(parts)('%s', (_what, parameters, verdict) => {
    expect(asked({ parameters: { format: 'NAMED', body: [], buttons: [], ...parameters } })).toEqual(verdict)
  })

  test('what is missing altogether is the template, which another guard says', () => {
    expect(asked({ parameters: null })).toEqual({ kind: 'allow' })
  })

  const texts: [what: string, body: string | null, verdict: Verdict][] = [
    [
      'two lines with an address',
      'ご予約を承りました。\n\n詳しくは https://example.test/r/17\tまで',
      { kind: 'allow' },
    ],
    ['the longest text', '字'.repeat(4096), { kind: 'allow' }],
    ['the longest text of emoji', '🙇'.repeat(2048), { kind: 'allow' }],
    [
      'one emoji more',
      '🙇'.repeat(2049),
      { kind: 'block', reason: 'parameter_invalid', detail: 'text: too_long 4098/4096' },
    ],
    [
      'one character more',
      '字'.repeat(4097),
      { kind: 'block', reason: 'parameter_invalid', detail: 'text: too_long 4097/4096' },
    ],
    ['a merge field without a value', null, { kind: 'block', reason: 'parameter_missing', detail: 'text' }],
    ['an empty text', '', { kind: 'block', reason: 'parameter_missing', detail: 'text' }],
    ['nothing to see', ' \u3000\n ', { kind: 'block', reason: 'parameter_missing', detail: 'text' }],
  ]
  test.each(texts)('free text, %s', (_what, body, verdict) => {
    expect(asked({ text: { body } }, 'SERVICE')).toEqual(verdict)
  })

  test('what goes out as text is not asked for parameters, and what goes out as template not for its text', () => {
    const holed: Partial<SendIntent> = {
      parameters: { format: 'NAMED', body: [{ name: '姓', value: null }], buttons: [] },
    }
    expect(asked({ ...holed, text: { body: 'はい' } }, 'SERVICE')).toEqual({ kind: 'allow' })
    expect(said(asked({ ...holed, text: { body: 'はい' } }))).toBe('block parameter_missing')
    expect(asked({ text: { body: null } })).toEqual({ kind: 'allow' })
  })
})

describe('window', () => {
  const cases = table(`
    wrote_h  | open
    never    | false
    0        | true
    23.99    | true
    24       | false  // closes at 24 h, not after
    48       | false
    -0.1     | true   // WhatsApp's clock is ahead of ours
  `)
  test.each(cases)('the contact wrote $wrote_h h ago: open is $open', ({ wrote_h, open }) => {
    const conversation = wrote_h === 'never' ? null : wroteAgo(Number(wrote_h) * HOUR_MS)
    expect(String(isWindowOpen(conversation, NOW))).toBe(open)
  })

  test('a closed window never opens by waiting, and a template passes a closed one', () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer(), fc.nat(), (lastInboundAt, now, delayMs) => {
        fc.pre(!isWindowOpen({ lastInboundAt }, now))
        expect(isWindowOpen({ lastInboundAt }, now + delayMs)).toBe(false)
      }),
    )
    expect(isWindowOpen({ lastInboundAt: null }, NOW)).toBe(false)
    expect(checkWindow(anIntent(), someFacts(), outlook())).toEqual({ kind: 'allow' })
  })
})

describe('form', () => {
  const cases = table(`
    has            wrote_h  before    | form      verdict
    template       1        -         | template  allow
    template       never    -         | template  allow
    text           1        -         | text      allow
    text           23.99    -         | text      allow
    text           24       -         | text      block window_closed  // closes at 24 h, not after
    text           never    -         | text      block window_closed
    text           1        fallback  | text      allow                // there is nothing to fall back to
    text+template  1        -         | text      allow
    text+template  23.99    -         | text      allow
    text+template  24       -         | template  allow
    text+template  never    -         | template  allow
    text+template  25       text      | template  allow                // it was put back, and the window closed
    text+template  1        template  | text      allow                // it was put back, and the person wrote
    text+template  1        fallback  | fallback  allow                // WhatsApp has refused the text
    text+template  25       fallback  | fallback  allow
  `)
  test.each(cases)('$has, the contact wrote $wrote_h h ago, before $before: $form, $verdict', (row) => {
    const intent = anIntent({
      ...(row.has.startsWith('text') && { text: { body: 'はい、承りました。' } }),
      ...(!row.has.endsWith('template') && { template: null }),
    })
    const conversation = row.wrote_h === 'never' ? null : wroteAgo(Number(row.wrote_h) * HOUR_MS)
    const inWindow = isWindowOpen(conversation, NOW)
    const form = formOf(intent, inWindow, row.before === '-' ? null : (row.before as Form))
    expect(form).toBe(row.form)
    expect(said(checkWindow(intent, someFacts({ conversation }), outlook('UTILITY', { form, inWindow })))).toBe(
      row.verdict,
    )
  })
})

describe('market', () => {
  const cases = table(`
    phone          category        day         | verdict
    +12025550123   MARKETING       2026-11-22  | block market_unreachable
    +12025550123   UTILITY         2026-11-22  | allow
    +12025550123   SERVICE         2026-11-22  | allow                     // an answer is no marketing
    +12025550123   AUTHENTICATION  2026-11-22  | allow
    +12025550123   MARKETING       2025-03-31  | allow                     // before it began
    +12025550123   MARKETING       2025-04-01  | block market_unreachable
    +14165550123   MARKETING       2026-11-22  | allow                     // Canada
    +18765550123   MARKETING       2026-11-22  | allow                     // Jamaica
    US.1502        MARKETING       2026-11-22  | block market_unreachable
    +819012345678  MARKETING       2026-11-22  | allow
  `)
  test.each(cases)('$category to $phone on $day: $verdict', ({ phone, category, day, verdict }) => {
    const { country } = readRecipient(phone, 'JP')
    const now = Date.parse(`${day}T00:00:00Z`)
    expect(said(checkMarket(anIntent({ country }), someFacts({ now }), outlook(category)))).toBe(verdict)
  })
})

describe('reach', () => {
  const cases = table(`
    max   reached  already  window  oldest_h | verdict  until_h
    250   249      no       closed  1        | allow    -
    250   250      no       closed  1        | hold     23
    250   251      no       closed  23.5     | hold     0.5
    250   250      yes      closed  1        | allow    -        // counted already
    250   250      no       open    1        | allow    -        // an answer is not a reach
    none  999999   no       closed  1        | allow    -
    0     0        no       closed  -        | hold     24
  `)
  test.each(cases)('$reached of $max, already $already, window $window: $verdict', (row) => {
    const facts = someFacts({
      number: aNumber({ reachMax: row.max === 'none' ? null : Number(row.max) }),
      reached: Number(row.reached),
      reachedAlready: row.already === 'yes',
      oldestReachedAt: row.oldest_h === '-' ? null : NOW - Number(row.oldest_h) * HOUR_MS,
    })
    const verdict = checkReach(anIntent(), facts, outlook('UTILITY', { inWindow: row.window === 'open' }))
    // A minute more, because WhatsApp counts from when a message arrives.
    const until = row.until_h === '-' ? undefined : NOW + Number(row.until_h) * HOUR_MS + 60_000
    expect([verdict.kind, 'until' in verdict ? verdict.until : undefined]).toEqual([row.verdict, until])
  })
})

describe('credits', () => {
  test('the detail is in credits', () => {
    expect(checkCredits(anIntent(), { availableMicros: 1_000 }, { priceMicros: 11_300 })).toMatchObject({
      detail: '0.0113 > 0.001',
    })
  })

  const cases = table(`
    price  available | verdict
    11300  11300     | allow
    11300  11299     | hold credits_insufficient credits_added
    11300  0         | hold credits_insufficient credits_added
    0      0         | allow                                    // a free message needs none
    0      -5        | allow
  `)
  test.each(cases)('a price of $price with $available available: $verdict', ({ price, available, verdict }) => {
    const facts: Pick<SendFacts, 'availableMicros'> = { availableMicros: Number(available) }
    expect(said(checkCredits(anIntent(), facts, { priceMicros: Number(price) }))).toBe(verdict)
  })
})
