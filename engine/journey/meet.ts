import type { Draft } from '../decide/draft.ts'
import type { Occasion } from '../decide/occasion.ts'

/** Running journeys of the record look at their goal, their exits and what they wait for; others are entered. */
export function journeysMeet(_draft: Draft, _occasion: Occasion): void {}
