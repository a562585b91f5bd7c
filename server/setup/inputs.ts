import { z } from 'zod'
import { intake } from '#definitions/settings.ts'
import type { StepName } from './document.ts'

const id = z.string().regex(/^\d{1,30}$/, 'Use the digits of an id as Meta shows it.')
const secret = (what: string) => z.string().trim().min(8, `That is too short for ${what}.`).max(2_000)

/** An E.164 number as people write it. */
const phone = z
  .string()
  .regex(/^\+[\d\s().-]{7,30}$/, 'Write the number with its calling code, such as "+81 3 1234 5678".')

/** What each step is told. An empty object looks again at what there is to choose. */
export const stepInputs = {
  app: z.strictObject({
    appId: id,
    /** Left out: the one that is kept of this app. */
    appSecret: secret('an app secret').optional(),
    /** The word in the webhook form of the app at Meta. Left out: one is made. */
    verifyToken: secret('a verify token').optional(),
  }),
  access: z.union(
    [
      z.strictObject({
        code: z.string().trim().min(1).max(2_000).describe('Of the embedded sign-up: good for 30 seconds.'),
      }),
      z.strictObject({ token: secret('an access token').describe('Of a system user.') }),
    ],
    'Send "token", or the "code" of an embedded sign-up.',
  ),
  business: z.strictObject({ businessId: id.optional(), skip: z.literal(true).optional() }),
  account: z.strictObject({ accountId: id.optional() }),
  number: z.strictObject({
    numberId: id.optional(),
    add: z.strictObject({ phone, verifiedName: z.string().trim().min(3).max(75) }).optional(),
  }),
  verify: z.strictObject({
    method: z.enum(['SMS', 'VOICE']).optional().describe('Asks for a code, by text or by a call.'),
    language: z
      .string()
      .regex(/^[a-z]{2,3}(_[A-Z]{2})?$/, 'Use a language such as "ja" or "en_US".')
      .optional(),
    code: z
      .string()
      .transform((code) => code.replace(/[\s-]/g, ''))
      .pipe(z.string().regex(/^\d{6}$/, 'The code has six digits.'))
      .optional(),
  }),
  register: z.strictObject({
    pin: z
      .string()
      .regex(/^\d{6}$/, 'The PIN has six digits.')
      .optional(),
  }),
  webhook: z.strictObject({
    replace: z
      .literal(true)
      .optional()
      .describe('Take the webhooks of the app, though they go to another address until now.'),
  }),
  profile: z.strictObject({ nickname: z.string().trim().min(1, 'Give the number a name.').max(60) }),
  people: intake,
  active: z.strictObject({}),
} satisfies Record<StepName, z.ZodType>

export type StepInput<K extends StepName> = z.output<(typeof stepInputs)[K]>
