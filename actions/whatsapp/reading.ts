import type { z } from 'zod'
import * as answers from './answers.ts'
import { WhatsAppAnswerInvalid, WhatsAppRefused, WhatsAppUnreachable } from './faults.ts'
import type { Graph, GraphAnswer } from './graph.ts'

/** Reads of the Graph API that answer with a checked shape, or throw. `what` names the thing in errors; paths never do. */
export interface Reading {
  /** @throws WhatsAppRefused, WhatsAppUnreachable, WhatsAppAnswerInvalid */
  one<T extends z.ZodType>(what: string, path: string, shape: T): Promise<z.infer<T>>
  /** Every page. @throws as `one` does */
  all<T extends z.ZodType<{ id: string }>>(
    what: string,
    path: string,
    query: Record<string, string>,
    shape: T,
  ): Promise<z.infer<T>[]>
  /** Changes something. @param what such as `to register the number`. @throws as `one` does */
  done<T extends z.ZodType>(what: string, path: string, body: unknown, shape: T): Promise<z.infer<T>>
}

/** Pages followed at most: 60 pages of 100 hold the 6,000 templates an account may have, and no cursor loops for ever. */
const PAGES_MAX = 100
const PAGE_SIZE = 100

export function readingOf(graph: Graph): Reading {
  async function one<T extends z.ZodType>(what: string, path: string, shape: T): Promise<z.infer<T>> {
    const answer = await graph.call('GET', path)
    if (answer.kind !== 'ok') throw fault(`to tell ${what}`, answer)
    return parsed(what, shape, answer.body)
  }
  return {
    one,
    async all(what, path, query, shape) {
      const items = new Map<string, z.infer<typeof shape>>()
      let after: string | undefined
      for (let count = 0; count < PAGES_MAX; count++) {
        const search = new URLSearchParams({ ...query, limit: String(PAGE_SIZE), ...(after ? { after } : {}) })
        const { data, paging } = await one(what, `${path}?${search.toString()}`, answers.page)
        const before = items.size
        for (const item of data) {
          const node = parsed(what, shape, item)
          items.set(node.id, node)
        }
        // The last page has a cursor too: only no cursor, or a page with nothing new, ends the list for sure.
        after = paging?.cursors?.after
        if (after === undefined || items.size === before) return [...items.values()]
      }
      throw new WhatsAppAnswerInvalid(`WhatsApp's list of ${what} does not end after ${PAGES_MAX} pages.`, { what })
    },
    async done(what, path, body, shape) {
      const answer = await graph.call('POST', path, body)
      if (answer.kind !== 'ok') throw fault(what, answer)
      return parsed(what, shape, answer.body)
    },
  }
}

/** @param what was asked, such as `to tell numbers` */
export function fault(
  what: string,
  answer: Exclude<GraphAnswer, { kind: 'ok' }>,
): WhatsAppRefused | WhatsAppUnreachable {
  if (answer.kind === 'lost') {
    return new WhatsAppUnreachable(`WhatsApp did not answer when asked ${what}: ${answer.why}.`, {
      why: answer.why,
    })
  }
  const { code, subcode, httpStatus, details, transient } = answer
  return new WhatsAppRefused(
    `WhatsApp refused ${what} (${code === null ? `HTTP ${httpStatus}` : `error ${code}`}): ${details}`,
    { code, subcode, httpStatus, said: details, ...(answer.retryAfterMs && { retryAfterMs: answer.retryAfterMs }) },
    transient || httpStatus >= 500 || httpStatus === 429,
  )
}

/** @throws WhatsAppAnswerInvalid */
export function parsed<T extends z.ZodType>(what: string, shape: T, body: unknown): z.infer<T> {
  const result = shape.safeParse(body)
  if (result.success) return result.data
  throw new WhatsAppAnswerInvalid(`WhatsApp's answer about ${what} is not of the documented shape.`, {
    what,
    issues: result.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`),
  })
}
