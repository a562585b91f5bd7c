import { z } from 'zod'
import { anyJson, apiSchemas } from './schemas/shared.ts'

/** One thing wrong with a request or a definition. */
const fault = z.looseObject({
  pointer: z.string().optional().describe('JSON pointer to the place; `header <name>` for a header.'),
  code: z.string().optional().describe('Stable, snake_case.'),
  message: z.string().describe('What is wrong, and the way out.'),
  index: z.int().optional().describe('Which event of the request, from 0.'),
  in: z.enum(['body', 'query', 'path', 'header']).optional(),
  file: z.string().optional(),
  severity: z.enum(['error', 'warning']).optional(),
  fix: z.string().optional(),
})
export type Fault = z.infer<typeof fault>

/** What every error answers. Source: RFC 9457, "Problem Details for HTTP APIs"; `type` is always `about:blank`. */
export const problem = z
  .object({
    type: z.literal('about:blank'),
    title: z.string().describe('The words of the status.'),
    status: z.int(),
    code: z.string().describe('Stable code, listed in docs/errors.md.'),
    detail: z.string().describe('What happened, and the way out.'),
    retryable: z.boolean().describe('Whether the same request can succeed later.'),
    requestId: z.string().describe('The `x-request-id` of the answer, for the log.'),
    problems: z.array(fault).optional().describe('Each thing that is wrong, when there can be several.'),
    details: z.record(z.string(), anyJson).optional().describe('Facts for machines.'),
  })
  .register(apiSchemas, { id: 'Problem' })
export type Problem = z.infer<typeof problem>

export const PROBLEM_TYPE = 'application/problem+json'
