import { expect, test } from 'vitest'
import { templateBody } from '#actions/whatsapp/templateBody.ts'
import type { Json } from '#definitions/json.ts'
import { template } from '#definitions/template.ts'
import { takeOver } from '#server/templates/takeOver.ts'

const COMPONENTS: Json[] = [
  { type: 'HEADER', format: 'TEXT', text: 'ご予約{{1}}', example: { header_text: ['A-17'] } },
  {
    type: 'BODY',
    text: 'いつもありがとうございます。{{1}}様、{{2}}にお待ちしております。',
    example: { body_text: [['山田', '10時']] },
  },
  {
    type: 'BUTTONS',
    buttons: [
      { type: 'URL', text: '地図', url: 'https://example.test/m/{{1}}', example: ['https://example.test/m/tokyo'] },
    ],
  },
]

test('numbers that WhatsApp counts apart in header, body and link stay apart when a template is taken over', () => {
  const node = { id: '1', name: 'yoyaku', language: 'ja', status: 'APPROVED', category: 'UTILITY' as const }
  const { definition } = takeOver({ ...node, components: COMPONENTS }, 'Leads')
  expect(definition).toMatchObject({
    header: { text: 'ご予約{{3}}' },
    buttons: [{ url: 'https://example.test/m/{{4}}' }],
    parameters: {
      1: { example: '山田' },
      2: { example: '10時' },
      3: { example: 'A-17' },
      4: { example: 'tokyo' },
    },
  })
  // And what WhatsApp is told of it is what it said.
  expect(templateBody(template.parse(definition)).components).toEqual(COMPONENTS)
})
