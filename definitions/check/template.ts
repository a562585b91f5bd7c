import type { Module, Template } from '../definitions.ts'
import { parseMergeText } from '../mergeField.ts'
import type { Place, Report } from '../report.ts'
import { suggest } from '../suggest.ts'
import { templateLanguages } from '../templateLanguages.ts'
import { fillParameters, parameterFormat, parametersIn, strayBraces } from '../templateText.ts'
import { checkAuthentication } from './templateAuthentication.ts'
import { checkMergeText } from './mergeFields.ts'
import { requireModule, type Scope } from './scope.ts'
import { checkButtons } from './templateButtons.ts'
import { checkBodyVariables } from './templateBody.ts'
import { checkTimeToLive } from './timeToLive.ts'

/**
 * Checks a template against WhatsApp's rules, so that a review does not fail on them.
 * Source: Meta, Cloud API, "Templates", "Template components", "Template review".
 */
export function checkTemplate(scope: Scope, report: Report, template: Template) {
  const { header, footer, parameters = {}, language, category } = template
  const module = requireModule(scope, report, ['module'], template.module)
  if (!templateLanguages.includes(language)) {
    report(['language'], 'template_language_unknown', { language, suggestions: suggest(language, templateLanguages) })
  }
  const texts = variableTexts(template)
  const names = [...new Set(texts.flatMap(({ text }) => parametersIn(text).map(({ name }) => name)))]
  for (const { place, text } of texts) checkText(report, place, text)
  const format = parameterFormat(names)
  if (format === 'mixed') report(['body'], 'template_mixed_parameters', { names })
  // The body of a template for authentication is WhatsApp's own; what is written here is only shown in previews.
  if (category === 'AUTHENTICATION') checkAuthentication(report, template)
  else {
    checkBodyVariables(report, template.body, format)
    if (template.authentication !== undefined) report(['authentication'], 'template_authentication_only', { category })
  }

  if (header?.type === 'text') {
    const count = parametersIn(header.text).length
    if (count > 1) report(['header', 'text'], 'template_header_variables', { count })
    if (/[*_~`\n]/.test(fillParameters(header.text, () => ''))) report(['header', 'text'], 'template_header_markup', {})
  }
  if (format === 'POSITIONAL') checkSharedNumbers(report, template, texts)
  const [variable] = parametersIn(footer ?? '')
  if (variable !== undefined) report(['footer'], 'template_footer_variable', { name: variable.name })
  for (const name of names) {
    if (!Object.hasOwn(parameters, name)) {
      report(texts.find(({ text }) => uses(text, name))!.place, 'template_parameter_without_example', { name })
    }
  }
  for (const name of Object.keys(parameters)) {
    if (!names.includes(name)) report(['parameters', name], 'template_parameter_unused', { name })
  }
  checkButtons(report, template)
  checkTimeToLive(report, template)
  checkSample(report, template)
  if (module !== null) checkMerged(scope, report, template, module)
  checkVersions(scope, report, template)
}

/** WhatsApp numbers header, body and each link from 1, so a template that was written there may mean different things by one number. */
function checkSharedNumbers(report: Report, { body }: Template, texts: { place: Place; text: string }[]) {
  const numbers = texts.flatMap(({ text }) => parametersIn(text).map(({ name }) => Number(name)))
  for (const { place, text } of texts) {
    const [only] = place[0] === 'body' ? [] : parametersIn(text)
    if (only === undefined || !uses(body, only.name)) continue
    report(place, 'template_number_shared', { name: only.name, free: String(Math.max(...numbers) + 1) })
  }
}

const uses = (text: string, name: string) => parametersIn(text).some((parameter) => parameter.name === name)

/** The texts that may hold variables, footer apart. */
function variableTexts({ header, body, buttons = [] }: Template): { place: Place; text: string }[] {
  return [
    ...(header?.type === 'text' ? [{ place: ['header', 'text'], text: header.text }] : []),
    { place: ['body'], text: body },
    ...buttons.flatMap((button, index) =>
      button.type === 'url' ? [{ place: ['buttons', index, 'url'], text: button.url }] : [],
    ),
  ]
}

function checkText(report: Report, place: Place, text: string) {
  if (strayBraces(text).length > 0) report(place, 'template_stray_braces', {})
  const { parts } = parseMergeText(text)
  for (const part of parts)
    if (typeof part === 'object') report(place, 'merge_field_in_template_text', { raw: part.raw })
  const seen = new Set<string>()
  for (const { name } of parametersIn(text)) {
    if (!/^(?:[a-z][a-z0-9_]*|[1-9]\d*)$/.test(name)) report(place, 'template_parameter_name', { name })
    else if (seen.has(name)) {
      report(place, 'template_repeated_parameter', { name }, /^\d/.test(name) ? 'warning' : 'error')
    }
    seen.add(name)
  }
}

/** A handle as the Resumable Upload API gives it (`4::aW…`), or a link that is uploaded when the template is submitted. */
function checkSample(report: Report, { header }: Template) {
  if (header === undefined || header.type === 'text' || header.type === 'location') return
  const { example } = header
  const isLink = /^https?:\/\//i.test(example) && URL.canParse(example)
  if (/\s/.test(example) || !(isLink || /^\d+:/.test(example))) {
    report(['header', 'example'], 'template_sample_invalid', { example })
  }
}

/** Merge fields stand where values come from: parameters, media of the header, payloads and codes of buttons. */
function checkMerged(scope: Scope, report: Report, { parameters, header, buttons }: Template, module: Module) {
  const check = (place: Place, text: string | undefined) => {
    if (text !== undefined) checkMergeText(scope, report, place, text, module)
  }
  for (const [name, { value }] of Object.entries(parameters ?? {})) check(['parameters', name, 'value'], value)
  if (header?.type === 'location') {
    for (const part of ['latitude', 'longitude', 'name', 'address'] as const) check(['header', part], header[part])
  } else if (header !== undefined && header.type !== 'text') {
    check(['header', 'link'], header.link)
    check(['header', 'filename'], header.filename)
  }
  buttons?.forEach((button, index) => {
    if (button.type === 'quick_reply') check(['buttons', index, 'payload'], button.payload)
    if (button.type === 'copy_code') check(['buttons', index, 'code'], button.code)
    if (button.type === 'flow') {
      check(['buttons', index, 'token'], button.token)
      for (const [key, value] of Object.entries(button.data ?? {})) check(['buttons', index, 'data', key], value)
    }
  })
}

/** The languages of one template are sent for one another, so they must be about the same. Told once, at the later one. */
function checkVersions(scope: Scope, report: Report, template: Template) {
  const [first] = scope.templates.get(template.name) ?? []
  if (first === undefined || first.language === template.language) return
  const key = `${first.name}/${first.language}`
  if (first.module !== template.module) report(['module'], 'template_versions_differ', { key, what: 'module' })
  if (first.category !== template.category) report(['category'], 'template_versions_differ', { key, what: 'category' })
}
