import type { Category } from '../message.ts'

/** Messages of a category that WhatsApp does not deliver in a country, and since when. */
export interface Unreachable {
  /** ISO 3166. */
  country: string
  category: Category
  /** First day, and the first day it is over; null while no end is known. */
  from: string
  until: string | null
}

/**
 * Marketing to numbers with an area code of the United States is not delivered (error 131049). Canada and the
 * Caribbean, under the same calling code, are reached. Meta names no exception for an open customer service window.
 * Source: Meta, Cloud API, "Per-user marketing template message limits".
 */
export const UNREACHABLE: readonly Unreachable[] = [
  { country: 'US', category: 'MARKETING', from: '2025-04-01', until: null },
]
