import { z } from 'zod'
import { definitionKey } from '#definitions/definitions.ts'
import { NotFound } from '#engine/errors.ts'
import type { StoredDefinition } from '#engine/store.ts'
import type { Migrations } from '../denrei.ts'
import type { Language } from '../texts.ts'
import { callerOf, type Api, type ApiParts } from '../api.ts'
import {
  definitionFiles,
  definitionProblem,
  definitionsToApply,
  planEntry,
  storedDefinition,
} from '../schemas/definitions.ts'
import { flag } from '../schemas/shared.ts'
import { language } from '../schemas/triggers.ts'

const kind = z.enum(['workflow', 'blueprint', 'journey', 'template', 'calendar', 'module'])
const oneDefinition = z.strictObject({ kind, name: z.string().min(1).max(512) })
const inLanguage = z.strictObject({
  language: z.string().min(2).max(20).optional().describe('Of a template: each language is a definition of its own.'),
})
const PATH = '/v1/definitions/:kind/:name'
const problems = z.array(definitionProblem)

function optionsOf({ migrations }: z.output<typeof definitionsToApply>, { language }: { language: Language }) {
  return { language, ...(migrations === undefined ? {} : { migrations: migrations as Migrations }) }
}

export function definitionRoutes(api: Api, { denrei }: ApiParts): void {
  const keyOf = ({ kind, name }: z.output<typeof oneDefinition>, { language }: z.output<typeof inLanguage>) =>
    definitionKey({ kind, name, ...(language === undefined ? {} : { language }) })

  /** Newest version first. @throws NotFound */
  async function versionsOf(key: string): Promise<StoredDefinition[]> {
    const versions = await denrei.store.definitionVersions(key)
    if (versions.length > 0) return versions.toSorted((a, b) => b.version - a.version)
    const hint = key.startsWith('template/') ? ' Templates need ?language=, such as ja.' : ''
    throw new NotFound(`There is no definition "${key}".${hint}`, { key })
  }

  api.post(
    '/v1/definitions/check',
    {
      config: { permission: 'read' },
      schema: {
        operationId: 'checkDefinitions',
        tags: ['definitions'],
        summary: 'What is wrong with them, together with what is active. Changes nothing',
        querystring: z.strictObject({ language }),
        body: definitionFiles,
        response: { 200: z.object({ problems }) },
      },
    },
    async ({ body, query }) => ({ problems: await denrei.check(body.files, query.language) }),
  )

  api.post(
    '/v1/definitions/plan',
    {
      config: { permission: 'read' },
      schema: {
        operationId: 'planDefinitions',
        tags: ['definitions'],
        summary: 'What applying them would change, also to what is in flight. Changes nothing',
        querystring: z.strictObject({ language }),
        body: definitionsToApply,
        response: { 200: z.object({ entries: z.array(planEntry), problems }) },
      },
    },
    async ({ body, query }) => denrei.plan(body.files, optionsOf(body, query)),
  )

  api.post(
    '/v1/definitions/apply',
    {
      config: { permission: 'administer' },
      schema: {
        operationId: 'applyDefinitions',
        tags: ['definitions'],
        summary: 'Apply all of them, or none when one has an error',
        querystring: z.strictObject({ language }),
        body: definitionsToApply,
        response: { 200: z.object({ entries: z.array(planEntry), stored: z.array(storedDefinition), problems }) },
      },
    },
    async (request) => denrei.apply(request.body.files, callerOf(request).name, optionsOf(request.body, request.query)),
  )

  api.get(
    '/v1/definitions',
    {
      config: { permission: 'read' },
      schema: {
        operationId: 'listDefinitions',
        tags: ['definitions'],
        summary: 'The newest version of each',
        querystring: z.strictObject({ kind: kind.optional(), active: flag.optional() }),
        response: { 200: z.object({ items: z.array(storedDefinition) }) },
      },
    },
    async ({ query }) => ({
      items: (await denrei.definitions()).filter(
        ({ definition, active }) =>
          (query.kind === undefined || definition.kind === query.kind) &&
          (query.active === undefined || active === query.active),
      ),
    }),
  )

  api.get(
    PATH,
    {
      config: { permission: 'read' },
      schema: {
        operationId: 'readDefinition',
        tags: ['definitions'],
        summary: 'The newest version of one',
        params: oneDefinition,
        querystring: inLanguage,
        response: { 200: storedDefinition },
      },
    },
    async ({ params, query }) => (await versionsOf(keyOf(params, query)))[0]!,
  )

  api.get(
    `${PATH}/versions`,
    {
      config: { permission: 'read' },
      schema: {
        operationId: 'listDefinitionVersions',
        tags: ['definitions'],
        summary: 'All versions of one, newest first',
        params: oneDefinition,
        querystring: inLanguage,
        response: { 200: z.object({ items: z.array(storedDefinition) }) },
      },
    },
    async ({ params, query }) => ({ items: await versionsOf(keyOf(params, query)) }),
  )

  for (const [verb, active, summary] of [
    ['activate', true, 'Let it work'],
    ['deactivate', false, 'Stop it; what it has queued goes on'],
  ] as const) {
    api.post(
      `${PATH}/${verb}`,
      {
        config: { permission: 'administer' },
        schema: {
          operationId: `${verb}Definition`,
          tags: ['definitions'],
          summary,
          params: oneDefinition,
          querystring: inLanguage,
          response: { 200: storedDefinition },
        },
      },
      async ({ params, query }) => {
        const key = keyOf(params, query)
        await versionsOf(key)
        await denrei.setActive(key, active)
        return (await versionsOf(key))[0]!
      },
    )
  }
}
