import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { AppError } from '#engine/errors.ts'
import { verifySecret } from '#triggers/constantTime.ts'
import { parseZohoNotification } from '#triggers/zoho.ts'
import { parseZohoWorkflow } from '#triggers/zohoWorkflow.ts'
import { constants, context, faultOf, NOW, problemsIn } from './context.ts'

const TOKEN = 'himitsu-no-token-42'
const tokens = [{ channelId: '1000000068001', token: TOKEN }]
const callback = {
  server_time: 1718115953625,
  module: 'Deals',
  operation: 'update',
  channel_id: '1000000068001',
  token: TOKEN,
  resource_uri: 'https://www.zohoapis.jp/crm/v8/Deals',
  ids: ['572500000000000010', '572500000000000020'],
  affected_fields: [],
  affected_values: [{ record_id: '572500000000000010', values: { Stage: '成約', field71: 3 } }],
  query_params: { org: '1' },
}
const parse = (change: object = {}) => parseZohoNotification({ ...callback, ...change }, tokens, context)

describe('Zoho notifications', () => {
  test('every id becomes one event, with the new values that came for it', () => {
    const events = parse()
    expect(events).toMatchObject([
      {
        op: 'updated',
        module: 'Deals',
        recordId: callback.ids[0],
        values: { Stage: '成約', field71: 3 },
        mode: 'merge',
      },
      { op: 'updated', module: 'Deals', recordId: callback.ids[1], values: {}, mode: 'merge' },
    ])
    expect(events.map((event) => [event.source, event.occurredAt])).toEqual(events.map(() => ['zoho', 1718115953625]))
    expect(new Set(events.map((event) => event.sourceId)).size).toBe(2)
  })

  test.each([
    ['insert', 'created'],
    ['create', 'created'],
    ['update', 'updated'],
    ['edit', 'updated'],
    ['delete', 'deleted'],
    ['Insert', 'created'],
  ])('the operation %s means %s', (operation, op) => {
    expect(parse({ operation }).map((event) => event.op)).toEqual([op, op])
  })

  test('the same callback makes the same ids, another time, record, operation or value another', () => {
    const idsOf = (change: object = {}) => parse({ ids: ['1'], affected_values: [], ...change })[0]?.sourceId
    expect(idsOf({ affected_fields: ['x'] })).toBe(idsOf())
    const changes = [
      { server_time: 1718115953626 },
      { ids: ['2'] },
      { operation: 'edit', module: 'Leads' },
      { operation: 'delete' },
      { affected_values: [{ record_id: '1', values: { Stage: '失注' } }] },
    ]
    expect(new Set([idsOf(), ...changes.map(idsOf)]).size).toBe(changes.length + 1)
  })

  test('a record that only affected_values names is an event too, and split values come together', () => {
    const affected = [
      { record_id: '9', values: { Stage: '成約' } },
      { record_id: '9', values: { Amount: 5 } },
      { record_id: '1', values: null },
    ]
    expect(parse({ ids: ['1'], affected_values: affected })).toMatchObject([
      { recordId: '1', values: {} },
      { recordId: '9', values: { Stage: '成約', Amount: 5 } },
    ])
  })

  test.each([
    ['no token', { token: undefined }],
    ['an empty token', { token: '' }],
    ['a token that is a number', { token: 42 }],
    ['the wrong token', { token: `${TOKEN}x` }],
    ['the token of another channel', { channel_id: '2' }],
  ])('%s is not authentic, and the token is never repeated', (_, change) => {
    const fault = faultOf(() => parse(change))
    expect(fault.code).toBe('ERR_NOT_AUTHENTIC')
    expect(JSON.stringify([fault.message, fault.details])).not.toContain('himitsu')
  })

  test('a token without a channel is good for all, several tokens are good at once, none lets nobody in', () => {
    expect(parseZohoNotification(callback, [{ token: 'old' }, { token: TOKEN }], context)).toHaveLength(2)
    expect(faultOf(() => parseZohoNotification(callback, [], context)).code).toBe('ERR_NOT_AUTHENTIC')
    expect(faultOf(() => parseZohoNotification({ ...callback, token: '' }, [{ token: '' }], context)).code).toBe(
      'ERR_NOT_AUTHENTIC',
    )
  })

  test.each([
    ['an unknown operation', { operation: 'all' }, ['0 /operation invalid']],
    ['an unknown module', { module: 'Nope' }, ['0 /module unknown_module']],
    ['no time', { server_time: undefined }, ['0 /server_time missing']],
    ['a time in the future', { server_time: NOW + 300_001 }, ['0 /server_time from_the_future']],
    ['ids that are numbers', { ids: [5725] }, ['0 /ids/0 invalid']],
    ['no record at all', { ids: [], affected_values: [] }, ['0 /ids missing']],
    [
      'values that are a list',
      { affected_values: [{ record_id: '1', values: [] }] },
      ['0 /affected_values/0/values invalid'],
    ],
  ])('%s is refused without repeating the token', (_, change, problems) => {
    expect(problemsIn(() => parse(change))).toEqual(problems)
    const fault = faultOf(() => parse(change))
    expect(JSON.stringify([fault.message, fault.details])).not.toContain('himitsu')
  })

  test('any JSON with the right token is either taken or refused with an AppError', () => {
    const body = fc.record(
      { ...constants(callback), ids: fc.jsonValue(), affected_values: fc.jsonValue(), server_time: fc.jsonValue() },
      { requiredKeys: ['token', 'channel_id'] },
    )
    fc.assert(
      fc.property(fc.oneof(fc.jsonValue(), body), (one) => {
        try {
          parseZohoNotification(one, tokens, context)
        } catch (error) {
          expect(error).toBeInstanceOf(AppError)
        }
      }),
    )
  })
})

describe('Zoho workflow webhooks', () => {
  const workflow = { module: 'Leads', recordId: '5725', Last_Name: '山田', Modified_Time: '2026-08-12T12:00:00+09:00' }

  test('fields stand beside module and record id, as a form gives them', () => {
    const form = Object.assign(Object.create(null) as object, workflow, { Tag: ['web', '東京'] })
    expect(parseZohoWorkflow(form, context)).toMatchObject([
      {
        source: 'zoho',
        op: 'saved',
        module: 'Leads',
        recordId: '5725',
        occurredAt: NOW,
        values: { Last_Name: '山田', Modified_Time: workflow.Modified_Time, Tag: ['web', '東京'] },
      },
    ])
  })

  test('or under values, with an operation, an id and a time', () => {
    const body = { module: 'Leads', id: '5725', operation: 'created', eventId: 'e1', occurredAt: NOW, values: { a: 1 } }
    expect(parseZohoWorkflow(body, context)).toMatchObject([
      { op: 'created', sourceId: 'workflow:e1', occurredAt: NOW, recordId: '5725', values: { a: 1 } },
    ])
  })

  test('posting again is recognised by the event id or Modified_Time; without either each post is its own event', () => {
    const idOf = (change: object, now = NOW) =>
      parseZohoWorkflow({ ...workflow, ...change }, { ...context, now })[0]?.sourceId
    expect(idOf({}, NOW + 1)).toBe(idOf({}))
    expect(idOf({ eventId: 'e' }, NOW + 1)).toBe(idOf({ eventId: 'e', Last_Name: '別名' }))
    expect(idOf({ Modified_Time: '2026-08-12T12:00:01+09:00' })).not.toBe(idOf({}))
    expect(idOf({ Modified_Time: null }, NOW + 1)).not.toBe(idOf({ Modified_Time: null }))
  })

  test.each([
    ['no module', { module: undefined }, ['0 /module missing']],
    ['no record', { recordId: undefined }, ['0 /recordId missing']],
    ['an unknown module', { module: 'Nope' }, ['0 /module unknown_module']],
    ['an unknown operation', { operation: 'merged' }, ['0 /operation invalid']],
    ['a time in the future', { occurredAt: NOW + 300_001 }, ['0 /occurredAt from_the_future']],
    ['values that are text', { values: 'x' }, ['0 /values invalid']],
  ])('%s is refused', (_, change, problems) => {
    expect(problemsIn(() => parseZohoWorkflow({ ...workflow, ...change }, context))).toEqual(problems)
  })

  test.each([null, [], 'a=b'])('%j is no body', (body) => {
    expect(faultOf(() => parseZohoWorkflow(body, context)).code).toBe('ERR_INVALID_INPUT')
  })

  test.each([
    ['right', ['right'], null],
    ['right', ['old', 'right'], null],
    [undefined, ['right'], 'carries no secret'],
    ['', ['right'], 'carries no secret'],
    ['wrong', ['right'], 'not the one configured'],
    ['righ', ['right'], 'not the one configured'],
    ['x', [], 'No secret is configured'],
    ['', [''], 'No secret is configured'],
  ])('the secret %j against %j', (given, secrets, message) => {
    const check = () => verifySecret(given, secrets, 'header X-Denrei-Secret')
    if (message === null) return expect(check).not.toThrow()
    const fault = faultOf(check)
    expect(fault.code).toBe('ERR_NOT_AUTHENTIC')
    expect(fault.message).toContain(message)
  })
})
