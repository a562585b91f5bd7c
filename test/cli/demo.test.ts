import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import type { AccountDay } from '#cli/demo/account.ts'
import type { Months } from '#cli/demo/months.ts'
import type { Outcome } from '#cli/demo/outcome.ts'
import type { DealMoved } from '#cli/demo/transitions.ts'

const run = promisify(execFile)

type DemoResult = Outcome & {
  deal: DealMoved
  months: Months
  account: AccountDay
  processorSeconds: number
  disagreements: string[]
}

test('the demo shows every outcome and agrees with the emulators, with little work', { timeout: 180_000 }, async () => {
  const { stdout } = await run(process.execPath, ['cli/main.ts', 'demo', '--json'])
  const result = JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as DemoResult
  expect(result.disagreements).toEqual([])
  expect(result.events).toBeGreaterThanOrEqual(300)
  expect(result.duplicates).toBeGreaterThan(0)
  expect(result.messages.delivered).toBeGreaterThan(0)
  expect(result.messages.read).toBeGreaterThan(0)
  expect(result.messages.failed).toBeGreaterThan(0)
  expect(Object.keys(result.messages.blocked)).toEqual(
    expect.arrayContaining(['opted_out', 'recipient_invalid', 'template_rejected', 'parameter_missing']),
  )
  expect(Object.keys(result.messages.held)).toEqual(
    expect.arrayContaining(['credits_insufficient', 'template_pending']),
  )
  expect(result.timersCancelled).toBeGreaterThan(0)
  const { bought, spent, held, available } = result.credits
  expect(spent).toBeGreaterThan(0)
  expect(bought).toBe(spent + held + available)

  expect(result.deal).toMatchObject({ state: 'Proposal', messages: 1 })
  expect(result.deal.refused).toEqual(['ERR_TRANSITION_NOT_ALLOWED', 'ERR_TRANSITION_GONE'])
  const { months } = result
  expect(months.days).toBe(92)
  expect(months.messages.accepted).toBe(months.messages.ja + months.messages.en + months.messages.freeText)
  expect(months.messages.freeText).toBeGreaterThan(0)
  expect(months.replies).toBeGreaterThan(0)
  expect(Object.keys(months.processes)).toEqual(
    expect.arrayContaining(['blueprint/deal-desk', 'journey/subscriber-onboarding']),
  )
  expect(months.transitions.refused).toBeGreaterThan(0)
  const { account } = result
  expect(account.purchases).toEqual({ byHand: 1, automatic: 3 })
  expect(account.messages.heldWhilePaused).toBe(6)
  expect(account.credits.bought).toBe(account.chargedMinor * 10_000)
  // How long it takes depends on who else is at work; what it takes of the processors hardly does.
  expect(result.processorSeconds).toBeLessThan(20)
})
