import { GraphError } from './graphError.ts'
import {
  isObject,
  upper,
  variablesOf,
  type ParameterFormat,
  type TemplateButton,
  type TemplateComponent,
} from './templateParts.ts'
import { addButton, checkButtons, type SentButtons } from './templateSendButtons.ts'
import { checkText, countMismatch, formatMismatch, type Part, type SendContext } from './templateText.ts'

/** What a template asks of a send, worked out once from its components. */
export interface TemplateShape {
  format: ParameterFormat
  header: { kind: 'text'; text: string; names: string[] } | { kind: 'image' | 'video' | 'document' | 'location' } | null
  body: { text: string; names: string[] }
  buttons: TemplateButton[]
  /** Component types whose parameters are not looked into: CAROUSEL, LIMITED_TIME_OFFER. */
  other: Set<string>
}

export function shapeOf(components: TemplateComponent[], format: ParameterFormat): TemplateShape {
  const shape: TemplateShape = { format, header: null, body: { text: '', names: [] }, buttons: [], other: new Set() }
  for (const { type, format: kind, text = '', buttons = [] } of components) {
    if (type === 'HEADER') {
      shape.header =
        kind === 'TEXT'
          ? { kind: 'text', text, names: [...new Set(variablesOf(text))] }
          : { kind: kind!.toLowerCase() as 'image' | 'video' | 'document' | 'location' }
    } else if (type === 'BODY') shape.body = { text, names: [...new Set(variablesOf(text))] }
    else if (type === 'BUTTONS') shape.buttons = buttons
    else if (type !== 'FOOTER') shape.other.add(type)
  }
  return shape
}

/** What the user would see. */
export interface Rendered {
  header: string | null
  body: string
}

/**
 * Checks the components of a template send against the template: counts, names, formats, values and lengths.
 *
 * @throws GraphError 132000 count, 132012 format, 132005 length, 132018 (100 before v23) value, 131008 missing, 100 shape
 * Source: Meta, Cloud API, "Send message templates", "Error codes".
 */
export function checkTemplateSend(shape: TemplateShape, given: unknown, context: SendContext): Rendered {
  if (given !== undefined && !Array.isArray(given))
    throw new GraphError(100, "Param template['components'] must be an array.")
  let header: Part[] | null = null
  let body: Part[] | null = null
  const buttons: SentButtons = new Map()
  for (const component of (given ?? []) as unknown[]) {
    if (!isObject(component) || typeof component['type'] !== 'string') {
      throw new GraphError(131008, "Param template['components'] must hold objects with a type.")
    }
    const type = component['type'].toLowerCase()
    const parameters = type === 'carousel' ? [] : parametersOf(component, type)
    if (type === 'header') header = once(header, parameters, type)
    else if (type === 'body') body = once(body, parameters, type)
    else if (type === 'button') addButton(buttons, component, parameters)
    else if (!shape.other.has(type.toUpperCase())) {
      throw new GraphError(
        100,
        `Param template['components']: type "${type}" is not known or not part of this template.`,
      )
    }
  }
  const rendered = {
    header: checkHeader(shape, header ?? [], context),
    body: checkTexts('body', shape.body, shape.format, body ?? [], context),
  }
  if (rendered.body.length > 1024)
    throw new GraphError(132005, 'body: the text with its values is longer than 1024 characters')
  checkButtons(shape.buttons, buttons, context)
  return rendered
}

function parametersOf(component: Part, type: string): Part[] {
  const parameters = component['parameters'] ?? []
  if (!Array.isArray(parameters) || !parameters.every(isObject)) {
    throw new GraphError(100, `Param template['components'] ${type}: parameters must be an array of objects.`)
  }
  return parameters
}

function once(found: Part[] | null, parameters: Part[], type: string): Part[] {
  if (found === null) return parameters
  throw new GraphError(100, `Param template['components'] has more than one ${type}.`)
}

function checkHeader(shape: TemplateShape, given: Part[], context: SendContext): string | null {
  const { header, format } = shape
  if (header === null) {
    if (given.length > 0) throw countMismatch('header', given.length, 0)
    return null
  }
  if (header.kind === 'text') {
    const text = checkTexts('header', header, format, given, context)
    if (text.length > 60) throw new GraphError(132005, 'header: the text with its values is longer than 60 characters')
    return text
  }
  const [parameter, ...more] = given
  const received = upper(parameter?.['type'])
  if (parameter === undefined || more.length > 0 || received !== header.kind.toUpperCase()) {
    throw formatMismatch('header', header.kind.toUpperCase(), received)
  }
  const value = parameter[header.kind]
  if (!isObject(value)) throw new GraphError(131008, `header: parameter ${header.kind} is missing`)
  if (header.kind === 'location') {
    if (!Number.isFinite(Number(value['latitude'])) || !Number.isFinite(Number(value['longitude']))) {
      throw new GraphError(131008, 'header: location needs latitude and longitude')
    }
    return null
  }
  checkMediaSource(value, `header: ${header.kind}`, context)
  return null
}

/** A media object names an uploaded id or a link. @throws GraphError 131008, 100 */
export function checkMediaSource(value: Part, place: string, context: Pick<SendContext, 'hasMedia'>): void {
  const { id, link } = value
  if (id === undefined && link === undefined) throw new GraphError(131008, `${place} needs an id or a link`)
  if (link !== undefined && (typeof link !== 'string' || !URL.canParse(link) || !/^https?:/i.test(link))) {
    throw new GraphError(100, `Param ${place}['link'] is not a valid URL.`)
  }
  if (link === undefined && (typeof id !== 'string' || !context.hasMedia(id))) {
    throw new GraphError(100, `Param ${place}['id'] is not a valid whatsapp business account media attachment ID`)
  }
}

function checkTexts(
  place: 'header' | 'body',
  { text, names }: { text: string; names: string[] },
  format: ParameterFormat,
  given: Part[],
  context: SendContext,
): string {
  if (given.length !== names.length) throw countMismatch(place, given.length, names.length)
  if (names.length === 0) return text
  const values = new Map<string, string>()
  given.forEach((parameter, index) => {
    const value = textOf(parameter, place, context)
    values.set(
      format === 'NAMED' ? nameOf(parameter, place, names, values) : placeOf(parameter, place, names[index]!),
      value,
    )
  })
  return text.replace(/\{\{([^{}]*)\}\}/g, (_, name: string) => values.get(name.trim())!)
}

function nameOf(parameter: Part, place: string, names: string[], taken: Map<string, string>): string {
  const name = parameter['parameter_name']
  if (typeof name !== 'string' || name === '') throw new GraphError(100, 'Parameter name is missing or empty')
  if (!names.includes(name)) {
    throw new GraphError(132012, `${place}: Parameter name "${name}" does not exist in the created template`)
  }
  if (taken.has(name)) throw new GraphError(132012, `${place}: Parameter name "${name}" is given twice`)
  return name
}

function placeOf(parameter: Part, place: string, name: string): string {
  if (parameter['parameter_name'] === undefined) return name
  throw new GraphError(132012, `${place}: the created template is positional, but a parameter_name was given`)
}

function textOf(parameter: Part, place: string, context: SendContext): string {
  const type = upper(parameter['type']).toLowerCase()
  if (type === 'text') return checkText(parameter['text'], place, context)
  if (place === 'body' && (type === 'currency' || type === 'date_time')) {
    const value = parameter[type]
    if (!isObject(value)) throw new GraphError(131008, `${place}: parameter ${type} is missing`)
    if (type === 'currency' && (typeof value['code'] !== 'string' || !Number.isInteger(Number(value['amount_1000'])))) {
      throw new GraphError(131008, `${place}: currency needs code and amount_1000`)
    }
    return checkText(value['fallback_value'], place, context)
  }
  throw formatMismatch(place, 'TEXT', type.toUpperCase())
}

/** The code of an authentication template stands in the body and in the button, at most 15 characters. @throws GraphError 132012, 132005 */
export function checkSameCode(given: unknown): void {
  const components = (Array.isArray(given) ? given : []) as Part[]
  const codeOf = (type: string): unknown =>
    (components.find((component) => upper(component['type']) === type)?.['parameters'] as Part[] | undefined)?.[0]?.[
      'text'
    ]
  const code = codeOf('BODY')
  if (typeof code === 'string' && code.length > 15)
    throw new GraphError(132005, 'body: a code may have at most 15 characters')
  if (code !== codeOf('BUTTON')) throw new GraphError(132012, 'body and button must carry the same code')
}
