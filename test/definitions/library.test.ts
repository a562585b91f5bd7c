import { basename, dirname, join } from 'node:path'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { checkDefinitions } from '#definitions/check.ts'
import type { Definition, Template } from '#definitions/definitions.ts'
import { workflowTriggerOptions } from '#definitions/workflow.ts'
import { analyse } from '#engine/analyse.ts'
import { OWN_FACTS } from '#engine/decide/factSource.ts'
import { decoratorNames, operatorNames, operatorsFor } from '#engine/rules/operators.ts'

const folder = join(import.meta.dirname, '../../definitions/library')
const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.json'))
  .map((file) => ({
    file,
    json: JSON.parse(readFileSync(join(folder, file), 'utf8')) as Definition & { $schema: string },
  }))

const result = checkDefinitions(files, {
  active: [],
  operators: operatorNames,
  decorators: decoratorNames,
  operatorsFor,
  facts: OWN_FACTS,
  analyse,
})
const definitions = result.definitions.map(({ definition }) => definition)
const templates = definitions.filter((one): one is Template => one.kind === 'template')
const ofKind = <K extends Definition['kind']>(kind: K) =>
  definitions.filter((one): one is Extract<Definition, { kind: K }> => one.kind === kind)
const [workflows, journeys, blueprints] = [ofKind('workflow'), ofKind('journey'), ofKind('blueprint')]
const quickReplies = ({ buttons = [] }: Template) => buttons.filter(({ type }) => type === 'quick_reply')

/** Japanese, a slash, English. */
const BILINGUAL = /[\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Han}].* \/ .*[A-Za-z]{3}/su
/** What people read in automations, by where it stands. Templates and free texts have a language each. */
const WORDS = new Set(['description', 'subject', 'message', 'checklist'])

function wordsIn(value: unknown, pointer = ''): [pointer: string, words: string][] {
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, member]: [string, unknown]) => {
    const at = `${pointer}/${key}`
    const words = WORDS.has(key) ? [member].flat().filter((one) => typeof one === 'string') : []
    return words.length > 0 ? words.map((one): [string, string] => [at, one]) : wordsIn(member, at)
  })
}

describe('the shipped library', () => {
  test('has neither errors nor warnings', () => {
    expect(result.problems).toEqual([])
    expect(result.definitions).toHaveLength(files.length)
  })

  test.each(files.map(({ file, json }) => [file, json] as const))('%s is named as its definition', (file, json) => {
    expect(basename(file, '.json')).toBe(json.name)
    if (json.kind === 'template') expect(basename(dirname(file))).toBe(json.language)
    expect(join(dirname(file), json.$schema)).toBe(`../schema/${json.kind}.json`)
    expect(existsSync(join(folder, dirname(file), json.$schema))).toBe(true)
  })

  test('has every template in Japanese and in English, with the same parameters', () => {
    const names = new Set(templates.map(({ name }) => name))
    expect(names.size).toBeGreaterThan(7)
    for (const name of names) {
      const [one, other, ...more] = templates.filter((template) => template.name === name)
      expect([one?.language, other?.language].sort(), name).toEqual(['en', 'ja'])
      expect(more).toEqual([])
      expect(Object.keys(one?.parameters ?? {}).sort()).toEqual(Object.keys(other?.parameters ?? {}).sort())
      expect(one?.category).toBe(other?.category)
      expect(one?.buttons?.map(payloadOf)).toEqual(other?.buttons?.map(payloadOf))
    }
  })

  test.each([...workflows, ...journeys, ...blueprints].map((one) => [`${one.kind}/${one.name}`, one] as const))(
    '%s says everything in Japanese and in English',
    (_, one) => {
      const words = wordsIn(one)
      expect(words[0]?.[0]).toBe('/description')
      for (const [pointer, text] of words) expect(text, pointer).toMatch(BILINGUAL)
      const texts =
        one.kind === 'journey' ? one.steps.flatMap((step) => ('send' in step ? (step.send.text ?? []) : [])) : []
      // Free text is chosen by a branch: as many in one language as in the other.
      const japanese = texts.filter((text) => /\p{Script=Hiragana}/u.test(text.replaceAll(/\$\[.*?\]/g, '')))
      expect(japanese).toHaveLength(texts.length / 2)
    },
  )

  test('hears every button that it shows', () => {
    const hearing = new Set([
      ...workflows.filter(({ trigger }) => trigger.on === 'message.received').map(({ module }) => module),
      ...journeys
        .filter(({ steps }) => steps.some((step) => 'waitFor' in step && step.waitFor.on === 'message.received'))
        .map(({ module }) => module),
    ])
    for (const template of templates.filter((one) => quickReplies(one).length > 0)) {
      expect(hearing, template.name).toContain(template.module)
    }
  })

  test('uses every template, and has every kind of automation', () => {
    const used = new Set(JSON.stringify(definitions).match(/(?<="template":")\w+/g))
    expect([...used].sort()).toEqual([...new Set(templates.map(({ name }) => name))].sort())
    const triggers = new Set([...workflows, ...journeys.map(({ entry }) => entry)].map(({ trigger }) => trigger.on))
    for (const { shape } of workflowTriggerOptions) expect(triggers, shape.on.value).toContain(shape.on.value)
    const steps = new Set(journeys.flatMap(({ steps }) => steps.flatMap((step) => Object.keys(step))))
    for (const kind of ['send', 'wait', 'waitUntil', 'waitFor', 'branch', 'split', 'do', 'goto', 'exit'])
      expect(steps, kind).toContain(kind)
    const kinds = new Set(definitions.map(({ kind }) => kind))
    expect([...kinds].sort()).toEqual(['blueprint', 'calendar', 'journey', 'module', 'template', 'workflow'])
  })
})

function payloadOf(button: NonNullable<Template['buttons']>[number]): string | undefined {
  return button.type === 'quick_reply' ? button.payload : undefined
}
