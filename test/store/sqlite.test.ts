import { openSqlite } from '#store/sqlite/openSqlite.ts'
import { storeConformance } from './conformance.ts'

storeConformance('SQLite in memory', async () => {
  const { store } = openSqlite(':memory:')
  return { store, close: () => store.close() }
})
