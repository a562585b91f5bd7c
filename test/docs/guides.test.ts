import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { checkDefinitions } from '#definitions/check.ts'
import { analyse } from '#engine/analyse.ts'
import { OWN_FACTS } from '#engine/decide/factSource.ts'
import { operatorNames } from '#engine/rules/operators.ts'
import { parseCloudEvents } from '#triggers/cloudEvents.ts'
import { parseZohoWorkflow } from '#triggers/zohoWorkflow.ts'

const guide = (name: string) => readFileSync(`docs/guide/${name}.md`, 'utf8')
const blocks = (text: string, language: string) =>
  [...text.matchAll(new RegExp(`^ *\`\`\`${language}\\n([^]*?)^ *\`\`\``, 'gm'))].map(([, block = '']) => block)
/** JSON blocks that are definitions. */
const definitionsIn = (text: string) =>
  blocks(text, 'json')
    .map((block) => JSON.parse(block) as { kind?: string })
    .filter(({ kind }) => kind !== undefined)

const context = { active: [], operators: operatorNames, facts: [...OWN_FACTS], analyse, templateStatus: new Map() }
const events = { now: Date.now(), modules: () => true, futureToleranceMs: 0, defaultSource: 'crm' }

test.each(['first-automation', 'first-automation.ja'])('the definitions of %s have no problems', (name) => {
  const files = definitionsIn(guide(name)).map((json, index) => ({ file: `${index}.json`, json }))
  expect(files).toHaveLength(2)
  expect(checkDefinitions(files, context).problems).toEqual([])
})

describe('the two languages are equal', () => {
  const pairs = [
    ['README.md', 'README.ja.md'],
    ['docs/guide/first-automation.md', 'docs/guide/first-automation.ja.md'],
    ['docs/guide/go-live.md', 'docs/guide/go-live.ja.md'],
    ['docs/guide/connect.md', 'docs/guide/connect.ja.md'],
    ['docs/guide/templates.md', 'docs/guide/templates.ja.md'],
    ['docs/guide/credits.md', 'docs/guide/credits.ja.md'],
    ['docs/guide/consent.md', 'docs/guide/consent.ja.md'],
    ['docs/guide/workflows.md', 'docs/guide/workflows.ja.md'],
    ['docs/guide/blueprints.md', 'docs/guide/blueprints.ja.md'],
    ['docs/guide/journeys.md', 'docs/guide/journeys.ja.md'],
  ] as const

  test.each(pairs)('%s and %s have the same sections, tables and code', (en, ja) => {
    const shape = (file: string) => {
      const text = readFileSync(file, 'utf8')
      return {
        sections: [...text.matchAll(/^#+ /gm)].length,
        rows: [...text.matchAll(/^\|/gm)].length,
        json: blocks(text, 'json'),
        // Japanese pages ask for Japanese answers.
        sh: blocks(text, 'sh').map((block) => block.replaceAll(' --lang ja', '')),
      }
    }
    expect(shape(ja)).toEqual(shape(en))
  })
})

test('the README shows a workflow that check takes, given its template', () => {
  const [workflow] = definitionsIn(readFileSync('README.md', 'utf8'))
  const [template] = definitionsIn(guide('first-automation'))
  const files = [
    { file: 'readme.json', json: workflow },
    { file: 'template.json', json: template },
  ]
  expect(checkDefinitions(files, context).problems).toEqual([])
})

test('the events of going live are accepted as they are written', () => {
  const page = guide('go-live')
  const [cloudEvent = ''] = /\{\s+"specversion"[^]*?\} \} \} \}/.exec(page) ?? []
  const headers = { 'content-type': 'application/cloudevents+json' }
  expect(parseCloudEvents({ headers, body: JSON.parse(cloudEvent) }, events)).toMatchObject([
    { module: 'Deals', recordId: '5725', values: { Stage: 'Closed Won' }, previous: { Stage: 'Demo' } },
  ])
  const zoho = blocks(page, 'json').find((block) => block.includes('WhatsApp_Opt_In')) ?? ''
  expect(parseZohoWorkflow(JSON.parse(zoho), events)).toMatchObject([
    { module: 'Leads', values: { Annual_Revenue: 5_000_000, WhatsApp_Opt_In: true } },
  ])
})

test.each(['sendFax', 'host', 'withoutHttp'])('plugin.md shows examples/%s.ts as the tests run it', (name) => {
  expect(guide('plugin')).toContain(readFileSync(`docs/guide/examples/${name}.ts`, 'utf8'))
})
