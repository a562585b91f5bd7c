import { pointer, type PointerStep } from './pointer.ts'
import type { Problem } from './problem.ts'
import { problemTexts, problemWords, type Language, type ProblemCode, type ProblemFacts } from './problemTexts.ts'

/** A place inside a document. */
export type Place = readonly PointerStep[]

/** Notes a problem of one file. Without `severity`, the usual one of the code. */
export type Report = <C extends ProblemCode>(
  place: Place,
  code: C,
  facts: ProblemFacts<C>,
  severity?: Problem['severity'],
) => void

/** @param problems grows with each call */
export function reportInto(problems: Problem[], file: string, language: Language): Report {
  return (place, code, facts, severity = problemTexts[code].severity) => {
    const [message, fix] = problemWords(code, facts, language)
    problems.push({ file, pointer: pointer(...place), code, severity, message, ...(fix === undefined ? {} : { fix }) })
  }
}
