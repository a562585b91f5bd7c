import { GraphError } from './graphError.ts'
import { checkAuthentication } from './templateAuthentication.ts'
import { checkButtons } from './templateButtons.ts'
import {
  isObject,
  refuseTemplate,
  SUBCODE,
  upper,
  VARIABLE,
  variablesOf,
  type ParameterFormat,
  type TemplateCategory,
  type TemplateComponent,
} from './templateParts.ts'

/**
 * Checks the components of a new or edited template and gives them back as they will read.
 *
 * @throws GraphError 100 with a subcode
 * Source: Meta, Cloud API, "Templates", "Template components".
 */
export function checkComponents(
  given: unknown,
  category: TemplateCategory,
  format: ParameterFormat,
  language: string,
): TemplateComponent[] {
  if (!Array.isArray(given) || given.length === 0) throw new GraphError(100, 'The parameter components is required.')
  const components = given.map(readComponent)
  const kinds = components.map((component) => component.type)
  const twice = kinds.find((kind, index) => kinds.indexOf(kind) !== index)
  if (twice !== undefined)
    throw refuseTemplate(SUBCODE.missing, 'Component given twice', `Component ${twice} is given twice.`)
  if (!kinds.includes('BODY')) {
    throw refuseTemplate(SUBCODE.missing, 'Component missing', 'Message template needs a component of type BODY.')
  }
  if (category === 'AUTHENTICATION') return components.map(checkAuthentication)
  for (const component of components) {
    if (component.type === 'HEADER') checkHeader(component, format)
    else if (component.type === 'BODY') checkBody(component, format, language)
    else if (component.type === 'FOOTER') checkFooter(component)
    else if (component.type === 'BUTTONS') checkButtons(component, format)
  }
  return components
}

const KNOWN_COMPONENTS = new Set(['HEADER', 'BODY', 'FOOTER', 'BUTTONS', 'CAROUSEL', 'LIMITED_TIME_OFFER'])

function readComponent(given: unknown): TemplateComponent {
  if (!isObject(given) || typeof given['type'] !== 'string') {
    throw new GraphError(100, 'Each of components must be an object with a type.')
  }
  const type = given['type'].toUpperCase()
  if (!KNOWN_COMPONENTS.has(type)) throw new GraphError(100, `Param components: unknown type ${type}.`)
  const component: TemplateComponent = { ...given, type }
  if (type === 'HEADER') component.format = upper(given['format'] ?? 'TEXT')
  if (type === 'BUTTONS') {
    if (!Array.isArray(given['buttons'])) throw new GraphError(100, 'Component BUTTONS must have buttons.')
    component.buttons = given['buttons'].map((button: unknown) => {
      if (!isObject(button) || typeof button['type'] !== 'string') {
        throw new GraphError(100, 'Each of buttons must be an object with a type.')
      }
      return { ...button, type: button['type'].toUpperCase() }
    })
  }
  return component
}

/** Braces that close, names of the right kind, numbers without gaps. @returns the names, once each */
function checkVariables(text: string, format: ParameterFormat, subcode: number): string[] {
  const names = variablesOf(text)
  const rest = text.replace(VARIABLE, '')
  if (rest.includes('{{') || rest.includes('}}')) {
    throw refuseTemplate(subcode, 'Variables wrong', 'A variable lacks a brace: write {{1}} or {{name}}.')
  }
  if (/\}\}\s*\{\{/.test(text)) {
    throw refuseTemplate(subcode, 'Variables wrong', 'Two variables may not stand next to each other.')
  }
  const unique = [...new Set(names)]
  if (format === 'NAMED') {
    const wrong = unique.find((name) => !/^[a-z][a-z0-9_]*$/.test(name))
    if (wrong !== undefined) {
      throw refuseTemplate(
        subcode,
        'Variables wrong',
        `Variable "${wrong}" must be lower-case letters, digits and underscores.`,
      )
    }
    return unique
  }
  unique.forEach((name, index) => {
    if (name !== String(index + 1)) {
      throw refuseTemplate(
        subcode,
        'Variables wrong',
        `Variables of a positional template are {{1}}, {{2}}, ... without gaps; found "${name}".`,
      )
    }
  })
  return unique
}

/** Every variable needs a sample, in the field that its place and format ask for. */
function checkExample(component: TemplateComponent, names: string[], format: ParameterFormat): void {
  if (names.length === 0) return
  const part = component.type === 'HEADER' ? 'header_text' : 'body_text'
  const example: unknown = component.example?.[format === 'NAMED' ? `${part}_named_params` : part]
  const missing = refuseTemplate(
    SUBCODE.missing,
    'Message template "components" param is missing expected field(s)',
    `component of type ${component.type} is missing expected field(s) (example)`,
  )
  if (!Array.isArray(example)) throw missing
  if (format === 'NAMED') {
    const given = new Map(
      (example as unknown[]).filter(isObject).map(({ param_name, example: sample }) => [param_name, sample] as const),
    )
    if (names.some((name) => typeof given.get(name) !== 'string' || given.get(name) === '')) throw missing
    return
  }
  const samples: unknown = component.type === 'HEADER' ? example : (example as unknown[])[0]
  if (!Array.isArray(samples) || samples.length !== names.length) throw missing
  if (samples.some((sample) => typeof sample !== 'string' || sample === '')) throw missing
}

const MEDIA_HEADERS = new Set(['IMAGE', 'VIDEO', 'DOCUMENT'])

function checkHeader(header: TemplateComponent, format: ParameterFormat): void {
  const wrong = (details: string): GraphError => refuseTemplate(SUBCODE.header, 'Header wrong', details)
  if (header.format === 'LOCATION') return
  if (MEDIA_HEADERS.has(header.format!)) {
    const handles: unknown = header.example?.['header_handle']
    if (Array.isArray(handles) && typeof handles[0] === 'string' && handles[0] !== '') {
      // A link is no handle, though lists show links where handles were given.
      if (/^https?:/i.test(handles[0])) throw wrong('example.header_handle must be the handle of an uploaded file.')
      return
    }
    throw refuseTemplate(
      SUBCODE.missing,
      'Message template "components" param is missing expected field(s)',
      'component of type HEADER is missing expected field(s) (example.header_handle)',
    )
  }
  if (header.format !== 'TEXT') throw wrong(`Header format ${String(header.format)} is not known.`)
  if (typeof header.text !== 'string' || header.text.trim() === '') throw wrong('A text header must have text.')
  if (header.text.length > 60) throw wrong('Header text may have at most 60 characters.')
  if (/[*_~`\n]/.test(header.text.replace(VARIABLE, ''))) throw wrong('Header text may not have markup or line breaks.')
  const names = checkVariables(header.text, format, SUBCODE.header)
  if (names.length > 1) throw wrong('Header text may have at most one variable.')
  checkExample(header, names, format)
}

function checkBody(body: TemplateComponent, format: ParameterFormat, language: string): void {
  if (typeof body.text !== 'string' || body.text.trim() === '') {
    throw refuseTemplate(SUBCODE.body, 'Body wrong', 'The body must have text.')
  }
  if (body.text.length > 1024) {
    throw refuseTemplate(SUBCODE.tooLong, 'Text too long', 'The body may have at most 1024 characters.')
  }
  if (/^\s*\{\{/.test(body.text) || /\}\}\s*$/.test(body.text)) {
    throw refuseTemplate(
      SUBCODE.edges,
      'Leading or trailing variables',
      'The body may not start or end with a variable. Add text before or after it.',
    )
  }
  const names = checkVariables(body.text, format, SUBCODE.body)
  checkExample(body, names, format)
  if (names.length > wordsOf(body.text.replace(VARIABLE, ' '), language)) {
    throw refuseTemplate(
      SUBCODE.ratio,
      'Too many variables',
      'The body has too many variables for its length. Use fewer variables or a longer text.',
    )
  }
}

/** Words as the language counts them: Japanese has no spaces between them. */
function wordsOf(text: string, language: string): number {
  let words = 0
  for (const part of new Intl.Segmenter(language.replaceAll('_', '-'), { granularity: 'word' }).segment(text)) {
    if (part.isWordLike) words++
  }
  return words
}

function checkFooter(footer: TemplateComponent): void {
  const wrong = (details: string): GraphError => refuseTemplate(SUBCODE.footer, 'Footer wrong', details)
  if (typeof footer.text !== 'string' || footer.text.trim() === '') throw wrong('The footer must have text.')
  if (footer.text.length > 60) throw wrong('The footer may have at most 60 characters.')
  if (/\{\{|\}\}/.test(footer.text)) throw wrong('The footer may not have variables.')
}
