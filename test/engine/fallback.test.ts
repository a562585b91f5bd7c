import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { applyStatus } from '#engine/ladder.ts'
import { assertBalanced, sumPostings } from '#engine/ledger.ts'
import type { Form, Message, MessageState } from '#engine/message.ts'
import type { StatusEvent } from '#engine/trigger.ts'
import { table } from '../table.ts'
import { aMessage, anIntent, aStatus, NOW, someSettings } from './builders.ts'

/** What becomes of a text that WhatsApp accepted, and then refused because it held the window to be closed. */
const SETTINGS = someSettings()
const text = { text: { body: 'はい、15 時にお伺いします。' } }
const withTemplate = anIntent(text)
const alone = anIntent({ ...text, template: null, parameters: null, category: 'SERVICE' })
const CLOSED = [{ code: 131047, title: 'Re-engagement message' }]
const ofText = (status: StatusEvent['status'], change: Partial<StatusEvent> = {}) =>
  aStatus(status, { wamid: 'wamid.text', ...(status === 'failed' && { errors: CLOSED }), ...change })
const ofTemplate = (status: StatusEvent['status'], change: Partial<StatusEvent> = {}) =>
  aStatus(status, { wamid: 'wamid.template', ...change })

const apply = (message: Message, event: StatusEvent) => applyStatus(message, event, NOW + 10_000, SETTINGS, 1_000_000)

/** As the store writes a move down. */
function after(message: Message, event: StatusEvent): Message {
  const { move } = apply(message, event)
  if (move === null) return message
  const { id: _id, ...changes } = move
  return { ...message, ...changes, ...(move.state === 'queued' && { fence: message.fence + 1 }) }
}

const cases = table(`
  form      template  from       code    | state      note
  text      yes       accepted   131047  | queued     window_closed_at_whatsapp
  text      yes       sent       131047  | queued     window_closed_at_whatsapp
  text      yes       sending    131047  | queued     window_closed_at_whatsapp  // before our own answer is stored
  text      yes       unknown    131047  | queued     window_closed_at_whatsapp  // the lost answer is found
  text      yes       queued     131047  | queued     window_closed_at_whatsapp  // put back already: no text any more
  text      no        accepted   131047  | failed     -
  text      yes       accepted   131026  | failed     -                          // another reason stands
  text      yes       delivered  131047  | delivered  failed_after_delivered
  text      yes       gave_up    131047  | failed     -                          // the rules know that it is over
  text      yes       blocked    131047  | failed     -
  template  yes       accepted   131047  | failed     -                          // it can fall back to nothing
`)
test.each(cases)('a $form, template $template, $from, then failed with $code: $state', (row) => {
  const state = row.from as MessageState
  const message = aMessage({
    intent: row.template === 'yes' ? withTemplate : alone,
    form: row.form as Form,
    state,
    holdState: ['gave_up', 'blocked', 'queued'].includes(state) ? 'released' : 'held',
  })
  const errors = [{ code: Number(row.code), title: 'Re-engagement message' }]
  const { move, notes, news } = apply(message, ofText('failed', { errors }))
  expect(move?.state).toBe(row.state)
  expect(notes.join(' ') || '-').toBe(row.note)
  expect(news).toBe(row.state === 'failed')
})

test('it goes back into the queue at once, as its template from now on, its credits given back', () => {
  const message = aMessage({ intent: withTemplate, form: 'text', state: 'accepted', wamid: 'wamid.text' })
  const { move, postings } = apply(message, ofText('failed'))
  expect(move).toEqual({
    id: 'trigger-0',
    state: 'queued',
    form: 'fallback',
    reason: 'whatsapp_131047',
    detail: 'Re-engagement message',
    dueAt: NOW + 10_000,
    waitsFor: null,
    wamid: 'wamid.text',
    holdState: 'released',
  })
  assertBalanced(postings)
  expect(sumPostings(postings)).toMatchObject({ held: -11_300, available: 11_300, spent: 0 })
})

test('a free text has nothing to give back', () => {
  const message = aMessage({ intent: withTemplate, form: 'text', state: 'accepted', holdState: 'none', priceMicros: 0 })
  const { move, postings } = apply(message, ofText('failed'))
  expect(move).not.toHaveProperty('holdState')
  expect(postings).toEqual([])
})

describe('while the template takes its place', () => {
  const refused = after(aMessage({ intent: withTemplate, form: 'text', state: 'accepted' }), ofText('failed'))
  const sending: Message = { ...refused, state: 'sending', holdState: 'held', fence: 3 }

  test('late words on the text change nothing, wherever the template is', () => {
    const accepted: Message = { ...sending, state: 'accepted', wamid: 'wamid.template' }
    for (const message of [refused, sending, accepted, { ...accepted, state: 'sent' as const }]) {
      for (const status of ['sent', 'failed'] as const)
        expect(apply(message, ofText(status))).toMatchObject({ move: null, notes: ['status_of_refused_text'] })
    }
  })

  test('that the text arrived after all is believed', () => {
    expect(after(refused, ofText('delivered'))).toMatchObject({ state: 'delivered', wamid: 'wamid.text', reason: null })
  })

  test('the statuses of the template count, also before our own answer to it is stored', () => {
    expect(apply(sending, ofTemplate('sent')).move).toMatchObject({ state: 'sent', wamid: 'wamid.template' })
    const errors = [{ code: 131026, title: 'Message undeliverable' }]
    expect(apply(sending, ofTemplate('failed', { errors })).move).toMatchObject({
      state: 'failed',
      reason: 'whatsapp_131026',
      wamid: 'wamid.template',
    })
  })

  test('a template that is refused in the same words has failed: there is no third form', () => {
    const accepted: Message = { ...sending, state: 'accepted', wamid: 'wamid.template' }
    expect(apply(accepted, ofTemplate('failed', { errors: CLOSED })).move).toMatchObject({ state: 'failed' })
  })
})

test('whatever the order of all that is told, a message is put back at most once', () => {
  const told = fc.array(
    fc.record({
      status: fc.constantFrom<StatusEvent['status'][]>('sent', 'delivered', 'read', 'failed'),
      wamid: fc.constantFrom('wamid.text', 'wamid.template'),
      claimFirst: fc.boolean(),
    }),
    { maxLength: 12 },
  )
  fc.assert(
    fc.property(told, (told) => {
      let message = aMessage({ intent: withTemplate, form: 'text', state: 'accepted', wamid: 'wamid.text' })
      let putBack = 0
      for (const { status, wamid, claimFirst } of told) {
        if (claimFirst && message.state === 'queued')
          message = { ...message, state: 'sending', fence: message.fence + 1 }
        const before = message
        message = after(message, aStatus(status, { wamid, errors: CLOSED }))
        if (message.state === 'queued' && before.state !== 'queued') putBack++
        if (putBack > 0) expect(message.form).toBe('fallback')
      }
      expect(putBack).toBeLessThanOrEqual(1)
    }),
    { numRuns: 500 },
  )
})
