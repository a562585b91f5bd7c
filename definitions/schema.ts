import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { definitionSchemas } from './definitions.ts'

/**
 * JSON Schemas of the definitions, for editors: a file with `"$schema": "../schema/workflow.json"` completes and is
 * checked while it is written. Draft 7, because Visual Studio Code and JetBrains editors support that one in full.
 *
 * @returns by file name
 */
export function definitionJsonSchemas(): Record<string, object> {
  const { workflow, blueprint, journey, template, calendar, module, any } = definitionSchemas()
  const schemas = {
    workflow: { schema: workflow, title: 'A workflow of Denrei' },
    blueprint: { schema: blueprint, title: 'A blueprint of Denrei' },
    journey: { schema: journey, title: 'A journey of Denrei' },
    calendar: { schema: calendar, title: 'A calendar of Denrei' },
    template: { schema: template, title: 'A WhatsApp message template of Denrei' },
    module: { schema: module, title: 'A CRM module of Denrei' },
    definition: {
      schema: any,
      title: 'A definition of Denrei: workflow, blueprint, journey, template, calendar or module',
    },
  }
  return Object.fromEntries(
    Object.entries(schemas).map(([name, { schema, title }]) => [
      `${name}.json`,
      { title, ...z.toJSONSchema(schema as z.ZodType, { target: 'draft-7', io: 'input' }) },
    ]),
  )
}

/** As the files are written. */
export function printJsonSchema(schema: object): string {
  return `${JSON.stringify(schema, null, 2)}\n`
}

// `npm run schema` writes them; a test holds that the committed ones are up to date.
if (import.meta.main) {
  const folder = join(import.meta.dirname, 'schema')
  mkdirSync(folder, { recursive: true })
  for (const [name, schema] of Object.entries(definitionJsonSchemas())) {
    writeFileSync(join(folder, name), printJsonSchema(schema))
  }
}
