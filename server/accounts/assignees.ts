import type { Intake } from '#definitions/settings.ts'
import type { Store } from '#engine/store.ts'

/** Where the records of each kind of assignee are (S25). */
const ASSIGNEE_MODULES = { user: 'Users', group: 'Groups', role: 'Roles' } as const

/** Those that do not exist as records (S26). */
export async function missingAssignees(store: Store, { assignTo }: Intake): Promise<{ module: string; id: string }[]> {
  if (assignTo === null) return []
  const module = ASSIGNEE_MODULES[assignTo.kind]
  const missing: { module: string; id: string }[] = []
  for (const id of assignTo.ids) {
    const record = await store.record(module, id)
    if (record === null || record.deleted) missing.push({ module, id })
  }
  return missing
}
