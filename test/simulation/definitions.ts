import type { SourceFile } from '#definitions/problem.ts'

const template = (
  name: string,
  language: string,
  category: 'UTILITY' | 'MARKETING',
  module: string,
  body: string,
  more: object = {},
) => ({
  kind: 'template',
  name,
  language,
  category,
  module,
  body,
  parameters: {
    name: { value: module === 'Leads' ? '$[Leads.Last_Name]' : '$[Deals.Deal_Name|お取引]', example: '田中' },
  },
  ...more,
})

const equal = (fact: string, value: string) => ({ all: [{ fact, operator: 'equal', value }] })

/**
 * A small business: it greets new leads, answers changes of their status, runs campaigns, tells of deals, reminds after
 * two days, and reacts to replies and to failures. `slow_offer` stays in review until somebody approves it.
 */
export function businessFiles(version: number): SourceFile[] {
  const definitions = [
    template(
      'order_received',
      'ja',
      'UTILITY',
      'Leads',
      'こんにちは、{{name}} 様。ご注文を承りました。発送までお待ちください。',
    ),
    template(
      'order_received',
      'en',
      'UTILITY',
      'Leads',
      'Hello {{name}}, we have received your order and will ship it soon.',
    ),
    template(
      'reminder',
      'ja',
      'UTILITY',
      'Leads',
      'こんにちは、{{name}} 様。その後いかがでしょうか。担当よりご連絡いたします。',
      {
        timeToLive: 'PT12H',
      },
    ),
    template(
      'spring_sale',
      'ja',
      'MARKETING',
      'Leads',
      'こんにちは、{{name}} 様。春のセールが始まりました。お早めにどうぞ。',
    ),
    template('spring_sale', 'en', 'MARKETING', 'Leads', 'Dear {{name}}, our spring sale has begun. Come and see it.'),
    template('slow_offer', 'ja', 'MARKETING', 'Leads', '本日は {{name}} 様だけの特別なご案内です。詳しくは担当まで。'),
    template('deal_moved', 'ja', 'UTILITY', 'Deals', '商談「{{name}}」の状況が変わりましたのでお知らせします。'),
    {
      kind: 'workflow',
      name: 'greet',
      module: 'Leads',
      trigger: { on: 'record.created' },
      branches: [
        {
          when: equal('Lead_Source', 'Web'),
          actions: [
            { type: 'sendTemplate', template: 'order_received' },
            { type: 'addTags', tags: ['連絡済み'] },
          ],
          later: [
            {
              after: 'P2D',
              when: equal('Lead_Status', 'New'),
              actions: [
                { type: 'sendTemplate', template: 'reminder' },
                { type: 'createTask', subject: '$[Leads.Last_Name|見込み客] に電話' },
              ],
            },
            { after: 'PT6H', actions: [{ type: 'updateRecord', set: { Rating: 'Active' } }] },
          ],
        },
        { actions: [{ type: 'assignOwner', users: ['佐藤', '鈴木', '高橋'] }] },
      ],
    },
    {
      kind: 'workflow',
      name: 'status-moved',
      module: 'Leads',
      trigger: { on: 'field.changed', fields: [{ field: 'Lead_Status' }] },
      repeat: 'always',
      branches: [
        { when: equal('Lead_Status', 'Contacted'), actions: [{ type: 'sendTemplate', template: 'reminder' }] },
        { when: equal('Lead_Status', 'Junk Lead'), actions: [{ type: 'removeTags', tags: ['連絡済み'] }] },
      ],
    },
    {
      kind: 'workflow',
      name: 'campaign',
      module: 'Leads',
      description: `v${version}`,
      trigger: { on: 'field.changed', fields: [{ field: 'Industry' }] },
      repeat: 'always',
      branches: [
        { when: equal('Industry', 'slow'), actions: [{ type: 'sendTemplate', template: 'slow_offer' }] },
        {
          when: equal('Industry', 'sure'),
          actions: [{ type: 'sendTemplate', template: 'spring_sale', delivery: 'at-least-once' }],
        },
        { actions: [{ type: 'sendTemplate', template: 'spring_sale' }] },
      ],
    },
    {
      kind: 'workflow',
      name: 'replied',
      module: 'Leads',
      trigger: { on: 'message.received' },
      repeat: 'always',
      branches: [{ actions: [{ type: 'updateRecord', set: { Lead_Status: 'Contacted' } }] }],
    },
    {
      kind: 'workflow',
      name: 'failed',
      module: 'Leads',
      trigger: { on: 'message.status', status: ['failed', 'blocked', 'gave_up'] },
      repeat: 'always',
      branches: [{ actions: [{ type: 'notify', role: 'sales', message: '$[Leads.Last_Name|見込み客] に届きません' }] }],
    },
    {
      kind: 'workflow',
      name: 'deal-moved',
      module: 'Deals',
      trigger: { on: 'record.saved' },
      repeat: 'always',
      branches: [
        {
          actions: [
            { type: 'sendTemplate', template: 'deal_moved', to: '$[Deals.Contact_Name.Mobile]' },
            { type: 'callWebhook', url: 'https://crm.example.com/hook' },
          ],
        },
      ],
    },
  ]
  return filesOf(definitions)
}

export function filesOf(definitions: readonly { kind: string; name: string; language?: string }[]): SourceFile[] {
  return definitions.map((json) => ({ file: `${json.kind}-${json.name}-${json.language ?? ''}.json`, json }))
}
