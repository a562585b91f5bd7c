import { expect, test } from 'vitest'
import type { Definition } from '#definitions/definitions.ts'
import { runActions, sceneOf } from '#engine/decide/actions.ts'
import { startDraft, type Draft } from '#engine/decide/draft.ts'
import { enqueueSend, sendIntent, type JourneyContext, type SendWish } from '#engine/decide/sendIntent.ts'
import type { SendIntent } from '#engine/message.ts'
import { createWorkbench, NOW, recordEvent, TANAKA, WELCOME } from '../workbench.ts'

const CAMPAIGN: Definition = {
  kind: 'template',
  name: 'campaign',
  language: 'ja',
  category: 'MARKETING',
  module: 'Leads',
  body: 'いつもありがとうございます、{{name}} 様。冬のご案内をお送りいたします。',
  parameters: { name: { value: '$[Leads.Last_Name|お客様]', example: '田中' } },
  timeToLive: 'PT12H',
}
const JOURNEY: JourneyContext = {
  instanceId: 'i-1',
  step: 'hello',
  quietHours: { from: '21:00', to: '09:00', timezone: 'contact', otherwise: 'hold' },
  frequencyCap: { max: 2, per: 'P1D', otherwise: 'block' },
}

async function stage() {
  const bench = await createWorkbench([WELCOME, CAMPAIGN])
  const values = { Last_Name: '田中', Mobile: '090-1234-5678' }
  const trigger = { ...recordEvent('created', 'Leads', '1', values), id: 't-1', receivedAt: NOW }
  const known = await bench.store.load(
    { triggers: [trigger], lookups: {}, lookupModules: {}, phoneModules: [], pageMax: 1 },
    NOW,
  )
  const draft: Draft = startDraft(trigger, known, bench.definitions(), NOW)
  const scene = sceneOf(draft, { module: 'Leads', recordId: '1', values }, 'journey/trial@3', [])
  return { draft, scene }
}
async function intentOf(wish: SendWish, journey?: JourneyContext): Promise<SendIntent> {
  const { draft, scene } = await stage()
  return sendIntent(draft, scene, wish, '/steps/0/send', journey)
}

test('a text alone: filled in, to the phone field, at least once, and of no template', async () => {
  const intent = await intentOf({ text: '$[見込み客.姓] 様\n\nお問い合わせの件、明日お電話いたします。' })
  expect(intent).toMatchObject({
    template: null,
    text: { body: '田中 様\n\nお問い合わせの件、明日お電話いたします。' },
    parameters: null,
    category: 'SERVICE',
    delivery: 'at-least-once',
    to: { raw: '090-1234-5678', phone: TANAKA },
    numberId: '3001',
    definition: 'journey/trial@3',
    pointer: '/steps/0/send',
  })
  expect(intent).not.toHaveProperty('timeToLiveMs')
})

test('a text with a template: both are filled in, and the template says how dear a doubt is', async () => {
  const intent = await intentOf({ text: '$[Leads.Last_Name] 様、承りました。', template: 'campaign' })
  expect(intent).toMatchObject({
    template: { name: 'campaign', language: 'ja' },
    text: { body: '田中 様、承りました。' },
    parameters: { body: [{ name: 'name', value: '田中' }] },
    category: 'MARKETING',
    delivery: 'at-most-once',
    timeToLiveMs: 12 * 3_600_000,
  })
  expect(await intentOf({ text: 'はい', template: 'campaign', delivery: 'at-least-once' })).toMatchObject({
    delivery: 'at-least-once',
  })
  expect(await intentOf({ text: 'はい', delivery: 'at-most-once' })).toMatchObject({ delivery: 'at-most-once' })
})

test('a hole in the text is kept for the guards to say', async () => {
  expect(await intentOf({ text: '$[Leads.Company] ご担当者様' })).toMatchObject({ text: { body: null } })
  expect(await intentOf({ text: '$[Leads.Company|貴社] ご担当者様' })).toMatchObject({
    text: { body: '貴社 ご担当者様' },
  })
})

test('a template without a text is a message as before, and says nothing of journeys', async () => {
  const intent = await intentOf({ template: 'welcome_lead' })
  expect(intent).toMatchObject({ template: { name: 'welcome_lead' }, category: 'UTILITY' })
  for (const key of ['text', 'instanceId', 'step', 'quietHours', 'frequencyCap']) expect(intent).not.toHaveProperty(key)
})

test('S67 a message of a journey carries its step and what its journey asks for', async () => {
  const { draft, scene } = await stage()
  const id = enqueueSend(draft, scene, { template: 'welcome_lead' }, '/steps/0/send', JOURNEY)
  expect(draft.changes).toMatchObject([{ kind: 'enqueue', intent: { id, ...JOURNEY } }])
})

test('S67 so does each message that the actions of a step send', async () => {
  const { draft, scene } = await stage()
  runActions(draft, { ...scene, journey: JOURNEY }, [{ type: 'sendTemplate', template: 'welcome_lead' }], '/steps/1/do')
  expect(draft.changes).toMatchObject([{ kind: 'enqueue', intent: { pointer: '/steps/1/do/0', ...JOURNEY } }])
})
