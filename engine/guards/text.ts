import type { SendIntent, Verdict } from '../message.ts'
import { lengthProblem } from './length.ts'
import { allow, block } from './verdict.ts'

/** Source: Meta, Cloud API, "Text messages". */
const TEXT_LENGTH_MAX = 4096

/**
 * Is the free text one that can be sent? Unlike a template's parameter it may hold line breaks, and it may be long.
 *
 * @param text.body null when one of its merge fields has neither a value nor a fallback
 * @returns `parameter_missing` or `parameter_invalid`, with the place `text` and what is wrong
 */
export function checkText(text: SendIntent['text']): Verdict {
  const body = text?.body ?? ''
  if (body.trim() === '') return block('parameter_missing', 'text')
  const tooLong = lengthProblem(body, TEXT_LENGTH_MAX)
  return tooLong === null ? allow : block('parameter_invalid', `text: ${tooLong}`)
}
