import { defineConfig } from 'drizzle-kit'

/** `npm run migrations` writes the next migration from the schema. Committed migrations are never edited. */
export default defineConfig({
  dialect: 'sqlite',
  schema: './store/sqlite/schema.ts',
  out: './store/sqlite/migrations',
})
