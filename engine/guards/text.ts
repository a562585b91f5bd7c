import type { SendIntent, Verdict } from '../message.ts'
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
  // Meta does not say how it counts. UTF-16 units are the most that any way gives: an emoji is two.
  if (body.length <= TEXT_LENGTH_MAX) return allow
  return block('parameter_invalid', `text: too_long ${body.length}/${TEXT_LENGTH_MAX}`)
}
