import { expect, test } from 'vitest'
import type { Journey } from '#definitions/definitions.ts'
import { judge } from '#engine/judge.ts'
import { explain } from '#server/explain.ts'
import { createWorkbench, inbound, recordEvent, TANAKA, WELCOME, type Workbench } from '../engine/workbench.ts'

const greet: Journey = {
  kind: 'journey',
  name: 'greet',
  module: 'Leads',
  entry: { trigger: { on: 'record.created' } },
  steps: [{ id: 'hello', send: { text: 'こんにちは、田中様', template: 'welcome_lead' } }],
}

async function lineOf(bench: Workbench, language: 'en' | 'ja'): Promise<string> {
  const [message] = await bench.messages()
  const { story } = await explain({ store: bench.store, clock: { now: bench.now } }, message!.intent.id, language)
  return story.find((line) => line.includes(TANAKA)) ?? ''
}

test.each([
  { inWindow: true, en: `Free text to ${TANAKA}.`, ja: `自由文の宛先は ${TANAKA} です。` },
  {
    inWindow: false,
    en: `Template "welcome_lead" (ja) in place of the free text to ${TANAKA}.`,
    ja: `自由文に代わるテンプレート「welcome_lead」(ja)の宛先は ${TANAKA} です。`,
  },
])('a free text with a template behind it tells as what it went out: $en', async ({ inWindow, en, ja }) => {
  const bench = await createWorkbench([WELCOME, greet])
  if (inWindow) await bench.happen(inbound('よろしくお願いします'))
  await bench.happen(recordEvent('created', 'Leads', '1', { Last_Name: '田中', Mobile: TANAKA }))
  const before = `Free text, or the template "welcome_lead" (ja), to ${TANAKA}.`
  expect(await lineOf(bench, 'en')).toBe(before)

  const claim = { lane: '3001', worker: 'w', now: bench.now(), leaseMs: 1000, limit: 10 }
  expect(await bench.store.claim(claim, judge, bench.shell.newId)).toHaveLength(1)
  expect(await lineOf(bench, 'en')).toBe(en)
  expect(await lineOf(bench, 'ja')).toBe(ja)
})
