import { expect, test } from 'vitest'
import { checkGuards } from '#engine/guards/guards.ts'
import { PLAIN_GUARDS } from '#store/sqlite/steps.ts'
import { anIntent, someFacts } from '#test/engine/builders.ts'

test('plain steps are those that the guards of the engine allow: with another list every step would cost a row', () => {
  expect(checkGuards(anIntent(), someFacts()).guards.map(({ guard }) => guard)).toEqual([...PLAIN_GUARDS])
})
