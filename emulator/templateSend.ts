import { GraphError } from './graphError.ts'
import {
  isObject,
  upper,
  variablesOf,
  type ParameterFormat,
  type TemplateButton,
  type TemplateComponent,
} from './templateParts.ts'

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
    else shape.other.add(type)
  }
  return shape
}

/** Where a send meets the rest of the account. */
export interface SendContext {
  /** Of the URL that was called: `23` for `/v23.0/`. From 23 on a bad value is told by 132018 instead of 100. */
  version: number
  /** Whether uploaded media of that id is there and not expired. */
  hasMedia(id: string): boolean
}

/** What the user would see. */
export interface Rendered {
  header: string | null
  body: string
}

type Part = Record<string, unknown>
const isPart: (value: unknown) => value is Part = isObject

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
  const buttons = new Map<number, { subType: string; parameters: Part[] }>()
  for (const component of (given ?? []) as unknown[]) {
    if (!isPart(component) || typeof component['type'] !== 'string') {
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
  if (!Array.isArray(parameters) || !parameters.every(isPart)) {
    throw new GraphError(100, `Param template['components'] ${type}: parameters must be an array of objects.`)
  }
  return parameters
}

function once(found: Part[] | null, parameters: Part[], type: string): Part[] {
  if (found === null) return parameters
  throw new GraphError(100, `Param template['components'] has more than one ${type}.`)
}

function addButton(
  buttons: Map<number, { subType: string; parameters: Part[] }>,
  component: Part,
  parameters: Part[],
): void {
  const { index, sub_type: subType } = component
  if (index === undefined) throw new GraphError(131008, 'buttons: a button component needs an index')
  if (typeof subType !== 'string') throw new GraphError(131008, 'buttons: a button component needs a sub_type')
  const place = Number(index)
  if (!Number.isInteger(place) || place < 0 || place > 9) throw new GraphError(131009, 'buttons: index must be 0 to 9')
  if (buttons.has(place)) throw new GraphError(100, `buttons: index ${place} is given twice`)
  buttons.set(place, { subType: subType.toLowerCase(), parameters })
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
  if (!isPart(value)) throw new GraphError(131008, `header: parameter ${header.kind} is missing`)
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
    const name = parameter['parameter_name']
    if (format === 'NAMED') {
      if (typeof name !== 'string' || name === '') throw new GraphError(100, 'Parameter name is missing or empty')
      if (!names.includes(name)) {
        throw new GraphError(132012, `${place}: Parameter name "${name}" does not exist in the created template`)
      }
      if (values.has(name)) throw new GraphError(132012, `${place}: Parameter name "${name}" is given twice`)
      values.set(name, textOf(parameter, place, context))
      return
    }
    if (name !== undefined) {
      throw new GraphError(132012, `${place}: the created template is positional, but a parameter_name was given`)
    }
    values.set(names[index]!, textOf(parameter, place, context))
  })
  return text.replace(/\{\{([^{}]*)\}\}/g, (_, name: string) => values.get(name.trim())!)
}

function textOf(parameter: Part, place: string, context: SendContext): string {
  const type = upper(parameter['type']).toLowerCase()
  if (type === 'text') return checkText(parameter['text'], place, context)
  if (place === 'body' && (type === 'currency' || type === 'date_time')) {
    const value = parameter[type]
    if (!isPart(value)) throw new GraphError(131008, `${place}: parameter ${type} is missing`)
    if (type === 'currency' && (typeof value['code'] !== 'string' || !Number.isInteger(Number(value['amount_1000'])))) {
      throw new GraphError(131008, `${place}: currency needs code and amount_1000`)
    }
    return checkText(value['fallback_value'], place, context)
  }
  throw formatMismatch(place, 'TEXT', type.toUpperCase())
}

/** No line breaks, no tabs, no more than four spaces in a row. Source: Meta, Cloud API, "Send message templates". */
function checkText(text: unknown, place: string, { version }: SendContext): string {
  if (typeof text !== 'string' || text === '')
    throw new GraphError(131008, `${place}: parameter text is missing or empty`)
  if (text.length > 32_768) throw new GraphError(132005, `${place}: parameter text is longer than 32768 characters`)
  if (/[\n\r\t]| {5}/.test(text)) {
    throw new GraphError(
      version >= 23 ? 132018 : 100,
      `${place}: Param text cannot have new-line/tab characters or more than 4 consecutive spaces`,
    )
  }
  return text
}

/** How a button is called in a send, and the parameter it takes. */
const BUTTON_PARAMETER: Record<string, { subType: string; type: string }> = {
  QUICK_REPLY: { subType: 'quick_reply', type: 'payload' },
  URL: { subType: 'url', type: 'text' },
  COPY_CODE: { subType: 'copy_code', type: 'coupon_code' },
  FLOW: { subType: 'flow', type: 'action' },
  CATALOG: { subType: 'catalog', type: 'action' },
  MPM: { subType: 'mpm', type: 'action' },
}

function checkButtons(
  buttons: TemplateButton[],
  given: Map<number, { subType: string; parameters: Part[] }>,
  context: SendContext,
): void {
  for (const index of given.keys()) {
    if (index >= buttons.length) {
      throw new GraphError(
        132012,
        `buttons: the created template has ${buttons.length} buttons, but index ${index} was given`,
      )
    }
  }
  buttons.forEach((button, index) => {
    const place = `buttons: Button at index ${index}`
    const needs = button.type === 'COPY_CODE' || (button.type === 'URL' && variablesOf(button.url ?? '').length > 0)
    const sent = given.get(index)
    if (sent === undefined) {
      if (needs) throw new GraphError(131008, `${place} of type ${button.type} requires a parameter`)
      return
    }
    const expected = BUTTON_PARAMETER[button.type]
    if (expected === undefined || sent.subType !== expected.subType) {
      throw new GraphError(
        132012,
        `${place}: Format mismatch, expected ${button.type}, received ${sent.subType.toUpperCase()}`,
      )
    }
    if (button.type === 'URL' && !needs && sent.parameters.length > 0)
      throw countMismatch(place, sent.parameters.length, 0)
    if (sent.parameters.length !== 1) {
      if (!needs && sent.parameters.length === 0) return
      throw countMismatch(place, sent.parameters.length, 1)
    }
    checkButtonParameter(sent.parameters[0]!, expected.type, place, context)
  })
}

function checkButtonParameter(parameter: Part, type: string, place: string, context: SendContext): void {
  const received = upper(parameter['type']).toLowerCase()
  if (received !== type)
    throw new GraphError(132012, `${place}: Format mismatch, expected ${type}, received ${received}`)
  const value = parameter[type]
  if (type === 'action') {
    if (value !== undefined && !isPart(value)) throw new GraphError(131009, `${place}: action must be an object`)
    return
  }
  if (type === 'text') {
    checkText(value, place, context)
    return
  }
  if (typeof value !== 'string' || value === '')
    throw new GraphError(131008, `${place}: parameter ${type} is missing or empty`)
  const max = type === 'coupon_code' ? 20 : 256
  if (value.length > max) throw new GraphError(131009, `${place}: ${type} may have at most ${max} characters`)
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

const countMismatch = (place: string, given: number, expected: number): GraphError =>
  new GraphError(
    132000,
    `${place}: number of localizable_params (${given}) does not match the expected number of params (${expected})`,
  )

const formatMismatch = (place: string, expected: string, received: string): GraphError =>
  new GraphError(132012, `${place}: Format mismatch, expected ${expected}, received ${received}`)
