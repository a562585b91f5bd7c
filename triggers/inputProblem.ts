import type { z } from 'zod'
import { pointer, type PointerStep } from '#definitions/pointer.ts'
import { InvalidInput } from '#engine/errors.ts'

/** One thing wrong with one event of a request, and the way out. */
export interface InputProblem {
  /** Which event of the request, from 0. */
  index: number
  /** JSON pointer inside that event, or `header <name>`. */
  pointer: string
  /** `unknown_field`, `missing`, `invalid`, `unknown_module`, `from_the_future`, `too_large`, `too_deep`, `reserved_source`. */
  code: string
  message: string
}

/** More than these are counted, not listed: an answer must not grow with a bad request. */
const LISTED_MAX = 100

/**
 * Makes the fault that lists all problems. Nothing of the request was taken.
 *
 * @param problems at least one
 */
export function refusal(problems: readonly InputProblem[], total: number): InvalidInput {
  const [first] = problems
  const place = first === undefined ? '' : `${total > 1 ? `event ${first.index}` : 'the event'} at "${first.pointer}": `
  const rest = problems.length > 1 ? ` And ${problems.length - 1} more, see "problems".` : ''
  return new InvalidInput(`Nothing was accepted. In ${place}${first?.message ?? ''}${rest}`, {
    problems: problems.slice(0, LISTED_MAX),
    problemsTotal: problems.length,
  })
}

/** Puts zod's findings into our words; an unknown field is one problem each. */
export function problemsOf(error: z.ZodError, index: number, hint = ''): InputProblem[] {
  return error.issues.flatMap((issue) => {
    const path = issue.path as PointerStep[]
    if (issue.code === 'unrecognized_keys') {
      return issue.keys.map((key) => ({
        index,
        pointer: pointer(...path, key),
        code: 'unknown_field',
        message: `Unknown field ${JSON.stringify(key.slice(0, 100))}.${hint}`,
      }))
    }
    const missing = issue.input === undefined
    return [{ index, pointer: pointer(...path), code: missing ? 'missing' : 'invalid', message: issue.message }]
  })
}
