import type { FastifyInstance } from 'fastify'
import type { Random } from '#emulator/random.ts'
import { AppError } from '#engine/errors.ts'
import type { Denrei } from '#server/denrei.ts'
import { verifySignature } from '#triggers/whatsapp/signature.ts'
import { parseWebhook } from '#triggers/whatsapp/webhook.ts'
import type { Life } from './life.ts'
import type { Call } from './wire.ts'
import type { World } from './world.ts'

export const APP_SECRET = 'simulation-secret'
export const CLIENT_TIMEOUT_MS = 30_000

/** What lies between us and WhatsApp, and what it does to calls. */
export class Network {
  private readonly world: World
  private readonly graph: FastifyInstance
  private readonly random: Random

  constructor(world: World, graph: FastifyInstance, random: Random) {
    this.world = world
    this.graph = graph
    this.random = random
  }

  /** From us to WhatsApp. What is on the wire arrives even when we die meanwhile. */
  callOut(call: Call, life: Life): void {
    const { random, world } = this
    const { time } = world
    const { refusedRate, closedRate, answerLostRate, slowRate } = world.chaos.network
    const chance = (rate: number) => !world.calm && random.chance(rate)
    const alive = (act: () => void) => () => {
      if (!life.dead) act()
    }
    const wayMs = 5 + random.next() * 200
    if (chance(refusedRate))
      return time.after(
        wayMs,
        alive(() => call.fail('ECONNREFUSED')),
      )
    call.start()
    if (chance(closedRate))
      return time.after(
        wayMs,
        alive(() => call.fail('UND_ERR_SOCKET')),
      )
    const isLost = chance(answerLostRate)
    const isSilent = random.chance(0.5)
    const backMs = 5 + (chance(slowRate) ? random.next() * 25_000 : random.next() * 200)
    time.after(wayMs, () => {
      void time.during(this.inject(call)).then(({ statusCode, headers, body }) => {
        if (!isLost)
          time.after(
            backMs,
            alive(() => call.answer(statusCode, headers, body)),
          )
        else if (!isSilent)
          time.after(
            backMs,
            alive(() => call.fail('UND_ERR_SOCKET')),
          )
        else time.after(CLIENT_TIMEOUT_MS, () => undefined) // The client's own deadline comes about now.
      })
    })
  }

  private async inject({ method, path, headers, body }: Call) {
    const answer = await this.graph.inject({
      method: method as 'GET' | 'POST',
      url: path,
      headers,
      ...(body === null ? {} : { payload: body }),
    })
    if (path.includes('/messages') && answer.statusCode === 200) this.world.counts.sends++
    return { statusCode: answer.statusCode, headers: answer.headers as Record<string, string>, body: answer.body }
  }

  /** From WhatsApp to us, as the route does it. @param process null while it is down */
  async webhookIn(call: Call, process: { denrei: Denrei; life: Life } | null): Promise<void> {
    if (process === null) return call.fail('ECONNREFUSED')
    const { denrei, life } = process
    call.start()
    const outcome = await Promise.race([this.takeWebhook(denrei, call), life.died])
    if (outcome === 'died') call.fail('UND_ERR_SOCKET')
    else call.answer(outcome, {}, '{}')
  }

  private async takeWebhook(denrei: Denrei, { body, headers }: Call): Promise<number> {
    try {
      verifySignature(Buffer.from(body), headers['x-hub-signature-256'], [APP_SECRET])
      const { events } = parseWebhook(JSON.parse(body), { now: this.world.time.server.now() })
      if (events.length > 0) this.world.remember(events, await denrei.accept(events))
      return 200
    } catch (error) {
      if (error instanceof AppError) return error.retryable ? 503 : 400
      throw error
    }
  }
}
