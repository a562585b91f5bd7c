import fc from 'fast-check'
import { z } from 'zod'
import { describe, expect, test } from 'vitest'
import { AppError } from '#engine/errors.ts'
import { EVENTS_MAX, eventsBody, parseEvents } from '#triggers/events.ts'
import { VALUES_SIZE_MAX } from '#triggers/recordEvent.ts'
import { constants, context, faultOf, NOW, problemsIn } from './context.ts'

const lead = {
  id: 'evt-1',
  type: 'record.created',
  module: 'Leads',
  recordId: '5725',
  occurredAt: '2026-08-12T12:04:05+09:00',
  values: { Last_Name: '山田', Lead_Source: 'Web', Mobile: '090-1234-5678' },
}

describe('our own shape', () => {
  test('one event becomes one record event, dated in UTC milliseconds', () => {
    expect(parseEvents(lead, context)).toEqual([
      {
        kind: 'record',
        source: 'crm',
        sourceId: 'evt-1',
        occurredAt: Date.parse('2026-08-12T03:04:05Z'),
        op: 'created',
        module: 'Leads',
        recordId: '5725',
        values: lead.values,
        mode: 'merge',
      },
    ])
  })

  test('an array keeps its order, and each event its own source, mode, old values and actor', () => {
    const full = { source: 'erp', previous: { Stage: '商談' }, mode: 'replace', actor: '佐藤', occurredAt: NOW }
    const events = parseEvents([lead, { ...lead, id: 'evt-2', type: 'record.updated', ...full }], context)
    expect(events.map((event) => event.sourceId)).toEqual(['evt-1', 'evt-2'])
    expect(events[1]).toMatchObject({ ...full, op: 'updated' })
  })

  test('what carries no time happened when it arrived', () => {
    const { occurredAt: _, ...undated } = lead
    expect(parseEvents(undated, context)[0]?.occurredAt).toBe(NOW)
  })

  test('a deletion needs no values', () => {
    const { values: _, ...bare } = lead
    expect(parseEvents({ ...bare, type: 'record.deleted' }, context)[0]).toMatchObject({ op: 'deleted', values: {} })
  })
})

describe('bad input is refused whole, with every problem named', () => {
  test.each([
    ['an unknown field', { ...lead, Last_Name: '山田' }, ['0 /Last_Name unknown_field']],
    ['a field whose name needs escaping', { ...lead, 'a/b~c': 1 }, ['0 /a~1b~0c unknown_field']],
    ['a record id as a number', { ...lead, recordId: 5725 }, ['0 /recordId invalid']],
    ['no record id', { ...lead, recordId: undefined }, ['0 /recordId missing']],
    ['an empty id', { ...lead, id: '' }, ['0 /id invalid']],
    ['an id of 513 characters', { ...lead, id: 'x'.repeat(513) }, ['0 /id invalid']],
    ['a control character in the id', { ...lead, id: 'a\u0000b' }, ['0 /id invalid']],
    ['half a surrogate pair in the id', { ...lead, id: 'a\ud83d' }, ['0 /id invalid']],
    ['an unknown type', { ...lead, type: 'record.merged' }, ['0 /type invalid']],
    ['no type', { ...lead, type: undefined }, ['0 /type missing']],
    ['an unknown module', { ...lead, module: 'Lead' }, ['0 /module unknown_module']],
    ['values that are a list', { ...lead, values: ['山田'] }, ['0 /values invalid']],
    ['an update without values', { ...lead, values: undefined }, ['0 /values invalid']],
    ['a time without a zone', { ...lead, occurredAt: '2026-08-12T03:04:05' }, ['0 /occurredAt invalid']],
    ['a day that does not exist', { ...lead, occurredAt: '2026-02-30T03:04:05Z' }, ['0 /occurredAt invalid']],
    ['seconds for milliseconds', { ...lead, occurredAt: 1786503845 }, ['0 /occurredAt invalid']],
    ['a fraction of a millisecond', { ...lead, occurredAt: NOW + 0.5 }, ['0 /occurredAt invalid']],
    ['an event from the future', { ...lead, occurredAt: NOW + 300_001 }, ['0 /occurredAt from_the_future']],
    ['the source of WhatsApp', { ...lead, source: 'whatsapp' }, ['0 /source reserved_source']],
    ['the source of our own events', { ...lead, source: 'denrei:outcome' }, ['0 /source reserved_source']],
    ['a CloudEvent', { ...lead, specversion: '1.0' }, ['0 /specversion unknown_field']],
    ['a null', null, ['0  invalid']],
    ['nothing', undefined, ['0  missing']],
    ['a string', 'record.created', ['0  invalid']],
    ['no JSON at all', { ...lead, values: { when: new Date() } }, ['0 /values invalid']],
  ])('%s', (_, body, problems) => {
    expect(problemsIn(() => parseEvents(body, context))).toEqual(problems)
  })

  test('a clock that is ahead within the tolerance is believed', () => {
    expect(parseEvents({ ...lead, occurredAt: NOW + 300_000 }, context)[0]?.occurredAt).toBe(NOW + 300_000)
  })

  test('one bad event among good ones refuses all, and names all that is wrong with the bad ones', () => {
    const bad = { ...lead, id: '', module: 'Nope', foo: 1 }
    expect(problemsIn(() => parseEvents([lead, bad, lead, { ...lead, module: 'Nope' }], context))).toEqual([
      '1 /id invalid',
      '1 /foo unknown_field',
      '1 /module unknown_module',
      '3 /module unknown_module',
    ])
  })

  test('no more than 1,000 events are taken, and not none', () => {
    const many = (count: number) => Array.from({ length: count }, (_, index) => ({ ...lead, id: `e${index}` }))
    expect(parseEvents(many(EVENTS_MAX), context)).toHaveLength(EVENTS_MAX)
    expect(faultOf(() => parseEvents(many(EVENTS_MAX + 1), context)).message).toContain('at most 1000')
    expect(faultOf(() => parseEvents([], context)).code).toBe('ERR_INVALID_INPUT')
  })

  test('a thousand bad events are counted, but only a hundred problems are listed', () => {
    const fault = faultOf(() =>
      parseEvents(
        Array.from({ length: EVENTS_MAX }, () => ({})),
        context,
      ),
    )
    expect(fault.details.problems).toHaveLength(100)
    expect(fault.details.problemsTotal).toBe(EVENTS_MAX * 5)
  })

  test('a record with too much text, or nested too deep, is refused', () => {
    const nested = Array.from({ length: 100_000 }).reduce((inner: unknown) => [inner], 0)
    expect(problemsIn(() => parseEvents({ ...lead, values: { nested } }, context))).toEqual(['0 /values too_deep'])
    const long = { Description: '長'.repeat(VALUES_SIZE_MAX) }
    expect(problemsIn(() => parseEvents({ ...lead, values: long }, context))).toEqual(['0 /values too_large'])
    expect(problemsIn(() => parseEvents({ ...lead, previous: long }, context))).toEqual(['0 /previous too_large'])
  })

  test('values never reach the message', () => {
    const fault = faultOf(() => parseEvents({ ...lead, recordId: { phone: '090-1234-5678' } }, context))
    expect(JSON.stringify([fault.message, fault.details])).not.toContain('090')
  })
})

describe('laws', () => {
  test('any JSON at all is either taken or refused with an AppError', () => {
    fc.assert(
      fc.property(fc.oneof(fc.jsonValue(), fc.record({ ...constants(lead), values: fc.jsonValue() })), (body) => {
        try {
          for (const event of parseEvents(body, context)) expect(event.kind).toBe('record')
        } catch (error) {
          expect(error).toBeInstanceOf(AppError)
        }
      }),
    )
  })

  test('every event of a good batch comes out once, unchanged, in its place', () => {
    const values = fc.dictionary(
      fc.string().filter((key) => key !== '__proto__'),
      fc.jsonValue(),
    )
    fc.assert(
      fc.property(fc.uniqueArray(fc.uuid(), { minLength: 1 }), fc.infiniteStream(values), (ids, stream) => {
        const batch = ids.map((id) => ({ ...lead, id, values: stream.next().value as unknown }))
        const events = parseEvents(batch, context)
        expect(events.map(({ sourceId, values }) => ({ sourceId, values }))).toEqual(
          batch.map(({ id, values }) => ({ sourceId: id, values })),
        )
      }),
    )
  })
})

test('a key named __proto__ changes no prototype', () => {
  const body: unknown = JSON.parse(
    '{"id":"1","type":"record.saved","module":"Leads","recordId":"1","values":{"__proto__":{"x":1}}}',
  )
  const [event] = parseEvents(body, context)
  expect(Object.getPrototypeOf(event?.values)).toBe(Object.prototype)
  expect((event?.values as { x?: number }).x).toBeUndefined()
})

test('the schema can be written as JSON Schema for the API reference', () => {
  expect(JSON.stringify(z.toJSONSchema(eventsBody, { io: 'input' }))).toContain('record.deleted')
})
