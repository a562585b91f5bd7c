import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

/** As long as an answer of WhatsApp's takes on a good day. */
const ANSWER_MS = 60

/** What arrived, as WhatsApp would count it: by number, epoch ms with fractions. */
export interface Arrivals {
  times: Record<string, number[]>
  /** Messages that came more than once, by our id. */
  duplicates: number
}

const times = new Map<string, number[]>()
const seen = new Set<string>()
let duplicates = 0

/** A WhatsApp that accepts everything and writes down when it came. Forked, so it has a core of its own. */
const server = createServer((request, response) => {
  const at = performance.timeOrigin + performance.now()
  const number = request.url?.split('/').at(-2) ?? ''
  const own = times.get(number)
  if (own === undefined) times.set(number, [at])
  else own.push(at)
  const chunks: Buffer[] = []
  request.on('data', (chunk: Buffer) => chunks.push(chunk))
  request.on('end', () => {
    const { biz_opaque_callback_data: id, to } = JSON.parse(Buffer.concat(chunks).toString()) as Record<string, string>
    if (seen.has(id ?? '')) duplicates++
    else seen.add(id ?? '')
    const body = JSON.stringify({
      messaging_product: 'whatsapp',
      contacts: [{ input: to, wa_id: to?.replace('+', '') }],
      messages: [{ id: `wamid.${id}`, message_status: 'accepted' }],
    })
    setTimeout(
      () => response.writeHead(200, { 'content-type': 'application/json', 'content-length': body.length }).end(body),
      ANSWER_MS,
    )
  })
})
server.listen(0, '127.0.0.1', () => process.send?.((server.address() as AddressInfo).port))
process.on('message', () => {
  const arrivals: Arrivals = { times: Object.fromEntries(times), duplicates }
  process.send?.(arrivals)
  times.clear()
  seen.clear()
  duplicates = 0
})
process.on('disconnect', () => process.exit(0))
