import { z } from 'zod'
import { apiName, fieldPath, labels } from './primitives.ts'

export const fieldType = z.enum([
  'text',
  'textarea',
  'email',
  'phone',
  'url',
  'integer',
  'decimal',
  'currency',
  'percent',
  'boolean',
  'date',
  'datetime',
  'picklist',
  'multiselect',
  'lookup',
  'user',
  'tags',
  'json',
])
export type FieldType = z.infer<typeof fieldType>

const field = z.strictObject({
  type: fieldType,
  labels: labels.optional().describe('By language: { "ja": "姓", "en": "Last Name" }. Merge fields may use them.'),
  required: z.boolean().optional(),
  values: z.array(z.string()).optional().describe('Allowed values of a picklist or multiselect.'),
  module: apiName.optional().describe('The module a lookup points at.'),
})
export type Field = z.infer<typeof field>

/** A CRM module: its fields, and which of them is the phone, the language, the zone, the consent. */
export const moduleDefinition = z.strictObject({
  $schema: z.string().optional(),
  kind: z.literal('module'),
  name: apiName,
  labels,
  fields: z.record(apiName, field),
  title: apiName.describe('The field shown as the name of a record.'),
  phone: apiName.optional().describe('The field with the number that messages go to.'),
  language: fieldPath
    .optional()
    .describe('The field with the language code of the person; it may lie behind a lookup: "Contact_Name.Language".'),
  zone: fieldPath.optional().describe('The field with the IANA time zone of the person; it may lie behind a lookup.'),
  consent: fieldPath
    .optional()
    .describe('A boolean field: true means the person agreed to be written to; it may lie behind a lookup.'),
})
export type Module = z.infer<typeof moduleDefinition>
