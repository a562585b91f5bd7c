import { z } from 'zod'

/** The named schemas of OpenAPI's components. */
export const apiSchemas = z.registry<{ id: string }>()

export const instant = z.int('Use epoch milliseconds, such as 1795312800000.').describe('Epoch milliseconds, UTC.')
export const anyJson = z.any().describe('Any JSON value.')
export const micros = z.int().describe('Micro-credits: a millionth of a credit.')
export const fields = z.record(z.string(), anyJson).describe('Fields by API name.')
export const moduleName = z.string().min(1).max(100).describe('API name of a module, such as `Leads`.')
export const recordId = z.string().min(1).max(200).describe('Id of a record, as the CRM writes it.')

/** A page of a list. */
export const page = <T extends z.ZodType>(item: T) =>
  z.object({
    items: z.array(item),
    next: z.string().nullable().describe('Send it as `after` for the following page; null on the last.'),
  })

/** How every list is asked for. */
export const pageQuery = z.strictObject({
  after: z.string().min(1).max(500).optional().describe('The `next` of the page before.'),
  limit: z.coerce.number('Use a number.').int().min(1).max(500).default(50).describe('Items in a page.'),
})

/** Query parameters are text. */
export const flag = z.stringbool({ truthy: ['true'], falsy: ['false'], error: 'Use "true" or "false".' })
