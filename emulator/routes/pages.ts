import { GraphError } from '../graphError.ts'

export interface PageQuery {
  limit?: string
  after?: string
  before?: string
}

/** Cursors around a part of a list; none without anything in it. */
export interface Page<T> {
  items: T[]
  paging?: { cursors: { before: string; after: string } }
  hasNext: boolean
}

const PAGE_DEFAULT = 25
const PAGE_MAX = 1_000

/**
 * One page of a list that only grows at its end. A cursor names an item; when that is gone, the place where it was.
 *
 * @param idOf numeric ids in rising order
 * @throws GraphError 100 for a bad limit or cursor
 * Source: Meta, Graph API, "Paginated results".
 */
export function pageOf<T>(all: readonly T[], query: PageQuery, idOf: (item: T) => string): Page<T> {
  const limit = limitOf(query.limit)
  const from =
    query.after !== undefined
      ? placeOf(all, query.after, idOf) + 1
      : query.before === undefined
        ? 0
        : Math.max(0, placeOf(all, query.before, idOf) - limit)
  const items = all.slice(from, from + limit)
  const hasNext = from + items.length < all.length
  if (items.length === 0) return { items, hasNext }
  return {
    items,
    paging: { cursors: { before: cursor(idOf(items[0]!)), after: cursor(idOf(items.at(-1)!)) } },
    hasNext,
  }
}

function limitOf(limit: string | undefined): number {
  if (limit === undefined) return PAGE_DEFAULT
  const size = Number(limit)
  if (Number.isInteger(size) && size > 0) return Math.min(size, PAGE_MAX)
  throw new GraphError(100, 'Param limit must be a positive whole number.')
}

const cursor = (id: string): string => Buffer.from(id).toString('base64url')

function placeOf<T>(all: readonly T[], given: string, idOf: (item: T) => string): number {
  const id = Buffer.from(given, 'base64url').toString()
  if (!/^\d+$/.test(id)) throw new GraphError(100, 'Param after or before is not a valid cursor.')
  const exact = all.findIndex((item) => idOf(item) === id)
  return exact === -1 ? all.findLastIndex((item) => Number(idOf(item)) <= Number(id)) : exact
}
