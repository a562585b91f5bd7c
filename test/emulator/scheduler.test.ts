import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Heap } from '#emulator/heap.ts'
import { realTime, virtualTime } from '#emulator/scheduler.ts'
import { openAccount } from './testAccount.ts'

test('a heap gives items by instant, and those of one instant in the order they came', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(20)), (instants) => {
      const heap = new Heap<{ at: number; order: number }>()
      instants.forEach((at, order) => heap.add(at, { at, order }))
      const taken: { at: number; order: number }[] = []
      for (let item = heap.take(Infinity); item !== undefined; item = heap.take(Infinity)) taken.push(item)
      expect(taken).toEqual(
        instants.map((at, order) => ({ at, order })).sort((a, b) => a.at - b.at || a.order - b.order),
      )
    }),
  )
})

test('a heap gives nothing before it is due', () => {
  const heap = new Heap<string>()
  heap.add(5, 'five')
  expect([heap.take(4), heap.nextAt, heap.take(5), heap.nextAt]).toEqual([undefined, 5, 'five', null])
})

test('virtual time runs tasks at their own instants, also those that tasks add on the way', async () => {
  const time = virtualTime(1_000)
  const seen: number[] = []
  time.at(1_500, () => {
    seen.push(time.now())
    time.at(1_600, () => seen.push(time.now()))
    time.at(9_999, () => seen.push(time.now()))
  })
  time.at(500, () => seen.push(time.now())) // due already
  await time.advance(1_000)
  expect(seen).toEqual([1_000, 1_500, 1_600])
  expect([time.now(), time.nextAt()]).toEqual([2_000, 9_999])
})

test('virtual time waits after each instant for what the tasks set off', async () => {
  const time = virtualTime(0)
  const log: string[] = []
  time.afterTasks(async () => {
    await Promise.resolve()
    log.push(`settled ${time.now()}`)
  })
  time.at(1, () => log.push('one'))
  time.at(2, () => log.push('two'))
  await time.advance(2)
  expect(log.filter((line, index) => line !== log[index - 1])).toEqual([
    'settled 0',
    'one',
    'settled 1',
    'two',
    'settled 2',
  ])
})

test.each([
  ['virtual', () => virtualTime(0)],
  ['real', () => realTime(() => 0)],
])('%s time that two follow waits for both', async (_, open) => {
  const time = open()
  const log: string[] = []
  for (const one of ['whatsapp', 'stripe']) {
    time.afterTasks(async () => {
      await Promise.resolve()
      log.push(one)
    })
  }
  await time.advance(0)
  time.stop()
  expect(log.slice(0, 2)).toEqual(['whatsapp', 'stripe'])
})

test('two advances at once move time on by their sum', async () => {
  const time = virtualTime(0)
  await Promise.all([time.advance(10), time.advance(5)])
  expect(time.now()).toBe(15)
})

test('real time can jump ahead, and runs what falls due by that', async () => {
  const time = realTime(() => 1_000)
  const seen: number[] = []
  time.at(61_000, () => seen.push(time.now()))
  await time.advance(59_999)
  expect(seen).toEqual([])
  await time.advance(1)
  expect(seen).toEqual([61_000])
  time.stop()
})

test('nothing runs after time was stopped', async () => {
  for (const time of [virtualTime(0), realTime(() => 0)]) {
    const seen: number[] = []
    time.at(1, () => seen.push(1))
    time.stop()
    time.at(2, () => seen.push(2))
    await time.advance(10)
    expect(seen).toEqual([])
  }
})

test('thirty days of virtual time with messages every day run in under a second', async () => {
  await using account = await openAccount({ readRate: 0.5 })
  await account.approve()
  const begun = performance.now()
  for (let day = 0; day < 30; day++) {
    await account.sendTemplate(`+81901234${5000 + day}`)
    await account.emulator.advance(86_400_000)
  }
  expect(performance.now() - begun).toBeLessThan(1_000)
  const { accepted, byStatus } = account.emulator.counts()
  expect([accepted, byStatus.delivered + byStatus.read]).toEqual([30, 30])
})
