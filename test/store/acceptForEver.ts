import { openSqlite } from '#store/sqlite/openSqlite.ts'
import { leadEvent } from './builders.ts'

/**
 * Run as a process of its own: `node acceptForEver.ts FILE PREFIX`. Accepts events in small batches until it is killed, and
 * prints the id of each one only when the store has promised it.
 */
const [path = '', prefix = ''] = process.argv.slice(2)
const { store } = openSqlite(path)
process.stdout.write('open\n')
for (let batch = 0; ; batch++) {
  const events = [0, 1, 2, 3, 4].map((index) => {
    const id = `${prefix}-${String(batch).padStart(6, '0')}-${index}`
    return { id, event: leadEvent({ sourceId: id }) }
  })
  const outcomes = await store.accept(events, Date.now())
  await new Promise((written) => process.stdout.write(outcomes.map(({ id }) => `${id}\n`).join(''), written))
}
