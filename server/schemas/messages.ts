import { z } from 'zod'
import { anyJson, apiSchemas, instant, micros, page } from './shared.ts'

export const messageState = z.enum([
  'queued',
  'held',
  'sending',
  'unknown',
  'accepted',
  'sent',
  'delivered',
  'read',
  'blocked',
  'failed',
  'gave_up',
  'done',
])
export const guardReason = z.enum([
  'integration_inactive',
  'number_not_ready',
  'account_restricted',
  'payment_missing',
  'recipient_missing',
  'recipient_invalid',
  'recipient_unreachable',
  'opted_out',
  'no_consent',
  'template_missing',
  'template_rejected',
  'template_pending',
  'template_paused',
  'template_category_changed',
  'parameter_missing',
  'parameter_invalid',
  'window_closed',
  'market_unreachable',
  'quiet_hours',
  'frequency_capped',
  'marketing_capped',
  'reach_limit',
  'credits_insufficient',
])
const waitsFor = z.enum(['credits_added', 'template_approved', 'integration_active', 'number_ready'])
const category = z.enum(['UTILITY', 'MARKETING', 'AUTHENTICATION', 'SERVICE'])

export const verdict = z
  .discriminatedUnion('kind', [
    z.object({ kind: z.literal('allow') }),
    z.object({ kind: z.literal('block'), reason: guardReason, detail: z.string().optional() }),
    z.object({
      kind: z.literal('hold'),
      reason: guardReason,
      detail: z.string().optional(),
      until: instant.optional(),
      waitsFor: waitsFor.optional(),
    }),
  ])
  .register(apiSchemas, { id: 'Verdict' })
export const guardTrace = z.object({ guard: z.string(), verdict }).register(apiSchemas, { id: 'GuardTrace' })

const cause = z.object({ triggerId: z.string(), definition: z.string() })
const common = {
  id: z.string(),
  triggerId: z.string().describe('The event that set it off.'),
  definition: z.string().describe('`workflow/welcome-web-lead@3`, or `send` for a person’s own.'),
  pointer: z.string().describe('JSON pointer of the action in its definition.'),
  module: z.string(),
  recordId: z.string(),
  causedBy: z.array(cause),
}
const resolved = z.string().nullable()
const parameter = z.object({ name: z.string(), value: resolved })

const sendIntent = z.object({
  kind: z.literal('sendTemplate'),
  ...common,
  numberId: z.string().nullable(),
  to: z.object({ raw: z.string(), phone: z.string().optional(), bsuid: z.string().optional() }),
  country: z.string().nullable(),
  template: z
    .object({
      name: z.string(),
      language: z.string(),
      as: z.string().optional().describe('Its name at WhatsApp, where that is another.'),
    })
    .nullable()
    .describe('Null for free text without a template to fall back to.'),
  text: z.object({ body: resolved }).optional().describe('Sent instead of the template while the window is open.'),
  parameters: z
    .object({
      format: z.enum(['NAMED', 'POSITIONAL']),
      header: z
        .discriminatedUnion('type', [
          z.object({ type: z.literal('text'), parameters: z.array(parameter) }),
          z.object({
            type: z.enum(['image', 'video', 'document']),
            link: resolved.optional(),
            id: resolved.optional(),
            filename: resolved.optional(),
          }),
          z.object({
            type: z.literal('location'),
            latitude: resolved,
            longitude: resolved,
            name: resolved.optional(),
            address: resolved.optional(),
          }),
        ])
        .optional(),
      body: z.array(parameter),
      buttons: z.array(
        z.object({
          index: z.int(),
          subType: z.enum(['quick_reply', 'url', 'copy_code', 'flow']),
          name: z.string(),
          value: resolved,
          data: z.record(z.string(), resolved).optional(),
        }),
      ),
    })
    .nullable(),
  category,
  delivery: z.enum(['at-most-once', 'at-least-once']),
  zone: z.string().nullable(),
  consent: z.boolean().nullable(),
  instanceId: z.string().optional().describe('The journey that wants it, and its step.'),
  step: z.string().optional(),
})
const workIntent = z.object({ kind: z.literal('work'), ...common, type: z.string(), payload: anyJson })

export const message = z
  .object({
    intent: z.discriminatedUnion('kind', [sendIntent, workIntent]),
    state: messageState,
    reason: z.string().nullable().describe('Guard reason, or the code of WhatsApp or of a performer.'),
    detail: z.string().nullable(),
    dueAt: instant,
    waitsFor: waitsFor.nullable(),
    attempts: z.int(),
    fence: z.int(),
    form: z
      .enum(['text', 'template', 'fallback'])
      .nullable()
      .describe('As what it goes out; null before the first attempt, and for work.'),
    contactId: z.string().nullable(),
    wamid: z.string().nullable().describe('WhatsApp’s id of the message.'),
    priceMicros: micros,
    market: z.string().nullable(),
    holdState: z.enum(['none', 'held', 'captured', 'released']),
    createdAt: instant,
    acceptedAt: instant.nullable(),
    sentAt: instant.nullable(),
    deliveredAt: instant.nullable(),
    readAt: instant.nullable(),
    failedAt: instant.nullable(),
  })
  .register(apiSchemas, { id: 'Message' })
export const messagePage = page(message)

export const messageStep = z
  .object({
    at: instant,
    state: messageState,
    reason: z.string().nullable(),
    detail: z.string().nullable(),
    guards: z.array(guardTrace).nullable(),
  })
  .register(apiSchemas, { id: 'MessageStep' })
