import { expect, test } from 'vitest'
import { createBacklog } from '#server/backlog.ts'

test('the age is that of the oldest that waits', () => {
  const backlog = createBacklog()
  expect([backlog.count(), backlog.ageMs(500)]).toEqual([0, 0])
  backlog.add(2, 100)
  backlog.add(3, 400)
  expect([backlog.count(), backlog.ageMs(500)]).toEqual([5, 400])
  backlog.take(1)
  expect([backlog.count(), backlog.ageMs(500)]).toEqual([4, 400])
  backlog.take(1)
  expect([backlog.count(), backlog.ageMs(500)]).toEqual([3, 100])
  backlog.take(99)
  expect([backlog.count(), backlog.ageMs(500)]).toEqual([0, 0])
})

test('a million events leave no trace behind', () => {
  const backlog = createBacklog()
  for (let at = 0; at < 100_000; at++) {
    backlog.add(10, at)
    backlog.take(10)
  }
  backlog.add(1, 100_000)
  expect([backlog.count(), backlog.ageMs(100_007)]).toEqual([1, 7])
  backlog.clear()
  expect(backlog.count()).toBe(0)
})
