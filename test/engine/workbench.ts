import type { Definition } from '#definitions/definitions.ts'
import { definitionKey } from '#definitions/definitions.ts'
import type { Values } from '#definitions/json.ts'
import { builtinModules } from '#definitions/modules.ts'
import { compileDefinitions } from '#engine/definitionSet.ts'
import type { Instant } from '#engine/clock.ts'
import type { Message, SendIntent } from '#engine/message.ts'
import { runBatch } from '#engine/run.ts'
import { NUMBER_DEFAULTS, TEMPLATE_DEFAULTS, type NumberState, type TemplateState } from '#engine/state.ts'
import type { MessageEvent, RecordEvent, WorldEvent } from '#engine/trigger.ts'
import { openSqlite } from '#store/sqlite/openSqlite.ts'

/** 2026-11-22 10:00 in Tokyo. */
export const NOW: Instant = Date.UTC(2026, 10, 22, 1, 0, 0)
export const TANAKA = '+819012345678'

export const NUMBER: NumberState = {
  id: '3001',
  accountId: '2001',
  displayNumber: '+81312345678',
  nickname: '営業',
  verifiedName: '伝令商店',
  status: 'CONNECTED',
  verified: true,
  quality: 'GREEN',
  throughput: 80,
  ...NUMBER_DEFAULTS,
  reachMax: null,
  updatedAt: NOW,
}

export const WELCOME: Definition = {
  kind: 'template',
  name: 'welcome_lead',
  language: 'ja',
  category: 'UTILITY',
  module: 'Leads',
  body: 'こんにちは、{{name}} 様。お問い合わせをありがとうございます。担当より連絡します。',
  parameters: { name: { value: '$[見込み客.姓|お客様]', example: '田中' } },
}

export function approved(
  name: string,
  language = 'ja',
  status = 'APPROVED',
  category: TemplateState['category'] = 'UTILITY',
): TemplateState {
  return {
    name,
    language,
    accountId: '2001',
    metaId: `m-${name}`,
    status,
    category,
    quality: null,
    reason: null,
    ...TEMPLATE_DEFAULTS,
    submittedHash: null,
    updatedAt: NOW,
  }
}

/** An engine on a real store in memory with a clock that stands still until it is moved. Nothing is dispatched. */
export async function createWorkbench(
  definitions: Definition[],
  options: { templates?: TemplateState[]; creditsMicros?: number; file?: string } = {},
) {
  const { store } = openSqlite(options.file ?? ':memory:')
  let now = NOW
  let ids = 0
  // Sorts as UUIDv7 do, and is the same in every run.
  const newId = () => `t${String(ids++).padStart(6, '0')}`
  await store.saveNumbers([NUMBER], now)
  await store.saveTemplates(options.templates ?? [approved('welcome_lead')], now)
  let set = compileDefinitions([], builtinModules)
  async function define(more: Definition[]) {
    await apply(more)
    await settle()
  }
  async function apply(more: Definition[]) {
    await store.saveDefinitions(
      more.map((definition) => ({ key: definitionKey(definition), definition, hash: JSON.stringify(definition) })),
      [],
      [],
      'test',
      now,
      newId,
    )
    await compile()
  }
  async function compile() {
    set = compileDefinitions(await store.definitions(), builtinModules, await store.pinnedDefinitions())
  }
  const clock = { now: () => now }
  const shell = { store, clock, newId, definitions: () => set }

  /** Decides until nothing waits; timers that are due fire first. */
  async function settle() {
    for (;;) {
      const fired = await store.fireTimers(now, 100, newId)
      const { decisions, setAside } = await runBatch(shell, 100)
      if (fired === 0 && decisions.length === 0 && setAside.length === 0) return
    }
  }
  /** Lets time pass: the clock stops wherever a timer is due, and everything it causes is decided there. */
  async function fire(ms = 0) {
    const until = now + ms
    for (;;) {
      await settle()
      const next = await store.nextTimerAt()
      if (next === null || next > until) break
      now = Math.max(now, next)
    }
    now = until
  }
  /** Accepts and decides. @returns the ids of the triggers */
  async function happen(...events: WorldEvent[]): Promise<string[]> {
    const outcomes = await store.accept(
      events.map((event) => ({ id: newId(), event })),
      now,
    )
    await settle()
    return outcomes.map(({ id }) => id)
  }
  await define(definitions)
  if (options.creditsMicros !== 0) {
    await happen({
      kind: 'credits',
      source: 'test',
      sourceId: 'credits',
      occurredAt: now,
      amountMicros: options.creditsMicros ?? 10_000_000,
      memo: '初回購入',
      actor: 'admin',
    })
  }
  return {
    store,
    happen,
    settle,
    define,
    /** As `define`, and what follows from it waits to be decided. */
    apply,
    async switch(key: string, active: boolean) {
      await store.setActive(key, active, now, newId)
      await compile()
      await settle()
    },
    /** Decides what waits now, and nothing that follows from it. */
    step: () => runBatch(shell, 100),
    fire,
    shell,
    definitions: () => set,
    /** Moves the clock and decides nothing; see `fire`. */
    advance(ms: number) {
      now += ms
    },
    now: () => now,
    async messages(): Promise<Message[]> {
      return (await store.messages({}, { limit: 100 })).items
        .filter(({ intent }) => intent.kind === 'sendTemplate')
        .reverse()
    },
    async values(module: string, id: string): Promise<Values | undefined> {
      const record = await store.record(module, id)
      return record === null || record.deleted ? undefined : record.values
    },
    async outcomes(triggerId: string): Promise<string[]> {
      return (await store.trace(triggerId))?.rules.map(({ definition, outcome }) => `${definition} ${outcome}`) ?? []
    },
  }
}
export type Workbench = Awaited<ReturnType<typeof createWorkbench>>

let events = 0
export function recordEvent(
  op: RecordEvent['op'],
  module: string,
  recordId: string,
  values: Values,
  more: Partial<RecordEvent> = {},
): RecordEvent {
  return {
    kind: 'record',
    source: 'crm',
    sourceId: `e${events++}`,
    occurredAt: NOW,
    op,
    module,
    recordId,
    values,
    mode: 'merge',
    ...more,
  }
}

export function inbound(text: string, more: Partial<MessageEvent> = {}): MessageEvent {
  const id = `wamid.in${events++}`
  return {
    kind: 'message',
    source: 'whatsapp',
    sourceId: id,
    occurredAt: NOW,
    numberId: NUMBER.id,
    from: { waId: TANAKA.slice(1), name: '田中 花子' },
    message: { id, type: 'text', text, raw: { text: { body: text } } },
    opensWindow: true,
    ...more,
  }
}

export function sendOf(message: Message | undefined): SendIntent {
  if (message?.intent.kind !== 'sendTemplate') throw new TypeError('not a message')
  return message.intent
}
