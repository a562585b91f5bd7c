import type { Definition } from '#definitions/definitions.ts'
import type { Instant } from '#engine/clock.ts'
import { NotFound } from '#engine/errors.ts'
import type { StoredDefinition } from '#engine/store.ts'
import type { definitionVersion } from './schema/account.ts'
import type { Session } from './session.ts'

type DefinitionRow = typeof definitionVersion.$inferSelect

/** Definitions and their versions. Only the newest version of a definition can be active. */
export type Definitions = ReturnType<typeof createDefinitions>

export function createDefinitions({ db }: Session) {
  const newest = db.prepare<[string], DefinitionRow>(
    'SELECT * FROM definitionVersion WHERE key = ? ORDER BY version DESC LIMIT 1',
  )
  const insert = db.prepare<[DefinitionRow]>(
    `INSERT INTO definitionVersion (key, version, active, definition, hash, createdAt, createdBy)
     VALUES (@key, @version, @active, @definition, @hash, @createdAt, @createdBy)`,
  )
  const retire = db.prepare<[string]>('UPDATE definitionVersion SET active = 0 WHERE key = ? AND active = 1')
  const activate = db.prepare<[number, string, number]>(
    'UPDATE definitionVersion SET active = ? WHERE key = ? AND version = ?',
  )
  const all = db.prepare<[number], DefinitionRow>(
    `SELECT * FROM definitionVersion AS one
     WHERE version = (SELECT max(version) FROM definitionVersion WHERE key = one.key) AND active >= ? ORDER BY key`,
  )
  const versions = db.prepare<[string], DefinitionRow>('SELECT * FROM definitionVersion WHERE key = ? ORDER BY version')

  return {
    /** @returns the newest version after it, which is the old one when the hash is the same */
    save(
      { key, definition, hash }: { key: string; definition: Definition; hash: string },
      by: string,
      now: Instant,
    ): StoredDefinition {
      const before = newest.get(key)
      if (before?.hash === hash) return toStored(before)
      const row: DefinitionRow = {
        key,
        version: (before?.version ?? 0) + 1,
        active: 1,
        definition: JSON.stringify(definition),
        hash,
        createdAt: now,
        createdBy: by,
      }
      retire.run(key)
      insert.run(row)
      return toStored(row)
    },
    /** The newest version of each. */
    list: (activeOnly: boolean): StoredDefinition[] => all.all(activeOnly ? 1 : 0).map(toStored),
    versions: (key: string): StoredDefinition[] => versions.all(key).map(toStored),
    setActive(key: string, active: boolean): void {
      const row = newest.get(key)
      if (row === undefined) throw new NotFound(`There is no definition "${key}".`, { key })
      activate.run(active ? 1 : 0, key, row.version)
    },
  }
}

function toStored(row: DefinitionRow): StoredDefinition {
  return { ...row, active: row.active === 1, definition: JSON.parse(row.definition) as Definition }
}
