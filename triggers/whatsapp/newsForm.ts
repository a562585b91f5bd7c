import { z } from 'zod'
import type { Json } from '#definitions/json.ts'
import type { NoticeCode, Severity } from '#engine/notice.ts'
import type { AccountNews } from '#engine/accountNews.ts'
import { isPlainObject } from '../jsonSize.ts'
import { idText } from './payload.ts'

/** A text, or a number as text; anything else counts as left out. */
export const text = z.unknown().transform(idText).optional()

/** Anything at all. */
export const any = z.unknown().optional()

/** The items of a list; none when it is missing or no list. */
export function listOf<Item extends z.ZodType>(item: Item) {
  return z.preprocess((value) => (Array.isArray(value) ? (value as unknown[]) : []), z.array(item)).prefault([])
}

/**
 * An object of which only some keys matter. It never fails: what is missing, or is of another shape than Meta documents, counts as
 * left out, and what is there besides does not matter. Meta adds to its webhooks without notice.
 */
export function loose<Shape extends z.core.$ZodLooseShape>(shape: Shape) {
  const object = z.object(shape)
  return z.preprocess((value) => (isPlainObject(value) ? value : {}), object).prefault({})
}

/** A notice with the details that are there. */
export function notice(
  code: NoticeCode,
  severity: Severity,
  details: Record<string, Json | undefined>,
): Extract<AccountNews, { about: 'notice' }> {
  const present = Object.entries(details).filter((entry): entry is [string, Json] => entry[1] !== undefined)
  return { about: 'notice', code, severity, details: Object.fromEntries(present) }
}
