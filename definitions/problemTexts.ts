import { blueprintTexts } from './problemTexts/blueprints.ts'
import { documentTexts } from './problemTexts/document.ts'
import { fieldTexts } from './problemTexts/fields.ts'
import { journeyTexts } from './problemTexts/journeys.ts'
import { templateTexts } from './problemTexts/templates.ts'
import { timeTexts } from './problemTexts/time.ts'
import type { Language, ProblemText, Words } from './problemTexts/words.ts'
import { workflowTexts } from './problemTexts/workflows.ts'

export type { Language } from './problemTexts/words.ts'

/** Every problem that `check` can tell, by code, with its usual severity and its words in each language. */
export const problemTexts = {
  ...documentTexts,
  ...fieldTexts,
  ...templateTexts,
  ...workflowTexts,
  ...timeTexts,
  ...blueprintTexts,
  ...journeyTexts,
}

export type ProblemCode = keyof typeof problemTexts
/** What a problem's words are made from. */
export type ProblemFacts<C extends ProblemCode> = Parameters<(typeof problemTexts)[C]['en']>[0]

/** A problem in words. */
export function problemWords<C extends ProblemCode>(code: C, facts: ProblemFacts<C>, language: Language): Words {
  return (problemTexts[code] as unknown as ProblemText<ProblemFacts<C>>)[language](facts)
}
