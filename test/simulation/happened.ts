import { rowsOf } from './law.ts'
import type { World } from './world.ts'

/** How often each thing happened in a world: laws that hold because nothing happens are worth nothing. */
export function happened(world: World): Map<string, number> {
  const counts = new Map<string, number>()
  const add = (what: string, count = 1) => counts.set(what.trim(), (counts.get(what.trim()) ?? 0) + count)
  const addAll = (sql: string) => {
    for (const { what, count } of rowsOf<{ what: string; count: number }>(world, sql)) add(what, count)
  }
  addAll(
    `SELECT definition || ' ' || reason AS what, count(*) AS count FROM instance WHERE status = 'ended' GROUP BY 1`,
  )
  addAll(
    `SELECT definition || ' ' || instanceStep.kind || ' ' || via AS what, count(*) AS count
     FROM instanceStep JOIN instance ON instance.seq = instanceSeq WHERE instanceStep.kind <> 'ended' GROUP BY 1`,
  )
  addAll(`SELECT 'reply in time' AS what, count(*) AS count FROM instanceStep WHERE "from" = 'answer' AND via = 'then'`)
  addAll(
    `SELECT 'all parts done' AS what, count(*) AS count FROM instanceStep WHERE kind = 'moved' AND via LIKE '承認/%'`,
  )
  addAll(`SELECT 'exit on edit' AS what, count(*) AS count FROM instance WHERE reason LIKE '%_exit_on_edit'`)
  addAll(
    `SELECT 'timer ' || kind || ' ' || state || ' ' || coalesce(timer ->> '$.name', '') || coalesce(reason, '') AS what,
       count(*) AS count FROM timer GROUP BY 1`,
  )
  addAll(
    `SELECT 'message ' || CASE state WHEN 'blocked' THEN 'blocked ' || reason ELSE form END AS what, count(*) AS count
     FROM outbox WHERE instanceId IS NOT NULL AND (state = 'blocked' OR form IS NOT NULL) GROUP BY 1`,
  )
  addAll(`SELECT 'broadcast ' || (body ->> '$.state') AS what, count(*) AS count FROM broadcast GROUP BY 1`)
  addAll(
    `SELECT 'broadcast paused and resumed' AS what, count(*) AS count FROM broadcast
     WHERE body ->> '$.state' = 'done' AND EXISTS (
       SELECT 1 FROM timer WHERE kind = 'broadcast' AND reason = 'paused' AND timer ->> '$.broadcastId' = broadcast.id)`,
  )
  const told = new Map(world.answers.map((answer) => [answer.key, answer.told]))
  for (const { command, told } of world.answers) add(`${command.do} ${told}`)
  for (const race of world.races) {
    add(
      `race ${race
        .map((key) => told.get(key))
        .sort()
        .join(' ')}`,
    )
  }
  for (const [what, count] of world.acts) add(`act ${what}`, count)
  addAll(`SELECT 'held for ' || reason AS what, count(*) AS count FROM messageStep WHERE state = 'held' GROUP BY 1`)
  addAll(
    `SELECT 'purchase ' || CASE body ->> '$.automatic' WHEN 1 THEN 'automatic ' ELSE '' END || state AS what,
       count(*) AS count FROM purchase GROUP BY 1`,
  )
  addAll(
    `SELECT 'notice ' || (notice ->> '$.code') AS what, count(*) AS count FROM notification
     WHERE notice IS NOT NULL GROUP BY 1`,
  )
  addAll(
    `SELECT 'sent as a later version' AS what, count(*) AS count FROM outbox
     WHERE intent ->> '$.template.as' IS NOT NULL AND claimedAt IS NOT NULL`,
  )
  add('visitor erased', world.visitors.filter(({ erasedBy }) => erasedBy !== null).length)
  add('visitor back', world.visitors.filter(({ cameBackAt }) => cameBackAt !== null).length)
  add(
    'visitor back who opted out',
    world.visitors.filter(({ cameBackAt, optedOut }) => cameBackAt !== null && optedOut).length,
  )
  add('crash', world.counts.crashes)
  return counts
}
