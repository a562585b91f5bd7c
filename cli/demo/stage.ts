import assert from 'node:assert/strict'
import type { Values } from '#definitions/json.ts'
import type { SourceFile } from '#definitions/problem.ts'
import type { Settings } from '#definitions/settings.ts'
import { template as templateSchema } from '#definitions/template.ts'
import { buttonLabels } from '#definitions/templateText.ts'
import type { SentMessage } from '#emulator/messages.ts'
import { virtualTime } from '#emulator/scheduler.ts'
import type { Instant } from '#engine/clock.ts'
import { templateKey } from '#engine/state.ts'
import type { Actor, Command } from '#engine/command.ts'
import type { RecordEvent } from '#engine/trigger.ts'
import { callServer } from '../remote.ts'
import type { Language } from '../texts.ts'
import { openHouse, type House } from './house.ts'

/** Turns at one instant after which something must be going round in a circle. */
const TURNS_MAX = 1000
const SECOND_MS = 1000

export type Taking = Omit<Extract<Command, { do: 'transition' }>, 'do' | 'module' | 'recordId'>

/** The real server, real HTTP and a clock that is moved by hand; and people who do what a story says, when it says so. */
export interface Stage extends House {
  now(): Instant
  /** Asks the server over HTTP, and has it work meanwhile. @throws ServerRefused */
  call<T>(method: 'GET' | 'POST' | 'PUT', path: string, body?: unknown): Promise<T>
  /** Whatever can happen without time passing happens. */
  settle(): Promise<void>
  /** Lets time pass: everything that falls due on the way happens at its own instant. */
  until(at: Instant): Promise<void>
  /** A record is created, changed or deleted in the CRM. @param values only those that change */
  record(op: RecordEvent['op'], module: string, recordId: string, values?: Values): Promise<void>
  /** Somebody in the house takes a transition. @throws ServerRefused with the reason */
  take(module: string, recordId: string, taking: Taking, as: Actor): Promise<void>
  /** A customer writes. @param from phone number */
  write(from: string, text: string): Promise<void>
  /** A customer taps a button of the latest template they were sent. @param label as it is shown */
  tap(from: string, label: string): Promise<void>
  /** What this number was sent and WhatsApp accepted, oldest first. */
  received(phone: string): SentMessage[]
}

export interface StageOptions {
  files: SourceFile[]
  startAt: Instant
  settings?: Partial<Settings>
  /** Booked by hand before anything else happens; null: the story buys them. */
  creditsMicros: number | null
  /** What comes round by itself (polls, automatic purchases) does so often. Default: not at all. */
  upkeepEveryMs?: number
  /** Of refusals. Default: English. */
  language?: Language
}

/** Opens the house, buys credits, applies the definitions and has WhatsApp review their templates. @throws ServerRefused */
export async function openStage({
  files,
  startAt,
  settings = {},
  creditsMicros,
  upkeepEveryMs = Infinity,
  language = 'en',
}: StageOptions): Promise<Stage> {
  const schedule = virtualTime(startAt)
  const clock = { now: () => schedule.now() }
  // Everybody reads what reaches them, a minute after it was sent.
  const statusDelaysMs = { sent: SECOND_MS, delivered: 2 * SECOND_MS, read: 57 * SECOND_MS }
  let ids = 0
  const newId = () => idOf(clock.now(), ids++)
  const given = { schedule, statusDelaysMs, readRate: 1, reviewDelayMs: 0, seed: 20261122 }
  const house = await openHouse(':memory:', given, { clock, newId, isDriven: true })
  const { server, emulator, target } = house
  const { denrei } = server
  const { store } = denrei
  const labels = new Map(files.flatMap(({ json }) => labelsOf(json)))
  let events = 0
  let upkeepAt = upkeepEveryMs === Infinity ? Infinity : startAt

  /** The server does nothing by itself here, and some answers wait for a decision. */
  async function call<T>(method: 'GET' | 'POST' | 'PUT', path: string, body?: unknown): Promise<T> {
    let isAnswered = false
    const answer = callServer<T>(target, method, path, body).finally(() => (isAnswered = true))
    // Its end is looked at below; a refusal meanwhile is not lost.
    answer.catch(() => undefined)
    while (!isAnswered) {
      await denrei.drain()
      await new Promise((resolve) => setImmediate(resolve))
    }
    return answer
  }

  /** Whatever can happen without time passing. */
  async function settle(): Promise<void> {
    if (clock.now() >= upkeepAt) {
      upkeepAt = clock.now() + upkeepEveryMs
      await denrei.upkeep()
    }
    for (let turns = 0; turns < TURNS_MAX; turns++) {
      await denrei.drain()
      await emulator.advance(0)
      const { inboxPending, outbox } = await store.depths(clock.now())
      const isDue = ((await store.nextDueAt()) ?? Infinity) <= clock.now()
      if (inboxPending === 0 && (outbox.sending ?? 0) === 0 && !isDue) return
    }
    assert.fail(`the story goes round at ${new Date(clock.now()).toISOString()}`)
  }
  async function nextAt(): Promise<Instant> {
    const all = [emulator.nextAt(), await store.nextTimerAt(), await store.nextDueAt()]
    return Math.min(upkeepAt, ...all.map((at) => at ?? Infinity))
  }

  const stage: Stage = {
    ...house,
    now: () => clock.now(),
    call,
    settle,
    async until(at) {
      assert(at >= clock.now(), 'time only moves on')
      await settle()
      let turns = 0
      for (let next = await nextAt(); next <= at; next = await nextAt()) {
        turns = next <= clock.now() ? turns + 1 : 0
        assert(turns < TURNS_MAX, `the story stands still at ${new Date(clock.now()).toISOString()}`)
        await emulator.advance(Math.max(0, next - clock.now()))
        await settle()
      }
      await emulator.advance(at - clock.now())
    },
    async record(op, module, recordId, values = {}) {
      await call('POST', '/v1/events', { id: `story-${events++}`, type: `record.${op}`, module, recordId, values })
      await settle()
    },
    async take(module, recordId, taking, as) {
      const path = `/v1/modules/${module}/records/${encodeURIComponent(recordId)}/blueprint`
      await call('POST', `${path}?language=${language}`, { ...taking, as })
      await settle()
    },
    async write(from, text) {
      await emulator.inbound({ from, text })
      await settle()
    },
    async tap(from, label) {
      const shown = stage.received(from).findLast(({ template }) => template !== null)
      const message = shown === undefined ? null : await store.message(shown.opaqueId ?? '')
      assert(shown?.template && message?.intent.kind === 'sendTemplate', `${from} was sent no template`)
      const index = labels.get(templateKey(shown.template))?.indexOf(label) ?? -1
      assert(index >= 0, `${shown.template.name} has no button "${label}"`)
      const payload = message.intent.parameters?.buttons.find((one) => one.index === index)?.value
      await emulator.inbound({ from, contextId: shown.wamid, button: { text: label, payload: payload ?? label } })
      await settle()
    },
    received: (phone) => emulator.messages().filter(({ waId }) => waId === phone.replace(/\D/g, '')),
  }
  try {
    if (creditsMicros !== null) await call('POST', '/v1/account/sync', {})
    if (Object.keys(settings).length > 0) await denrei.saveSettings({ ...(await denrei.settings()), ...settings })
    if (creditsMicros !== null)
      await call('POST', '/v1/credits/purchases', { amountMicros: creditsMicros, memo: '初回購入 / first purchase' })
    await call('POST', '/v1/definitions/apply', { files })
    await settle()
    return stage
  } catch (error) {
    await house.close()
    throw error
  }
}

/** As UUIDs of version 7 are, and the same in every run of a story. */
function idOf(now: Instant, count: number): string {
  const time = now.toString(16).padStart(12, '0')
  const tail = count.toString(16).padStart(15, '0')
  return `${time.slice(0, 8)}-${time.slice(8)}-7${tail.slice(0, 3)}-8${tail.slice(3, 6)}-${tail.slice(6)}000`
}

/** What a template's buttons say, in their order. */
function labelsOf(json: unknown): [key: string, labels: string[]][] {
  const parsed = templateSchema.safeParse(json)
  return parsed.success ? [[templateKey(parsed.data), buttonLabels(parsed.data.buttons)]] : []
}
