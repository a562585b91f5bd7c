import { oneAccount } from '#actions/whatsapp/accounts.ts'
import type { TemplateNode } from '#actions/whatsapp/answers.ts'
import type { CloudClient } from '#actions/whatsapp/client.ts'
import { WhatsAppRefused } from '#actions/whatsapp/faults.ts'
import type { Definition } from '#definitions/definitions.ts'
import type { Json } from '#definitions/json.ts'
import type { SendIntent } from '#engine/message.ts'
import { NUMBER_DEFAULTS } from '#engine/state.ts'
import type { TemplateEvent } from '#engine/trigger.ts'
import { createDenrei } from '#server/createDenrei.ts'
import { silentObserver } from '#server/observer.ts'
import { pollTemplates } from '#server/templates/poll.ts'
import { createUpkeep } from '#server/upkeep.ts'
import { openSqlite } from '#store/sqlite/openSqlite.ts'
import { NOW, WELCOME } from '#test/engine/workbench.ts'

export { NOW, WELCOME }
export const MINUTE = 60_000
export const HOUR = 60 * MINUTE

/** An engine whose clock is moved by hand, and an account at WhatsApp that holds what it was given. */
export async function openAccount({ creditsMicros = 1_000_000_000 } = {}) {
  let now = NOW
  let ids = 0
  const nodes = new Map<string, TemplateNode>()
  const sent: SendIntent[] = []
  const edited: string[] = []
  let asked = 0
  let refuse: number | null = null
  let category: string | null = null
  const client = {
    listNumbers: () => Promise.resolve([]),
    listTemplates(_account: string, filter: { name?: string } = {}) {
      if (filter.name === undefined) asked += 1
      if (refuse !== null) {
        return Promise.reject(
          new WhatsAppRefused('refused', { code: refuse, subcode: null, httpStatus: 400 }, refuse !== 190),
        )
      }
      return Promise.resolve([...nodes.values()].filter(({ name }) => name.includes(filter.name ?? '')))
    },
    createTemplate(_account: string, body: Json) {
      const given = body as unknown as TemplateNode
      const id = `m-${nodes.size + 1}`
      const node = { ...given, id, status: 'PENDING', category: category ?? given.category }
      nodes.set(`${given.name}/${given.language}`, node)
      return Promise.resolve({ kind: 'created', template: { id, status: 'PENDING', category: node.category } })
    },
    editTemplate(id: string, body: Json) {
      edited.push(id)
      for (const [key, node] of nodes) {
        if (node.id === id) nodes.set(key, { ...node, ...(body as object), status: 'PENDING' })
      }
      return Promise.resolve({ kind: 'edited' })
    },
    deleteTemplate(_account: string, { id }: { id?: string }) {
      for (const [key, node] of nodes) if (node.id === id) nodes.delete(key)
      return Promise.resolve()
    },
    unpauseTemplate(id: string) {
      for (const [key, node] of nodes) if (node.id === id) nodes.set(key, { ...node, status: 'APPROVED' })
      return Promise.resolve()
    },
    send(intent: SendIntent) {
      sent.push(intent)
      return Promise.resolve({ kind: 'accepted', wamid: `wamid.${sent.length}`, waId: '819012345678' })
    },
    close: () => Promise.resolve(),
  } as unknown as CloudClient
  const { store } = openSqlite(':memory:')
  await store.saveNumbers(
    [
      {
        id: '3001',
        accountId: '2001',
        displayNumber: '+81312345678',
        nickname: null,
        verifiedName: '伝令商店',
        status: 'CONNECTED',
        verified: true,
        quality: 'GREEN',
        throughput: 80,
        ...NUMBER_DEFAULTS,
        reachMax: null,
        updatedAt: NOW,
      },
    ],
    NOW,
  )
  const parts = {
    store,
    clock: { now: () => now },
    newId: () => `t${String(ids++).padStart(6, '0')}`,
    accounts: oneAccount(client, '2001'),
  }
  const denrei = await createDenrei({
    ...parts,
    random: () => 0.5,
    observer: {
      ...silentObserver,
      faltered: (loop, error) => {
        throw new Error(`${loop} faltered`, { cause: error })
      },
    },
  })
  // Of all duties only this one: the others ask for more than this account knows.
  const upkeep = createUpkeep({
    clock: parts.clock,
    duties: [pollTemplates({ ...parts, accept: (events) => denrei.accept(events) })],
    faltered: (duty, error) => {
      throw new Error(`${duty} faltered`, { cause: error })
    },
  })
  await denrei.accept([
    {
      kind: 'credits',
      source: 'test',
      sourceId: 'credits',
      occurredAt: now,
      amountMicros: creditsMicros,
      memo: '',
      actor: 'test',
    },
  ])
  await denrei.drain()
  return {
    denrei,
    store,
    nodes,
    sent,
    edited,
    asked: () => asked,
    refuse: (code: number | null) => void (refuse = code),
    /** Whatever is created becomes this. */
    categorize: (made: string) => void (category = made),
    now: () => now,
    async pass(ms: number) {
      now += ms
      await upkeep.run()
      await denrei.drain()
    },
    async apply(...definitions: object[]) {
      const files = definitions.map((json, index) => ({ file: `${index}.json`, json }))
      const applied = await denrei.apply(files, 'admin')
      await denrei.drain()
      return applied
    },
    /** WhatsApp tells by webhook; its list says so too. */
    async tell(name: string, status: string, more: Partial<TemplateEvent> = {}) {
      now += 2000
      const node = nodes.get(`${name}/ja`)
      if (node !== undefined)
        nodes.set(`${name}/ja`, { ...node, status, ...(more.category ? { category: more.category } : {}) })
      await denrei.accept([
        {
          kind: 'template',
          source: 'whatsapp',
          sourceId: `${name}:${status}:${now}`,
          occurredAt: now,
          accountId: '2001',
          name,
          language: 'ja',
          status,
          ...more,
        },
      ])
      await denrei.drain()
    },
    async lead(id: string, values: object = {}) {
      now += 1000
      await denrei.accept([
        {
          kind: 'record',
          op: 'created',
          module: 'Leads',
          recordId: id,
          values: { Last_Name: '田中', Mobile: `+8190123456${id.padStart(2, '0')}`, ...values },
          mode: 'replace',
          source: 'crm',
          sourceId: `lead-${id}`,
          occurredAt: now,
        },
      ])
      await denrei.drain()
    },
    /** State by name, such as `{ welcome_lead: 'APPROVED' }`. */
    async states() {
      return Object.fromEntries((await store.templates()).map(({ name, status }) => [name, status]))
    },
    async notices() {
      const { items } = await store.notifications({ limit: 100 })
      return items.flatMap(({ notice }) => (notice === null ? [] : [notice])).reverse()
    },
    async messages() {
      const { items } = await store.messages({}, { limit: 100 })
      return items.filter(({ intent }) => intent.kind === 'sendTemplate').reverse()
    },
  }
}

export const GREET: Definition = {
  kind: 'workflow',
  name: 'greet',
  module: 'Leads',
  trigger: { on: 'record.created' },
  branches: [{ actions: [{ type: 'sendTemplate', template: 'welcome_lead' }] }],
}
