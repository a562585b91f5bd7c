import { bad, blueprint, leaf, module, moving, template } from './bases.ts'

const QUALIFICATION = { initial: true }
const WON = { final: true }
const propose = { name: '提案する', from: ['Qualification'], to: 'Proposal' }
const win = { name: '受注', from: ['Proposal'], to: 'Won' }
const states = (more: object) => ({ Qualification: QUALIFICATION, Proposal: {}, Won: WON, ...more })
const parts = [{ name: '法務' }, { name: '経理' }]
const back = { name: '戻す', from: ['Proposal'], to: 'Qualification' }
const amount = (operator: string, value: number) => ({ all: [leaf('Amount', operator, value)] })
const named = (name: string, more: object = {}) => blueprint({ name, ...more })
const inStage = (value: string) => ({ all: [leaf('Stage', 'equal', value)] })

export const blueprintCases = [
  bad('unknown_module', '/module', blueprint({ module: 'Deels' }), { fix: 'Deals' }),
  bad('unknown_field', '/field', blueprint({ field: 'Stge' }), { fix: 'Stage' }),
  bad('wrong_field_type', '/field', blueprint({ field: 'Deal_Name' }), { fix: 'picklist' }),
  bad(
    'state_outside_picklist',
    '/states/Propsal',
    blueprint({
      states: { Qualification: QUALIFICATION, Propsal: {}, Won: WON },
      transitions: [
        { ...propose, to: 'Propsal' },
        { ...win, from: ['Propsal'] },
      ],
    }),
    { fix: 'Proposal' },
  ),
  bad('no_initial_state', '/states', blueprint({ states: states({ Qualification: {} }) })),
  bad(
    'several_initial_states',
    '/states/Proposal/initial',
    blueprint({ states: states({ Proposal: { initial: true } }) }),
  ),
  bad('unknown_state', '/transitions/0/to', moving({ to: 'Propsal' }), { fix: 'Proposal' }),
  bad('unknown_state', '/transitions/0/from/1', moving({ from: ['Qualification', '見積'] })),
  bad(
    'final_state_goes_on',
    '/transitions/2/from/0',
    blueprint({ transitions: [propose, win, { name: '再開', from: ['Won'], to: 'Proposal' }] }),
  ),
  bad(
    'final_state_goes_on',
    '/states/Won/sla',
    blueprint({
      states: states({ Won: { final: true, sla: { within: 'P1D', actions: [{ type: 'addTags', tags: ['x'] }] } } }),
    }),
  ),
  bad(
    'final_state_goes_on',
    '/states/Qualification/final',
    moving({ from: '*' }, { states: states({ Qualification: { initial: true, final: true } }) }),
  ),
  bad('unreachable_state', '/states/Lost', blueprint({ states: states({ Lost: WON }) }), { severity: 'warning' }),
  bad(
    'unreachable_state',
    '/states/Negotiation~1Review',
    blueprint({
      states: states({ 'Negotiation/Review': {} }),
      transitions: [propose, win, { name: '失注', from: '*', to: 'Won' }],
    }),
    { severity: 'warning', about: 'with a way out' },
  ),
  bad('dead_end_state', '/states/Proposal', blueprint({ transitions: [propose, { ...win, from: ['Qualification'] }] })),
  bad(
    'dead_end_state',
    '/states/Proposal',
    blueprint({
      exit: { when: amount('lessThan', 0) },
      transitions: [propose, { ...win, from: ['Qualification'] }],
    }),
    { severity: 'warning', about: 'but for records that match exit' },
  ),
  bad(
    'transition_never_taken',
    '/transitions/2',
    blueprint({
      states: states({ 'Needs Analysis': {} }),
      transitions: [propose, win, { name: '分析', from: ['Needs Analysis'], to: 'Won' }],
    }),
    { severity: 'warning', about: 'from a state that none comes to' },
  ),
  bad('transition_never_taken', '/transitions/0', moving({ before: { when: inStage('Proposal') } }), {
    severity: 'warning',
    about: 'its condition asks for another state',
  }),
  bad(
    'transition_never_taken',
    '/transitions/0',
    moving({
      before: { when: amount('greaterThan', 500) },
      auto: { when: { all: [leaf('Amount', 'lessThan', 500)] } },
    }),
    { severity: 'warning', about: 'its conditions contradict' },
  ),
  bad(
    'transition_never_taken',
    '/transitions/2',
    blueprint({
      transitions: [
        { ...propose, auto: { after: 'P3D' } },
        win,
        { name: '失効', from: ['Qualification'], to: 'Won', auto: { after: 'P1M' } },
      ],
    }),
    { severity: 'warning', about: 'because another comes sooner', fix: 'less long' },
  ),
  bad('duplicate_name', '/transitions/1/name', blueprint({ transitions: [propose, { ...win, name: '提案する' }] })),
  bad('duplicate_name', '/transitions/0/from/1', moving({ from: ['Qualification', 'Qualification'] })),
  bad(
    'duplicate_name',
    '/transitions/0/parallel/1/name',
    moving({ parallel: [parts[0], { name: '法務', after: [] }] }),
  ),
  bad('duplicate_name', '/transitions/0/during/checklist/1', moving({ during: { checklist: ['見積書', '見積書'] } })),
  bad(
    'duplicate_name',
    '/transitions/0/during/fields/1/field',
    moving({ during: { fields: [{ field: 'Amount' }, { field: 'Amount', required: true }] } }),
  ),
  bad('parallel_parent_holds', '/transitions/0/during', moving({ parallel: parts, during: { note: 'required' } })),
  bad('parallel_parent_holds', '/transitions/0/auto', moving({ parallel: parts, auto: { after: 'P1D' } })),
  bad('auto_with_during', '/transitions/0/during', moving({ auto: { after: 'P1D' }, during: { note: 'required' } })),
  bad('unknown_field', '/transitions/0/during/fields/0/field', moving({ during: { fields: [{ field: 'Amont' }] } }), {
    fix: 'Amount',
  }),
  bad(
    'unknown_fact',
    '/transitions/0/during/fields/0/when/all/0/fact',
    moving({ during: { fields: [{ field: 'Amount', when: { all: [leaf('Amont', 'greaterThan', 1)] } }] } }),
  ),
  bad(
    'unknown_fact',
    '/entry/when/all/0/fact',
    blueprint({ entry: { when: { all: [leaf('Amont', 'isEmpty', true)] } } }),
  ),
  bad('unknown_fact', '/exit/when/fact', blueprint({ exit: { when: leaf('Amont', 'isEmpty', true) } })),
  bad('unknown_condition', '/transitions/0/before/when/condition', moving({ before: { when: { condition: 'big' } } })),
  bad('unknown_operator', '/transitions/0/auto/when/operator', moving({ auto: { when: leaf('Amount', 'over', 1) } })),
  bad(
    'foreign_merge_field',
    '/transitions/0/after/0/subject',
    moving({ after: [{ type: 'createTask', subject: '$[Leads.Company]' }] }),
  ),
  bad('template_of_other_module', '/transitions/0/after/0/template', [
    template(),
    moving({ after: [{ type: 'sendTemplate', template: 'hello', to: '$[Deals.Contact_Name.Mobile]' }] }),
  ]),
  bad(
    'notify_nobody',
    '/states/Proposal/sla/actions/0',
    blueprint({
      states: states({ Proposal: { sla: { within: 'P1D', actions: [{ type: 'notify', message: '遅れ' }] } } }),
    }),
  ),
  bad(
    'writes_state_field',
    '/transitions/0/after/0/set/Stage',
    moving({ after: [{ type: 'updateRecord', set: { Stage: 'Won' } }] }),
    {
      fix: 'transition',
    },
  ),
  bad(
    'writes_state_field',
    '/transitions/0/parallel/1/after/0/set/Stage',
    moving({ parallel: [parts[0], { ...parts[1], after: [{ type: 'updateRecord', set: { Stage: 'Won' } }] }] }),
  ),
  bad(
    'writes_state_field',
    '/transitions/0/during/fields/0/field',
    moving({ during: { fields: [{ field: 'Stage' }] } }),
  ),
  bad(
    'automatic_loop',
    '/transitions/0/auto',
    blueprint({
      transitions: [
        { ...propose, auto: { when: amount('greaterThan', 100) } },
        { ...back, auto: { when: { all: [leaf('Amount', 'greaterThan', 50)] } } },
        win,
      ],
    }),
    { fix: 'P1D' },
  ),
  bad(
    'automatic_loop',
    '/transitions/0/auto',
    blueprint({ transitions: [{ ...propose, auto: { after: 'P0D' } }, { ...back, auto: { after: 'PT0S' } }, win] }),
    { about: 'after no time' },
  ),
  bad(
    'automatic_loop',
    '/transitions/0/auto',
    blueprint({
      transitions: [
        {
          ...propose,
          auto: { when: amount('greaterThan', 100) },
          after: [{ type: 'updateRecord', set: { Amount: 1 } }],
        },
        { ...back, auto: { when: amount('lessThan', 50) } },
        win,
      ],
    }),
    { about: 'that changes what it asks about' },
  ),
  bad(
    'automatic_loop',
    '/transitions/0/auto',
    blueprint({
      transitions: [
        { name: '再提案', from: ['Proposal'], to: 'Proposal', auto: { when: amount('greaterThan', 1) } },
        propose,
        win,
      ],
    }),
    { about: 'to itself' },
  ),
  bad('blueprint_never_entered', '/entry', [named('a'), named('b', { entry: { when: amount('greaterThan', 1) } })], {
    severity: 'warning',
    fix: '"order"',
  }),
  bad('blueprint_never_entered', '', [named('b', { order: 1 }), named('a', { order: 2 })], {
    severity: 'warning',
  }),
  bad(
    'blueprint_never_entered',
    '/entry',
    [
      named('a', { entry: { when: amount('greaterThan', 1) } }),
      named('b', { entry: { when: { all: [{ value: 1, operator: 'greaterThan', fact: 'Amount' }] } } }),
    ],
    { severity: 'warning', about: 'the same entry' },
  ),
  bad(
    'picklist_without_values',
    '/fields/Extra',
    [
      blueprint({ module: 'Visits', field: 'Extra' }),
      module({ fields: { Name: { type: 'text' }, Extra: { type: 'picklist' } } }),
    ],
    { severity: 'warning', about: 'and any value may be a state' },
  ),
]
