import { basename, dirname, join } from 'node:path'
import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { checkDefinitions } from '#definitions/check.ts'
import type { Definition, Template, Workflow } from '#definitions/definitions.ts'
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
const workflows = definitions.filter((one): one is Workflow => one.kind === 'workflow')

describe('the shipped library', () => {
  test('has neither errors nor warnings', () => {
    expect(result.problems).toEqual([])
    expect(result.definitions).toHaveLength(files.length)
  })

  test.each(files.map(({ file, json }) => [file, json] as const))('%s is named as its definition', (file, json) => {
    expect(basename(file, '.json')).toBe(json.name)
    if (json.kind === 'template') expect(basename(dirname(file))).toBe(json.language)
    expect(join(dirname(file), json.$schema)).toBe(`../schema/${json.kind}.json`)
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
    }
  })

  test('uses every template, and has every kind of automation', () => {
    const used = new Set(JSON.stringify(definitions).match(/(?<="template":")\w+/g))
    expect([...used].sort()).toEqual([...new Set(templates.map(({ name }) => name))].sort())
    const triggers = new Set(workflows.map(({ trigger }) => trigger.on))
    for (const on of [
      'record.created',
      'record.saved',
      'field.changed',
      'message.received',
      'message.status',
      'date',
    ]) {
      expect(triggers, on).toContain(on)
    }
    const kinds = new Set(definitions.map(({ kind }) => kind))
    expect([...kinds].sort()).toEqual(['blueprint', 'calendar', 'journey', 'module', 'template', 'workflow'])
  })
})
