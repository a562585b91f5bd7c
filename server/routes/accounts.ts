import { z } from 'zod'
import type { Health } from '#actions/whatsapp/setupAnswers.ts'
import { intake } from '#definitions/settings.ts'
import type { AccountView } from '../accounts/desk.ts'
import { callerOf, type Api, type ApiParts } from '../api.ts'
import { numberState } from '../schemas/account.ts'
import { account, healthEntity } from '../schemas/connecting.ts'
import { SetupRefused } from '../setup/errors.ts'
import { told } from '../setup/view.ts'
import type { Language } from '../texts.ts'
import { inWords } from './setup.ts'

const params = z.strictObject({ id: z.string().min(1).max(100) })
const inLanguage = z.strictObject({ language: z.enum(['ja', 'en']).default('en') })

/** The accounts that are connected. Tokens go in and never come out. */
export function accountsRoutes(api: Api, { connecting }: ApiParts): void {
  const { accounts } = connecting

  api.get(
    '/v1/accounts',
    {
      config: { permission: 'read' },
      schema: {
        operationId: 'listAccounts',
        tags: ['connecting'],
        summary: 'WhatsApp accounts with numbers, troubles and the end of the token',
        querystring: inLanguage,
        response: { 200: z.object({ items: z.array(account) }) },
      },
    },
    async ({ query }) => ({ items: (await accounts.list()).map((view) => shown(view, query.language)) }),
  )

  api.get(
    '/v1/accounts/:id',
    {
      config: { permission: 'read' },
      schema: {
        operationId: 'readAccount',
        tags: ['connecting'],
        summary: 'One account',
        params,
        querystring: inLanguage,
        response: { 200: account },
      },
    },
    async ({ params: { id }, query }) => shown(await accounts.read(id), query.language),
  )

  api.post(
    '/v1/accounts/:id/disable',
    {
      config: { permission: 'administer' },
      schema: {
        operationId: 'disableAccount',
        tags: ['connecting'],
        summary: 'Switch it off: its messages are held, everything is kept',
        description: 'Without `confirm` it answers 409 and says how many messages would be held.',
        params,
        body: z.strictObject({ confirm: z.string().max(100).optional().describe("The account's id.") }).optional(),
        response: { 200: account },
      },
    },
    async (request) => shown(await accounts.disable(request.params.id, request.body?.confirm, callerOf(request).name)),
  )

  api.post(
    '/v1/accounts/:id/enable',
    {
      config: { permission: 'administer' },
      schema: {
        operationId: 'enableAccount',
        tags: ['connecting'],
        summary: 'Switch it on again: what was held goes on',
        params,
        response: { 200: account },
      },
    },
    async (request) => shown(await accounts.enable(request.params.id, callerOf(request).name)),
  )

  api.post(
    '/v1/accounts/:id/health',
    {
      config: { permission: 'administer' },
      schema: {
        operationId: 'readAccountHealth',
        tags: ['connecting'],
        summary: 'Ask WhatsApp now how it fares, and clear the troubles that are over',
        params,
        response: {
          200: z.object({
            account,
            canSend: z
              .string()
              .nullable()
              .describe('`AVAILABLE`, `LIMITED`, `BLOCKED`; null when WhatsApp would not tell.'),
            refused: z.string().nullable().describe("Why it would not tell, in WhatsApp's words."),
            entities: z.array(healthEntity),
          }),
        },
      },
    },
    async ({ params: { id } }) => {
      const { view, look } = await accounts.look(id)
      return {
        account: shown(view),
        canSend: look.health?.can_send_message ?? null,
        refused: look.refused?.message ?? null,
        entities: [
          ...(look.health === null ? [] : entitiesOf(look.health)),
          ...look.numbers.flatMap(({ health }) => entitiesOf(health).filter(({ entity }) => entity === 'PHONE_NUMBER')),
        ],
      }
    },
  )

  api.post(
    '/v1/accounts/:id/webhook',
    {
      config: { permission: 'administer' },
      schema: {
        operationId: 'subscribeAccount',
        tags: ['connecting'],
        summary: 'Have all that is read of it sent here',
        description:
          "Subscribes the app's own callback to every field that is needed, and the account's messages, each proved by a handshake. When the app sends its webhooks to another address it answers 422 `webhook_elsewhere`, unless `replace`.",
        params,
        querystring: inLanguage,
        body: z.strictObject({ replace: z.boolean().default(false) }).optional(),
        response: { 200: account },
      },
    },
    async ({ params: { id }, body, query }) => {
      try {
        return shown(await accounts.subscribe(id, body?.replace === true), query.language)
      } catch (error) {
        throw error instanceof SetupRefused ? inWords(error, query.language) : error
      }
    },
  )

  api.post(
    '/v1/accounts/:id/token',
    {
      config: { permission: 'administer' },
      schema: {
        operationId: 'replaceAccountToken',
        tags: ['connecting'],
        summary: 'Replace its token',
        params,
        querystring: inLanguage,
        body: z.strictObject({ token: z.string().trim().min(8).max(2_000) }),
        response: { 200: account },
      },
    },
    async ({ params: { id }, body, query }) => {
      try {
        return shown(await accounts.replaceToken(id, body.token))
      } catch (error) {
        throw error instanceof SetupRefused ? inWords(error, query.language) : error
      }
    },
  )

  api.patch(
    '/v1/numbers/:id',
    {
      config: { permission: 'administer' },
      schema: {
        operationId: 'changeNumber',
        tags: ['connecting'],
        summary: 'Its nickname, and what becomes of unknown people who write to it',
        params,
        body: z
          .strictObject({
            nickname: z.string().trim().min(1).max(60).nullable().optional(),
            intake: intake.nullable().optional().describe('Null: as the settings say.'),
          })
          .refine((body) => Object.keys(body).length > 0, 'Say what is to be changed.'),
        response: { 200: numberState },
      },
    },
    async ({ params: { id }, body: { nickname, intake: people } }) =>
      accounts.changeNumber(id, {
        ...(nickname !== undefined && { nickname }),
        ...(people !== undefined && { intake: people }),
      }),
  )
}

const shown = ({ account: state, numbers, unreadable, webhook }: AccountView, language: Language = 'en') => ({
  ...state,
  numbers,
  unreadable,
  webhook:
    webhook === null ? null : { ...webhook.at, problems: webhook.remarks.map((remark) => told(remark, language)) },
})

const entitiesOf = ({ entities }: Health) =>
  entities.map(({ entity_type, id, can_send_message, errors = [], additional_info = [] }) => ({
    entity: entity_type,
    id,
    canSend: can_send_message,
    told: [
      ...errors.map(({ error_description, possible_solution }) =>
        [error_description, possible_solution].filter(Boolean).join(' '),
      ),
      ...additional_info,
    ],
  }))
