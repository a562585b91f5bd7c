import { expect, test } from 'vitest'
import type { Definition } from '#definitions/definitions.ts'
import type { Values } from '#definitions/json.ts'
import { approved, createWorkbench, recordEvent, sendOf } from '../workbench.ts'

/** 2026-11-22 10:00 in Tokyo is 01:00 in London. */
const DEAL_WON: Definition[] = [
  ...(['ja', 'en'] as const).map((language): Definition => ({
    kind: 'template',
    name: 'deal_won',
    language,
    category: 'UTILITY',
    module: 'Deals',
    body:
      language === 'ja' ? 'ご契約ありがとうございます、{{name}}様。準備を始めます。' : 'Thank you, {{name}}, we begin.',
    parameters: { name: { value: '$[Deals.Contact_Name.Last_Name]', example: '鈴木' } },
  })),
  {
    kind: 'workflow',
    name: 'deal-won',
    module: 'Deals',
    trigger: { on: 'record.created' },
    branches: [
      {
        actions: [{ type: 'sendTemplate', template: 'deal_won', to: '$[Deals.Contact_Name.Mobile]' }],
        later: [{ after: 'P1D', actions: [{ type: 'createTask', subject: '確認' }] }],
      },
    ],
  },
]

async function sentFor(contact: Values) {
  const bench = await createWorkbench(DEAL_WON, { templates: [approved('deal_won', 'ja'), approved('deal_won', 'en')] })
  await bench.happen(
    recordEvent('created', 'Contacts', 'c1', { Last_Name: 'Smith', Mobile: '+447911123456', ...contact }),
  )
  await bench.happen(recordEvent('created', 'Deals', 'd1', { Deal_Name: '導入', Contact_Name: { id: 'c1' } }))
  const [message] = await bench.messages()
  return { intent: sendOf(message), state: message!.state, reason: message!.reason }
}

test('a deal speaks the language of its contact and keeps to the hours of the contact', async () => {
  const { intent } = await sentFor({ Language: 'en', Time_Zone: 'Europe/London' })
  expect(intent).toMatchObject({ template: { name: 'deal_won', language: 'en' }, zone: 'Europe/London' })
})

test('a contact who says nothing has the settings’ language and no zone of its own', async () => {
  const { intent } = await sentFor({})
  expect(intent).toMatchObject({ template: { language: 'ja' }, zone: null, consent: null })
})

test('a contact who does not agree gets nothing about a deal either', async () => {
  expect(await sentFor({ WhatsApp_Opt_In: false })).toMatchObject({
    intent: { consent: false },
    state: 'blocked',
    reason: 'no_consent',
  })
})
