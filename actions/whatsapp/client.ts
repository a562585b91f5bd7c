import type { Json } from '#definitions/json.ts'
import type { Form, SendIntent } from '#engine/message.ts'
import * as answers from './answers.ts'
import { createGraph, type GraphAnswer, type GraphOptions, type GraphRefused } from './graph.ts'
import { HISTORY_FIELDS, historyAnswer, historyOf, type HistoryEvent } from './history.ts'
import { messageBody, Unsendable } from './messageBody.ts'
import { pricingAnalyticsAnswer, pricingAnalyticsField, pricingPoints, type PricingPoint } from './pricingAnalytics.ts'
import { fault, parsed, readingOf } from './reading.ts'
import * as setup from './setupAnswers.ts'

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
  /**
   * As its text or as its template. Never throws for what the network or WhatsApp does.
   * @param onWritten called when the request is given to a socket: from then on it counts as sent
   */
  send(intent: SendIntent, form: Form, onWritten?: () => void): Promise<SendAnswer>
  /** Every page. @throws WhatsAppRefused, WhatsAppUnreachable, WhatsAppAnswerInvalid */
  listTemplates(accountId: string, filter?: { name?: string }): Promise<answers.TemplateNode[]>
  createTemplate(accountId: string, body: Json): Promise<CreateAnswer>
  /** @param body `category`, `components`: replaces all of them, and the review begins anew */
  editTemplate(templateId: string, body: Json): Promise<EditAnswer>
  /** @param which the name in all its languages, or one of them by its id. @throws as `number` does */
  deleteTemplate(accountId: string, which: { name: string; id?: string }): Promise<void>
  /** Ends a pause for pacing; a pause for low quality ends by itself. @throws as `number` does */
  unpauseTemplate(templateId: string): Promise<void>
  /**
   * Uploads what the review of a template is shown.
   * @param appId of the app that the token belongs to
   * @returns the handle that stands for the file. @throws as `number` does
   */
  uploadSample(appId: string, file: { bytes: Uint8Array; mimeType: string; filename: string }): Promise<string>
  /** Every page. @throws WhatsAppRefused, WhatsAppUnreachable, WhatsAppAnswerInvalid */
  listNumbers(accountId: string): Promise<answers.NumberNode[]>
  /** @throws WhatsAppRefused, WhatsAppUnreachable, WhatsAppAnswerInvalid */
  number(id: string): Promise<answers.NumberNode>
  /** The statuses of one message, oldest first. @throws WhatsAppRefused, WhatsAppUnreachable, WhatsAppAnswerInvalid */
  history(numberId: string, wamid: string): Promise<HistoryEvent[]>
  /** The account itself. @throws as `number` does */
  account(id: string): Promise<setup.AccountNode>
  /** Whether a number, an account or a template may send, and what keeps it from it. @throws as `number` does */
  health(id: string): Promise<setup.Health>
  /** What this client's token may do, and until when. @throws as `number` does */
  ownToken(): Promise<setup.TokenInfo>
  /** What WhatsApp says it charges. @param from, until epoch ms. @throws as `number` does */
  pricingAnalytics(accountId: string, from: number, until: number): Promise<PricingPoint[]>
  close(): Promise<void>
}

/** A thin typed client of the WhatsApp Cloud API: only what Denrei calls. */
export function createCloudClient(options: GraphOptions): CloudClient {
  const graph = createGraph(options)
  const fields = answers.numberFields(options.apiVersion ?? 'v25.0')

  const read = readingOf(graph)

  return {
    async send(intent, form, onWritten) {
      let body: Json
      try {
        body = messageBody(intent, form)
      } catch (error) {
        if (error instanceof Unsendable) return unsendable(error.message)
        throw error
      }
      if (intent.numberId === null) return unsendable('The message has no sending number.')
      return sendAnswer(await graph.call('POST', `/${segment(intent.numberId)}/messages`, body, onWritten))
    },
    listTemplates: (accountId, filter = {}) =>
      read.all(
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
    async deleteTemplate(accountId, { name, id }) {
      const query = new URLSearchParams({ name, ...(id === undefined ? {} : { hsm_id: id }) }).toString()
      const answer = await graph.call('DELETE', `/${segment(accountId)}/message_templates?${query}`)
      if (answer.kind !== 'ok') throw fault(`to delete the template "${name}"`, answer)
    },
    async unpauseTemplate(templateId) {
      const answer = await graph.call('POST', `/${segment(templateId)}/unpause`, {})
      if (answer.kind !== 'ok') throw fault('to end the pause', answer)
    },
    async uploadSample(appId, { bytes, mimeType, filename }) {
      const query = new URLSearchParams({
        file_length: String(bytes.byteLength),
        file_type: mimeType,
        file_name: filename,
      }).toString()
      const what = 'to take the sample of a template'
      const session = await read.done(what, `/${segment(appId)}/uploads?${query}`, undefined, answers.uploadSession)
      // The id carries a signature as its query, so it goes into the path as it came.
      const answer = await graph.upload(`/${session.id}`, bytes)
      if (answer.kind !== 'ok') throw fault(what, answer)
      return parsed(what, answers.uploaded, answer.body).h
    },
    async listNumbers(accountId) {
      const numbers = await read.all('numbers', `/${segment(accountId)}/phone_numbers`, { fields }, answers.number)
      options.gate?.connected(numbers.some(({ status }) => status === 'CONNECTED'))
      return numbers
    },
    number: (id) =>
      read.one(`number ${id}`, `/${segment(id)}?${new URLSearchParams({ fields }).toString()}`, answers.number),
    async history(numberId, wamid) {
      const query = new URLSearchParams({ message_id: wamid, fields: HISTORY_FIELDS }).toString()
      const path = `/${segment(numberId)}/message_history?${query}`
      return historyOf(await read.one('what became of a message', path, historyAnswer), wamid)
    },
    account: (id) => read.one(`account ${id}`, `/${segment(id)}?${fieldsOf(setup.ACCOUNT_FIELDS)}`, setup.account),
    health: async (id) =>
      (await read.one(`the health of ${id}`, `/${segment(id)}?fields=health_status`, setup.healthAnswer)).health_status,
    ownToken: async () =>
      (
        await read.one(
          'what the token may do',
          `/debug_token?${new URLSearchParams({ input_token: options.token() }).toString()}`,
          setup.tokenAnswer,
        )
      ).data,
    pricingAnalytics: async (accountId, from, until) =>
      pricingPoints(
        await read.one(
          `the prices of account ${accountId}`,
          `/${segment(accountId)}?${fieldsOf(pricingAnalyticsField(from, until))}`,
          pricingAnalyticsAnswer,
        ),
      ),
    close: () => graph.close(),
  }
}

const fieldsOf = (fields: string): string => new URLSearchParams({ fields }).toString()

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
