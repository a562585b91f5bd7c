import type { Instant } from '#engine/clock.ts'
import { templateKey, type TemplateState } from '#engine/state.ts'
import type { Store } from '#engine/store.ts'

/**
 * Saves what an account was seen to hold. What WhatsApp told since it was asked is newer and stays, and so does what the list
 * does not say: how long a pause lasts, which category is to come, in which words it was rejected.
 *
 * Nothing may be decided meanwhile.
 */
export async function saveSynced(store: Store, seen: readonly TemplateState[], askedAt: Instant): Promise<void> {
  const known = new Map((await store.templates()).map((one) => [templateKey(one), one]))
  const newer = seen.flatMap((one) => {
    const before = known.get(templateKey(one))
    if (before === undefined) return [one]
    if (before.updatedAt > askedAt) return []
    const stays = before.status === one.status
    return [
      {
        ...one,
        reason: stays && before.reason?.startsWith(one.reason ?? '') === true ? before.reason : one.reason,
        quality: one.quality ?? before.quality,
        pausedUntil: stays ? before.pausedUntil : null,
        nextCategory: before.nextCategory?.category === one.category ? null : before.nextCategory,
        definition: before.definition,
        definitionVersion: before.definitionVersion,
        submittedHash: before.submittedHash,
      },
    ]
  })
  await store.saveTemplates(newer, askedAt)
}
