import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A WhatsApp that accepts everything at once: the limit of what a sender can reach. Forked, so it has a core of its own. */
let count = 0
const server = createServer((request, response) => {
  request.resume()
  request.on('end', () => {
    const body = JSON.stringify({
      messaging_product: 'whatsapp',
      contacts: [{ input: '+818012345678', wa_id: '818012345678' }],
      messages: [{ id: `wamid.HBgL${++count}`, message_status: 'accepted' }],
    })
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': body.length }).end(body)
  })
})
server.listen(0, '127.0.0.1', () => process.send?.((server.address() as AddressInfo).port))
process.on('disconnect', () => process.exit(0))
