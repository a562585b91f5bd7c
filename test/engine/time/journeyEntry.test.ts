import { expect, test } from 'vitest'
import type { Journey, JourneyTrigger } from '#definitions/definitions.ts'
import { createWorkbench, NOW, recordEvent } from '../workbench.ts'

const DAY_MS = 86_400_000

function journey(trigger: JourneyTrigger, entry: Partial<Journey['entry']> = {}): Journey {
  return {
    kind: 'journey',
    name: 'anniversary',
    module: 'Contacts',
    entry: { trigger, ...entry },
    steps: [
      { id: 'tell', do: [{ type: 'notify', role: 'sales', message: '$[Contacts.Last_Name] 様の記念日' }] },
      { id: 'done', exit: 'completed' },
    ],
  }
}
const contact = (id: string, born: string) =>
  recordEvent('created', 'Contacts', id, { Last_Name: '田中', Date_of_Birth: born })
const yearly: JourneyTrigger = { on: 'date', field: 'Date_of_Birth', every: 'yearly' }

test('a date lets its record enter a journey, each year when it may enter again', async () => {
  const bench = await createWorkbench([journey(yearly, { reentry: 'after_exit' })])
  await bench.happen(contact('1', '1990-12-01'), contact('2', '1985-03-15'))
  await bench.fire(2 * 365 * DAY_MS)
  const { items } = await bench.store.notifications({ limit: 100 })
  expect(items.map(({ at, recordId }) => `${new Date(at).toISOString().slice(0, 10)} ${recordId}`).sort()).toEqual([
    '2026-12-01 1',
    '2027-03-15 2',
    '2027-12-01 1',
    '2028-03-15 2',
  ])
})

test('the entry of the journey has its say all the same', async () => {
  const when = { all: [{ fact: 'record', path: '$.id', operator: 'equal', value: '2' }] }
  const bench = await createWorkbench([journey(yearly, { when })])
  await bench.happen(contact('1', '1990-12-01'), contact('2', '1985-12-01'))
  await bench.fire(2 * 365 * DAY_MS)
  const { items } = await bench.store.instances({}, { limit: 10 })
  expect(items).toMatchObject([{ recordId: '2', definition: 'journey/anniversary', status: 'ended' }])
})

test('a schedule lets all records enter that may, and counts those that may not', async () => {
  const bench = await createWorkbench([journey({ on: 'schedule', cron: '0 9 * * *' })])
  await bench.happen(contact('1', ''), contact('2', ''))
  await bench.fire(DAY_MS)
  await bench.happen(contact('3', ''))
  bench.advance(Date.parse('2026-11-24T00:00Z') - NOW - DAY_MS)
  await bench.store.fireTimers(bench.now(), 10, bench.shell.newId)
  await bench.step()
  const [sweep] = await bench.store.pending(10, bench.now())
  await bench.settle()
  const trace = await bench.store.trace(sweep!.id)
  expect(trace?.notes).toEqual(['swept:3', 'already_entered:2'])
  expect(trace?.instances).toMatchObject([{ definition: 'journey/anniversary@1', outcome: 'entered' }])
  const { items } = await bench.store.instances({}, { limit: 10 })
  expect(items.map(({ recordId }) => recordId).sort()).toEqual(['1', '2', '3'])
})

test('a journey that is switched off lets nobody enter by time', async () => {
  const bench = await createWorkbench([journey(yearly)])
  await bench.happen(contact('1', '1990-12-01'))
  await bench.switch('journey/anniversary', false)
  await bench.fire(400 * DAY_MS)
  expect((await bench.store.instances({}, { limit: 10 })).items).toEqual([])
  // What became due before it was switched off, and is decided after, is told in the trace.
  await bench.switch('journey/anniversary', true)
  const [timer] = await bench.store.timers({ state: 'waiting' })
  bench.advance(timer!.dueAt - bench.now())
  await bench.store.fireTimers(bench.now(), 10, bench.shell.newId)
  const [due] = await bench.store.pending(10, bench.now())
  await bench.switch('journey/anniversary', false)
  expect((await bench.store.trace(due!.id))?.instances).toMatchObject([
    { outcome: 'ignored', reason: 'definition_inactive' },
  ])
})
