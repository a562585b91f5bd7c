import { describe, expect, test } from 'vitest'
import { defaultSettings } from '#definitions/settings.ts'
import type { WorkingSet } from '#engine/facts.ts'
import type { Change, Decision } from '#engine/decision.ts'
import { decide } from '#engine/decide.ts'
import { compileDefinitions } from '#engine/definitionSet.ts'
import { ACCOUNT_DEFAULTS, type AccountState, type NumberState } from '#engine/state.ts'
import type { AccountNews } from '#engine/accountNews.ts'
import type { AccountEvent, Trigger } from '#engine/trigger.ts'
import { fold } from '#engine/workingSet.ts'
import { aNumber, aTemplate, HOUR_MS, NOW } from '../builders.ts'

const definitions = compileDefinitions([], [])

function anAccount(change: Partial<AccountState> = {}): AccountState {
  return { id: '20001', ...ACCOUNT_DEFAULTS, name: '伝令商店', updatedAt: NOW, ...change }
}

/** Accounts and numbers, and what was told, as events come one after the other. */
function world(accounts: AccountState[], numbers: NumberState[]) {
  const known = {
    now: NOW,
    accounts: new Map(accounts.map((one) => [one.id, one])),
    numbers: [...numbers],
    templates: new Map([['welcome_lead/ja', aTemplate({ checkedAt: NOW })]]),
    contacts: new Map(),
    contactByAddress: new Map(),
    conversations: new Map(),
    counters: new Map(),
    settings: defaultSettings,
  } as unknown as WorkingSet
  let count = 0
  return {
    known,
    account: (id = '20001') => known.accounts.get(id),
    number: (id = '10001') => known.numbers.find((one) => one.id === id),
    hear: (says: AccountNews[], at = NOW, accountId = '20001'): Decision => {
      const event: AccountEvent = {
        kind: 'account',
        source: 'whatsapp',
        sourceId: `e${count}`,
        occurredAt: at,
        accountId,
        field: 'account_update',
        value: { count },
        says,
      }
      const trigger: Trigger = { ...event, id: `t${count++}`, receivedAt: at }
      const decision = decide(trigger, known, definitions, Math.max(NOW, at))
      fold(known, decision)
      return decision
    },
  }
}

const one = () => world([anAccount()], [aNumber()])

function told({ changes }: Decision): string[] {
  return changes.flatMap((change) =>
    change.kind === 'notify' && change.notice ? [`${change.notice.code} ${change.notice.severity}`] : [],
  )
}

function released({ changes }: Decision): string[] {
  return changes.flatMap((change) => (change.kind === 'release' ? [change.waitsFor] : []))
}

function put(decision: Decision): Change['kind'][] {
  return decision.changes.map(({ kind }) => kind).filter((kind) => kind.startsWith('put'))
}

const banned: AccountNews = {
  about: 'trouble',
  trouble: { code: 'account_banned', stops: 'all', until: null, detail: 'DISABLE, April 17, 2026' },
}
const reinstated: AccountNews = { about: 'mended', codes: ['account_banned'] }
const spam = (until: number): AccountNews => ({
  about: 'trouble',
  numberId: '10001',
  trouble: { code: 'spam_limited', stops: 'all', until, detail: '' },
})

test('everything is kept raw, whatever is understood of it', () => {
  const { hear } = one()
  for (const says of [[], [banned]])
    expect(hear(says).changes[0]).toMatchObject({ kind: 'keep', field: 'account_update' })
})

describe('troubles', () => {
  test('stand from when they were told, with what a person needs to know', () => {
    const { hear, account } = one()
    const decision = hear([banned], NOW + 5)
    expect(account()?.troubles).toEqual([
      { code: 'account_banned', stops: 'all', until: null, detail: 'DISABLE, April 17, 2026', since: NOW + 5 },
    ])
    expect(decision.changes.find(({ kind }) => kind === 'notify')).toMatchObject({
      to: { role: 'admin' },
      notice: {
        code: 'account_trouble',
        severity: 'critical',
        details: {
          accountId: '20001',
          account: '伝令商店',
          trouble: 'account_banned',
          stops: 'all',
          until: null,
          detail: 'DISABLE, April 17, 2026',
        },
      },
    })
  })

  test('told again are refreshed, and nobody is told twice', () => {
    const { hear, number } = one()
    expect(told(hear([spam(NOW + HOUR_MS)]))).toEqual(['number_trouble critical'])
    expect(told(hear([spam(NOW + 2 * HOUR_MS)], NOW + 1000))).toEqual([])
    expect(number()?.troubles).toEqual([
      { code: 'spam_limited', stops: 'all', until: NOW + 2 * HOUR_MS, detail: '', since: NOW },
    ])
  })

  test('that were over begin anew, and are told anew', () => {
    const { hear, number } = one()
    hear([spam(NOW + HOUR_MS)])
    expect(told(hear([spam(NOW + 9 * HOUR_MS)], NOW + 5 * HOUR_MS))).toEqual(['number_trouble critical'])
    expect(number()?.troubles).toMatchObject([{ since: NOW + 5 * HOUR_MS }])
  })

  test('that have ended by themselves are forgotten with the next news', () => {
    const { hear, number } = one()
    hear([spam(NOW + HOUR_MS)])
    expect(told(hear([{ about: 'number', numberId: '10001', change: { nickname: '窓口' } }], NOW + HOUR_MS))).toEqual(
      [],
    )
    expect(number()?.troubles).toEqual([])
  })

  test('of two kinds under one code stand side by side', () => {
    const { hear, account } = one()
    const restricted = (stops: 'initiated' | 'replies'): AccountNews => ({
      about: 'trouble',
      trouble: { code: 'account_restricted', stops, until: NOW + HOUR_MS, detail: '' },
    })
    hear([restricted('initiated'), restricted('replies')])
    expect(account()?.troubles.map(({ stops }) => stops)).toEqual(['initiated', 'replies'])
  })

  test('that are mended let go what waited, and are told once', () => {
    const { hear, account } = one()
    hear([banned])
    const mended = hear([reinstated], NOW + 1000)
    expect(account()?.troubles).toEqual([])
    expect(told(mended)).toEqual(['account_mended info'])
    expect(released(mended)).toEqual(['integration_active'])
    const again = hear([reinstated], NOW + 2000)
    expect([told(again), released(again)]).toEqual([[], []])
  })

  test('of a number let go what waits for the number; all of them at once when asked', () => {
    const { hear, number } = one()
    hear([spam(NOW + 9 * HOUR_MS)])
    const mended = hear([{ about: 'mended', numberId: '10001', codes: 'all' }], NOW + 1000)
    expect(number()?.troubles).toEqual([])
    expect([told(mended), released(mended)]).toEqual([['number_mended info'], ['number_ready']])
  })

  test('announced ones stop nothing, so their end lets nothing go', () => {
    const { hear } = one()
    const announced = { ...banned, trouble: { ...banned.trouble, stops: 'nothing' as const } }
    expect(told(hear([announced]))).toEqual(['account_trouble critical'])
    expect(released(hear([reinstated], NOW + 1000))).toEqual([])
  })
})

describe('late news', () => {
  test('an old trouble does not come back after it was mended', () => {
    const { hear, account } = one()
    hear([banned], NOW)
    hear([reinstated], NOW + 2000)
    const late = hear([banned], NOW + 1000)
    expect(account()?.troubles).toEqual([])
    expect([told(late), late.trace.notes]).toEqual([[], ['late_account_event']])
  })

  test('an old end does not end a newer trouble', () => {
    const { hear, account } = one()
    hear([banned], NOW + 2000)
    expect(released(hear([reinstated], NOW + 1000))).toEqual([])
    expect(account()?.troubles).toHaveLength(1)
  })

  test('each thing has its own order: a name told later says nothing of the quality', () => {
    const { hear, number } = one()
    hear([{ about: 'number', numberId: '10001', change: { nameStatus: 'APPROVED' } }], NOW + 2000)
    hear([{ about: 'number', numberId: '10001', change: { quality: 'RED', nameStatus: 'PENDING_REVIEW' } }], NOW + 1000)
    expect(number()).toMatchObject({ quality: 'RED', nameStatus: 'APPROVED', updatedAt: NOW + 2000 })
  })

  test('whatever the order in which two words come, the newer one stands', () => {
    const both = [
      [
        ['GREEN', 1],
        ['RED', 2],
      ],
      [
        ['RED', 2],
        ['GREEN', 1],
      ],
    ] as const
    for (const order of both) {
      const { hear, number } = one()
      for (const [quality, at] of order) hear([{ about: 'number', numberId: '10001', change: { quality } }], NOW + at)
      expect(number()?.quality).toBe('RED')
    }
  })
})

describe('numbers', () => {
  test.each<[string, Extract<AccountNews, { about: 'number' }>['change'], string[]]>([
    ['quality fell to the bottom', { quality: 'RED' }, ['number_quality_changed critical']],
    ['quality fell', { quality: 'YELLOW' }, ['number_quality_changed warning']],
    ['the same quality', { quality: 'GREEN' }, []],
    ['faster', { throughput: 1000 }, ['number_limit_changed info']],
    ['slower', { throughput: 20 }, ['number_limit_changed warning']],
    ['name approved', { nameStatus: 'APPROVED', verifiedName: '伝令' }, ['number_name_decided info']],
    ['name declined', { nameStatus: 'DECLINED' }, ['number_name_decided warning']],
    ['banned', { status: 'BANNED' }, ['number_trouble critical']],
    ['no longer verified', { verified: false }, ['number_trouble critical']],
    ['a nickname is nobody’s news', { nickname: '窓口' }, []],
  ])('%s', (_, change, notices) => {
    const { hear, number } = one()
    expect(told(hear([{ about: 'number', numberId: '10001', change }], NOW + 1))).toEqual(notices)
    expect(number()).toMatchObject(change)
  })

  test('one is found by its digits, however its number is shown', () => {
    const { hear, number } = one()
    hear([{ about: 'number', digits: '81312345678', change: { quality: 'YELLOW' } }])
    expect(number()?.quality).toBe('YELLOW')
  })

  test('one that nobody knows is noted, and changes nothing', () => {
    const { hear } = one()
    const decision = hear([
      { about: 'number', digits: '999', change: { quality: 'RED' } },
      { about: 'trouble', digits: '999', trouble: { code: 'maintenance', stops: 'all', until: null, detail: '' } },
      { about: 'mended', numberId: '999', codes: 'all' },
    ])
    expect(put(decision)).toEqual([])
    expect(decision.trace.notes).toEqual(['unknown_number', 'unknown_number', 'unknown_number'])
  })

  test('one that is connected again lets its messages go', () => {
    const { hear } = world([anAccount()], [aNumber({ status: 'PENDING' })])
    const decision = hear([{ about: 'number', numberId: '10001', change: { status: 'CONNECTED' } }])
    expect([told(decision), released(decision)]).toEqual([['number_mended info'], ['number_ready']])
  })

  test('why a name was declined goes along', () => {
    const { hear } = one()
    const news: AccountNews = {
      about: 'number',
      numberId: '10001',
      change: { nameStatus: 'DECLINED' },
      details: { name: '商店', reason: 'NAME_NOT_CONSISTENT' },
    }
    expect(hear([news]).changes.find(({ kind }) => kind === 'notify')).toMatchObject({
      notice: {
        details: { decision: 'DECLINED', name: '商店', reason: 'NAME_NOT_CONSISTENT', number: '+81 3-1234-5678' },
      },
    })
  })
})

describe('reach', () => {
  const near = anAccount({ portfolioId: '5' })
  const far = anAccount({ id: '20002', portfolioId: '6' })
  const sister = anAccount({ id: '20003', portfolioId: '5' })
  const numbers = [
    aNumber(),
    aNumber({ id: '10002', accountId: '20002' }),
    aNumber({ id: '10003', accountId: '20003' }),
  ]

  test('is that of the portfolio: of all numbers of all its accounts, told once', () => {
    const { hear, known } = world([near, far, sister], numbers)
    const decision = hear([{ about: 'reach', reachMax: 2000 }])
    expect(known.numbers.map(({ reachMax }) => reachMax)).toEqual([2000, 250, 2000])
    expect(told(decision)).toEqual(['number_limit_changed info'])
  })

  test('of an account whose portfolio is not known is its own', () => {
    const { hear, known } = world([anAccount(), anAccount({ id: '20003' })], numbers)
    hear([{ about: 'reach', reachMax: null }])
    expect(known.numbers.map(({ reachMax }) => reachMax)).toEqual([null, 250, 250])
  })

  test.each([
    [2000, null, 'number_limit_changed info'],
    [null, 2000, 'number_limit_changed warning'],
    [2000, 250, 'number_limit_changed warning'],
    [250, 250, undefined],
  ])('from %j to %j', (from, to, notice) => {
    const { hear } = world([anAccount()], [aNumber({ reachMax: from })])
    expect(told(hear([{ about: 'reach', reachMax: to }]))[0]).toBe(notice)
  })
})

describe('accounts', () => {
  test('the first word on a thing is no change, the next one is', () => {
    const { hear, account } = one()
    expect(told(hear([{ about: 'account', change: { reviewStatus: 'PENDING' } }]))).toEqual([])
    expect(told(hear([{ about: 'account', change: { reviewStatus: 'REJECTED' } }], NOW + 1))).toEqual([
      'account_updated critical',
    ])
    expect(account()).toMatchObject({ reviewStatus: 'REJECTED', updatedAt: NOW + 1 })
  })

  test('S115, S116: one that is switched on again lets its messages go', () => {
    const { hear } = world([anAccount({ enabled: false })], [aNumber()])
    expect(released(hear([{ about: 'account', change: { enabled: true } }]))).toEqual(['integration_active'])
    expect(released(hear([{ about: 'account', change: { enabled: false } }], NOW + 1))).toEqual([])
  })

  test('one that only its numbers tell of is known from then on', () => {
    const { hear, account } = world([], [aNumber()])
    hear([banned])
    expect(account()).toMatchObject({ ...ACCOUNT_DEFAULTS, id: '20001', troubles: [{ code: 'account_banned' }] })
  })

  test('one that is not ours is kept raw and nothing else', () => {
    const { hear, account } = one()
    const decision = hear([banned], NOW, '99999')
    expect(decision.changes.map(({ kind }) => kind)).toEqual(['keep'])
    expect(account('99999')).toBeUndefined()
  })

  test('two accounts do not mix', () => {
    const { hear, account } = world([anAccount(), anAccount({ id: '20002' })], [aNumber()])
    hear([banned], NOW, '20002')
    expect([account()?.troubles.length, account('20002')?.troubles.length]).toEqual([0, 1])
  })
})

test('a template that is doubted is to be looked at first, and nothing else of it changes', () => {
  const { hear, known } = one()
  hear([{ about: 'template', name: 'welcome_lead', language: 'ja' }])
  expect(known.templates.get('welcome_lead/ja')).toEqual(aTemplate({ checkedAt: 0 }))
  const again = hear([
    { about: 'template', name: 'welcome_lead', language: 'ja' },
    { about: 'template', name: 'nobody', language: 'ja' },
  ])
  expect(put(again)).toEqual([])
})

describe('people', () => {
  const DAY_MS = 24 * HOUR_MS
  const person = (error: number): AccountNews => ({ about: 'person', who: { phone: '+819012345678' }, error })
  const capOf = ({ known }: ReturnType<typeof one>) => [...known.contacts.values()][0]?.cappedUntil

  test('whom WhatsApp gives no more marketing get none for a day, then for two', () => {
    const bench = one()
    bench.hear([person(131049)])
    expect(capOf(bench)).toBe(NOW + DAY_MS)
    bench.hear([person(131049)], NOW + 1000) // the same wave
    expect(capOf(bench)).toBe(NOW + 1000 + DAY_MS)
    bench.hear([person(131049)], NOW + 2 * DAY_MS)
    expect(capOf(bench)).toBe(NOW + 4 * DAY_MS)
    bench.hear([person(131049)], NOW + 20 * DAY_MS)
    expect(capOf(bench)).toBe(NOW + 21 * DAY_MS)
  })

  test('in an experiment get none for a week; a shorter cap does not shorten it', () => {
    const bench = one()
    bench.hear([person(130472)])
    bench.hear([person(131049)], NOW + 1000)
    expect(capOf(bench)).toBe(NOW + 7 * DAY_MS)
  })

  test('of an account that is not ours count all the same: it is the person who is meant', () => {
    const bench = one()
    bench.hear([person(131049)], NOW, '')
    expect(capOf(bench)).toBe(NOW + DAY_MS)
  })
})
