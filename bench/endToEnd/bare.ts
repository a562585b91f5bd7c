import Database from 'better-sqlite3'
import fastify from 'fastify'
import { Pool } from 'undici'

/**
 * The limit: what this machine can do when nothing is decided. A Fastify handler that puts one row on disk, shared commits
 * with synchronous=FULL, answers 202, and posts once with undici. Arguments: database file, URL of the sink.
 */
const [file = '', sink = ''] = process.argv.slice(2)
const db = new Database(file)
db.pragma('journal_mode = WAL')
db.pragma('synchronous = FULL')
db.exec('CREATE TABLE event (seq INTEGER PRIMARY KEY, id TEXT, body TEXT)')
const insert = db.prepare('INSERT INTO event (id, body) VALUES (?, ?)')
const insertAll = db.transaction((rows: [string, string][]) => {
  for (const row of rows) insert.run(...row)
})
const pool = new Pool(sink, { connections: 128 })

interface Event {
  id: string
  values: { Last_Name: string; Mobile: string }
}
let waiting: { event: Event; resolve: () => void }[] = []

function commit(): void {
  const batch = waiting
  waiting = []
  insertAll.immediate(batch.map(({ event }) => [event.id, JSON.stringify(event)]))
  for (const { event, resolve } of batch) {
    resolve()
    void send(event)
  }
}

async function send(event: Event): Promise<void> {
  const template = {
    name: 'bench_notice',
    language: { code: 'ja' },
    components: [
      { type: 'body', parameters: [{ type: 'text', parameter_name: 'name', text: event.values.Last_Name }] },
    ],
  }
  const body = JSON.stringify({
    messaging_product: 'whatsapp',
    recipient_type: 'individual',
    to: event.values.Mobile,
    type: 'template',
    template,
    biz_opaque_callback_data: event.id,
  })
  const answer = await pool.request({
    method: 'POST',
    path: '/v25.0/3001/messages',
    headers: { authorization: 'Bearer x', 'content-type': 'application/json' },
    body,
  })
  await answer.body.json()
}

const app = fastify()
app.post<{ Body: Event }>('/v1/events', async (request, reply) => {
  await new Promise<void>((resolve) => {
    waiting.push({ event: request.body, resolve })
    if (waiting.length === 1) setImmediate(commit)
  })
  return reply.code(202).send({ events: [{ id: request.body.id, status: 'accepted' }] })
})
console.log(JSON.stringify({ url: await app.listen({ host: '127.0.0.1', port: 0 }) }))
