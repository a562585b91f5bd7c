import type { Change, Decision } from '#engine/decision.ts'
import type { LoadRequest } from '#engine/facts.ts'
import type { Broadcast, Instance, InstanceStep } from '#engine/instance.ts'
import { purchase } from '#engine/ledger.ts'
import type { SendIntent, WorkIntent } from '#engine/message.ts'
import type { Candidate, Claimed, Judgement, Settlement } from '#engine/claim.ts'
import type { Store } from '#engine/store.ts'
import type { BroadcastTimer, InstanceTimer, LaterTimer } from '#engine/parkedTimer.ts'
import type { RecordEvent, StatusEvent, Trigger, WorldEvent } from '#engine/trigger.ts'
import { anIntent, aWork, HOUR_MS, NOW } from '#test/engine/builders.ts'

export const MINUTE_MS = 60_000
export const DAY_MS = 24 * HOUR_MS
/** The number of `anIntent`. */
export const NUMBER = '10001'

let last = 0
/** Ids that sort by when they were made, as UUIDv7 do. */
export function newId(): string {
  return `t${String(++last).padStart(8, '0')}`
}

export function leadEvent(change: Partial<RecordEvent> = {}): RecordEvent {
  return {
    kind: 'record',
    op: 'created',
    module: 'Leads',
    recordId: '5725',
    values: { Last_Name: '佐藤', Mobile: '+819012345678' },
    mode: 'merge',
    source: 'crm',
    sourceId: newId(),
    occurredAt: NOW,
    ...change,
  }
}

export function statusEvent(change: Partial<StatusEvent> = {}): StatusEvent {
  return {
    kind: 'status',
    wamid: 'wamid.1',
    status: 'delivered',
    recipient: { waId: '819012345678' },
    source: 'whatsapp',
    sourceId: newId(),
    occurredAt: NOW,
    ...change,
  }
}

export function sendIntent(change: Partial<SendIntent> = {}): SendIntent {
  const triggerId = change.triggerId ?? newId()
  return anIntent({ id: `${triggerId}-0`, triggerId, ...change })
}

export function workIntent(change: Partial<WorkIntent> = {}): WorkIntent {
  const triggerId = change.triggerId ?? newId()
  return aWork({ id: `${triggerId}-0`, triggerId, payload: { 金額: 1200 }, ...change })
}

export function timer(change: Partial<LaterTimer> = {}): LaterTimer {
  return {
    id: newId(),
    kind: 'later',
    dueAt: NOW + 2 * DAY_MS,
    definition: 'workflow/welcome-web-lead@1',
    module: 'Leads',
    recordId: '5725',
    later: { after: 'P2D', actions: [] },
    pointer: '/branches/0/later/0',
    causedBy: [{ triggerId: 't0', definition: 'workflow/welcome-web-lead@1' }],
    ...change,
  }
}

/** A record in a journey, as it stands after it entered. */
export function anInstance(change: Partial<Instance> = {}): Instance {
  const id = change.id ?? `${newId()}-0`
  return {
    id,
    kind: 'journey',
    definition: 'journey/trial-nurture',
    version: 1,
    module: 'Leads',
    recordId: '5725',
    key: '',
    status: 'running',
    position: 'hello',
    visit: 1,
    reason: null,
    enteredAt: NOW,
    movedAt: NOW,
    endedAt: null,
    body: { sent: { hello: `${id}-1` } },
    addresses: [],
    causedBy: [{ triggerId: 't0', definition: 'journey/trial-nurture@1' }],
    revision: 1,
    ...change,
  }
}

export function aStep(change: Partial<InstanceStep> = {}): InstanceStep {
  return {
    at: NOW,
    kind: 'moved',
    from: 'hello',
    to: 'remind',
    via: 'timeout',
    by: 'journey/trial-nurture@1',
    tookMs: 0,
    data: null,
    ...change,
  }
}

/** It enters. */
export function enters(instance: Instance, step: Partial<InstanceStep> = {}): Change {
  const { enteredAt: at, position: to } = instance
  const steps = [aStep({ at, kind: 'entered', from: null, to, via: 'record', tookMs: 0, ...step })]
  return { kind: 'putInstance', instance, steps }
}

/** It goes on to a position, and the row after it. */
export function moves(
  before: Instance,
  to: string,
  step: Partial<InstanceStep> = {},
  change: Partial<Instance> = {},
): { instance: Instance; change: Change } {
  const { visit, revision, position: from } = before
  const instance = { ...before, position: to, visit: visit + 1, revision: revision + 1, ...change }
  return { instance, change: { kind: 'putInstance', instance, steps: [aStep({ from, to, ...step })] } }
}

/** It leaves. */
export function ends(before: Instance, reason: string, at = NOW): { instance: Instance; change: Change } {
  const { revision, position: from } = before
  const instance = { ...before, status: 'ended' as const, reason, endedAt: at, revision: revision + 1 }
  const steps = [aStep({ at, kind: 'ended', from, to: null, via: reason })]
  return { instance, change: { kind: 'putInstance', instance, steps } }
}

export function instanceTimer(instance: Instance, change: Partial<InstanceTimer> = {}): InstanceTimer {
  return {
    id: newId(),
    kind: 'instance',
    dueAt: NOW + 2 * DAY_MS,
    definition: `${instance.definition}@${instance.version}`,
    module: instance.module,
    recordId: instance.recordId,
    instanceId: instance.id,
    position: instance.position,
    visit: instance.visit,
    name: 'wait',
    causedBy: instance.causedBy,
    ...change,
  }
}

export function aBroadcast(change: Partial<Broadcast> = {}): Broadcast {
  return {
    id: `${newId()}-0`,
    definition: 'journey/spring-offer',
    name: '春のご案内',
    state: 'running',
    startAt: NOW,
    rate: { count: 100, perMs: MINUTE_MS },
    source: { kind: 'list', total: 3 },
    cursor: '0',
    entered: 0,
    refused: {},
    createdBy: '田中',
    createdAt: NOW,
    endedAt: null,
    ...change,
  }
}

export function broadcastTimer({ id, definition }: Broadcast, change: Partial<BroadcastTimer> = {}): BroadcastTimer {
  return {
    id: newId(),
    kind: 'broadcast',
    dueAt: NOW,
    definition: `${definition}@1`,
    module: 'Leads',
    recordId: '',
    broadcastId: id,
    causedBy: [],
    ...change,
  }
}

export function putRecord(id: string, change: Partial<Extract<Change, { kind: 'putRecord' }>> = {}): Change {
  return {
    kind: 'putRecord',
    module: 'Leads',
    id,
    values: { Last_Name: '佐藤' },
    deleted: false,
    at: NOW,
    addresses: [],
    recent: [],
    ...change,
  }
}

export function decision(triggerId: string, changes: Change[], notes: string[] = []): Decision {
  return { triggerId, changes, trace: { triggerId, at: NOW, rules: [], notes } }
}

/** Accepts events and gives them back as the store hands them out. */
export async function accepted(store: Store, events: WorldEvent[], now = NOW): Promise<Trigger[]> {
  const outcomes = await store.accept(
    events.map((event) => ({ id: newId(), event })),
    now,
  )
  const ids = outcomes.map(({ id }) => id)
  const pending = await store.pending(10_000, now)
  return ids.flatMap((id) => pending.filter((trigger) => trigger.id === id))
}

/** Commits these changes as what some trigger decided. */
export async function apply(store: Store, changes: Change[], now = NOW): Promise<string> {
  const [trigger] = await accepted(store, [leadEvent({ occurredAt: now })], now)
  if (trigger === undefined) throw new Error('The store lost the trigger.')
  const outcome = await store.commit([decision(trigger.id, changes)], new Map(), now, newId)
  if (outcome.kind !== 'committed') throw new Error(`The commit met a conflict: ${outcome.keys.join(', ')}`)
  return trigger.id
}

export function enqueue(
  intent: SendIntent | WorkIntent,
  change: Partial<Extract<Change, { kind: 'enqueue' }>> = {},
): Change {
  return { kind: 'enqueue', intent, contactId: null, verdict: { kind: 'allow' }, guards: [], at: NOW, ...change }
}

export async function buy(store: Store, amountMicros: number): Promise<void> {
  await apply(store, [{ kind: 'post', postings: purchase(newId(), amountMicros, '購入', NOW) }])
}

export const sendAt = (priceMicros: number, change: Partial<Extract<Judgement, { kind: 'send' }>> = {}) => {
  return (candidates: Candidate[]): Judgement[] =>
    candidates.map(({ message }) => ({
      id: message.intent.id,
      kind: 'send',
      priceMicros,
      market: 'Japan',
      category: message.intent.kind === 'sendTemplate' ? message.intent.category : null,
      form: message.intent.kind === 'sendTemplate' ? 'template' : null,
      inWindow: false,
      guards: [],
      ...change,
    }))
}

export async function claimAll(
  store: Store,
  change: { lane?: string; worker?: string; now?: number; leaseMs?: number; limit?: number } = {},
  judge: (candidates: Candidate[]) => Judgement[] = sendAt(0),
): Promise<Claimed[]> {
  const request = { lane: NUMBER, worker: 'w1', now: NOW, leaseMs: MINUTE_MS, limit: 100, ...change }
  return store.claim(request, judge, newId)
}

/** Enqueues one message and claims it. */
export async function sending(store: Store, intent: SendIntent = sendIntent(), priceMicros = 0): Promise<Claimed> {
  await apply(store, [enqueue(intent)])
  const [claimed] = await claimAll(store, {}, sendAt(priceMicros))
  if (claimed === undefined) throw new Error('The store claimed nothing.')
  return claimed
}

type Ending = Settlement extends infer S ? (S extends Settlement ? Omit<S, 'id' | 'fence' | 'at'> : never) : never

export async function settleOne(
  store: Store,
  claimed: Claimed,
  ending: Ending,
  at = NOW,
): Promise<boolean | undefined> {
  const settlement = { id: claimed.message.intent.id, fence: claimed.fence, at, ...ending }
  const [written] = await store.settle([settlement], newId)
  return written
}

export const request = (triggers: Trigger[], change: Partial<LoadRequest> = {}): LoadRequest => ({
  triggers,
  lookups: {},
  lookupModules: {},
  phoneModules: [],
  pageMax: 200,
  ...change,
})
