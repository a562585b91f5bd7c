import { describe, expect, test } from 'vitest'
import fc from 'fast-check'
import { z } from 'zod'
import { AppError } from '#engine/errors.ts'
import { cloudEventBody, parseCloudEvents } from '#triggers/cloudEvents.ts'
import { parseEventRequest } from '#triggers/eventRequest.ts'
import { constants, context, faultOf, NOW, problemsIn } from './context.ts'

const STRUCTURED = { 'content-type': 'application/cloudevents+json; charset=utf-8' }
const BATCH = { 'content-type': 'application/cloudevents-batch+json' }
const event = {
  specversion: '1.0',
  id: 'evt-123',
  source: '/crm/acme',
  type: 'crm.record.updated',
  subject: 'Deals/5725',
  time: '2026-08-12T03:04:05Z',
  datacontenttype: 'application/json',
  data: { module: 'Deals', recordId: '5725', changed: { Stage: { from: 'Demo', to: 'Won' } }, record: {} },
}
const structured = (body: unknown) => parseCloudEvents({ headers: STRUCTURED, body }, context)

describe('structured mode', () => {
  test('changed fields become new and old values, and an empty record wipes nothing', () => {
    expect(structured(event)).toEqual([
      {
        kind: 'record',
        source: '/crm/acme',
        sourceId: 'evt-123',
        occurredAt: Date.parse('2026-08-12T03:04:05Z'),
        op: 'updated',
        module: 'Deals',
        recordId: '5725',
        values: { Stage: 'Won' },
        previous: { Stage: 'Demo' },
        mode: 'merge',
      },
    ])
  })

  test('a whole record replaces what is known', () => {
    const record = { Deal_Name: '大口案件', Stage: 'Won' }
    expect(structured({ ...event, data: { ...event.data, record } })[0]).toMatchObject({
      values: record,
      mode: 'replace',
    })
  })

  test('module and record id come from the subject when the data does not say', () => {
    const [one] = structured({ ...event, type: 'com.acme.record.deleted', subject: 'Leads/57/25', data: undefined })
    expect(one).toMatchObject({ op: 'deleted', module: 'Leads', recordId: '57/25', values: {} })
  })

  test('extensions are allowed, and null means not set', () => {
    expect(
      structured({ ...event, traceparent: '00-1', sequence: 5, sampled: true, dataschema: null, time: null })[0],
    ).toMatchObject({
      occurredAt: NOW,
    })
  })

  test('data in base64 is read when it is JSON', () => {
    const { data, ...rest } = event
    const base64 = Buffer.from(JSON.stringify({ ...data, values: { Owner: '鈴木' } })).toString('base64')
    expect(structured({ ...rest, data_base64: base64 })[0]?.values).toEqual({ Stage: 'Won', Owner: '鈴木' })
    expect(problemsIn(() => structured({ ...rest, data_base64: '%%%' }))).toEqual(['0 /data_base64 invalid'])
    expect(problemsIn(() => structured({ ...rest, data_base64: 5 }))).toEqual(['0 /data_base64 invalid'])
  })

  test.each([
    ['no id', { id: undefined }, ['0 /id missing']],
    ['an empty source', { source: '' }, ['0 /source invalid']],
    ['another version', { specversion: '0.3' }, ['0 /specversion invalid']],
    ['a type of somebody else', { type: 'crm.invoice.paid' }, ['0 /type invalid']],
    ['a type that only ends like ours', { type: 'myrecord.created' }, ['0 /type invalid']],
    ['an attribute name in capitals', { Bad_Name: 1 }, ['0 /Bad_Name invalid']],
    ['an attribute that is an object', { extra: {} }, ['0 /extra invalid']],
    ['a bad time', { time: 'yesterday' }, ['0 /time invalid']],
    ['a time in the future', { time: '2030-01-01T00:00:00Z' }, ['0 /time from_the_future']],
    ['data that is a list', { data: [] }, ['0 /data invalid']],
    ['unknown data', { data: { ...event.data, Stage: 'Won' } }, ['0 /data/Stage unknown_field']],
    ['no module anywhere', { subject: undefined, data: { recordId: '1', values: {} } }, ['0 /data/module missing']],
    ['an unknown module', { data: { module: 'X', recordId: '1', values: {} } }, ['0 /data/module unknown_module']],
    ['an update without fields', { data: {} }, ['0 /data/values invalid']],
    ['a reserved source', { source: 'whatsapp' }, ['0 /source reserved_source']],
  ])('%s is refused', (_, change, problems) => {
    expect(problemsIn(() => structured({ ...event, ...change }))).toEqual(problems)
  })

  test.each([null, 'text', 5, []])('%j is no CloudEvent', (body) => {
    expect(problemsIn(() => structured(body))).toEqual(['0  invalid'])
  })
})

test('what is wrong with attributes, data and meaning is told at once', () => {
  const bad = { ...event, id: '', source: 'whatsapp', time: '2030-01-01T00:00:00Z', data: { module: 'X', foo: 1 } }
  expect(problemsIn(() => structured(bad))).toEqual([
    '0 /id invalid',
    '0 /data/foo unknown_field',
    '0 /source reserved_source',
    '0 /data/module unknown_module',
    '0 /time from_the_future',
  ])
})

describe('batch mode', () => {
  test('each event comes out in its place, and an empty batch is a batch', () => {
    const body = [event, { ...event, id: 'evt-124' }]
    expect(parseCloudEvents({ headers: BATCH, body }, context).map((one) => one.sourceId)).toEqual([
      'evt-123',
      'evt-124',
    ])
    expect(parseCloudEvents({ headers: BATCH, body: [] }, context)).toEqual([])
  })

  test('one bad event refuses the batch', () => {
    const body = [event, { ...event, id: '' }, null]
    expect(problemsIn(() => parseCloudEvents({ headers: BATCH, body }, context))).toEqual([
      '1 /id invalid',
      '2  invalid',
    ])
  })

  test('a single event is no batch', () => {
    expect(faultOf(() => parseCloudEvents({ headers: BATCH, body: event }, context)).code).toBe('ERR_INVALID_INPUT')
  })
})

describe('binary mode', () => {
  const headers = {
    'content-type': 'application/json',
    'ce-specversion': '1.0',
    'ce-id': 'evt-123',
    'ce-source': '/crm/acme',
    'ce-type': 'crm.record.created',
    'ce-time': '2026-08-12T03:04:05Z',
    host: 'denrei.example',
  }
  const body = { module: 'Leads', recordId: '1', values: { Last_Name: '山田' } }
  const binary = (more: Record<string, string>, data: unknown = body) =>
    parseCloudEvents({ headers: { ...headers, ...more }, body: data }, context)

  test('attributes come from the headers, data from the body', () => {
    expect(binary({})[0]).toMatchObject({
      sourceId: 'evt-123',
      source: '/crm/acme',
      op: 'created',
      values: body.values,
    })
  })

  test.each([
    ['Euro%20%E2%82%AC%20%F0%9F%98%80', 'Euro € 😀'], // the specification's own example
    ['%E8%A6%8B%E7%A9%8D%25', '見積%'],
    ['%2541', '%41'], // decoded once only
    ['"quoted \\"value\\""', 'quoted "value"'],
    ['plain', 'plain'],
  ])('the header %s stands for %s', (header, value) => {
    expect(binary({ 'ce-id': header })[0]?.sourceId).toBe(value)
  })

  test('the record may be named in a percent-encoded subject', () => {
    const [one] = binary({ 'ce-subject': 'Deals/%E5%95%86%E8%AB%87-1' }, { values: { Stage: '成約' } })
    expect(one).toMatchObject({ module: 'Deals', recordId: '商談-1', values: { Stage: '成約' } })
  })

  test('a deletion may have no body at all', () => {
    const { 'content-type': _, ...bare } = headers
    const request = { headers: { ...bare, 'ce-type': 'crm.record.deleted', 'ce-subject': 'Leads/1' }, body: undefined }
    expect(parseCloudEvents(request, context)[0]).toMatchObject({ op: 'deleted', recordId: '1' })
  })

  test.each([
    ['half an escape', { 'ce-subject': '50%' }, ['0 header ce-subject invalid']],
    ['an escape that is no UTF-8', { 'ce-subject': '%E8%A6' }, ['0 header ce-subject invalid']],
    ['raw bytes', { 'ce-subject': 'Deals/è¦' }, ['0 header ce-subject invalid']],
    [
      'the content type twice',
      { 'ce-datacontenttype': 'application/json' },
      ['0 header ce-datacontenttype unknown_field'],
    ],
    ['no id', { 'ce-id': '' }, ['0 header ce-id invalid']],
    ['an unknown type', { 'ce-type': 'x' }, ['0 header ce-type invalid']],
    ['a time in the future', { 'ce-time': '2030-01-01T00:00:00Z' }, ['0 header ce-time from_the_future']],
  ])('%s is refused, naming the header', (_, change, problems) => {
    expect(problemsIn(() => binary(change))).toEqual(problems)
  })

  test('problems of the data point into the body', () => {
    expect(problemsIn(() => binary({}, { ...body, foo: 1 }))).toEqual(['0 /foo unknown_field'])
    expect(problemsIn(() => binary({}, { ...body, module: 'X' }))).toEqual(['0 /module unknown_module'])
  })
})

describe('content types', () => {
  test.each([
    ['application/cloudevents+avro', {}],
    ['text/plain', {}],
    ['application/xml', { 'ce-id': '1' }],
    ['', {}],
  ])('%j is not understood', (type, more) => {
    const headers = { 'content-type': type, ...more }
    expect(faultOf(() => parseEventRequest({ headers, body: {} }, context)).code).toBe(
      'ERR_CONTENT_TYPE_NOT_UNDERSTOOD',
    )
  })

  test('data of another type than JSON is not understood', () => {
    const fault = faultOf(() => structured({ ...event, datacontenttype: 'application/xml' }))
    expect(fault.code).toBe('ERR_CONTENT_TYPE_NOT_UNDERSTOOD')
  })

  test('plain JSON is our own shape, with or without a charset', () => {
    const body = { id: '1', type: 'record.saved', module: 'Leads', recordId: '1', values: {} }
    for (const type of ['application/json', 'application/json; charset=utf-8', 'Application/JSON']) {
      expect(parseEventRequest({ headers: { 'content-type': type }, body }, context)).toHaveLength(1)
    }
  })

  test('all three modes of the same event make the same event', () => {
    const { data, datacontenttype: type, ...attributes } = event
    const headers = Object.fromEntries(Object.entries(attributes).map(([name, value]) => [`ce-${name}`, value]))
    const [one] = parseEventRequest({ headers: STRUCTURED, body: event }, context)
    expect(parseEventRequest({ headers: BATCH, body: [event] }, context)).toEqual([one])
    expect(parseEventRequest({ headers: { ...headers, 'content-type': type }, body: data }, context)).toEqual([one])
  })
})

test('any JSON at all is either taken or refused with an AppError', () => {
  const almost = fc.record({ ...constants(event), data: fc.jsonValue(), subject: fc.jsonValue() }, { requiredKeys: [] })
  fc.assert(
    fc.property(fc.oneof(fc.jsonValue(), almost), fc.boolean(), (body, batch) => {
      try {
        parseCloudEvents({ headers: batch ? BATCH : STRUCTURED, body: batch ? [body] : body }, context)
      } catch (error) {
        expect(error).toBeInstanceOf(AppError)
      }
    }),
  )
})

test('the schema can be written as JSON Schema for the API reference', () => {
  expect(JSON.stringify(z.toJSONSchema(cloudEventBody, { io: 'input' }))).toContain('specversion')
})
