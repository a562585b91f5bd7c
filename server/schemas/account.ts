import { z } from 'zod'
import { intake } from '#definitions/settings.ts'
import { apiSchemas, instant, micros } from './shared.ts'

export const trouble = z.object({
  code: z.string().describe('`token_invalid`, `payment_problem`, ...'),
  stops: z.string().describe('`all`, `paid`, `initiated`, `replies`, `marketing`, `utility`, `nothing`.'),
  since: instant,
  until: instant.nullable(),
  triedAgainAt: instant.optional().describe('When it is tried again, if nobody tells sooner.'),
  detail: z.string().describe("In WhatsApp's words."),
})

export const numberState = z
  .object({
    id: z.string(),
    accountId: z.string(),
    displayNumber: z.string(),
    nickname: z.string().nullable(),
    verifiedName: z.string().nullable(),
    status: z.string().describe('`CONNECTED` is the only one that can send.'),
    verified: z.boolean(),
    quality: z.string(),
    throughput: z.number().describe('Messages a second.'),
    reachMax: z.int().nullable().describe('Unique contacts in 24 h for the whole portfolio; null means unlimited.'),
    nameStatus: z.string().nullable().describe('Of the display name: `APPROVED`, `PENDING_REVIEW`, `DECLINED`, ...'),
    platform: z.string().nullable().describe('`CLOUD_API`; `NOT_APPLICABLE` is registered nowhere.'),
    intake: intake.nullable().describe('What becomes of unknown people who write to it; null: as the settings say.'),
    troubles: z.array(trouble).describe('What keeps it from sending, or limits it.'),
    updatedAt: instant,
  })
  .register(apiSchemas, { id: 'Number' })

export const templateState = z
  .object({
    name: z.string(),
    language: z.string(),
    accountId: z.string(),
    metaId: z.string().nullable(),
    status: z.string().describe('As WhatsApp spells it, or `DRAFT` before it was submitted. Only `APPROVED` is sent.'),
    category: z.enum(['UTILITY', 'MARKETING', 'AUTHENTICATION']),
    quality: z.string().nullable(),
    reason: z.string().nullable(),
    submittedHash: z.string().nullable(),
    definition: z
      .string()
      .nullable()
      .describe('The definition it was submitted from; null for what only the account knows.'),
    definitionVersion: z.int().nullable(),
    pausedUntil: instant.nullable().describe('Null when it is not paused, or only a person ends it.'),
    agreedCategory: z.string().nullable().describe('What an admin agreed to after WhatsApp changed it.'),
    nextCategory: z.object({ category: z.string(), at: instant }).nullable().describe('What WhatsApp will make of it.'),
    checkedAt: instant.nullable().describe('When WhatsApp last said how it stands.'),
    updatedAt: instant,
  })
  .register(apiSchemas, { id: 'TemplateState' })

export const balance = z
  .object({
    bought: micros,
    available: micros,
    held: micros,
    spent: micros,
    owed: micros.describe('Taken back after it was spent; the next purchase pays it first.'),
  })
  .register(apiSchemas, { id: 'Balance' })

export const posting = z
  .object({
    txId: z.string().describe('The postings of one `txId` sum to zero.'),
    account: z.enum(['purchases', 'available', 'held', 'spent', 'owed']),
    amountMicros: micros,
    messageId: z.string().nullable(),
    memo: z.string(),
    at: instant,
  })
  .register(apiSchemas, { id: 'Posting' })
