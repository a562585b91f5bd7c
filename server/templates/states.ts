import type { Decision } from '#engine/decision.ts'
import { templateKey, type TemplateState } from '#engine/state.ts'
import type { Store } from '#engine/store.ts'

/** The templates as WhatsApp knows them, kept beside the compiled definitions, because they say which version of each serves. */
export interface TemplateStates {
  /** From the store, in place of what was known. */
  read(): Promise<TemplateState[]>
  /** @returns whether the decisions moved one */
  follow(decisions: readonly Decision[]): boolean
  all(): Iterable<TemplateState>
}

export function createTemplateStates(store: Pick<Store, 'templates'>): TemplateStates {
  let known = new Map<string, TemplateState>()
  return {
    async read() {
      const states = await store.templates()
      known = new Map(states.map((one) => [templateKey(one), one]))
      return states
    },
    follow(decisions) {
      let moved = false
      for (const { changes } of decisions) {
        for (const change of changes) {
          if (change.kind !== 'putTemplate') continue
          known.set(templateKey(change.template), change.template)
          moved = true
        }
      }
      return moved
    },
    all: () => known.values(),
  }
}
