import { z } from 'zod'
import { SetupRefused } from '../setup/errors.ts'
import { remarkText } from '../setup/texts.ts'
import { viewOf } from '../setup/view.ts'
import { callerOf, type Api, type ApiParts } from '../api.ts'
import { anyJson } from '../schemas/shared.ts'
import { setup, stepName } from '../schemas/connecting.ts'

const params = z.strictObject({ id: z.string().min(1).max(100) })
const language = z.enum(['ja', 'en']).default('en')
const inLanguage = z.strictObject({ language })

/** The set-up of an account, a step at a time (S8: administrators only). */
export function setupRoutes(api: Api, { denrei, connecting }: ApiParts): void {
  const { setups } = connecting
  const now = () => denrei.clock.now()

  api.post(
    '/v1/setups',
    {
      config: { permission: 'administer' },
      schema: {
        operationId: 'startSetup',
        tags: ['connecting'],
        summary: 'Begin to connect a WhatsApp account',
        querystring: inLanguage,
        response: { 201: setup },
      },
    },
    async (request, reply) =>
      reply.code(201).send(viewOf(await setups.start(callerOf(request).name), now(), request.query.language)),
  )

  api.get(
    '/v1/setups',
    {
      config: { permission: 'administer' },
      schema: {
        operationId: 'listSetups',
        tags: ['connecting'],
        summary: 'Set-ups, oldest first, each where it was left',
        querystring: inLanguage,
        response: { 200: z.object({ items: z.array(setup) }) },
      },
    },
    async ({ query }) => ({ items: (await setups.list()).map((one) => viewOf(one, now(), query.language)) }),
  )

  api.get(
    '/v1/setups/:id',
    {
      config: { permission: 'administer' },
      schema: {
        operationId: 'readSetup',
        tags: ['connecting'],
        summary: 'Its steps: state, what is missing, what to do, what there is to choose and why not',
        params,
        querystring: inLanguage,
        response: { 200: setup },
      },
    },
    async ({ params: { id }, query }) => viewOf(await setups.read(id), now(), query.language),
  )

  api.post(
    '/v1/setups/:id/steps/:step',
    {
      config: { permission: 'administer' },
      schema: {
        operationId: 'takeSetupStep',
        tags: ['connecting'],
        summary: 'Take a step, or look again at what there is to choose',
        description:
          'By step: `app` {appId, appSecret, verifyToken?}; `access` {token} or {code}; `business` {businessId} or {skip}; `account` {accountId}; `number` {numberId} or {add: {phone, verifiedName}}; `verify` {method, language}, then {code}; `register` {pin}; `webhook` {}; `profile` {nickname}; `people` {registerAs, assignTo}; `active` {}. Taking one twice changes nothing; with another outcome, the later ones that depend on it are to be taken again.',
        params: params.extend({ step: stepName }),
        querystring: inLanguage,
        body: z.record(z.string(), anyJson).optional(),
        response: { 200: setup },
      },
    },
    async ({ params: { id, step }, query, body }) => {
      try {
        return viewOf(await setups.step(id, step, body ?? {}), now(), query.language)
      } catch (error) {
        throw error instanceof SetupRefused ? inWords(error, query.language) : error
      }
    },
  )

  api.delete(
    '/v1/setups/:id',
    {
      config: { permission: 'administer' },
      schema: {
        operationId: 'dropSetup',
        tags: ['connecting'],
        summary: 'Forget a set-up and its token; an account that it connected stays',
        params,
        response: { 204: z.undefined().describe('Forgotten.') },
      },
    },
    async ({ params: { id } }, reply) => {
      await setups.drop(id)
      return reply.code(204).send()
    },
  )
}

/** The same refusal in the language of who asks. */
export function inWords(error: SetupRefused, asked: 'ja' | 'en'): SetupRefused {
  if (asked === 'en') return error
  return new SetupRefused(error.step, remarkText(error.remark, asked), error.remark, error.until, error)
}
