import { bad, calendar, doing, journey, moving, stepping, template, when, workflow } from './bases.ts'

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
  bad('unknown_key', '/steps/0/sned', stepping({ id: 'a', sned: {} }), { fix: 'send' }),
  bad('misplaced_key', '/steps/0/exit', stepping({ id: 'a', wait: 'P1D', exit: 'done' })),
  bad('invalid_form', '/steps/0', stepping({ id: 'a' }), { fix: '"waitFor"' }),
  bad('invalid_form', '/steps/0/wait', stepping({ id: 'a', wait: 5 }), { fix: 'text' }),
  bad('invalid_form', '/transitions/0/from', moving({ from: 'Qualification' }), { fix: '"*"' }),
  bad('invalid_form', '/transitions/0/auto', moving({ auto: {} }), { fix: '"after", "when"' }),
  bad('invalid_form', '/entry/reentry', journey({ entry: { trigger: { on: 'manual' }, reentry: { afer: 'P1D' } } }), {
    fix: 'never',
  }),
  bad('unknown_value', '/entry/reentry', journey({ entry: { trigger: { on: 'manual' }, reentry: 'allways' } }), {
    fix: 'always',
  }),
  bad('unknown_value', '/steps/0/wait/unit', stepping({ id: 'a', wait: { unit: 'business_day', count: 2 } }), {
    fix: 'business_days',
  }),
  bad('missing_key', '/steps/0', stepping({ id: 'a', goto: 'a' }), { fix: 'max' }),
  bad('invalid_format', '/steps/0/id', stepping({ id: '挨拶', exit: 'x' }), { fix: 'a letter first' }),
  bad('invalid_format', '/holidays/0/date', calendar({ holidays: [{ date: '2026-02-30' }] }), { fix: 'exists' }),
  bad('invalid_value', '/steps/0/send', stepping({ id: 'a', send: {} })),
  bad('duplicate_definition', '', [workflow(), workflow({ description: 'again' })]),
  bad('duplicate_definition', '', [template(), template({ footer: '株式会社さくら' })]),
]
