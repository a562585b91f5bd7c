import { defineConfig } from 'drizzle-kit'

/**
 * `npm run migrations` writes the next migration from the tables in `schema/`. Committed migrations are never edited.
 *
 * Columns are named like the fields of the engine's types, so that a row read with plain SQL is one already. `At` columns are
 * epoch milliseconds, `...Micros` integer micro-credits; columns of JSON text say so. Only migrations and types come from
 * the schema: at run time nothing imports it (see migrate.ts).
 */
export default defineConfig({
  dialect: 'sqlite',
  schema: './store/sqlite/schema/*.ts',
  out: './store/sqlite/migrations',
})
