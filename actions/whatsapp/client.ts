import type { z } from 'zod'
import type { Json } from '#definitions/json.ts'
import type { Form, SendIntent } from '#engine/message.ts'
import * as answers from './answers.ts'
import { WhatsAppAnswerInvalid, WhatsAppRefused, WhatsAppUnreachable } from './faults.ts'
import { createGraph, type GraphAnswer, type GraphOptions, type GraphRefused } from './graph.ts'
import { messageBody, Unsendable } from './messageBody.ts'

/** What became of one attempt to send a message. */
export type SendAnswer =
  | {
      kind: 'accepted'
      wamid: string
      waId?: string
      userId?: string
      /** `accepted`, `held_for_quality_assessment` or `paused`; absent when WhatsApp does not say. */
      status?: string
    }
  | GraphRefused
  /** `written` false: surely not sent. True: nobody knows. */
  | { kind: 'lost'; why: string; written: boolean }

/** What became of a template creation; `lost` may have created it, so list by name before trying again. */
export type CreateAnswer =
  | { kind: 'created'; template: answers.CreatedTemplate }
  | GraphRefused
  | { kind: 'lost'; why: string; written: boolean }

/** What became of an edit. Editing twice with the same content changes nothing more. */
export type EditAnswer = { kind: 'edited' } | GraphRefused | { kind: 'lost'; why: string; written: boolean }

export interface CloudClient {
  /** As its text or as its template. Never throws for what the network or WhatsApp does. */
  send(intent: SendIntent, form: Form): Promise<SendAnswer>
  /** Every page. @throws WhatsAppRefused, WhatsAppUnreachable, WhatsAppAnswerInvalid */
  listTemplates(accountId: string, filter?: { name?: string }): Promise<answers.TemplateNode[]>
  createTemplate(accountId: string, body: Json): Promise<CreateAnswer>
  /** @param body `category`, `components`: replaces all of them, and the review begins anew */
  editTemplate(templateId: string, body: Json): Promise<EditAnswer>
  /** Every page. @throws WhatsAppRefused, WhatsAppUnreachable, WhatsAppAnswerInvalid */
  listNumbers(accountId: string): Promise<answers.NumberNode[]>
  /** @throws WhatsAppRefused, WhatsAppUnreachable, WhatsAppAnswerInvalid */
  number(id: string): Promise<answers.NumberNode>
  close(): Promise<void>
}

/** Pages followed at most: 60 pages of 100 hold the 6,000 templates an account may have, and no cursor loops for ever. */
const PAGES_MAX = 100
const PAGE_SIZE = 100

/** A thin typed client of the WhatsApp Cloud API: only what Denrei calls. */
export function createCloudClient(options: GraphOptions): CloudClient {
  const graph = createGraph(options)
  const fields = answers.numberFields(options.apiVersion ?? 'v25.0')

  async function read<T extends z.ZodType>(what: string, path: string, shape: T): Promise<z.infer<T>> {
    const answer = await graph.call('GET', path)
    if (answer.kind !== 'ok') throw fault(what, answer)
    return parsed(what, shape, answer.body)
  }

  async function readAll<T extends z.ZodType<{ id: string }>>(
    what: string,
    path: string,
    query: Record<string, string>,
    shape: T,
  ): Promise<z.infer<T>[]> {
    const items = new Map<string, z.infer<T>>()
    let after: string | undefined
    for (let count = 0; count < PAGES_MAX; count++) {
      const search = new URLSearchParams({ ...query, limit: String(PAGE_SIZE), ...(after ? { after } : {}) })
      const { data, paging } = await read(what, `${path}?${search.toString()}`, answers.page)
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
  }

  return {
    async send(intent, form) {
      let body: Json
      try {
        body = messageBody(intent, form)
      } catch (error) {
        if (error instanceof Unsendable) return unsendable(error.message)
        throw error
      }
      if (intent.numberId === null) return unsendable('The message has no sending number.')
      return sendAnswer(await graph.call('POST', `/${segment(intent.numberId)}/messages`, body))
    },
    listTemplates: (accountId, filter = {}) =>
      readAll(
        'templates',
        `/${segment(accountId)}/message_templates`,
        { fields: answers.TEMPLATE_FIELDS, ...filter },
        answers.template,
      ),
    async createTemplate(accountId, body) {
      const answer = await graph.call('POST', `/${segment(accountId)}/message_templates`, body)
      if (answer.kind !== 'ok') return answer
      const created = answers.created.safeParse(answer.body)
      return created.success
        ? { kind: 'created', template: created.data }
        : { kind: 'lost', why: 'the answer names no template id', written: true }
    },
    async editTemplate(templateId, body) {
      const answer = await graph.call('POST', `/${segment(templateId)}`, body)
      return answer.kind === 'ok' ? { kind: 'edited' } : answer
    },
    listNumbers: (accountId) => readAll('numbers', `/${segment(accountId)}/phone_numbers`, { fields }, answers.number),
    number: (id) =>
      read(`number ${id}`, `/${segment(id)}?${new URLSearchParams({ fields }).toString()}`, answers.number),
    close: () => graph.close(),
  }
}

const segment = encodeURIComponent

function sendAnswer(answer: GraphAnswer): SendAnswer {
  if (answer.kind !== 'ok') return answer
  const sent = answers.sent.safeParse(answer.body)
  const message = sent.data?.messages[0]
  if (message === undefined) return { kind: 'lost', why: 'HTTP 200 without a message id', written: true }
  const contact = sent.data?.contacts?.[0]
  return {
    kind: 'accepted',
    wamid: message.id,
    ...(contact?.wa_id ? { waId: contact.wa_id } : {}),
    ...(contact?.user_id ? { userId: contact.user_id } : {}),
    ...(message.message_status ? { status: message.message_status } : {}),
  }
}

const unsendable = (details: string): GraphRefused => ({
  kind: 'refused',
  code: null,
  subcode: null,
  details,
  transient: false,
  httpStatus: 0,
})

function fault(what: string, answer: Exclude<GraphAnswer, { kind: 'ok' }>): WhatsAppRefused | WhatsAppUnreachable {
  if (answer.kind === 'lost') {
    return new WhatsAppUnreachable(`WhatsApp did not answer when asked for ${what}: ${answer.why}.`, {
      why: answer.why,
    })
  }
  const { code, subcode, httpStatus, details, transient } = answer
  return new WhatsAppRefused(
    `WhatsApp refused to tell ${what} (${code === null ? `HTTP ${httpStatus}` : `error ${code}`}): ${details}`,
    { code, subcode, httpStatus },
    transient || httpStatus >= 500 || httpStatus === 429,
  )
}

function parsed<T extends z.ZodType>(what: string, shape: T, body: unknown): z.infer<T> {
  const result = shape.safeParse(body)
  if (result.success) return result.data
  throw new WhatsAppAnswerInvalid(`WhatsApp's answer about ${what} is not of the documented shape.`, {
    what,
    issues: result.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`),
  })
}
