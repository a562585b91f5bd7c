import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'

/** One event of the committed file, in the format in which a CRM would send it. */
export interface DemoEvent {
  /** What happens before the customers answer, and what happens after. */
  phase: 1 | 2
  as: 'own' | 'cloudevent' | 'zoho'
  body: Record<string, unknown>
}

const FILE = fileURLToPath(new URL('./events.jsonl', import.meta.url))

export async function readEvents(): Promise<DemoEvent[]> {
  const text = await readFile(FILE, 'utf8')
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as DemoEvent)
}

export interface Target {
  url: string
  key: string
  zohoToken: string
}

/** Posts events over HTTP in their order, as a CRM does. @throws Error when one is not accepted */
export async function feed(events: DemoEvent[], target: Target, startedAt: number): Promise<void> {
  for (const event of events) {
    const { path, headers, body } = requestOf(event, target, startedAt)
    const response = await fetch(target.url + path, { method: 'POST', headers, body: JSON.stringify(body) })
    if (response.status !== 202) throw new Error(`${path} answered ${response.status}: ${await response.text()}`)
    await response.arrayBuffer()
  }
}

function requestOf({ as, body }: DemoEvent, { key, zohoToken }: Target, startedAt: number) {
  const authorization = `Bearer ${key}`
  if (as === 'cloudevent') {
    return { path: '/v1/events', headers: { authorization, 'content-type': 'application/cloudevents+json' }, body }
  }
  if (as === 'own') {
    return { path: '/v1/events', headers: { authorization, 'content-type': 'application/json' }, body }
  }
  // Zoho signs nothing: the token of the channel is in the body. The file holds neither it nor a time.
  const { demo, ...callback } = body
  return {
    path: '/v1/zoho/notifications',
    headers: { 'content-type': 'application/json' },
    body: { ...callback, token: zohoToken, server_time: startedAt + Number(demo) },
  }
}
