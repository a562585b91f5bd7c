import { expect, test } from 'vitest'
import { SAMPLES } from '#emulator/samples.ts'
import { NEEDED_FIELDS, WELCOME_FIELDS } from '#triggers/whatsapp/wantedFields.ts'
import { parseWebhook } from '#triggers/whatsapp/webhook.ts'

test.each([...NEEDED_FIELDS, ...WELCOME_FIELDS])('%s can be subscribed to, and is read', (field) => {
  expect(Object.keys(SAMPLES)).toContain(field)
  const { events } = parseWebhook(
    {
      object: 'whatsapp_business_account',
      entry: [
        { id: '1', time: 1, changes: [{ field, value: field === 'account_update' ? { event: 'PARTNER_ADDED' } : {} }] },
      ],
    },
    { now: 0 },
  )
  expect(events.map((event) => (event.kind === 'notice' ? event.code : event.kind))).not.toContain(
    'webhook_field_unknown',
  )
})
