import { z } from 'zod'
import { EventIdReused, InvalidInput } from '#engine/errors.ts'
import type { Contact } from '#engine/state.ts'
import type { ConsentEvent } from '#engine/trigger.ts'
import { instantInput, instantOf } from '#triggers/instant.ts'
import type { Caller } from '../roles.ts'
import { demand } from '../roles.ts'
import { findPerson, type Desk } from './who.ts'

/** How long a change waits for its decision. */
const WAIT_MS = 2_000
/** How far ahead of ours a clock may be. Consent from the future would outrank what a person says tomorrow. */
export const FUTURE_TOLERANCE_MS = 300_000

const words = (max: number) => z.string().trim().min(1, 'Must not be empty.').max(max, `At most ${max} characters.`)

/** What is written down of a consent, besides who. */
export const told = {
  direction: z.enum(['in', 'out']).describe('`out` forbids, `in` agrees and lifts an earlier `out` of the scope.'),
  scope: z
    .enum(['marketing', 'all'])
    .describe('`marketing`: promotions alone. `all`: everything, order updates and codes too.'),
  channel: words(200).optional().describe('Where it was said: `web form`, `phone`, `paper`. An agreement needs it.'),
  proof: words(2_000)
    .optional()
    .describe('What was said or shown: the words of the form, a link, a document’s number. An agreement needs it.'),
  occurredAt: instantInput.optional().describe('When it was said; now when left out.'),
}

export type Told = { [Field in keyof typeof told]?: z.infer<(typeof told)[Field]> } & Pick<
  ConsentEvent,
  'direction' | 'scope'
>

/** What is missing or wrong in what was told; undefined when nothing is. @param now of the server's clock */
export function faultOf(one: Told, now: number): { field: keyof Told; code: string; message: string } | undefined {
  if (one.direction === 'in') {
    // Source: Meta, WhatsApp Business Messaging Policy: who agreed, to what and how must be shown on demand.
    for (const field of ['channel', 'proof'] as const) {
      if (one[field] !== undefined) continue
      const message = `An agreement needs its ${field}: ${field === 'channel' ? 'where it was given' : 'what was said or shown'}.`
      return { field, code: 'missing', message }
    }
  }
  if (one.occurredAt !== undefined && instantOf(one.occurredAt) > now + FUTURE_TOLERANCE_MS) {
    return { field: 'occurredAt', code: 'from_the_future', message: 'This is in the future. Write when it was said.' }
  }
  return undefined
}

/**
 * Writes down that a person refused or agreed, as somebody heard it.
 *
 * @param caller agents may write down a refusal; an agreement is for admins
 * @returns the contact as it stands then; null when it is on disk but not decided yet
 * @throws InvalidInput, NotFound, Forbidden, EventIdReused
 */
export async function noteConsent(
  desk: Desk,
  { who, ...said }: { who: Parameters<typeof findPerson>[1] } & Told,
  caller: Pick<Caller, 'name'> & Partial<Caller>,
  key: string,
): Promise<{ triggerId: string; contact: Contact | null }> {
  if (said.direction === 'in' && caller.role !== undefined) demand(caller as Caller, 'administer')
  const now = desk.clock.now()
  const fault = faultOf(said, now)
  if (fault !== undefined) {
    const { field, code, message } = fault
    throw new InvalidInput(message, { problems: [{ in: 'body', pointer: `/${field}`, code, message }] })
  }
  const { address } = await findPerson(desk, who)
  const event: ConsentEvent = {
    kind: 'consent',
    source: 'api',
    sourceId: `consent:${key}`,
    occurredAt: said.occurredAt === undefined ? now : instantOf(said.occurredAt),
    who: address,
    direction: said.direction,
    scope: said.scope,
    by: 'admin',
    ...(said.channel !== undefined && { channel: said.channel }),
    ...(said.proof !== undefined && { proof: said.proof }),
    actor: caller.name,
  }
  const [outcome] = await desk.accept([event])
  if (outcome === undefined || outcome.kind === 'reused') {
    throw new EventIdReused('This Idempotency-Key came before with another consent. Use a new key.')
  }
  const decided = await desk.whenDecided(outcome.id, WAIT_MS)
  return { triggerId: outcome.id, contact: decided ? await desk.store.contact(address) : null }
}
