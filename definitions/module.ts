import { z } from 'zod'
import { apiName, labels } from './primitives.ts'

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
  labels: labels.optional(),
  required: z.boolean().optional(),
  /** Allowed values of a picklist or multiselect. */
  values: z.array(z.string()).optional(),
  /** The module a lookup points at. */
  module: apiName.optional(),
})
export type Field = z.infer<typeof field>

/** A CRM module: its fields, and which of them is the phone, the language, the zone, the consent. */
export const moduleDefinition = z.strictObject({
  $schema: z.string().optional(),
  kind: z.literal('module'),
  name: apiName,
  labels,
  fields: z.record(apiName, field),
  /** The field shown as the record's name. */
  title: apiName,
  phone: apiName.optional(),
  language: apiName.optional(),
  /** An IANA zone name. */
  zone: apiName.optional(),
  /** A boolean: true means the person agreed to be written to. */
  consent: apiName.optional(),
})
export type Module = z.infer<typeof moduleDefinition>
