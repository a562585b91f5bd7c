import type { FastifyInstance } from 'fastify'

/**
 * Shows the OpenAPI document as a page at /docs, with everything served from here.
 *
 * The page is 5 MB of JavaScript in one module, which costs a tenth of a second and 25 MB. So it lives in a little app
 * of its own that is made when somebody first asks for it.
 */
export function serveReferencePage(scope: FastifyInstance): void {
  let pages: Promise<FastifyInstance> | undefined
  const open = { config: { permission: 'open' as const }, schema: { hide: true } }
  const serve = (path: string) => async () => {
    pages ??= openPages()
    return (await pages).inject(path)
  }

  scope.get('/docs', open, (request, reply) => reply.redirect(`${request.url.split('?')[0]}/`, 301))
  for (const path of ['/docs/', '/docs/js/scalar.js']) {
    scope.get(path, open, async (_, reply) => {
      const { headers, rawPayload } = await serve(path)()
      return reply
        .header('content-security-policy', PAGE_POLICY)
        .header('cache-control', path.endsWith('.js') ? 'public, max-age=86400' : 'no-cache')
        .type(String(headers['content-type']))
        .send(rawPayload)
    })
  }
  scope.addHook('onClose', async () => (await pages)?.close())
}

/** The browser is told to load nothing from elsewhere, whatever the page would like. */
const PAGE_POLICY =
  "default-src 'none'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; " +
  "img-src 'self' data:; font-src 'self' data:; connect-src 'self'; base-uri 'none'; frame-ancestors 'none'"

async function openPages(): Promise<FastifyInstance> {
  const [{ default: fastify }, { default: scalar }] = await Promise.all([
    import('fastify'),
    import('@scalar/fastify-api-reference'),
  ])
  const pages = fastify()
  await pages.register(scalar, {
    routePrefix: '/docs',
    configuration: {
      url: '../openapi.json',
      pageTitle: 'Denrei API',
      withDefaultFonts: false,
      telemetry: false,
      agent: { disabled: true },
      mcp: { disabled: true },
      hideClientButton: true,
      showDeveloperTools: 'never',
    },
  })
  await pages.ready()
  return pages
}
