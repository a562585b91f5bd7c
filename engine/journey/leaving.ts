import type { Draft } from '../decide/draft.ts'
import { factsOf } from '../decide/factSource.ts'
import type { Occasion } from '../decide/occasion.ts'
import type { LeafTrace } from '../decision.ts'
import type { CompiledJourney } from './compile.ts'

/** Why an instance leaves now: `goal`, or the name of the first exit that matches. */
export function leaving(
  draft: Draft,
  journey: CompiledJourney,
  occasion: Occasion,
  leaves?: LeafTrace[],
): string | null {
  const { goal, exits } = journey
  if (goal === null && exits.length === 0) return null
  const facts = factsOf(draft, occasion)
  if (goal?.(facts, leaves) === true) return 'goal'
  return exits.find(({ when }) => when(facts, leaves))?.name ?? null
}
