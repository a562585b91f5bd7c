import { GraphError } from './graphError.ts'

export type TemplateCategory = 'UTILITY' | 'MARKETING' | 'AUTHENTICATION'
export type ParameterFormat = 'NAMED' | 'POSITIONAL'

export interface TemplateButton {
  type: string
  text?: string
  url?: string
  [field: string]: unknown
}

/** A component as it reads back: types and formats in upper case. */
export interface TemplateComponent {
  type: string
  format?: string
  text?: string
  example?: Record<string, unknown>
  buttons?: TemplateButton[]
  [field: string]: unknown
}

/** Refuses a template as the Graph API does: code 100 with a subcode that tells more, and a text for people. */
export const refuseTemplate = (subcode: number, title: string, details: string): GraphError =>
  new GraphError(100, details, { subcode, userTitle: title, message: 'Invalid parameter' })

/** Subcodes of a refused template. Source: Meta, Cloud API, "Error codes" (template creation). */
export const SUBCODE = {
  exists: 2388024,
  beingDeleted: 2388023,
  tooMany: 2388019,
  cannotChange: 2388039,
  tooLong: 2388040,
  missing: 2388043,
  header: 2388047,
  body: 2388072,
  footer: 2388073,
  ratio: 2388293,
  edges: 2388299,
  notFound: 2593002,
} as const

/** `{{name}}` or `{{1}}`. */
export const VARIABLE = /\{\{([^{}]*)\}\}/g
/** The names between the braces, in order, repeated ones too. */
export const variablesOf = (text: string): string[] => [...text.matchAll(VARIABLE)].map((match) => match[1]!.trim())

/** A word in upper case, because any letter case is taken; `UNKNOWN` for what is not text. */
export const upper = (value: unknown): string => (typeof value === 'string' ? value.toUpperCase() : 'UNKNOWN')

export const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
