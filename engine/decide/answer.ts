import type { Draft } from './draft.ts'

/** @param code of an AppError, so that a door can tell it as such */
export function refuse(
  draft: Draft,
  code: string,
  message: string,
  details: Extract<NonNullable<Draft['answer']>, { kind: 'refused' }>['details'] = {},
): void {
  draft.answer = { kind: 'refused', code, message, details }
}

/** It was done. @param details what a door tells */
export function answer(
  draft: Draft,
  details: Extract<NonNullable<Draft['answer']>, { kind: 'done' }>['details'],
): void {
  draft.answer = { kind: 'done', details }
}
