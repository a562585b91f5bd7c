import type { Database } from 'better-sqlite3'

export interface Tripwires {
  /** Looks at what a transaction leaves behind, at its end and inside it. */
  atCommit(): void
  /** What broke a law since it was asked last. */
  tripped(): { law: string; facts: object }[]
}

/**
 * Laws that are asked by the database itself, in the very statement that could break them. The writes of several calls share one
 * transaction, so after a call it would be too late to tell which came first.
 */
export function layTripwires(database: Database): Tripwires {
  const isPaused =
    "EXISTS (SELECT 1 FROM pausedDefinition AS paused WHERE NEW.definition GLOB paused.definition || '@*')"
  const trip = (law: string, facts: string) =>
    `INSERT INTO tripped VALUES (${quoted(law)}, json_object(${facts
      .split(' ')
      .map((column) => `'${column}', NEW.${column}`)
      .join(', ')}));`
  database.exec(`
    CREATE TEMP TABLE tripped (law TEXT, facts TEXT);
    CREATE TEMP TRIGGER pausedTimerFires AFTER UPDATE OF state ON main.timer
      WHEN NEW.state = 'fired' AND NEW.kind = 'instance' AND ${isPaused}
      BEGIN ${trip('no timer of a paused definition fires', 'id definition instanceId dueAt')} END;
    CREATE TEMP TRIGGER pausedJourneySends AFTER INSERT ON main.outbox
      WHEN NEW.instanceId IS NOT NULL AND ${isPaused}
      BEGIN ${trip('a paused journey wants no message', 'id definition instanceId')} END;
    CREATE TEMP TRIGGER endedInstanceGoesOn AFTER UPDATE ON main.instance WHEN OLD.status = 'ended'
      BEGIN ${trip('what has ended is over', 'id definition position reason')} END;
    CREATE TEMP TRIGGER boughtTwiceAtOnce AFTER INSERT ON main.purchase
      WHEN (SELECT count(*) FROM main.purchase WHERE state IN ('started', 'pending', 'needs_action')
            AND body ->> '$.automatic') > 1
      BEGIN ${trip('one automatic purchase at a time', 'id state body')} END;
    CREATE TEMP TRIGGER timerGoesBack AFTER UPDATE OF state ON main.timer WHEN OLD.state = 'fired'
      BEGIN ${trip('what has fired is over', 'id definition state dueAt')} END;
  `)
  const take = database.prepare<[], { law: string; facts: string }>('DELETE FROM tripped RETURNING law, facts')
  const anyPending = database.prepare("SELECT 1 FROM inbox WHERE state = 'pending' LIMIT 1").pluck()
  // All blueprints here move one field of one module.
  const strayed = database.prepare<[], object>(
    `SELECT instance.id, position, record."values" ->> '$.Stage' AS field FROM instance
     LEFT JOIN record ON record.module = instance.module AND record.id = instance.recordId
     WHERE kind = 'blueprint' AND status = 'running' AND field IS NOT position`,
  )
  // As the journeys here say what they are for, and who leaves them.
  const mayLeave = database.prepare<[], object>(
    `SELECT instance.id, definition, position, record."values" FROM instance
     JOIN record ON record.module = instance.module AND record.id = instance.recordId
     WHERE kind = 'journey' AND status = 'running' AND (
       definition = 'journey/nurture' AND record."values" ->> '$.Rating' = 'Acquired'
       OR definition IN ('journey/nurture', 'journey/offer') AND record."values" ->> '$.Lead_Status' = 'Junk Lead'
       OR definition = 'journey/renewal' AND record."values" ->> '$.Stage' = 'Lost')`,
  )
  const seen: { law: string; facts: object }[] = []

  return {
    atCommit() {
      if (anyPending.get() !== undefined) return
      for (const facts of mayLeave.all()) seen.push({ law: 'who has reached the goal, or an exit, has left', facts })
      for (const facts of strayed.all()) seen.push({ law: 'while nothing is under way the field is the state', facts })
    },
    tripped: () => [
      ...seen.splice(0),
      ...take.all().map(({ law, facts }) => ({ law, facts: JSON.parse(facts) as object })),
    ],
  }
}

const quoted = (text: string): string => `'${text.replaceAll("'", "''")}'`
