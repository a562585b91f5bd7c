import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { duration, offset } from '#definitions/primitives.ts'
import { definitionJsonSchemas, printJsonSchema } from '#definitions/schema.ts'

const folder = join(import.meta.dirname, '../../definitions/schema')
const schemas = definitionJsonSchemas()

describe('the JSON Schemas for editors', () => {
  test.each(Object.keys(schemas))('%s is up to date (else: npm run schema)', (name) => {
    expect(readFileSync(join(folder, name), 'utf8')).toBe(printJsonSchema(schemas[name]!))
  })

  test('keep the patterns of durations, and the patterns mean the same', () => {
    const patterns = [...JSON.stringify(schemas['workflow.json']).matchAll(/"pattern":("(?:[^"\\]|\\.)*")/g)].map(
      ([, text]) => new RegExp(JSON.parse(text!) as string),
    )
    for (const [schema, texts] of [
      [duration, ['P2D', 'PT30M', 'P1Y2M3W4DT5H6M7S', 'P', 'PT', '2D', '-P2D', 'P2D ', 'P999Y', 'P999999Y']],
      [offset, ['-P3D', 'P3D', '-P', '--P3D']],
    ] as const) {
      const same = patterns.filter((pattern) =>
        texts.every((text) => pattern.test(text) === schema.safeParse(text).success),
      )
      expect(same).not.toEqual([])
    }
  })

  test('forbid unknown keys, allow $schema, and refer to conditions by name', () => {
    for (const kind of ['workflow', 'blueprint', 'journey', 'calendar', 'template', 'module']) {
      const name = `${kind}.json`
      expect(schemas[name], name).toMatchObject({
        additionalProperties: false,
        properties: { $schema: { type: 'string' } },
      })
    }
    for (const name of ['workflow.json', 'blueprint.json', 'journey.json']) {
      expect(Object.keys((schemas[name] as { definitions: object }).definitions), name).toContain('Condition')
    }
    expect(JSON.stringify(schemas).includes('__schema')).toBe(false)
  })
})
