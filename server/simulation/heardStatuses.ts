import type { SourceFile } from '#definitions/problem.ts'
import type { StatusEvent, WorldEvent } from '#engine/trigger.ts'

type Status = StatusEvent['status']
const ALL: readonly Status[] = ['sent', 'delivered', 'read', 'played', 'failed']

/** The statuses that a rule or a step of the definitions waits for. */
export function statusesHeard(files: readonly SourceFile[]): ReadonlySet<Status> {
  const heard = new Set<Status>()
  for (const { json } of files) collect(json, heard)
  return heard
}

function collect(json: unknown, heard: Set<Status>): void {
  if (typeof json !== 'object' || json === null) return
  if ('on' in json && json.on === 'message.status') {
    const named = 'status' in json && Array.isArray(json.status) ? (json.status as unknown[]) : ALL
    for (const status of ALL) if (named.includes(status)) heard.add(status)
  }
  for (const value of Object.values(json)) collect(value, heard)
}

/**
 * Leaves out what a later status of the same message, told together with it, says too. WhatsApp itself leaves out statuses now
 * and then (`read` without `delivered`), so the engine comes to the same end; and a status that somebody waits for is never
 * left out. It saves a third of all decisions.
 */
export function latestOnly(told: WorldEvent[], heard: ReadonlySet<Status>): WorldEvent[] {
  const last = new Map<string, number>()
  told.forEach((event, index) => {
    if (event.kind === 'status') last.set(event.wamid, index)
  })
  return told.filter((event, index) => {
    if (event.kind !== 'status' || heard.has(event.status)) return true
    const latest = told[last.get(event.wamid) ?? index]
    // A failure after a delivery is another story than one without.
    return latest === event || (event.status !== 'sent' && latest?.kind === 'status' && latest.status === 'failed')
  })
}
