import { bad, journey, leaf, stepping, template } from './bases.ts'

const END = { id: 'end', exit: 'completed' }
const isNew = { all: [leaf('Lead_Status', 'equal', 'New')] }
const entering = (entry: object, more: object = {}) => journey({ entry, ...more })
const reply = { on: 'message.received' }
const hello = { id: 'hello', send: { template: 'hello' } }
const text = { id: 'text', send: { text: 'こんにちは、$[見込み客.姓]様。' } }
const tag = (id: string, more: object = {}) => ({ id, do: [{ type: 'addTags', tags: ['x'] }], ...more })

export const journeyCases = [
  bad('unknown_module', '/module', journey({ module: 'Leeds' }), { fix: 'Leads' }),
  bad('unknown_step', '/steps/0/next', stepping(tag('a', { next: 'ende' }), END), { fix: 'end' }),
  bad('unknown_step', '/steps/0/then', stepping({ id: 'a', waitFor: reply, timeout: 'P1D', then: 'x' }, END)),
  bad('unknown_step', '/steps/0/else', stepping({ id: 'a', waitFor: reply, timeout: 'P1D', else: 'x' }, END)),
  bad('unknown_step', '/steps/0/branch/0/goto', stepping({ id: 'a', branch: [{ when: isNew, goto: 'x' }] }, END)),
  bad('unknown_step', '/steps/0/else', stepping({ id: 'a', branch: [{ when: isNew, goto: 'end' }], else: 'x' }, END)),
  bad(
    'unknown_step',
    '/steps/0/split/1/goto',
    stepping(
      {
        id: 'a',
        split: [
          { weight: 1, goto: 'end' },
          { weight: 1, goto: 'x' },
        ],
      },
      END,
    ),
  ),
  bad('unknown_step', '/steps/0/goto', stepping({ id: 'a', goto: 'x', max: 1 }, END)),
  bad(
    'unknown_step',
    '/steps/1/waitFor/of',
    [
      template(),
      stepping(
        hello,
        { id: 'a', waitFor: { on: 'message.status', status: ['read'], of: 'helo' }, timeout: 'P1D' },
        END,
      ),
    ],
    { fix: 'hello' },
  ),
  bad('duplicate_name', '/steps/1/id', stepping(tag('end'), END)),
  bad(
    'duplicate_name',
    '/exits/1/name',
    journey({
      exits: [
        { name: 'lost', when: isNew },
        { name: 'lost', when: leaf('Company', 'isEmpty', true) },
      ],
    }),
  ),
  bad('unreachable_step', '/steps/1/id', stepping(tag('a', { next: 'end' }), tag('b'), END)),
  bad('unreachable_step', '/steps/1/id', stepping(END, tag('b')), { about: 'behind an exit' }),
  bad('unbounded_loop', '/steps/0', stepping(tag('a'), { id: 'b', wait: 'P1D', next: 'a' }), { fix: 'max' }),
  bad(
    'unbounded_loop',
    '/steps/0',
    stepping({ id: 'ask', waitFor: reply, timeout: 'P1D', then: 'ask', else: 'end' }, END),
    {
      about: 'through an answer',
    },
  ),
  bad('unbounded_loop', '/steps/0', stepping({ id: 'a', branch: [{ when: isNew, goto: 'a' }] }, END)),
  bad('loop_without_wait', '/steps/0', stepping(tag('a'), { id: 'again', goto: 'a', max: 3 }, END)),
  bad('loop_without_wait', '/steps/0', stepping({ id: 'a', wait: 'P0D' }, { id: 'again', goto: 'a', max: 3 }, END), {
    about: 'but one of zero',
  }),
  bad(
    'loop_without_wait',
    '/steps/0',
    stepping(
      { id: 'a', waitUntil: { field: 'Created_Time', ifPast: 'send' } },
      { id: 'again', goto: 'a', max: 3 },
      END,
    ),
    { about: 'but for a date that lies behind' },
  ),
  bad('unknown_template', '/steps/0/send/template', stepping({ id: 'a', send: { template: 'helo' } })),
  bad('template_of_other_module', '/steps/0/send/template', [
    template(),
    journey({ module: 'Contacts', steps: [hello] }),
  ]),
  bad('missing_parameter', '/steps/0/send', [template({ parameters: { name: { example: '山田' } } }), stepping(hello)]),
  bad('foreign_merge_field', '/steps/0/send/parameters/name', [
    template(),
    stepping({ id: 'a', send: { template: 'hello', parameters: { name: '$[Deals.Deal_Name]' } } }),
  ]),
  bad(
    'foreign_merge_field',
    '/steps/1/send/text',
    stepping(
      { id: 'a', waitFor: reply, timeout: 'P1D', else: 'end' },
      { id: 'b', send: { text: '$[Deals.Deal_Name]' } },
      END,
    ),
  ),
  bad('foreign_merge_field', '/entry/key', entering({ trigger: { on: 'manual' }, key: '$[Deals.Deal_Name]' })),
  bad('no_recipient', '/steps/1/send', [
    template({ module: 'Deals', parameters: { name: { value: '$[Deals.Deal_Name]', example: '例' } } }),
    journey({ module: 'Deals', steps: [{ id: 'a', wait: 'P1D' }, hello] }),
  ]),
  bad('text_outside_window', '/steps/0/send/text', stepping(text), { fix: 'template' }),
  bad('text_outside_window', '/steps/1/send/text', stepping({ id: 'a', waitFor: reply, timeout: 'P1D' }, text), {
    about: 'when no answer came',
  }),
  bad(
    'text_outside_window',
    '/steps/2/send/text',
    stepping({ id: 'a', waitFor: reply, timeout: 'P1D', else: 'end' }, { id: 'b', wait: 'P1D' }, text, END),
    { about: 'a day after the answer' },
  ),
  bad(
    'text_outside_window',
    '/steps/1/send/text',
    entering({ trigger: reply }, { steps: [{ id: 'a', wait: { unit: 'business_hours', count: 1 } }, text] }),
    {
      about: 'after working time, however short',
    },
  ),
  bad(
    'text_outside_window',
    '/steps/3/send/text',
    [
      template(),
      stepping(hello, { id: 'a', wait: 'P2D' }, { id: 'b', waitFor: reply, timeout: 'P1D', else: 'end' }, text, END),
    ],
    { about: 'when the answer came while it waited for something else' },
  ),
  bad('not_a_send_step', '/steps/1/waitFor/of', [
    template(),
    stepping(hello, { id: 'a', waitFor: { on: 'message.status', status: ['read'], of: 'end' }, timeout: 'P1D' }, END),
  ]),
  bad('nothing_sent_before', '/steps/0/waitFor', [
    template(),
    stepping({ id: 'a', waitFor: { on: 'message.status', status: ['read'] }, timeout: 'P1D' }, hello),
  ]),
  bad(
    'nothing_sent_before',
    '/steps/0/waitFor',
    [
      template(),
      stepping({ id: 'a', waitFor: { on: 'message.status', status: ['read'], of: 'hello' }, timeout: 'P1D' }, hello),
    ],
    { about: 'by the step it names' },
  ),
  bad(
    'split_weights',
    '/steps/0/split',
    stepping(
      {
        id: 'a',
        split: [
          { weight: 50, goto: 'b' },
          { weight: 40, goto: 'end' },
        ],
      },
      tag('b'),
      END,
    ),
    { severity: 'warning' },
  ),
  bad(
    'split_to_one',
    '/steps/0/split',
    stepping(
      {
        id: 'a',
        split: [
          { weight: 1, goto: 'end' },
          { weight: 1, goto: 'end' },
        ],
      },
      END,
    ),
    {
      severity: 'warning',
    },
  ),
  bad(
    'impossible_condition',
    '/steps/0/branch/0/when',
    stepping({ id: 'a', branch: [{ when: { all: [isNew, { not: isNew }] }, goto: 'end' }] }, END),
    { severity: 'warning' },
  ),
  bad(
    'duplicate_branch',
    '/steps/0/branch/1/when',
    stepping(
      {
        id: 'a',
        branch: [
          { when: isNew, goto: 'end' },
          { when: isNew, goto: 'end' },
        ],
      },
      END,
    ),
    {
      severity: 'warning',
    },
  ),
  bad('wrong_field_type', '/steps/0/waitUntil/field', stepping({ id: 'a', waitUntil: { field: 'Company' } }), {
    fix: 'date',
  }),
  bad(
    'unknown_field',
    '/steps/0/waitFor/fields/0',
    stepping({ id: 'a', waitFor: { on: 'record.updated', fields: ['Compny'] }, timeout: 'P1D' }),
  ),
  bad(
    'unknown_field',
    '/steps/0/do/0/set/Compny',
    stepping({ id: 'a', do: [{ type: 'updateRecord', set: { Compny: 'x' } }] }),
  ),
  bad(
    'module_without_phone',
    '/steps/0/waitFor/on',
    journey({ module: 'Deals', steps: [{ id: 'a', waitFor: reply, timeout: 'P1D' }] }),
  ),
  bad('module_without_phone', '/entry/trigger/on', journey({ module: 'Deals', entry: { trigger: reply } })),
  bad(
    'unknown_field',
    '/entry/trigger/fields/0/field',
    entering({ trigger: { on: 'field.changed', fields: [{ field: 'Stage' }] } }),
  ),
  bad('entry_on_deleted_record', '/entry/trigger/on', entering({ trigger: { on: 'record.deleted' } })),
  bad('entry_without_condition', '/entry', entering({ trigger: { on: 'condition' } })),
  bad('reentry_without_key', '/entry/reentry', entering({ trigger: { on: 'record.updated' }, reentry: 'always' }), {
    severity: 'warning',
  }),
  bad('goal_at_entry', '/goal/when', entering({ trigger: { on: 'manual' }, when: isNew }, { goal: { when: isNew } }), {
    severity: 'warning',
  }),
  bad(
    'goal_at_entry',
    '/exits/0/when',
    entering({ trigger: { on: 'manual' }, when: isNew }, { exits: [{ name: 'new', when: isNew }] }),
    {
      severity: 'warning',
    },
  ),
  bad('reserved_reason', '/exits/0/name', journey({ exits: [{ name: 'goal', when: isNew }] })),
  bad('reserved_reason', '/steps/0/exit', stepping({ id: 'out', exit: 'goal' })),
  bad('unknown_fact', '/goal/when/fact', journey({ goal: { when: leaf('Compny', 'isEmpty', true) } })),
  bad(
    'unknown_fact',
    '/steps/0/waitFor/when/fact',
    stepping({ id: 'a', waitFor: { ...reply, when: leaf('mesage', 'isEmpty', true) }, timeout: 'P1D' }),
  ),
]
