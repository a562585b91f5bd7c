import { z } from 'zod'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Actor, Command } from '#engine/command.ts'
import { callerOf, headerOf } from '../api.ts'
import type { CommandOptions, CommandOutcome, Denrei } from '../denrei.ts'
import type { Language } from '../texts.ts'
import { commandAnswer, commandWaiting } from '../schemas/instances.ts'

/** What every command answers: done, or on its way. Refusals are faults. */
export const answers = { 200: commandAnswer, 202: commandWaiting }

export const idempotency = z
  .looseObject({
    'idempotency-key': z.string().min(1).max(200).optional().describe('Asking again with the same key is safe.'),
  })
  .describe('Headers of a command.')

/** The key itself, when it acts for nobody else. A program vouches for its people; which program it was is written down. */
export function actorOf(request: FastifyRequest, as?: Actor): Actor {
  const { name, role } = callerOf(request)
  return as === undefined ? { user: name, roles: [role] } : { ...as, through: name }
}

/** Asks, and answers 200 with what was done, or 202 when that takes long. */
export async function answerCommand(
  denrei: Denrei,
  request: FastifyRequest,
  reply: FastifyReply,
  command: Command,
  { as, language }: { as?: Actor | undefined; language?: Language } = {},
): Promise<FastifyReply> {
  const options = { ...keyOf(request), ...(language === undefined ? {} : { language }) }
  return answerOutcome(reply, await denrei.command(command, actorOf(request, as), options))
}

export function answerOutcome(reply: FastifyReply, { kind, ...outcome }: CommandOutcome): FastifyReply {
  return reply.code(kind === 'done' ? 200 : 202).send(outcome)
}

/** By which asking twice does it once. */
export function keyOf(request: FastifyRequest): Pick<CommandOptions, 'idempotencyKey'> {
  const key = headerOf(request, 'idempotency-key')
  return key === undefined ? {} : { idempotencyKey: key }
}
