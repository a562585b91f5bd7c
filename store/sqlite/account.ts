import { settings as settingsSchema, type Settings } from '#definitions/settings.ts'
import type { Instant } from '#engine/clock.ts'
import { templateKey, type NumberState, type TemplateState } from '#engine/state.ts'
import type { numberState, templateState } from './schema/account.ts'
import type { Queues } from './queues.ts'
import type { Session } from './session.ts'

/**
 * Settings, templates and numbers. Every batch reads all of them and they change seldom, so they are kept in memory; this
 * process is the only one that writes them (lock.ts). What is handed out is frozen.
 */
export type Account = ReturnType<typeof createAccount>

export function createAccount({ db, onRollback }: Session, queues: Queues) {
  const readSettings = db.prepare<[], string>("SELECT value FROM setting WHERE key = 'settings'").pluck()
  const writeSettings = db.prepare<[string, Instant]>(
    `INSERT INTO setting (key, value, updatedAt) VALUES ('settings', ?, ?)
     ON CONFLICT (key) DO UPDATE SET value = excluded.value, updatedAt = excluded.updatedAt`,
  )
  const readTemplates = db.prepare<[], typeof templateState.$inferSelect>(
    'SELECT * FROM templateState ORDER BY name, language',
  )
  // A sync with the account knows nothing of the definition that was submitted.
  const writeTemplate = db.prepare<[Record<string, unknown>]>(
    `INSERT INTO templateState (name, language, accountId, metaId, status, category, quality, reason, submittedHash, definition,
       definitionVersion, pausedUntil, agreedCategory, nextCategory, checkedAt, updatedAt)
     VALUES (@name, @language, @accountId, @metaId, @status, @category, @quality, @reason, @submittedHash, @definition,
       @definitionVersion, @pausedUntil, @agreedCategory, @nextCategory, @checkedAt, @updatedAt)
     ON CONFLICT (name, language) DO UPDATE SET accountId = excluded.accountId, metaId = excluded.metaId,
       status = excluded.status, category = excluded.category, quality = excluded.quality, reason = excluded.reason,
       submittedHash = coalesce(excluded.submittedHash, submittedHash),
       definition = coalesce(excluded.definition, definition), definitionVersion = coalesce(excluded.definitionVersion, definitionVersion),
       pausedUntil = excluded.pausedUntil, agreedCategory = coalesce(excluded.agreedCategory, agreedCategory),
       nextCategory = excluded.nextCategory, checkedAt = coalesce(excluded.checkedAt, checkedAt), updatedAt = excluded.updatedAt`,
  )
  const readNumbers = db.prepare<[], typeof numberState.$inferSelect>('SELECT * FROM numberState ORDER BY id')
  // WhatsApp knows nothing of our nicknames, nor of what we do with unknown people.
  const writeNumber = db.prepare<[Record<string, unknown>]>(
    `INSERT INTO numberState (id, accountId, displayNumber, nickname, verifiedName, status, verified, quality, throughput,
       reachMax, nameStatus, platform, intake, troubles, updatedAt)
     VALUES (@id, @accountId, @displayNumber, @nickname, @verifiedName, @status, @verified, @quality, @throughput,
       @reachMax, @nameStatus, @platform, @intake, @troubles, @updatedAt)
     ON CONFLICT (id) DO UPDATE SET accountId = excluded.accountId, displayNumber = excluded.displayNumber,
       nickname = coalesce(excluded.nickname, nickname), verifiedName = excluded.verifiedName, status = excluded.status,
       verified = excluded.verified, quality = excluded.quality, throughput = excluded.throughput,
       reachMax = excluded.reachMax, nameStatus = excluded.nameStatus,
       platform = excluded.platform, intake = coalesce(excluded.intake, intake), troubles = excluded.troubles, updatedAt = excluded.updatedAt`,
  )

  const writeOurs = db.prepare<[string | null, string | null, string]>(
    'UPDATE numberState SET nickname = ?, intake = ? WHERE id = ?',
  )

  const settings = cached<Settings>(() => {
    const stored = readSettings.get()
    return deepFreeze(settingsSchema.parse(stored === undefined ? {} : JSON.parse(stored)))
  })
  const templates = cached<ReadonlyMap<string, TemplateState>>(
    () => new Map(readTemplates.all().map((row) => [templateKey(row), Object.freeze(toTemplate(row))])),
  )
  const numbers = cached<readonly NumberState[]>(() => readNumbers.all().map((row) => Object.freeze(toNumber(row))))
  onRollback(() => {
    for (const cache of [settings, templates, numbers]) cache.forget()
  })

  return {
    settings: settings.get,
    saveSettings(value: Settings, now: Instant): void {
      writeSettings.run(JSON.stringify(value), now)
      settings.forget()
    },
    /** By `name/language`. */
    templates: templates.get,
    saveTemplates(all: TemplateState[]): void {
      for (const one of all) {
        const before = templates.get().get(templateKey(one))
        const isMarketing = one.category === 'MARKETING'
        if (before !== undefined && (before.category === 'MARKETING') !== isMarketing) queues.reclass(one, isMarketing)
        writeTemplate.run({ ...one, nextCategory: one.nextCategory === null ? null : JSON.stringify(one.nextCategory) })
      }
      if (all.length > 0) templates.forget()
    },
    numbers: numbers.get,
    /** As it was decided, whole: a nickname may be taken away, which no sync does. @returns as `saveNumbers` does */
    putNumber(one: NumberState): boolean {
      const isWider = this.saveNumbers([one])
      writeOurs.run(one.nickname, one.intake === null ? null : JSON.stringify(one.intake), one.id)
      numbers.forget()
      return isWider
    },
    /** @returns whether one of them may reach more people than it might */
    saveNumbers(all: NumberState[]): boolean {
      const before = new Map(numbers.get().map(({ id, reachMax }) => [id, reachMax ?? Infinity]))
      for (const one of all) {
        const intake = one.intake === null ? null : JSON.stringify(one.intake)
        writeNumber.run({ ...one, verified: one.verified ? 1 : 0, intake, troubles: JSON.stringify(one.troubles) })
      }
      if (all.length > 0) numbers.forget()
      return all.some(({ id, reachMax }) => (reachMax ?? Infinity) > (before.get(id) ?? Infinity))
    },
    /** The number for a message that names none: the settings' one, or the only one there is. */
    defaultNumberId(): string | null {
      const all = numbers.get()
      return settings.get().defaultNumberId ?? (all.length === 1 ? (all[0]?.id ?? null) : null)
    },
  }
}

function toTemplate({
  category,
  agreedCategory,
  nextCategory,
  ...row
}: typeof templateState.$inferSelect): TemplateState {
  return {
    ...row,
    category: category as TemplateState['category'],
    agreedCategory: agreedCategory as TemplateState['agreedCategory'],
    nextCategory: nextCategory === null ? null : (JSON.parse(nextCategory) as TemplateState['nextCategory']),
  }
}

function toNumber({ verified, intake, troubles, ...row }: typeof numberState.$inferSelect): NumberState {
  return {
    ...row,
    verified: verified === 1,
    intake: intake === null ? null : (JSON.parse(intake) as NumberState['intake']),
    troubles: JSON.parse(troubles) as NumberState['troubles'],
  }
}

function cached<T>(read: () => T): { get: () => T; forget: () => void } {
  let value: T | null = null
  return { get: () => (value ??= read()), forget: () => void (value = null) }
}

function deepFreeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null) return value
  for (const part of Object.values(value)) deepFreeze(part)
  return Object.freeze(value)
}
