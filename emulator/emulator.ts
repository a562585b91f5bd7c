import { randomInt } from 'node:crypto'
import type { AddressInfo } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'
import { runAct } from './acts.ts'
import { countsOf, type Counts } from './counts.ts'
import type { Faults } from './faults.ts'
import { graphServer } from './graph.ts'
import { inboundSchema, type Inbound } from './inbound.ts'
import type { SentMessage } from './messages.ts'
import type { DeliveryOptions, EmulatorOptions, NumberOptions, TokenOptions } from './options.ts'
import type { SentCode } from './registration.ts'
import { NotKnown } from './notKnown.ts'
import { actOnTemplate, type TemplateAct, type TemplateActOptions } from './templateActs.ts'
import type { EmulatedTemplate } from './templates.ts'
import { handshake } from './handshake.ts'
import { World } from './world.ts'

/** A running emulator. */
export interface Emulator {
  /** `http://127.0.0.1:PORT`: the base URL to give a client instead of `https://graph.facebook.com`. */
  readonly url: string
  readonly port: number
  readonly wabaId: string
  readonly numbers: readonly NumberOptions[]
  /** The emulator's time, epoch ms. */
  now(): number
  counts(): Counts
  /** Accepted messages, oldest first. */
  messages(): SentMessage[]
  templates(): EmulatedTemplate[]
  /** Also decides the next attempt of what was not delivered yet. Null: events are dropped from now on. */
  setWebhookUrl(url: string | null): void
  /** Changes how webhooks go out. */
  setDelivery(delivery: Partial<DeliveryOptions>): void
  /** Asks the receiver to prove that it knows the verify token. @returns whether it did */
  verifyWebhook(): Promise<boolean>
  /** A customer goes through the embedded sign-up. @returns the code for `oauth/access_token`: good once, for 30 seconds */
  signUp(grant?: Omit<TokenOptions, 'token'>): string
  /** Verification codes that numbers were sent. */
  codes(): SentCode[]
  /** A user writes. Resolves with the message's id when its webhook was tried once. @throws ZodError, NotKnown */
  inbound(message: Inbound): Promise<string>
  /** Sends a webhook of any field and value. Resolves when it was tried once. */
  emit(field: string, value: object): Promise<void>
  /** What goes wrong; see FAULT_KINDS. */
  readonly faults: Faults
  /** Something happens to an account: see ACTS. Resolves when its webhook was tried once. @throws NotKnown, ZodError */
  act(name: string, given?: object): Promise<void>
  /** Decisions about a template in all its languages, or one: a language, or more. See TEMPLATE_ACTS. @throws NotKnown when there is none */
  decide(act: TemplateAct, name: string, options?: string | TemplateActOptions): Promise<void>
  /**
   * Moves time on by `ms` and delivers, in order, the webhooks that fall due on the way. Virtual time stands still otherwise;
   * real time jumps ahead. Not to be called from a webhook that it delivers.
   */
  advance(ms: number): Promise<void>
  /** When the next thing is due; null when nothing waits. */
  nextAt(): number | null
  /**
   * Resolves when all webhooks that are due were answered 200 or given up. In real time this waits for repeats too; in
   * virtual time repeats wait for `advance`.
   */
  flush(): Promise<void>
  /** Resolves when nothing is due and nothing waits: every message has reached its end. In virtual time it advances as far as needed. */
  settled(): Promise<void>
  /** Ends every connection. Calling it again waits for the same end. */
  close(): Promise<void>
}

/**
 * Starts a WhatsApp Cloud API on loopback: messages, templates, media, numbers, statuses by signed webhooks, faults.
 * Nothing leaves the machine except webhooks to the address it is given.
 *
 * @throws Error of node:net when the port is taken
 */
export async function startEmulator(options: EmulatorOptions): Promise<Emulator> {
  const world = new World(options, options.seed ?? randomInt(2 ** 32))
  const account = world.first
  const closing = new AbortController()
  let url = ''
  const app = graphServer(world, () => url, closing.signal)
  await app.listen({ port: options.port ?? 0, host: options.host ?? '127.0.0.1' })
  const { port } = app.server.address() as AddressInfo
  url = `http://127.0.0.1:${port}`
  const { scheduler, webhooks } = account

  let closed: Promise<void> | null = null
  const close = async (): Promise<void> => {
    closing.abort()
    scheduler.stop()
    await webhooks.close()
    await app.close()
  }
  const flush = (): Promise<void> => (scheduler.virtual ? scheduler.advance(0) : webhooks.idle())
  return {
    url,
    port,
    wabaId: account.wabaId,
    numbers: account.numbers,
    now: () => scheduler.now(),
    counts: () => countsOf(...world.accounts),
    messages: () =>
      world.accounts.flatMap(({ messages }) => messages.list()).toSorted((a, b) => a.acceptedAt - b.acceptedAt),
    templates: () => world.accounts.flatMap(({ templates }) => templates.list()),
    setWebhookUrl: (to) => void (webhooks.url = to),
    setDelivery: (delivery) => void Object.assign(account.delivery, delivery),
    verifyWebhook: async () => webhooks.url !== null && handshake(webhooks.url, options.verifyToken ?? ''),
    inbound: async (message) => {
      const inbound = inboundSchema.parse(message)
      return await world.meant({ numberId: inbound.numberId }).receiveAndSend(inbound)
    },
    signUp: (grant) => world.tokens.grantCode(grant),
    codes: () => world.accounts.flatMap(({ registrations }) => registrations.codes()),
    emit: async (field, value) => {
      account.tell(field, value)
      await webhooks.deliverDue()
    },
    faults: account.faults,
    act: async (name, given) => {
      runAct(world, name, given)
      await webhooks.deliverDue()
    },
    decide: async (act, name, options = {}) => {
      decide(world, act, name, typeof options === 'string' ? { language: options } : options)
      await webhooks.deliverDue()
    },
    advance: (ms) => scheduler.advance(ms),
    nextAt: () => scheduler.nextAt(),
    flush,
    settled: () => settled(world, flush),
    close: () => (closed ??= close()),
  }
}

function decide({ accounts }: World, act: TemplateAct, name: string, options: TemplateActOptions): void {
  const { language } = options
  const found = accounts.flatMap(({ templates }) =>
    templates
      .list()
      .filter((one) => one.name === name && (language === undefined || one.language === language))
      .map((template) => ({ templates, template })),
  )
  if (found.length === 0) throw new NotKnown(`The emulator has no template "${name}".`)
  for (const { templates, template } of found) {
    actOnTemplate(templates, template, act, options)
  }
}

async function settled({ shared: { scheduler } }: World, flush: () => Promise<void>): Promise<void> {
  await flush()
  for (let nextAt = scheduler.nextAt(); nextAt !== null; nextAt = scheduler.nextAt()) {
    if (scheduler.virtual) await scheduler.advance(Math.max(0, nextAt - scheduler.now()))
    else await wait(Math.max(1, Math.min(nextAt - scheduler.now(), 1_000)))
    await flush()
  }
}
