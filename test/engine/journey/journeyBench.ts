import type { Definition, Journey, Step } from '#definitions/definitions.ts'
import type { Values } from '#definitions/json.ts'
import type { Instant } from '#engine/clock.ts'
import type { Answer, InstanceTrace } from '#engine/decision.ts'
import type { Instance } from '#engine/instance.ts'
import type { Command } from '#engine/command.ts'
import type { StatusEvent } from '#engine/trigger.ts'
import { approved, createWorkbench, inbound, recordEvent, sendOf, TANAKA } from '../workbench.ts'

export const MINUTE_MS = 60_000
export const HOUR_MS = 3_600_000
export const DAY_MS = 86_400_000

/** A template of Leads, in Japanese, without parameters. */
export function template(name: string): Definition {
  return { kind: 'template', name, language: 'ja', category: 'UTILITY', module: 'Leads', body: 'こんにちは' }
}

export const TEMPLATES = ['hello', 'remind', 'thanks'].map(template)

/** A journey of Leads that a new record enters. */
export function aJourney(steps: Step[], more: Partial<Journey> = {}): Journey {
  return {
    kind: 'journey',
    name: 'trial-nurture',
    module: 'Leads',
    entry: { trigger: { on: 'record.created' } },
    steps,
    ...more,
  }
}

export const equal = (fact: string, value: string | number | boolean) => ({ fact, operator: 'equal', value })

let asked = 0

/** A workbench with words for what happens to journeys. */
export async function createJourneyBench(definitions: Definition[]) {
  const bench = await createWorkbench([...TEMPLATES, ...definitions], {
    templates: TEMPLATES.map(({ name }) => approved(name)),
  })
  const { store, happen, now, fire } = bench

  async function instances(recordId?: string): Promise<Instance[]> {
    const filter = { kind: 'journey' as const, ...(recordId !== undefined && { module: 'Leads', recordId }) }
    return (await store.instances(filter, { limit: 500 })).items.toReversed()
  }
  return {
    ...bench,
    instances,
    /** @returns the id of the trigger */
    async create(recordId: string, values: Values = {}): Promise<string> {
      const all = { Last_Name: '田中', Mobile: TANAKA, ...values }
      const [id = ''] = await happen(recordEvent('created', 'Leads', recordId, all, { occurredAt: now() }))
      return id
    },
    async update(recordId: string, values: Values): Promise<string> {
      const [id = ''] = await happen(recordEvent('updated', 'Leads', recordId, values, { occurredAt: now() }))
      return id
    },
    async reply(text: string, at: Instant = now(), from = TANAKA.slice(1)): Promise<string> {
      const [id = ''] = await happen(inbound(text, { occurredAt: at, from: { waId: from } }))
      return id
    },
    async tap(payload: string, title: string): Promise<void> {
      const message = { id: `wamid.tap${asked++}`, type: 'button', text: title, payload, raw: {} }
      await happen(inbound(title, { occurredAt: now(), message }))
    },
    /** WhatsApp tells of a message. @param which 0 is the first that was queued */
    async tell(which: number, status: StatusEvent['status']): Promise<void> {
      const intent = sendOf((await bench.messages())[which])
      const wamid = `wamid.${intent.id}`
      await happen({
        kind: 'status',
        source: 'whatsapp',
        sourceId: `${wamid}:${status}`,
        occurredAt: now(),
        messageId: intent.id,
        wamid,
        status,
        recipient: { waId: TANAKA.slice(1) },
      })
    },
    /** It ended on our side. */
    async fail(which: number, state: 'blocked' | 'failed' | 'gave_up', reason: string): Promise<void> {
      const { id } = sendOf((await bench.messages())[which])
      const own = { source: 'denrei:outcome', sourceId: `${id}:${state}`, occurredAt: now() }
      await happen({ kind: 'outcome', ...own, messageId: id, state, reason })
    },
    /** @returns what became of it */
    async ask(command: Command): Promise<Answer | undefined> {
      const [id = ''] = await happen({
        kind: 'command',
        source: 'test',
        sourceId: `command${asked++}`,
        occurredAt: now(),
        command,
        actor: { user: '佐藤', roles: ['admin'] },
      })
      return (await store.trace(id))?.answer
    },
    /** Where the latest instance of a record stands, or why it ended. */
    async place(recordId: string): Promise<string | undefined> {
      const one = (await instances(recordId)).at(-1)
      return one?.status === 'ended' ? `ended: ${one.reason}` : one?.position
    },
    /** The ways an instance went: `hello -next> reply`. */
    async path(recordId: string): Promise<string[]> {
      const one = (await instances(recordId)).at(-1)
      const steps = one === undefined ? [] : await store.instanceSteps(one.id)
      return steps.map(({ from, via, to }) => `${from ?? ''} -${via}> ${to ?? ''}`.trim())
    },
    /** What the trace of a trigger tells of journeys. */
    async told(triggerId: string): Promise<InstanceTrace[]> {
      return (await store.trace(triggerId))?.instances ?? []
    },
    /** The templates queued so far, in order. */
    async sent(): Promise<string[]> {
      return (await bench.messages()).map((message) => sendOf(message).template?.name ?? 'text')
    },
    async goOn(ms: number): Promise<void> {
      await fire(ms)
    },
  }
}
export type JourneyBench = Awaited<ReturnType<typeof createJourneyBench>>
