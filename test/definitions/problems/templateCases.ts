import { active, bad, saying, sending, template } from './bases.ts'

const url = (...urls: string[]) =>
  template({
    buttons: urls.map((each) => ({ type: 'url', text: '見る', url: each })),
    parameters: { name: { value: '$[Leads.Last_Name]', example: '山' }, code: { value: 'x', example: 'x' } },
  })
const withButtons = (...types: string[]) =>
  template({
    buttons: types.map(
      (type) =>
        ({
          quick_reply: { type, text: 'はい' },
          url: { type, text: '見る', url: 'https://example.com/' },
          phone: { type, text: '電話', phone: '+81312345678' },
          copy_code: { type, code: 'SPRING', example: 'SPRING' },
          flow: { type, text: '予約', flow: '7701', screen: 'START' },
        })[type],
    ),
  })
const text = '毎度ありがとうございます。'
const TEMPLATE = '/branches/0/actions/0/template'
const ACTION = '/branches/0/actions/0'

export const templateCases = [
  bad('template_language_unknown', '/language', template({ language: 'jp' }), { fix: 'ja' }),
  bad('template_edge_variable', '/body', saying(`{{name}}様、${text}`, 'name'), { about: 'first' }),
  bad('template_edge_variable', '/body', saying(`${text}担当は {{name}}\n`, 'name'), { about: 'last' }),
  bad(
    'template_adjacent_variables',
    '/body',
    saying(`${text}担当は{{first}} {{last}}でございます。今後ともよろしくお願いいたします。`, 'first', 'last'),
  ),
  bad(
    'template_numbering_gap',
    '/body',
    saying(`${text}担当は{{1}}、部署は{{3}}でございます。よろしくお願いいたします。`, '1', '3'),
  ),
  bad(
    'template_number_shared',
    '/header/text',
    {
      ...saying(`${text}担当は{{1}}、部署は{{2}}でございます。よろしくお願いいたします。`, '1', '2'),
      header: { type: 'text', text: 'ご予約番号{{1}}' },
    },
    { severity: 'warning', fix: '{{3}}' },
  ),
  bad(
    'template_number_shared',
    '/buttons/0/url',
    {
      ...saying(`${text}担当は{{1}}でございます。よろしくお願いいたします。`, '1'),
      buttons: [{ type: 'url', text: '見る', url: 'https://example.com/{{1}}' }],
    },
    { severity: 'warning' },
  ),
  bad(
    'template_mixed_parameters',
    '/body',
    saying(`${text}担当は{{1}}、部署は{{name}}でございます。よろしくお願いいたします。`, '1', 'name'),
  ),
  bad('template_parameter_name', '/body', saying(`${text}担当は{{お名前}}でございます。`, 'お名前')),
  bad('template_parameter_name', '/body', saying(`${text}担当は{{Name}}でございます。`, 'Name')),
  bad(
    'template_repeated_parameter',
    '/body',
    saying(`${text}担当は{{name}}でございます。{{name}}がご連絡いたしますので、お待ちください。`, 'name'),
  ),
  bad(
    'template_repeated_parameter',
    '/body',
    saying(`${text}担当は{{1}}でございます。{{1}}がご連絡いたしますので、お待ちください。`, '1'),
    { severity: 'warning' },
  ),
  bad('template_stray_braces', '/body', saying(`${text}担当は{{name}}、部署は{{部署でございます。`, 'name')),
  bad(
    'template_header_variables',
    '/header/text',
    template({
      header: { type: 'text', text: '{{a}}様と{{b}}様' },
      parameters: { name: { example: 'x' }, a: { example: 'x' }, b: { example: 'x' } },
    }),
  ),
  bad('template_header_markup', '/header/text', template({ header: { type: 'text', text: '*重要*なお知らせ' } })),
  bad('template_footer_variable', '/footer', template({ footer: '{{name}}より' })),
  bad('template_parameter_without_example', '/body', template({ parameters: {} }), { fix: 'example' }),
  bad(
    'template_parameter_without_example',
    '/buttons/0/url',
    template({ buttons: [{ type: 'url', text: '見る', url: 'https://example.com/{{code}}' }] }),
  ),
  bad(
    'template_parameter_unused',
    '/parameters/age',
    template({ parameters: { name: { example: '山' }, age: { example: '40' } } }),
    { severity: 'warning' },
  ),
  bad('template_too_many_variables', '/body', saying('注文{{a}}は{{b}}に', 'a', 'b'), { severity: 'warning' }),
  bad(
    'merge_field_in_template_text',
    '/body',
    template({ body: `${text}$[Leads.Last_Name]様。お待ちしております。`, parameters: {} }),
    { fix: '{{name}}' },
  ),
  bad('template_too_many_buttons', '/buttons/2', withButtons('url', 'url', 'url')),
  bad('template_too_many_buttons', '/buttons/1', withButtons('phone', 'phone')),
  bad('template_too_many_buttons', '/buttons/1', withButtons('copy_code', 'copy_code')),
  bad('template_url_variable', '/buttons/0/url', url('https://example.com/{{code}}/x')),
  bad('template_url_variable', '/buttons/0/url', url('https://example.com/{{code}}{{name}}')),
  bad('template_url_invalid', '/buttons/0/url', url('example.com', 'https://example.com/{{code}}')),
  bad('template_url_invalid', '/buttons/0/url', url('https://{{code}}'), { about: 'a host that is a variable' }),
  bad('template_many_buttons', '/buttons', withButtons('quick_reply', 'quick_reply', 'quick_reply', 'quick_reply'), {
    severity: 'warning',
  }),
  bad('template_many_buttons', '/buttons', withButtons('quick_reply', 'url'), { severity: 'warning' }),
  bad(
    'template_label_variable',
    '/buttons/0/text',
    template({ buttons: [{ type: 'quick_reply', text: '{{name}}です' }] }),
  ),
  bad('template_label_variable', '/buttons/0/text', template({ buttons: [{ type: 'quick_reply', text: 'は\nい' }] })),
  bad(
    'template_phone_invalid',
    '/buttons/0/phone',
    template({ buttons: [{ type: 'phone', text: '電話', phone: '窓口まで' }] }),
  ),
  bad('template_flow_screen', '/buttons/0', template({ buttons: [{ type: 'flow', text: '予約する', flow: '77' }] })),
  bad('template_too_many_buttons', '/buttons/1', withButtons('flow', 'flow')),
  bad(
    'template_sample_invalid',
    '/header/example',
    template({ header: { type: 'image', example: './sample.png', link: 'https://example.com/a.png' } }),
    { fix: 'https://' },
  ),
  bad('template_authentication_extras', '/buttons', { ...withButtons('phone'), category: 'AUTHENTICATION' }),
  bad('template_authentication_extras', '/footer', template({ category: 'AUTHENTICATION', footer: '伝令商店' })),
  bad('template_authentication_only', '/authentication', template({ authentication: {} })),
  bad(
    'template_authentication_code',
    '/body',
    template({ category: 'AUTHENTICATION', body: '認証コードをお送りします。', parameters: {} }),
  ),
  bad(
    'template_authentication_length',
    '/parameters/code/example',
    template({
      category: 'AUTHENTICATION',
      body: '{{code}}が認証コードです。',
      parameters: { code: { example: '1234567890123456' } },
    }),
  ),
  bad(
    'template_authentication_apps',
    '/authentication/button',
    template({ category: 'AUTHENTICATION', authentication: { button: 'one_tap' } }),
  ),
  bad(
    'template_authentication_extras',
    '/header',
    template({
      category: 'AUTHENTICATION',
      header: { type: 'image', example: '4::x', link: 'https://example.com/a.png' },
    }),
  ),
  bad('template_time_to_live', '/timeToLive', template({ timeToLive: 'P1D' }), { about: 'utility for a day' }),
  bad('template_time_to_live', '/timeToLive', template({ timeToLive: 'PT1H', category: 'MARKETING' })),
  bad('template_versions_differ', '/category', [template(), template({ language: 'en', category: 'MARKETING' })], {
    severity: 'warning',
  }),
  bad(
    'template_versions_differ',
    '/module',
    [template(), template({ language: 'en', module: 'Contacts', parameters: { name: { example: 'x' } } })],
    { severity: 'warning' },
  ),

  bad('unknown_template', TEMPLATE, [template(), sending({ template: 'helo' })], { fix: 'hello' }),
  bad('template_language_missing', '/branches/0/actions/0/language', [template(), sending({ language: 'fr' })], {
    fix: 'ja',
  }),
  bad(
    'template_of_other_module',
    TEMPLATE,
    [template(), sending({ to: '$[Contacts.Mobile]' }, { module: 'Contacts' })],
    { fix: 'Contacts' },
  ),
  bad('template_not_approved', TEMPLATE, [template(), sending()], {
    severity: 'warning',
    context: { active: active(template()), templateStatus: new Map([['hello/ja', 'PAUSED']]) },
  }),
  bad('template_rejected', TEMPLATE, [sending()], {
    context: { active: active(template()), templateStatus: new Map([['hello/ja', 'REJECTED']]) },
  }),
  bad('template_rejected', TEMPLATE, [sending()], {
    severity: 'warning',
    context: { active: active(template(), sending()), templateStatus: new Map([['hello/ja', 'REJECTED']]) },
    about: 'used by a workflow that is in force as it stands',
  }),
  bad(
    'unknown_parameter',
    '/branches/0/actions/0/parameters/nmae',
    [template(), sending({ parameters: { nmae: 'x' } })],
    { fix: 'name' },
  ),
  bad('missing_parameter', ACTION, [template({ parameters: { name: { example: '山田' } } }), sending()]),
  bad('missing_header_media', ACTION, [template({ header: { type: 'document', example: '4::x' } }), sending()]),
  bad(
    'unused_header',
    '/branches/0/actions/0/header',
    [template(), sending({ header: { link: 'https://example.com/a.pdf' } })],
    { severity: 'warning' },
  ),
  bad(
    'no_recipient',
    ACTION,
    [
      template({ module: 'Deals', parameters: { name: { value: '$[商談.商談名]', example: 'x' } } }),
      sending({}, { module: 'Deals' }),
    ],
    { fix: 'Contact_Name' },
  ),
  bad('invalid_recipient', '/branches/0/actions/0/to', [template(), sending({ to: '03-1234' })]),
  bad('wrong_field_type', '/branches/0/actions/0/to', [template(), sending({ to: '$[Leads.Annual_Revenue]' })], {
    severity: 'warning',
    fix: 'phone',
  }),
  bad('merge_field_unclosed', '/branches/0/actions/0/to', [template(), sending({ to: '$[Leads.Mobile' })], {
    about: 'as a recipient',
  }),
]
