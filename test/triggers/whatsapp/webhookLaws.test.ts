import fc from 'fast-check'
import { expect, test } from 'vitest'
import { AppError } from '#engine/errors.ts'
import { metadata, NOW, parse, STAMP } from './envelopes.ts'

const FIELDS = [
  'messages',
  'user_preferences',
  'message_template_status_update',
  'template_category_update',
  'security',
  'account_update',
  'account_review_update',
  'account_alerts',
  'business_capability_update',
  'phone_number_quality_update',
  'phone_number_name_update',
  'phone_number_username_update',
  'payment_configuration_update',
  'partner_solutions',
  'message_template_components_update',
  'flows',
  'history',
  'smb_message_echoes',
  'something_of_2030',
]

/** Objects that look like what Meta sends, with any part replaced by anything. */
const loose = (keys: Record<string, fc.Arbitrary<unknown>>) => {
  const replaced = Object.entries(keys).map(
    ([key, one]) => [key, fc.oneof({ weight: 4, arbitrary: one }, fc.jsonValue())] as const,
  )
  return fc.record(Object.fromEntries(replaced), { requiredKeys: [] })
}
const word = fc.constantFrom(
  'text',
  'button',
  'interactive',
  'edit',
  'sent',
  'read',
  'stop',
  'constructor',
  '__proto__',
  'toString',
)
const id = fc.constantFrom('wamid.A', 'wamid.B', '', '818012345678', 'JP.1')
const item = fc.oneof(
  {
    weight: 5,
    arbitrary: loose({
      id,
      from: id,
      from_user_id: id,
      recipient_id: id,
      timestamp: fc.constant(STAMP),
      type: word,
      status: word,
      value: word,
      category: word,
      errors: fc.array(fc.jsonValue()),
      context: loose({ id }),
      text: loose({ body: id }),
      pricing: fc.jsonValue(),
    }),
  },
  fc.jsonValue(),
)
const items = fc.array(item, { maxLength: 4 })
const value = loose({
  metadata: fc.constant(metadata),
  contacts: items,
  messages: items,
  statuses: items,
  errors: items,
  user_preferences: items,
  message_template_name: id,
  message_template_language: id,
  event: fc.oneof(word, fc.constantFrom('ACCOUNT_RESTRICTION', 'DISABLED_UPDATE', 'PARTNER_REMOVED', 'FLAGGED')),
  display_phone_number: id,
  decision: word,
  restriction_info: fc.array(loose({ restriction_type: word, expiration: fc.jsonValue() }), { maxLength: 3 }),
  ban_info: loose({ waba_ban_state: fc.constantFrom('DISABLE', 'REINSTATE') }),
  waba_info: loose({ waba_id: id }),
  alert_info: loose({ alert_type: word, alert_severity: word }),
  max_daily_conversations_per_business: fc.jsonValue(),
  history: items,
})
const entry = loose({
  id,
  time: fc.nat(),
  changes: fc.array(loose({ field: fc.constantFrom(...FIELDS), value }), { maxLength: 3 }),
})

test('whatever stands in the envelope, every webhook is read, and what is not understood is kept', () => {
  fc.assert(
    fc.property(fc.array(entry, { maxLength: 3 }), (entries) => {
      const { events } = parse({ object: 'whatsapp_business_account', entry: entries })
      for (const event of events) {
        expect(event.source).toBe('whatsapp')
        expect(event.sourceId).toMatch(/^[\x20-\x7e]{1,512}$/)
        expect(Number.isSafeInteger(event.occurredAt)).toBe(true)
        expect(event.occurredAt).toBeLessThanOrEqual(NOW + 300_000)
        expect(() => JSON.stringify(event)).not.toThrow()
      }
    }),
    { numRuns: 500 },
  )
})

test('any JSON at all is either read or refused with an AppError', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (body) => {
      try {
        parse(body)
      } catch (error) {
        expect(error).toBeInstanceOf(AppError)
      }
    }),
  )
})

test('reading the same webhook twice gives the same events', () => {
  fc.assert(
    fc.property(fc.array(entry, { maxLength: 3 }), (entries) => {
      const body = { object: 'whatsapp_business_account', entry: entries }
      expect(parse(JSON.parse(JSON.stringify(body)))).toEqual(parse(JSON.parse(JSON.stringify(body))))
    }),
  )
})

test('every item of a batch comes out exactly once, in its place, under an id of its own, good or bad', () => {
  const kinds = fc.array(fc.constantFrom('message', 'status', 'bad'), { maxLength: 12 })
  fc.assert(
    fc.property(fc.array(fc.array(kinds, { maxLength: 4 }), { maxLength: 4 }), (entries) => {
      let count = 0
      const expected: string[] = []
      const body = {
        object: 'whatsapp_business_account',
        entry: entries.map((changes) => ({
          id: '9001',
          changes: changes.map((wanted) => {
            const messages: unknown[] = []
            const statuses: unknown[] = []
            for (const kind of wanted) {
              const key = `wamid.${count++}`
              if (kind === 'message') messages.push({ id: key, from: '818012345678', timestamp: STAMP, type: 'text' })
              else if (kind === 'status')
                statuses.push({ id: key, status: 'read', timestamp: STAMP, recipient_id: '81801' })
              else messages.push({ broken: key })
            }
            if (wanted.length === 0) statuses.push({ broken: `wamid.${count++}` })
            const keyOf = (one: unknown) =>
              (one as { id?: string; broken?: string }).id ?? (one as { broken: string }).broken
            expected.push(...[...messages, ...statuses].map(keyOf))
            return { field: 'messages', value: { metadata, messages, statuses } }
          }),
        })),
      }
      const { events } = parse(body)
      const seen = events.map((event) =>
        event.kind === 'message'
          ? event.message.id
          : event.kind === 'status'
            ? event.wamid
            : (event as unknown as { value: { broken: string } }).value.broken,
      )
      expect(seen).toEqual(expected)
      expect(new Set(events.map((event) => event.sourceId)).size).toBe(count)
    }),
  )
})
