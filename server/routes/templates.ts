import { z } from 'zod'
import { callerOf, type Api, type ApiParts } from '../api.ts'
import { definitionProblem, planEntry, storedDefinition } from '../schemas/definitions.ts'
import { moduleName } from '../schemas/shared.ts'
import {
  deletedTemplates,
  draftPreviewBody,
  takenOver,
  templateNames,
  templatePreview,
  templatePreviewBody,
  templatePrices,
  templateView,
} from '../schemas/templates.ts'
import { language } from '../schemas/triggers.ts'
import { pricesOf } from '../templates/prices.ts'

const PATH = '/v1/templates/:name/:language'
const templateOnly = z.looseObject({ kind: z.literal('template') }).describe('As a file of definitions has it.')
const problems = z.array(definitionProblem)
const short = z.string().min(1).max(100).optional()

/** Message templates: what was written, how it stands at WhatsApp, and what can be done about it (S46 to S65). */
export function templateRoutes(api: Api, { denrei }: ApiParts): void {
  const { templates } = denrei
  api.get(
    '/v1/templates',
    {
      config: { permission: 'read' },
      schema: {
        operationId: 'listTemplates',
        tags: ['templates'],
        summary: 'Templates with their definition, the version that serves, and how each version stands at WhatsApp',
        querystring: z.strictObject({
          status: short.describe('That one of the versions has, as WhatsApp spells it.'),
          module: short,
          name: z.string().min(1).max(512).optional(),
          language: short,
          accountId: short,
        }),
        response: { 200: z.object({ items: z.array(templateView) }) },
      },
    },
    async ({ query }) => ({
      items: await templates.list(Object.fromEntries(Object.entries(query).filter(([, value]) => value !== undefined))),
    }),
  )

  api.get(
    PATH,
    {
      config: { permission: 'read' },
      schema: {
        operationId: 'readTemplate',
        tags: ['templates'],
        summary: 'One template, with all versions of its definition',
        params: templateNames,
        response: {
          200: templateView.extend({
            versions: z.array(storedDefinition).describe('Newest first.'),
            prices: templatePrices,
          }),
        },
      },
    },
    async ({ params }) => {
      const view = await templates.read(params)
      const versions = view.definition === null ? [] : await denrei.store.definitionVersions(view.definition.key)
      return { ...view, versions: versions.toReversed(), prices: await pricesOf(denrei, view) }
    },
  )

  api.post(
    '/v1/templates',
    {
      config: { permission: 'administer' },
      schema: {
        operationId: 'createTemplate',
        tags: ['templates'],
        summary: 'Apply one template definition: what WhatsApp has not got is submitted',
        querystring: z.strictObject({ language }),
        body: z.strictObject({ definition: templateOnly }),
        response: { 200: z.object({ entries: z.array(planEntry), stored: z.array(storedDefinition), problems }) },
      },
    },
    async (request) => {
      const { definition } = request.body
      const file = { file: 'template.json', json: definition }
      return denrei.apply([file], callerOf(request).name, { language: request.query.language })
    },
  )

  api.post(
    '/v1/templates/preview',
    {
      config: { permission: 'read' },
      schema: {
        operationId: 'previewDraftTemplate',
        tags: ['templates'],
        summary: 'Show a template that is being written as a record would get it, and what it would cost',
        body: draftPreviewBody,
        response: { 200: templatePreview },
      },
    },
    async ({ body: { definition, ...rest } }) =>
      denrei.previewTemplate({ template: { draft: definition }, ...given(rest) }),
  )

  api.post(
    `${PATH}/preview`,
    {
      config: { permission: 'read' },
      schema: {
        operationId: 'previewTemplate',
        tags: ['templates'],
        summary: 'Show it as a record would get it, in its own language, and what it would cost',
        params: templateNames,
        body: templatePreviewBody,
        response: { 200: templatePreview },
      },
    },
    async ({ params, body }) => denrei.previewTemplate({ template: params, ...given(body) }),
  )

  api.post(
    `${PATH}/category`,
    {
      config: { permission: 'administer' },
      schema: {
        operationId: 'agreeTemplateCategory',
        tags: ['templates'],
        summary: 'Agree to the category that WhatsApp made of it; messages that waited for this go on',
        params: templateNames,
        body: z.strictObject({ agree: z.literal(true) }),
        response: { 200: templateView },
      },
    },
    async ({ params }) => templates.agree(params),
  )

  for (const [verb, summary] of [
    ['submit', 'Submit the newest version again, as it is'],
    ['unpause', 'End a pause for pacing; one for low quality ends by itself'],
  ] as const) {
    api.post(
      `${PATH}/${verb}`,
      {
        config: { permission: 'administer' },
        schema: {
          operationId: `${verb}Template`,
          tags: ['templates'],
          summary,
          params: templateNames,
          response: { 200: templateView },
        },
      },
      async ({ params }) => templates[verb](params),
    )
  }

  api.post(
    `${PATH}/take-over`,
    {
      config: { permission: 'administer' },
      schema: {
        operationId: 'takeOverTemplate',
        tags: ['templates'],
        summary: 'Write a definition from what stands in the account. Applies nothing',
        params: templateNames,
        body: z.strictObject({ module: moduleName, accountId: short }),
        response: { 200: takenOver },
      },
    },
    async ({ params, body: { module, accountId } }) =>
      templates.takeOver({ ...params, module, ...(accountId === undefined ? {} : { accountId }) }),
  )

  api.delete(
    '/v1/templates/:name',
    {
      config: { permission: 'administer' },
      schema: {
        operationId: 'deleteTemplate',
        tags: ['templates'],
        summary: 'Delete it at WhatsApp with all its versions; all languages when none is named',
        params: templateNames.pick({ name: true }),
        querystring: z.strictObject({ language: short }),
        response: { 200: deletedTemplates },
      },
    },
    async (request) => {
      const { language: of } = request.query
      const which = { name: request.params.name, ...(of === undefined ? {} : { language: of }) }
      return templates.remove(which, callerOf(request).name)
    },
  )
}

/** Without what was left out. */
function given<T extends object>(body: T): { [Key in keyof T]: Exclude<T[Key], undefined> } {
  return Object.fromEntries(Object.entries(body).filter(([, value]) => value !== undefined)) as {
    [Key in keyof T]: Exclude<T[Key], undefined>
  }
}
