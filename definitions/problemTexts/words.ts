import type { Problem } from '../problem.ts'

export type Language = 'en' | 'ja'

/** What is wrong, and where it can be said the way out. */
export type Words = [message: string, fix?: string]

/** A problem's usual severity and its words in each language, made from the facts of the case. */
export interface ProblemText<P> {
  severity: Problem['severity']
  en: (facts: P) => Words
  ja: (facts: P) => Words
}

export function error<P>(en: (facts: P) => Words, ja: (facts: P) => Words): ProblemText<P> {
  return { severity: 'error', en, ja }
}

export function warning<P>(en: (facts: P) => Words, ja: (facts: P) => Words): ProblemText<P> {
  return { severity: 'warning', en, ja }
}

export const listEn = (names: readonly string[]) => names.map((name) => `"${name}"`).join(', ')
export const listJa = (names: readonly string[]) => names.map((name) => `「${name}」`).join('、')

/** "Did you mean ...?", else the alternative. */
export function meantEn(suggestions: readonly string[], otherwise: string): string {
  if (suggestions.length === 0) return otherwise
  const last = suggestions.at(-1)!
  const first = suggestions.slice(0, -1)
  return first.length === 0 ? `Did you mean "${last}"?` : `Did you mean ${listEn(first)} or "${last}"?`
}

export function meantJa(suggestions: readonly string[], otherwise: string): string {
  return suggestions.length === 0 ? otherwise : `${listJa(suggestions)}のことではありませんか。`
}
