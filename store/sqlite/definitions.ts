import type { Definition } from '#definitions/definitions.ts'
import type { Instant } from '#engine/clock.ts'
import { NotFound } from '#engine/errors.ts'
import type { StoredDefinition } from '#engine/store.ts'
import type { DefinitionEvent } from '#engine/trigger.ts'
import type { Inbox } from './inbox.ts'
import type { definitionVersion } from './schema/account.ts'
import type { Session } from './session.ts'

type DefinitionRow = typeof definitionVersion.$inferSelect

/** Definitions and their versions. Only the newest version of a definition can be active. What changes is told through the inbox. */
export type Definitions = ReturnType<typeof createDefinitions>

export function createDefinitions({ db }: Session, inbox: Inbox) {
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
  const pinned = db.prepare<[], DefinitionRow>(
    `SELECT * FROM definitionVersion AS one
     WHERE ((key, version) IN (SELECT definition, version FROM instanceStanding GROUP BY definition, version HAVING sum(count) > 0)
         OR (key, version) IN (SELECT 'template/' || definition || '/' || language, definitionVersion FROM templateState
           WHERE definition IS NOT NULL))
       AND version < (SELECT max(version) FROM definitionVersion WHERE key = one.key) ORDER BY key, version`,
  )
  const moduleOf = db
    .prepare<[string], string | null>(
      "SELECT definition ->> '$.module' FROM definitionVersion WHERE key = ? ORDER BY version DESC LIMIT 1",
    )
    .pluck()
  const versions = db.prepare<[string], DefinitionRow>('SELECT * FROM definitionVersion WHERE key = ? ORDER BY version')

  /** @param what makes the change a thing of its own among those of this version */
  function tell(row: DefinitionRow, what: string, now: Instant, newId: () => string): void {
    const { key, version, active } = row
    const event: DefinitionEvent = {
      kind: 'definition',
      source: 'denrei:definition',
      sourceId: `${key}@${version}:${what}`,
      occurredAt: now,
      key,
      version,
      active: active === 1,
    }
    inbox.follow(newId(), event, now)
  }

  return {
    /** @returns the newest version after it, which is the old one when the hash is the same */
    save(
      { key, definition, hash }: { key: string; definition: Definition; hash: string },
      by: string,
      now: Instant,
      newId: () => string,
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
      tell(row, 'applied', now, newId)
      return toStored(row)
    },
    /** The newest version of each. */
    list: (activeOnly: boolean): StoredDefinition[] => all.all(activeOnly ? 1 : 0).map(toStored),
    versions: (key: string): StoredDefinition[] => versions.all(key).map(toStored),
    /** Older versions that instances stand on, and those of templates that WhatsApp knows. */
    pinned: (): StoredDefinition[] => pinned.all().map(toStored),
    /** The module of its newest version; null when there is no such definition, or it has none. */
    moduleOf: (key: string): string | null => moduleOf.get(key) ?? null,
    setActive(key: string, active: boolean, now: Instant, newId: () => string): void {
      const row = newest.get(key)
      if (row === undefined) throw new NotFound(`There is no definition "${key}".`, { key })
      if ((row.active === 1) === active) return
      activate.run(active ? 1 : 0, key, row.version)
      tell({ ...row, active: active ? 1 : 0 }, `${active ? 'on' : 'off'}:${newId()}`, now, newId)
    },
  }
}

function toStored(row: DefinitionRow): StoredDefinition {
  return { ...row, active: row.active === 1, definition: JSON.parse(row.definition) as Definition }
}
