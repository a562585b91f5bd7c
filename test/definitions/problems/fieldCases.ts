import { active, bad, doing, leaf, module, template, when, withField, workflow } from './bases.ts'

const task = (subject: string, changes = {}) => ({ ...doing({ type: 'createTask', subject }), ...changes })
const SUBJECT = '/branches/0/actions/0/subject'

export const fieldCases = [
  bad('unknown_module', '/module', workflow({ module: 'Lead' }), { fix: 'Leads' }),
  bad('unknown_module', '/module', template({ module: 'Laeds' }), { fix: 'Leads' }),
  bad('unknown_module', '/fields/Extra/module', withField({ type: 'lookup', module: 'Kontacts' }), { fix: 'Contacts' }),
  bad(
    'unknown_module',
    '/branches/0/actions/0/module',
    doing({ type: 'createRecord', module: 'Task', set: { Subject: 'x' } }),
    { fix: 'Tasks' },
  ),
  bad('unknown_module', SUBJECT, task('$[見込み.姓]'), { fix: 'Leads', about: 'in a merge field' }),
  bad('unknown_field', SUBJECT, task('$[Leads.Last_Nme]'), { fix: 'Last_Name' }),
  bad('unknown_field', SUBJECT, task('$[Deals.Contact_Name.Mobil]', { module: 'Deals' }), { fix: 'Mobile' }),
  bad(
    'unknown_field',
    '/branches/0/actions/0/set/Lead_State',
    doing({ type: 'updateRecord', set: { Lead_State: 'New' } }),
    { fix: 'Lead_Status' },
  ),
  bad(
    'unknown_field',
    '/trigger/fields/0/field',
    workflow({ trigger: { on: 'field.changed', fields: [{ field: 'Staus' }] } }),
  ),
  bad('unknown_field', '/title', module({ title: 'Nmae' }), { fix: 'Name' }),
  bad(
    'unknown_field',
    '/branches/0/actions/0',
    [module(), { ...doing({ type: 'addTags', tags: ['vip'] }), module: 'Visits' }],
    { about: 'tags without a field for them' },
  ),
  bad('unknown_field', '/branches/0/actions/0', [
    module(),
    { ...doing({ type: 'assignOwner', users: ['u1'] }), module: 'Visits' },
  ]),
  bad(
    'unknown_field',
    '/parameters/name/value',
    template({ parameters: { name: { value: '$[Leads.名字]', example: '山田' } } }),
  ),
  bad(
    'ambiguous_name',
    SUBJECT,
    [
      module({
        fields: {
          Name: { type: 'text' },
          A: { type: 'text', labels: { ja: '備考' } },
          B: { type: 'text', labels: { en: '備考' } },
        },
      }),
      task('$[来店.備考]', { module: 'Visits' }),
    ],
    { context: {}, about: 'the module is warned about in its own file', fix: 'API name' },
  ),
  bad('not_a_lookup', SUBJECT, task('$[Leads.Company.Phone]')),
  bad('wrong_field_type', '/phone', module({ phone: 'Open' }), { fix: 'phone' }),
  bad('wrong_field_type', '/consent', module({ consent: 'Mobile' }), { fix: 'boolean' }),
  bad('lookup_without_module', '/fields/Extra', withField({ type: 'lookup' })),
  bad('picklist_without_values', '/fields/Extra', withField({ type: 'picklist' }), { severity: 'warning' }),
  bad('reserved_name', '/fields/now', module({ fields: { Name: { type: 'text' }, now: { type: 'datetime' } } })),
  bad(
    'duplicate_label',
    '/fields/B/labels/ja',
    module({
      fields: {
        Name: { type: 'text' },
        A: { type: 'text', labels: { ja: '備考' } },
        B: { type: 'text', labels: { ja: '備考' } },
      },
    }),
    { severity: 'warning' },
  ),
  bad('duplicate_label', '/labels/ja', module({ labels: { ja: '商談' } }), { severity: 'warning' }),
  bad('merge_field_unclosed', SUBJECT, task('$[Leads.Last_Name 様')),
  bad('merge_field_empty', SUBJECT, task('$[]')),
  bad('merge_field_incomplete', SUBJECT, task('$[姓]')),
  bad('merge_format_unknown', SUBJECT, task('$[Leads.Annual_Revenue:money]'), { fix: 'currency.CODE' }),
  bad('merge_format_misfit', SUBJECT, task('$[Leads.Company:date.long]'), { severity: 'warning' }),
  bad('merge_format_misfit', SUBJECT, task('$[Deals.Closing_Date:time]', { module: 'Deals' }), { severity: 'warning' }),
  bad('foreign_merge_field', SUBJECT, task('$[Contacts.Mobile]', { module: 'Deals' }), {
    fix: '$[Deals.Contact_Name.Mobile]',
  }),
  bad('foreign_merge_field', SUBJECT, task('$[Contacts.Mobil]', { module: 'Deals' }), { about: 'and misspelt' }),
  bad(
    'foreign_merge_field',
    '/parameters/name/value',
    template({ parameters: { name: { value: '$[連絡先.姓]', example: '山田' } } }),
    { about: 'in a template (S59)' },
  ),
  bad(
    'foreign_merge_field',
    '/header/link',
    template({ header: { type: 'image', example: '4::x', link: '$[Contacts.Full_Name]' } }),
  ),
  bad(
    'value_type_misfit',
    '/branches/0/actions/0/set/Annual_Revenue',
    doing({ type: 'updateRecord', set: { Annual_Revenue: '多い' } }),
    { severity: 'warning' },
  ),
  bad('value_type_misfit', '/branches/0/when/all/0/value', when({ all: [leaf('WhatsApp_Opt_In', 'equal', 'true')] }), {
    severity: 'warning',
  }),
  bad(
    'value_outside_picklist',
    '/branches/0/when/all/0/value/1',
    when({ all: [leaf('Lead_Status', 'in', ['New', 'Contactd'])] }),
    { severity: 'warning', fix: 'Contacted' },
  ),
  bad(
    'value_outside_picklist',
    '/trigger/fields/0/to',
    workflow({ trigger: { on: 'field.changed', fields: [{ field: 'Lead_Status', to: '新規' }] } }),
    { severity: 'warning' },
  ),
  bad(
    'value_outside_picklist',
    '/branches/0/actions/0/set/Status',
    doing({ type: 'createRecord', module: 'Tasks', set: { Subject: 'x', Status: 'Done' } }),
    { severity: 'warning' },
  ),
  bad(
    'required_field_missing',
    '/branches/0/actions/0/set',
    doing({ type: 'createRecord', module: 'Tasks', set: { Status: 'Completed' } }),
    { severity: 'warning', fix: 'Subject' },
  ),
  bad('unknown_field', SUBJECT, task('$[Visits.Phone]', { module: 'Visits' }), {
    context: { active: active(module()) },
    about: 'of a module in force',
  }),
]
