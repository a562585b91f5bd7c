import type { Instant } from '#engine/clock.ts'
import type { Change } from '#engine/decision.ts'
import type { Account } from './account.ts'
import { tallyName } from './outbox.ts'
import type { Session } from './session.ts'

/** Of those that wait for it, only these. */
interface Which {
  template?: { name: string; language: string }
  lane?: string
  reason?: string | null
}

const CLAUSES = {
  template: 'template = @template AND language = @language',
  lane: 'lane = @lane',
  reason: 'reason IS @reason',
}

/** Held messages that go back to the queue, many with one statement. */
export type Releases = ReturnType<typeof createReleases>

export function createReleases({ db, tallies }: Session, account: Account) {
  const known = new Map<string, ReturnType<typeof prepare>>()

  function prepare(parts: (keyof typeof CLAUSES)[]) {
    const which = [
      "state = 'held' AND waitsFor IS NOT NULL AND waitsFor = @waitsFor",
      ...parts.map((one) => CLAUSES[one]),
    ]
    const where = which.join(' AND ')
    return {
      count: db.prepare<[object], { reason: string | null; count: number }>(
        `SELECT reason, count(*) AS count FROM outbox WHERE ${where} GROUP BY reason`,
      ),
      note: db.prepare<[object]>(
        `INSERT INTO messageStep (messageId, at, state, reason, detail, guards)
         SELECT id, @at, 'queued', NULL, NULL, NULL FROM outbox WHERE ${where} ORDER BY id`,
      ),
      // A message that could not tell its number gets the one that can be told now.
      move: db.prepare<[object]>(
        `UPDATE outbox SET state = 'queued', reason = NULL, detail = NULL, waitsFor = NULL, dueAt = @at, revision = revision + 1,
           intent = CASE WHEN lane = '' AND @numberId IS NOT NULL THEN json_set(intent, '$.numberId', @numberId) ELSE intent END,
           lane = CASE WHEN lane = '' AND @numberId IS NOT NULL THEN @numberId ELSE lane END
         WHERE ${where}`,
      ),
    }
  }

  function statementsFor(which: Which) {
    const parts = (['template', 'lane', 'reason'] as const).filter((one) => which[one] !== undefined)
    const key = parts.join()
    const made = known.get(key) ?? prepare(parts)
    known.set(key, made)
    return made
  }

  return function release({
    waitsFor,
    template,
    lane,
    reason,
    at,
  }: Pick<Extract<Change, { kind: 'release' }>, 'waitsFor'> & Which & { at: Instant }): void {
    const statements = statementsFor({
      ...(template !== undefined && { template }),
      ...(lane !== undefined && { lane }),
      ...(reason !== undefined && { reason }),
    })
    const named = { waitsFor, lane, reason, template: template?.name, language: template?.language }
    for (const { reason: was, count } of statements.count.all(named)) {
      tallies.add(tallyName('held', was), -count)
      tallies.add(tallyName('queued', null), count)
    }
    statements.note.run({ ...named, at })
    statements.move.run({ ...named, at, numberId: account.defaultNumberId() })
  }
}
