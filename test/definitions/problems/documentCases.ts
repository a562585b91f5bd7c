import { bad, doing, template, when, workflow } from './bases.ts'

let deep: unknown = { fact: 'Company', operator: 'equal', value: 'x' }
for (let depth = 0; depth < 120; depth++) deep = { not: deep }

export const documentCases = [
  bad('wrong_type', '', [['a list']]),
  bad('wrong_type', '/branches', workflow({ branches: 'none' })),
  bad('wrong_type', '/branches/0/actions/0/subject', doing({ type: 'createTask', subject: 3 })),
  bad('too_deep', '', when(deep)),
  bad('missing_key', '', { name: 'x' }, { about: 'no kind', fix: 'kind' }),
  bad('missing_key', '/branches/0/actions/0', doing({ type: 'sendTemplate' }), { fix: 'template' }),
  bad('missing_key', '/branches/0/when/all/0', when({ all: [{ fact: 'Company', operator: 'equal' }] }), {
    fix: 'value',
  }),
  bad('unknown_key', '/desciption', workflow({ desciption: 'x' }), { fix: 'description' }),
  bad('unknown_key', '/branches/0/actions/0/dueAt', doing({ type: 'createTask', subject: 'x', dueAt: 'P1D' }), {
    fix: 'dueIn',
  }),
  bad(
    'unknown_key',
    '/branches/0/when/all/0/vlue',
    when({ all: [{ fact: 'Company', operator: 'equal', value: 1, vlue: 1 }] }),
  ),
  bad('unknown_value', '/kind', { kind: 'workflo', name: 'x' }, { fix: 'workflow' }),
  bad('unknown_value', '/trigger/on', workflow({ trigger: { on: 'record.create' } }), { fix: 'record.created' }),
  bad('unknown_value', '/branches/0/actions/0/type', doing({ type: 'sendTemplte', template: 'x' }), {
    fix: 'sendTemplate',
  }),
  bad('unknown_value', '/category', template({ category: 'SERVICE' }), { fix: 'UTILITY' }),
  bad('invalid_format', '/name', workflow({ name: '歓迎メール' }), { fix: 'welcome-web-lead' }),
  bad(
    'invalid_format',
    '/branches/0/later/0/after',
    workflow({ branches: [{ later: [{ after: '2 days', actions: [{ type: 'addTags', tags: ['x'] }] }] }] }),
    { fix: 'P2D' },
  ),
  bad('invalid_format', '/branches/0/actions/0/dueIn', doing({ type: 'createTask', subject: 'x', dueIn: '1d' }), {
    fix: 'P2D',
  }),
  bad('invalid_format', '/branches/0/actions/0/set/会社', doing({ type: 'updateRecord', set: { 会社: 'x' } }), {
    fix: 'Last_Name',
  }),
  bad('invalid_format', '/branches/0/actions/0/url', doing({ type: 'callWebhook', url: 'ftp://example.com' })),
  bad('too_short', '/branches', workflow({ branches: [] })),
  bad('too_short', '/body', template({ body: '' })),
  bad('too_long', '/body', template({ body: 'あ'.repeat(1025) })),
  bad(
    'too_long',
    '/buttons',
    template({ buttons: Array.from({ length: 11 }, () => ({ type: 'quick_reply', text: 'はい' })) }),
  ),
  bad('invalid_condition', '/branches/0/when', when({ al: [] })),
  bad('invalid_condition', '/branches/0/when', when('Lead_Status = New')),
  bad('invalid_condition', '/branches/0/when/all/0/not', when({ all: [{ not: {} }] })),
  bad('duplicate_definition', '', [workflow(), workflow({ description: 'again' })]),
  bad('duplicate_definition', '', [template(), template({ footer: '株式会社さくら' })]),
]
