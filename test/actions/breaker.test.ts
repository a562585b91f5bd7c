import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createBreaker, type Breaker } from '#actions/breaker.ts'

const T0 = Date.UTC(2026, 10, 22)

interface Told {
  breaker: Breaker
  told: string[]
}

function aBreaker(): Told {
  const told: string[] = []
  const breaker = createBreaker({
    random: () => 0,
    onOpen: (since, now) => told.push(`open ${now - T0} since ${since - T0}`),
    onClosed: (since, now) => told.push(`closed ${now - T0} since ${since - T0}`),
  })
  return { breaker, told }
}

/** Calls one after the other, each answered at once: `.` answered, `x` failed. */
function feed(breaker: Breaker, answers: string, now = T0): void {
  for (const answer of answers) {
    const call = breaker.begin(now)
    if (answer === 'x') call.failed(now)
    else call.answered(now)
  }
}

describe('opens after five failures in a row, over all numbers', () => {
  test.each<[string, boolean]>([
    ['', false],
    ['xxxx', false],
    ['xxxxx', true],
    ['xxxx.xxxx', false],
    ['xxxx.xxxxx', true],
    ['xxxxx.', false],
    ['.xxxxxxx', true],
  ])('%s: %s', (answers, isOpen) => {
    const { breaker } = aBreaker()
    feed(breaker, answers)
    expect(breaker.isOpen()).toBe(isOpen)
    expect(breaker.room(T0)).toBe(isOpen ? 0 : Infinity)
  })
})

test('while it is open one probe goes after a pause that doubles up to half a minute', () => {
  const { breaker } = aBreaker()
  feed(breaker, 'xxxxx')
  let now = T0
  const pauses: number[] = []
  for (let i = 0; i < 7; i++) {
    const at = breaker.openAt(now)
    pauses.push((at - now) / 1000)
    expect(breaker.room(at - 1)).toBe(0)
    expect(breaker.room(at)).toBe(1)
    breaker.reserve()
    expect(breaker.room(at)).toBe(0)
    breaker.begin(at).failed(at)
    now = at
  }
  expect(pauses).toEqual([1, 2, 4, 8, 16, 30, 30])
})

test('any answer closes it, that of the probe or of a call from before', () => {
  for (const which of ['probe', 'before'] as const) {
    const { breaker, told } = aBreaker()
    const before = breaker.begin(T0)
    feed(breaker, 'xxxxx')
    breaker.reserve()
    const probe = breaker.begin(T0 + 1000)
    const call = which === 'probe' ? probe : before
    call.answered(T0 + 1200)
    expect(breaker.room(T0 + 1200)).toBe(Infinity)
    expect(told).toEqual(['open 0 since 0', 'closed 1200 since 0'])
  }
})

test('calls that were under way when it opened do not make the pause longer', () => {
  const { breaker } = aBreaker()
  const underWay = Array.from({ length: 100 }, () => breaker.begin(T0))
  for (const call of underWay) call.failed(T0 + 30_000)
  expect(breaker.openAt(T0 + 30_000)).toBe(T0 + 31_000)
})

test('a probe that could not be made is taken again', () => {
  const { breaker } = aBreaker()
  feed(breaker, 'xxxxx')
  breaker.reserve()
  breaker.unreserve()
  expect(breaker.room(T0 + 1000)).toBe(1)
  breaker.reserve()
  breaker.begin(T0 + 1000).dropped()
  expect(breaker.room(T0 + 1000)).toBe(1)
})

describe('when answers stay away', () => {
  test('no calls follow those that have waited for far longer than answers take; the first answer lets them go', () => {
    const { breaker, told } = aBreaker()
    for (let i = 0; i < 20; i++) {
      const call = breaker.begin(T0 + i * 100)
      call.answered(T0 + i * 100 + 300)
    }
    const waiting = Array.from({ length: 5 }, () => breaker.begin(T0 + 3000))
    expect(breaker.room(T0 + 5999)).toBe(Infinity)
    expect(breaker.room(T0 + 6000)).toBe(0)
    expect(breaker.openAt(T0 + 6000)).toBe(T0 + 6500)
    waiting[0]?.answered(T0 + 6200)
    expect(breaker.room(T0 + 6200)).toBe(Infinity)
    expect(told).toEqual([])
  })

  test('a few slow calls among answered ones change nothing', () => {
    const { breaker } = aBreaker()
    for (let i = 0; i < 4; i++) breaker.begin(T0)
    expect(breaker.room(T0 + 20_000)).toBe(Infinity)
    for (let i = 0; i < 10; i++) breaker.begin(T0)
    feed(breaker, '.', T0 + 19_000)
    expect(breaker.room(T0 + 20_000)).toBe(Infinity)
  })
})

test('however calls end, it is told open and closed in turn, and an answer leaves it closed', () => {
  const steps = fc.array(
    fc.tuple(fc.constantFrom('answered', 'failed', 'dropped'), fc.integer({ min: 0, max: 3000 })),
    {
      maxLength: 200,
    },
  )
  fc.assert(
    fc.property(steps, (calls) => {
      const { breaker, told } = aBreaker()
      let now = T0
      for (const [how, ms] of calls) {
        now += ms
        if (breaker.room(now) === 0) continue
        breaker.reserve()
        const call = breaker.begin(now)
        if (how === 'answered') call.answered(now)
        else if (how === 'failed') call.failed(now)
        else call.dropped()
        if (how === 'answered') expect(breaker.room(now)).toBe(Infinity)
      }
      const words = told.map((one) => one.split(' ')[0])
      expect(words).toEqual(words.map((_, i) => (i % 2 === 0 ? 'open' : 'closed')))
      expect(breaker.isOpen()).toBe(words.length % 2 === 1)
    }),
  )
})
