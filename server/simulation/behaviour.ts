import { z } from 'zod'
import { duration } from '#definitions/primitives.ts'
import { addDuration } from '#engine/duration.ts'

const share = z.number().min(0).max(1)
const words = z.array(z.string().min(1).max(4096)).min(1).max(100)

/** What people do with one message. */
const conduct = {
  read: share.describe('Of the messages that were delivered.'),
  readAfter: duration.describe('Half of the readers are faster. Each takes a quarter to four times as long.'),
  reply: share.describe('Of the messages that were delivered.'),
  replyAfter: duration,
  words: words.describe('One of them is the reply. A label of a quick reply of the template is a tap on it.'),
  optOut: share.describe('Of the messages that were delivered: answered with one of `optOutWords`.'),
  optOutWords: words,
  fail: share.describe('Messages that WhatsApp accepts and does not deliver.'),
  failCode: z
    .union([z.literal(130472), z.literal(131000), z.literal(131026), z.literal(131049), z.literal(131050)])
    .describe("WhatsApp's code of those failures."),
}

/** How customers behave. All of it is drawn from the seed of the request, each purpose from a stream of its own. */
export const behaviour = z.strictObject({
  ...z.strictObject(conduct).partial().shape,
  undeliverable: share.optional().describe('People who are not on WhatsApp: every message to them fails with 131026.'),
  block: share
    .optional()
    .describe('Of the messages that were delivered: the person blocks the number, and no later message arrives.'),
  templates: z
    .record(z.string(), z.strictObject(conduct).partial())
    .optional()
    .describe('By name of the template, in place of what is said above.'),
})
export type Behaviour = z.infer<typeof behaviour>

/** With every default filled in, times in ms. */
export interface Conduct {
  read: number
  readMs: number
  reply: number
  replyMs: number
  words: readonly string[]
  optOut: number
  optOutWords: readonly string[]
  fail: number
  failCode: NonNullable<Behaviour['failCode']>
}

const DEFAULTS: Required<Pick<Behaviour, keyof typeof conduct>> = {
  read: 0.7,
  readAfter: 'PT20M',
  reply: 0,
  replyAfter: 'PT1H',
  words: ['はい', 'いいえ', 'お願いします', 'Yes', 'No', 'Thank you'],
  optOut: 0,
  optOutWords: ['停止', '配信停止', 'STOP', 'unsubscribe'],
  fail: 0,
  failCode: 131000,
}

/** @returns the conduct towards a template; of free text (null) what is said for all */
export function conductOf(given: Behaviour): (template: string | null) => Conduct {
  const byTemplate = new Map<string | null, Conduct>()
  return (template) => {
    const known = byTemplate.get(template)
    if (known !== undefined) return known
    const own = template === null ? undefined : given.templates?.[template]
    const { readAfter, replyAfter, ...rest } = { ...DEFAULTS, ...defined(given), ...defined(own ?? {}) }
    const made = { ...rest, readMs: msOf(readAfter), replyMs: msOf(replyAfter) }
    byTemplate.set(template, made)
    return made
  }
}

const msOf = (iso: string): number => addDuration(0, iso, 'UTC')

function defined<T extends object>(fields: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as never
}
