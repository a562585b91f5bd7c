import { z } from 'zod'
import type { Random } from './random.ts'

/**
 * Ways in which the other side goes wrong. The first six leave nothing behind; after `..._after_accept` the message was accepted and its
 * statuses come, though the caller never heard so.
 */
export const FAULT_KINDS = [
  '500',
  '503_transient',
  '190',
  '131057',
  'hang',
  'close_before',
  'close_after_accept',
  'answer_late_after_accept',
  'garbage',
  'error',
] as const
export type FaultKind = (typeof FAULT_KINDS)[number]

export const faultSchema = z.strictObject({
  kind: z.enum(FAULT_KINDS),
  /** Probability for each call that matches; default 1. */
  rate: z.number().min(0).max(1).optional(),
  /** How many calls it hits before it is over; default no end. */
  count: z.int().min(1).optional(),
  /** For `answer_late_after_accept`, in real time, because the caller's time-out is real too. Default 30,000. */
  delayMs: z.int().min(0).optional(),
  /** For `error`: any code of the error table. */
  code: z.int().optional(),
  match: z
    .strictObject({
      /** Which calls: `messages` is the default. */
      path: z.enum(['messages', 'templates', 'media', 'any']).optional(),
      numberId: z.string().optional(),
      /** The number written to ends with these digits. */
      to: z.string().optional(),
      opaqueId: z.string().optional(),
      template: z.string().optional(),
    })
    .optional(),
})
export type Fault = z.infer<typeof faultSchema>

/** A call as the faults see it. */
export interface FaultyCall {
  path: 'messages' | 'templates' | 'media' | 'other'
  numberId: string
  body: unknown
}

/** The faults that are switched on. The first that hits is taken. */
export class Faults {
  private active: { id: number; fault: Fault; left: number; hits: number }[] = []
  private nextId = 1
  private readonly random: Random
  readonly hits = new Map<FaultKind, number>()

  constructor(random: Random) {
    this.random = random
  }

  /** @returns an id, for `remove`. @throws ZodError */
  add(fault: Fault): number {
    const checked = faultSchema.parse(fault)
    const id = this.nextId++
    this.active.push({ id, fault: checked, left: checked.count ?? Infinity, hits: 0 })
    return id
  }

  remove(id: number): void {
    this.active = this.active.filter((one) => one.id !== id)
  }

  clear(): void {
    this.active = []
  }

  list(): { id: number; fault: Fault; hits: number }[] {
    return this.active.map(({ id, fault, hits }) => ({ id, fault, hits }))
  }

  /** The fault that hits this call; null when none does. */
  pick(call: FaultyCall): Fault | null {
    if (this.active.length === 0) return null
    for (const one of this.active) {
      if (!matches(one.fault, call) || !this.random.chance(one.fault.rate ?? 1)) continue
      one.hits++
      one.left--
      if (one.left <= 0) this.remove(one.id)
      this.hits.set(one.fault.kind, (this.hits.get(one.fault.kind) ?? 0) + 1)
      return one.fault
    }
    return null
  }
}

function matches({ match = {} }: Fault, { path, numberId, body }: FaultyCall): boolean {
  const wanted = match.path ?? 'messages'
  if (wanted !== 'any' && wanted !== path) return false
  if (match.numberId !== undefined && match.numberId !== numberId) return false
  const message = (body ?? {}) as { to?: unknown; biz_opaque_callback_data?: unknown; template?: { name?: unknown } }
  if (match.to !== undefined && !(typeof message.to === 'string' && message.to.endsWith(match.to))) return false
  if (match.opaqueId !== undefined && message.biz_opaque_callback_data !== match.opaqueId) return false
  return match.template === undefined || message.template?.name === match.template
}
