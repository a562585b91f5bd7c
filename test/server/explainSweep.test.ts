import { expect, test } from 'vitest'
import type { Workflow } from '#definitions/definitions.ts'
import { explain } from '#server/explain.ts'
import { createWorkbench, NOW, recordEvent, WELCOME } from '../engine/workbench.ts'

const monday: Workflow = {
  kind: 'workflow',
  name: 'monday-call',
  module: 'Leads',
  trigger: { on: 'schedule', cron: '0 9 * * mon' },
  branches: [
    {
      when: { all: [{ fact: 'Lead_Status', operator: 'equal', value: 'New' }] },
      actions: [{ type: 'sendTemplate', template: 'welcome_lead' }],
    },
  ],
}

test('a sweep tells how many it looked at, and a message of it only of its own record', async () => {
  const bench = await createWorkbench([WELCOME, monday])
  for (const [id, status] of [
    ['1', 'New'],
    ['2', 'Contacted'],
    ['3', 'New'],
  ]) {
    const values = { Last_Name: '田中', Mobile: `+8190123456${id}${id}`, Lead_Status: status! }
    await bench.happen(recordEvent('created', 'Leads', id!, values))
  }
  await bench.fire(Date.parse('2026-11-23T00:00Z') - NOW)
  const messages = await bench.messages()
  const about = messages.find(({ intent }) => intent.recordId === '3')!
  expect(messages).toHaveLength(2)

  const sweep = await explain({ store: bench.store, clock: { now: bench.now } }, about.intent.triggerId, 'ja')
  expect(sweep.story).toEqual(
    expect.arrayContaining([
      'workflow/monday-call@1 1: 一致しました(分岐 1)',
      'workflow/monday-call@1 3: 一致しました(分岐 1)',
      '対象データの件数: swept 3, no_branch_matched 1',
    ]),
  )
  const message = await explain({ store: bench.store, clock: { now: bench.now } }, about.intent.id, 'en')
  expect(message.story.filter((line) => line.startsWith('workflow/'))).toEqual([
    'workflow/monday-call@1 3: matched (branch 1)',
  ])
})
