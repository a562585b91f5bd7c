import { expect, test } from 'vitest'
import { NOW, openServer } from './openServer.ts'

test('a quarantined event is decided again when an admin says so', async () => {
  const { call, denrei } = await openServer({ started: false })
  const event = {
    kind: 'record',
    source: 'crm',
    sourceId: 'e1',
    occurredAt: NOW,
    op: 'created',
    module: 'Leads',
    recordId: '1',
    values: { Last_Name: '田中' },
    mode: 'merge',
  } as const
  const [accepted] = await denrei.accept([event])
  const id = accepted!.id
  await denrei.store.setAside(id, 'Error: the definition was broken', null)
  await denrei.drain()
  expect(await denrei.store.record('Leads', '1')).toBeNull()

  expect((await call('POST /v1/triggers/nobody/requeue', undefined, { role: 'admin' })).body).toEqual({ requeued: 0 })
  expect((await call(`POST /v1/triggers/${id}/requeue`, undefined, { role: 'admin' })).body).toEqual({ requeued: 1 })
  await denrei.drain()
  expect((await denrei.store.record('Leads', '1'))?.values).toEqual({ Last_Name: '田中' })
  expect((await denrei.store.trigger(id))?.state).toBe('done')
})
