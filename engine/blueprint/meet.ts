import type { Draft } from '../decide/draft.ts'
import type { Occasion } from '../decide/occasion.ts'

/** The record's blueprint follows its field, moves by condition, or is entered. */
export function blueprintsMeet(_draft: Draft, _occasion: Occasion): void {}
