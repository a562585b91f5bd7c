import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { createUpkeep, HASTE_MS, type Duty } from '#server/upkeep.ts'

beforeEach(() => void vi.useFakeTimers({ now: Date.parse('2026-11-22T12:00:00+09:00') }))
afterEach(() => void vi.useRealTimers())

/** Duties that note when they ran, seconds after the beginning. */
function upkeepOf(run: (name: string) => Promise<void> = () => Promise.resolve()) {
  const begun = Date.now()
  const ran: string[] = []
  const duty = (name: string, everyMs: number): Duty => ({
    name,
    everyMs,
    async run(now) {
      ran.push(`${name} ${(now - begun) / 1000}`)
      await run(name)
    },
  })
  const upkeep = createUpkeep({
    clock: { now: Date.now },
    duties: [duty('recharge', 10_000), duty('poll', 60_000)],
    faltered: (_duty, error) => expect.unreachable(String(error)),
  })
  return { upkeep, ran }
}

describe('a duty that is hastened', () => {
  test('runs at once, and the others when they are due', async () => {
    const { upkeep, ran } = upkeepOf()
    upkeep.start()
    await vi.advanceTimersByTimeAsync(3_000)
    upkeep.hasten('recharge')
    await vi.advanceTimersByTimeAsync(0)
    expect(ran).toEqual(['recharge 0', 'poll 0', 'recharge 3'])
    await vi.advanceTimersByTimeAsync(10_000)
    expect(ran.slice(3)).toEqual(['recharge 13'])
    await upkeep.stop()
  })

  test('however often it is called, it runs no more than once in a while, and once more after the last call', async () => {
    const { upkeep, ran } = upkeepOf()
    upkeep.start()
    await vi.advanceTimersByTimeAsync(5_000)
    for (let call = 0; call < 2_500; call += 10) {
      upkeep.hasten('recharge')
      await vi.advanceTimersByTimeAsync(10)
    }
    await vi.advanceTimersByTimeAsync(2 * HASTE_MS)
    expect(ran.slice(2)).toEqual(['recharge 5', 'recharge 6', 'recharge 7', 'recharge 8'])
    await upkeep.stop()
  })

  test('while it runs looks again after it, never two at once', async () => {
    let open = () => {}
    let atOnce = 0
    const { upkeep, ran } = upkeepOf(async (name) => {
      if (name !== 'recharge') return
      expect((atOnce += 1)).toBe(1)
      await new Promise<void>((resolve) => (open = resolve))
      atOnce -= 1
    })
    upkeep.start()
    await vi.advanceTimersByTimeAsync(2_000)
    upkeep.hasten('recharge')
    await vi.advanceTimersByTimeAsync(2_000)
    expect(ran).toEqual(['recharge 0'])
    open()
    await vi.advanceTimersByTimeAsync(HASTE_MS)
    expect(ran).toEqual(['recharge 0', 'poll 4', 'recharge 5'])
    open()
    await upkeep.stop()
  })

  test('before the start, and by a name that nobody has, does nothing of its own', async () => {
    const { upkeep, ran } = upkeepOf()
    upkeep.hasten('recharge')
    upkeep.hasten('laundry')
    await vi.advanceTimersByTimeAsync(60_000)
    expect(ran).toEqual([])
    await upkeep.run()
    expect(ran).toEqual(['recharge 60', 'poll 60'])
  })
})
