import type { Draft } from '../decide/draft.ts'

/** Marks how far a draft is. @returns takes back all that was put into it since */
export function markOf(draft: Draft): () => void {
  const [changes, traces] = [draft.changes.length, draft.instances.length]
  const [touched, touchedEntries] = [new Map(draft.touched), new Map(draft.touchedEntries)]
  return () => {
    draft.changes.length = changes
    draft.instances.length = traces
    Object.assign(draft, { touched, touchedEntries })
  }
}
