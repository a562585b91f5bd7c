import type { FastifySchemaCompiler } from 'fastify'
import type { z } from 'zod'
import { InvalidInput } from '#engine/errors.ts'
import { problemsOf } from '#triggers/inputProblem.ts'
import type { Fault } from './problem.ts'

const PLACES = { body: 'body', querystring: 'query', params: 'path', headers: 'header' } as const

/** Checks a part of a request against its zod schema and answers every problem with its place. */
export const validatorCompiler: FastifySchemaCompiler<z.ZodType> = ({ schema, httpPart }) => {
  const place = PLACES[httpPart as keyof typeof PLACES]
  return (input: unknown) => {
    const parsed = schema.safeParse(input, { reportInput: true })
    if (parsed.success) return { value: parsed.data }
    const problems: Fault[] = problemsOf(parsed.error, 0).map(({ pointer, code, message }) => ({
      in: place,
      pointer,
      code,
      message,
    }))
    const [first] = problems
    const more = problems.length > 1 ? ` And ${problems.length - 1} more, see "problems".` : ''
    const where = first?.pointer ? `${place} at "${first.pointer}"` : place
    return {
      error: new InvalidInput(`In the ${where}: ${first?.message ?? 'not as documented.'}${more}`, { problems }),
    }
  }
}

/** For bodies that a reader of the triggers room checks: the schema only documents. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- Fastify types a route's compiler by the route's schema.
export const documentedOnly: FastifySchemaCompiler<any> = ({ schema, ...route }) =>
  route.httpPart === 'body'
    ? (input: unknown) => ({ value: input })
    : validatorCompiler({ schema: schema as z.ZodType, ...route })
