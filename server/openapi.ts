import swagger from '@fastify/swagger'
import type { FastifyInstance, RouteOptions } from 'fastify'
import { createJsonSchemaTransform, createJsonSchemaTransformObject } from 'fastify-type-provider-zod'
import packageJson from '../package.json' with { type: 'json' }
import { problem, PROBLEM_TYPE } from './problem.ts'
import { rolesWith, type Permission } from './roles.ts'
import { apiSchemas } from './schemas/shared.ts'

declare module 'fastify' {
  interface FastifyInstance {
    denreiOpenapi(): object
  }
}

const transform = createJsonSchemaTransform({ schemaRegistry: apiSchemas })
const nameSchemas = createJsonSchemaTransformObject({ schemaRegistry: apiSchemas })

const TAGS = [
  { name: 'events', description: 'The world into the inbox. Accepted means on disk.' },
  { name: 'records', description: 'Our copy of the CRM; a write is an event.' },
  { name: 'send', description: 'A person sends a template from a record.' },
  { name: 'messages', description: 'What went out, or why it did not.' },
  { name: 'definitions', description: 'Workflows, blueprints, journeys, templates, calendars and modules, versioned.' },
  { name: 'templates', description: 'What WhatsApp has reviewed, and what it has not.' },
  { name: 'instances', description: 'Records in blueprints and journeys.' },
  { name: 'broadcasts', description: 'Lists of records into a journey.' },
  { name: 'account', description: 'Numbers, templates, credits, settings.' },
  { name: 'people', description: 'Whom we write to: how they stand, what they agreed to, and forgetting them.' },
  { name: 'keys', description: 'API keys.' },
  { name: 'operation', description: 'Health and metrics.' },
]

/** Collects the routes of this scope into OpenAPI 3.1, beside whatever the host application documents of its own. */
export async function describeRoutes(scope: FastifyInstance, prefix: string): Promise<void> {
  const info = {
    title: 'Denrei',
    version: packageJson.version,
    description: packageJson.description,
    license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
  }
  scope.addHook('onRoute', (route) => {
    complete(route)
    // The host may document its own routes in its own way. There ours are hidden: their schemas are zod's, not JSON's.
    const config = { ...route.config, url: route.url, method: route.method }
    route.config = Object.assign(config, {
      swaggerTransform: (document: Parameters<typeof transform>[0]) => {
        const ours = 'openapiObject' in document && document.openapiObject.info === info
        return ours ? transform(document) : { schema: { hide: true }, url: document.url }
      },
    })
  })
  await scope.register(swagger, {
    decorator: 'denreiOpenapi',
    openapi: {
      openapi: '3.1.0',
      info,
      tags: TAGS,
      servers: [{ url: prefix || '/' }],
      components: {
        securitySchemes: {
          bearer: { type: 'http', scheme: 'bearer', description: 'An API key.' },
          apiKey: { type: 'apiKey', in: 'header', name: 'x-api-key' },
        },
      },
    },
    transformObject: (document: Parameters<typeof nameSchemas>[0]) => dropUnused(nameSchemas(document)),
  } as Parameters<typeof swagger>[1])
  scope.get('/openapi.json', { config: { permission: 'open' }, schema: { hide: true } }, () => scope.denreiOpenapi())
}

/** Adds what every route has: who may call it, and how it answers an error. */
function complete(route: RouteOptions): void {
  const schema = route.schema
  if (!schema || schema.hide) return
  const permission = route.config?.permission ?? 'open'
  schema.security = permission === 'open' ? [] : [{ bearer: [] }, { apiKey: [] }]
  if (permission !== 'open' && schema.description === undefined) schema.description = whoMay(permission)
  const answers = (schema.response ?? {}) as Record<string, unknown>
  schema.response = {
    ...answers,
    default: { description: 'An error.', content: { [PROBLEM_TYPE]: { schema: problem } } },
  }
}

function whoMay(permission: Permission): string {
  return `For the roles ${rolesWith(permission).join(', ')}.`
}

/** The registry names each schema twice, as it is sent and as it is answered; what nothing refers to only confuses. */
function dropUnused(document: object): object {
  const { components, ...rest } = document as { components: { schemas: Record<string, unknown> } }
  const used = new Set<string>()
  const mark = (part: unknown) => {
    for (const [, name] of JSON.stringify(part).matchAll(/"#\/components\/schemas\/([^"/]+)/g)) {
      if (used.has(name!)) continue
      used.add(name!)
      mark(components.schemas[name!] ?? {})
    }
  }
  mark(rest)
  const schemas = Object.fromEntries(Object.entries(components.schemas).filter(([name]) => used.has(name)))
  return { ...rest, components: { ...components, schemas } }
}
