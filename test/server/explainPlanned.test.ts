import { expect, test } from 'vitest'
import type { Workflow } from '#definitions/definitions.ts'
import { explain } from '#server/explain.ts'
import { createWorkbench, NOW, recordEvent } from '../engine/workbench.ts'

const followUp: Workflow = {
  kind: 'workflow',
  name: 'follow-up',
  module: 'Leads',
  trigger: { on: 'record.created' },
  branches: [{ later: [{ after: 'P2D', actions: [{ type: 'createTask', subject: '電話する: $[見込み客.姓]' }] }] }],
}

test('an event tells what is planned for its record, until that has happened', async () => {
  const bench = await createWorkbench([followUp])
  await bench.happen(recordEvent('created', 'Leads', '1', { Last_Name: '田中' }))
  await bench.happen(recordEvent('created', 'Leads', '2', { Last_Name: '鈴木' }))
  const [first] = await bench.store.timers({ module: 'Leads', recordId: '1' })
  const triggerId = first!.causedBy[0]!.triggerId
  const plannedOf = async (language: 'en' | 'ja') =>
    (await explain({ store: bench.store, clock: { now: bench.now } }, triggerId, language)).story.filter((line) =>
      /Planned|予定/.test(line),
    )

  const dueAt = new Date(NOW + 2 * 86_400_000).toISOString()
  expect(await plannedOf('en')).toEqual([`Planned for ${dueAt}: a later action (workflow/follow-up@1).`])
  expect(await plannedOf('ja')).toEqual([`${dueAt} の予定: 後で実行する処理(workflow/follow-up@1)`])

  await bench.fire(2 * 86_400_000)
  expect(await plannedOf('en')).toEqual([])
})
