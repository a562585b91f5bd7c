import { createRequire } from 'node:module'
import { expect, test } from 'vitest'
import { openServer, type Operation } from './openServer.ts'

async function document() {
  const { call } = await openServer({ started: false })
  const { status, body } = await call('GET /openapi.json', undefined, { role: null })
  expect(status).toBe(200)
  return body
}
type Document = Awaited<ReturnType<typeof document>>

function operations({ paths }: Document): [string, Operation][] {
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]): [string, Operation] => [`${method} ${path}`, operation]),
  )
}

test('every route is documented: what it is, who may call it, what it takes and what it answers', async () => {
  const all = operations(await document())
  expect(all.length).toBeGreaterThan(40)
  expect(new Set(all.map(([, { operationId }]) => operationId)).size).toBe(all.length)
  for (const [name, operation] of all) {
    expect(operation, name).toMatchObject({
      summary: expect.any(String) as string,
      security: expect.any(Array) as object[],
    })
    expect(operation.tags, name).toHaveLength(1)
    const answers = Object.keys(operation.responses)
    expect(answers, name).toContain('default')
    expect(
      answers.some((status) => status.startsWith('2')),
      name,
    ).toBe(true)
    for (const [status, { description, content }] of Object.entries(operation.responses)) {
      expect(description, `${name} ${status}`).toEqual(expect.any(String))
      if (status !== '204') expect(Object.keys(content ?? {}), `${name} ${status}`).not.toEqual([])
    }
    const declared = (operation.parameters ?? []).filter((one) => one.in === 'path').map((one) => one.name)
    expect(declared, name).toEqual([...name.matchAll(/\{(\w+)\}/g)].map(([, parameter]) => parameter))
    const writes =
      /^(post|put|patch) /.test(name) &&
      !/activate$|\/(sync|requeue|pause|unpause|submit|cancel|pay|setups|enable|health)$|broadcasts\/\{id\}\/resume$/.test(
        name,
      )
    expect(operation.requestBody !== undefined, name).toBe(writes)
  }
})

test('it is OpenAPI 3.1: every schema is JSON Schema 2020-12, and every reference leads somewhere', async () => {
  const found = await document()
  expect(found.openapi).toBe('3.1.0')
  // Fastify's own validator; no other reads the 2020-12 dialect here.
  const compiler = createRequire(createRequire(import.meta.url).resolve('fastify'))
  const { default: Ajv } = createRequire(compiler.resolve('@fastify/ajv-compiler'))('ajv/dist/2020') as {
    default: new (options: object) => { addSchema(schema: object): void; compile(schema: object): unknown }
  }
  const ajv = new Ajv({ strict: false, validateFormats: false })
  ajv.addSchema({ $id: 'document', ...found })
  const compile = (schema: object, name: string) => {
    const absolute = JSON.parse(JSON.stringify(schema).replaceAll('"#/', '"document#/')) as object
    expect(() => ajv.compile(absolute), name).not.toThrow()
  }
  for (const [name, { parameters, requestBody, responses }] of operations(found)) {
    for (const parameter of parameters ?? []) compile(parameter.schema, `${name} ${parameter.name}`)
    for (const { schema } of Object.values(requestBody?.content ?? {})) compile(schema, `${name} body`)
    for (const { content } of Object.values(responses)) {
      for (const { schema } of Object.values(content ?? {})) compile(schema, name)
    }
  }
  const referred = new Set(
    [...JSON.stringify(found).matchAll(/#\/components\/schemas\/(\w+)/g)].map(([, name]) => name),
  )
  expect([...referred].sort()).toEqual(Object.keys(found.components.schemas).sort())
})

test('events may be posted as JSON or as CloudEvents', async () => {
  const { paths } = await document()
  expect(Object.keys(paths['/v1/events']?.post?.requestBody?.content ?? {})).toEqual([
    'application/json',
    'application/cloudevents+json',
    'application/cloudevents-batch+json',
  ])
})

test('the reference page is served from here alone, and the browser is told so', async () => {
  const { call } = await openServer({ started: false })
  expect(await call('GET /docs', undefined, { role: null })).toMatchObject({
    status: 301,
    headers: { location: '/docs/' },
  })
  const page = await call('GET /docs/', undefined, { role: null })
  expect(page.status).toBe(200)
  expect(page.text).not.toMatch(/https?:\/\//)
  expect(page.text).toContain('"url": "../openapi.json"')
  const [, script] = /<script src="([^"]+)"/.exec(page.text) ?? []
  expect(script).toBe('js/scalar.js')
  const policy = String(page.headers['content-security-policy'])
  expect(policy).toContain("default-src 'none'")
  expect(policy).not.toContain('http')
  const code = await call(`GET /docs/${script}`, undefined, { role: null })
  expect(code.status).toBe(200)
  expect(code.text.length).toBeGreaterThan(1_000_000)
})
