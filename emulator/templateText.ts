import { GraphError } from './graphError.ts'

/** Where a send meets the rest of the account. */
export interface SendContext {
  /** Of the URL that was called: `23` for `/v23.0/`. From 23 on a bad value is told by 132018 instead of 100. */
  version: number
  /** Whether uploaded media of that id is there and not expired. */
  hasMedia(id: string): boolean
}

/** An object of a request, not yet checked. */
export type Part = Record<string, unknown>

/** No line breaks, no tabs, no more than four spaces in a row. Source: Meta, Cloud API, "Send message templates". */
export function checkText(text: unknown, place: string, { version }: SendContext): string {
  if (typeof text !== 'string' || text === '')
    throw new GraphError(131008, `${place}: parameter text is missing or empty`)
  if (text.length > 32_768) throw new GraphError(132005, `${place}: parameter text is longer than 32768 characters`)
  if (/[\n\r\t]| {5}/.test(text)) {
    throw new GraphError(
      version >= 23 ? 132018 : 100,
      `${place}: Param text cannot have new-line/tab characters or more than 4 consecutive spaces`,
    )
  }
  return text
}

export const countMismatch = (place: string, given: number, expected: number): GraphError =>
  new GraphError(
    132000,
    `${place}: number of localizable_params (${given}) does not match the expected number of params (${expected})`,
  )

export const formatMismatch = (place: string, expected: string, received: string): GraphError =>
  new GraphError(132012, `${place}: Format mismatch, expected ${expected}, received ${received}`)
