import { createServer } from 'node:http'

/**
 * A WhatsApp that accepts everything at once and counts, as cheap as Node can be, in a process of its own. The text of a
 * message's first parameter carries the instant at which its event was posted, so latency is measured where it ends.
 *
 * `GET /counts` answers `{ count, latencies }` and starts the latencies anew.
 */
let count = 0
let latencies: number[] = []
/** Ten numbers at the highest speed that Meta grants, 1,000 a second each, so that the limiter does not bind. */
const NUMBERS = Array.from({ length: 10 }, (_, index) => ({
  id: `300${index}`,
  display_phone_number: `+81 3-1234-567${index}`,
  verified_name: 'Bench',
  status: 'CONNECTED',
  code_verification_status: 'VERIFIED',
  quality_rating: 'GREEN',
  throughput: { level: 'HIGH' },
  whatsapp_business_manager_messaging_limit: 'TIER_UNLIMITED',
}))
const TEMPLATE = {
  id: '1',
  name: 'bench_notice',
  language: 'ja',
  status: 'APPROVED',
  category: 'UTILITY',
  components: [],
}
const POSTED_AT = /"text":"at(\d+)"/

const server = createServer((request, response) => {
  const chunks: Buffer[] = []
  request.on('data', (chunk: Buffer) => chunks.push(chunk))
  request.on('end', () => {
    const path = request.url ?? ''
    if (path.endsWith('/messages')) {
      count++
      const postedAt = POSTED_AT.exec(Buffer.concat(chunks).toString('latin1'))?.[1]
      if (postedAt !== undefined) latencies.push(Date.now() - Number(postedAt))
      return answer({
        messaging_product: 'whatsapp',
        contacts: [],
        messages: [{ id: `wamid.${count}`, message_status: 'accepted' }],
      })
    }
    if (path === '/counts') {
      const told = { count, latencies }
      latencies = []
      return answer(told)
    }
    if (path.includes('/phone_numbers')) return answer({ data: NUMBERS })
    if (path.includes('/message_templates')) return answer({ data: [TEMPLATE] })
    return answer({})
  })
  function answer(body: unknown): void {
    const text = JSON.stringify(body)
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) })
    response.end(text)
  }
})
server.keepAliveTimeout = 60_000
server.listen(0, '127.0.0.1', () => {
  const address = server.address()
  if (address !== null && typeof address === 'object')
    console.log(JSON.stringify({ url: `http://127.0.0.1:${address.port}` }))
})
