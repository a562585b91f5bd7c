import { bad, doing, leaf, when, workflow } from './bases.ts'

const isNew = { all: [leaf('Lead_Status', 'equal', 'New')] }
const named = (conditions: object, name: string) => when({ all: [{ condition: name }] }, { conditions })
const LEAF = '/branches/0/when/all/0'

export const workflowCases = [
  bad(
    'module_without_phone',
    '/trigger/on',
    workflow({ module: 'Deals', trigger: { on: 'message.received' }, branches: [{}] }),
  ),
  bad(
    'acts_on_deleted_record',
    '/branches/0/actions/0',
    workflow({ trigger: { on: 'record.deleted' }, branches: [{ actions: [{ type: 'addTags', tags: ['x'] }] }] }),
    { severity: 'warning' },
  ),
  bad(
    'acts_on_deleted_record',
    '/branches/0/later/0',
    workflow({
      trigger: { on: 'record.deleted' },
      branches: [{ later: [{ after: 'P1D', actions: [{ type: 'notify', role: 'sales', message: 'x' }] }] }],
    }),
    { severity: 'warning' },
  ),
  bad('unknown_fact', `${LEAF}/fact`, when({ all: [leaf('Lead_Sorce', 'isEmpty', true)] }), { fix: 'Lead_Source' }),
  bad('unknown_fact', `${LEAF}/fact`, when({ all: [leaf('会社', 'isEmpty', true)] }), {
    fix: 'Company',
    about: 'a label',
  }),
  bad('unknown_fact', `${LEAF}/fact`, when({ all: [leaf('mesage', 'isEmpty', true)] }), { fix: 'message' }),
  bad(
    'unknown_fact',
    `${LEAF}/fact`,
    when({ all: [leaf('Contact_Name.Emial', 'isEmpty', true)] }, { module: 'Deals' }),
    { fix: 'Contact_Name.Email' },
  ),
  bad('unknown_fact', `${LEAF}/value/fact`, when({ all: [leaf('Company', 'equal', { fact: 'Kompany' })] }), {
    fix: 'Company',
  }),
  bad(
    'unknown_fact',
    '/branches/0/later/0/when/not/fact',
    workflow({
      branches: [
        {
          later: [
            {
              after: 'P1D',
              when: { not: leaf('Kompany', 'isEmpty', true) },
              actions: [{ type: 'addTags', tags: ['x'] }],
            },
          ],
        },
      ],
    }),
  ),
  bad('unknown_operator', `${LEAF}/operator`, when({ all: [leaf('Company', 'equals', 'x')] }), { fix: 'equal' }),
  bad('unknown_operator', `${LEAF}/operator`, when({ all: [leaf('Company', 'nt:equal', 'x')] }), {
    fix: 'not:equal',
    about: 'an unknown decorator',
  }),
  bad('operator_misfit', `${LEAF}/operator`, when({ all: [leaf('Company', 'greaterThan', 5)] }), {
    severity: 'warning',
  }),
  bad('operator_misfit', `${LEAF}/operator`, when({ all: [leaf('Tag', 'not:startsWith', 'vip')] }), {
    severity: 'warning',
    fix: 'containsAny',
  }),
  bad('operator_needs_list', `${LEAF}/value`, when({ all: [leaf('Country', 'in', 'JP')] })),
  bad('invalid_path', `${LEAF}/path`, when({ all: [{ ...leaf('message', 'equal', 'x'), path: '$[?(@.x)]' }] })),
  bad('unknown_condition', `${LEAF}/condition`, named({ isVip: isNew }, 'isVIP'), { fix: 'isVip' }),
  bad('cyclic_condition', '/conditions/a', named({ a: { condition: 'b' }, b: { not: { condition: 'a' } } }, 'a')),
  bad('cyclic_condition', '/conditions/a', named({ a: { any: [{ condition: 'a' }, isNew] } }, 'a'), {
    about: 'itself',
  }),
  bad('empty_condition', '/branches/0/when/all', when({ all: [] }), { severity: 'warning' }),
  bad(
    'impossible_condition',
    '/branches/0/when',
    when({ all: [leaf('Lead_Status', 'equal', 'New'), leaf('Lead_Status', 'equal', 'Contacted')] }),
    { severity: 'warning', fix: '"in"' },
  ),
  bad(
    'impossible_condition',
    '/branches/0/when',
    when({ not: { any: [leaf('Annual_Revenue', 'isNotEmpty', true), leaf('Annual_Revenue', 'isEmpty', true)] } }),
    { severity: 'warning' },
  ),
  bad(
    'impossible_condition',
    '/branches/0/later/0/when',
    workflow({
      branches: [
        {
          later: [
            {
              after: 'P1D',
              when: { all: [leaf('Annual_Revenue', 'greaterThan', 5), leaf('Annual_Revenue', 'lessThan', 3)] },
              actions: [{ type: 'addTags', tags: ['x'] }],
            },
          ],
        },
      ],
    }),
    { severity: 'warning' },
  ),
  bad('unreachable_branch', '/branches/1', workflow({ branches: [{}, { when: isNew }] })),
  bad(
    'duplicate_branch',
    '/branches/1/when',
    workflow({
      branches: [{ when: isNew }, { when: { all: [{ value: 'New', operator: 'equal', fact: 'Lead_Status' }] } }],
    }),
    { severity: 'warning' },
  ),
  bad('notify_nobody', '/branches/0/actions/0', doing({ type: 'notify', message: 'x' })),
  bad(
    'rule_loop',
    '/branches/0/actions/0',
    workflow({
      trigger: { on: 'record.saved' },
      repeat: 'always',
      branches: [{ actions: [{ type: 'updateRecord', set: { Rating: '$[Leads.Rating]' } }] }],
    }),
  ),
]
