import type { Database } from 'better-sqlite3'
import { readMigrationFiles } from 'drizzle-orm/migrator'
import { StoreUnusable } from '#engine/errors.ts'

/**
 * Brings the file to the schema of this program. Understands and writes the journal table of drizzle's own migrator,
 * whose file reader it uses; only the loop is ours, because drizzle's SQLite driver and schema modules cost 380 ms and
 * 200 MB at start (measured, drizzle-orm 0.45 on Node 24), this reader 2 ms.
 *
 * @param folder what drizzle-kit wrote: `meta/_journal.json` and the SQL files
 * @throws StoreUnusable when a newer program has written the file
 */
export function migrate(db: Database, folder: string): void {
  const migrations = readMigrationFiles({ migrationsFolder: folder })
  const newest = migrations.at(-1)
  db.transaction(() => {
    db.exec(
      'CREATE TABLE IF NOT EXISTS __drizzle_migrations (id SERIAL PRIMARY KEY, hash text NOT NULL, created_at numeric)',
    )
    const appliedAt = db.prepare<[], number | null>('SELECT max(created_at) FROM __drizzle_migrations').pluck().get()
    if (newest !== undefined && appliedAt != null && appliedAt > newest.folderMillis) {
      throw new StoreUnusable(
        `"${db.name}" was written by a newer version of Denrei. Start that version, or restore a backup made before the upgrade.`,
        { path: db.name },
      )
    }
    const note = db.prepare('INSERT INTO __drizzle_migrations (hash, created_at) VALUES (?, ?)')
    for (const migration of migrations) {
      if (appliedAt != null && migration.folderMillis <= appliedAt) continue
      for (const statement of migration.sql) db.exec(statement)
      note.run(migration.hash, migration.folderMillis)
    }
  }).immediate()
}
