import type { Definition, Module, SendTemplateAction, Template } from '../definitions.ts'
import { parseMergeText } from '../mergeField.ts'
import type { FieldType } from '../module.ts'
import type { Place, Report } from '../report.ts'
import { suggest } from '../suggest.ts'
import { parametersIn } from '../templateText.ts'
import { checkMergeText } from './mergeFields.ts'
import type { Scope } from './scope.ts'
import { isMerged } from './values.ts'

/** Types of fields that can hold a phone number or a business-scoped user id. */
const recipientTypes: FieldType[] = ['phone', 'text']

/** Checks that the template exists, is of this module, is approved, and gets everything it needs. */
export function checkSendTemplate(
  scope: Scope,
  report: Report,
  place: Place,
  action: SendTemplateAction,
  owner: Definition,
  module: Module,
) {
  checkRecipient(scope, report, place, action, module)
  const versions = versionsOf(scope, report, place, action)
  if (versions === null) return
  for (const version of versions) {
    const key = `${version.name}/${version.language}`
    if (version.module !== module.name) {
      report([...place, 'template'], 'template_of_other_module', { key, module: version.module, own: module.name })
      continue
    }
    checkStatus(scope, report, place, version, owner)
    checkNeeds(report, place, action, version)
  }
  const names = [...new Set(versions.flatMap(variablesOf))]
  for (const name of Object.keys(action.parameters ?? {})) {
    if (names.includes(name)) continue
    const facts = { name, template: action.template, suggestions: suggest(name, names) }
    report([...place, 'parameters', name], 'unknown_parameter', facts)
  }
}

/** The names of all variables of a template, in order. */
export function variablesOf({ header, body, buttons = [] }: Template): string[] {
  const texts = [
    header?.type === 'text' ? header.text : '',
    body,
    ...buttons.map((button) => (button.type === 'url' ? button.url : '')),
  ]
  return [...new Set(texts.flatMap((text) => parametersIn(text).map(({ name }) => name)))]
}

/** Checks whom a message goes to. */
export function checkRecipient(
  scope: Scope,
  report: Report,
  place: Place,
  { to }: Pick<SendTemplateAction, 'to'>,
  module: Module,
) {
  if (to === undefined) {
    if (module.phone === undefined) report(place, 'no_recipient', { module: module.name })
    return
  }
  if (!isMerged(to)) {
    const plain = parseMergeText(to)
    if (plain.problems.length > 0 || scope.possiblePhone === undefined || scope.possiblePhone(to)) return
    report([...place, 'to'], 'invalid_recipient', { value: to })
    return
  }
  // The merge fields themselves are reported with those of the whole action.
  for (const { path, field } of checkMergeText(scope, () => {}, place, to, module)) {
    if (recipientTypes.includes(field.type)) continue
    const facts = { name: path.join('.'), got: field.type, expected: recipientTypes }
    report([...place, 'to'], 'wrong_field_type', facts, 'warning')
  }
}

/** The versions that may be sent: one when the language is written out, else all; null when there is none to look at. */
function versionsOf(
  scope: Scope,
  report: Report,
  place: Place,
  { template: name, language }: SendTemplateAction,
): readonly Template[] | null {
  const brokenLanguages = [...scope.broken].filter((key) => key.startsWith(`template/${name}/`))
  const versions = scope.templates.get(name) ?? []
  if (versions.length === 0) {
    if (brokenLanguages.length === 0) {
      report([...place, 'template'], 'unknown_template', { name, suggestions: suggest(name, scope.templates.keys()) })
    }
    return null
  }
  if (language === undefined || isMerged(language)) return versions
  const wanted = versions.filter((version) => version.language === language)
  if (wanted.length > 0) return wanted
  if (!brokenLanguages.includes(`template/${name}/${language}`)) {
    const languages = versions.map((version) => version.language)
    report([...place, 'language'], 'template_language_missing', { name, language, languages })
  }
  return null
}

/**
 * A rejected template makes a new or changed automation wrong from the start. One that is in force already is only
 * warned about, so that applying the same files again is no error.
 */
function checkStatus(scope: Scope, report: Report, place: Place, version: Template, owner: Definition) {
  const key = `${version.name}/${version.language}`
  const status = scope.templateStatus?.get(key)
  // A changed template is submitted anew, so what WhatsApp said of the old one does not count.
  if (status === undefined || status === 'APPROVED' || !scope.isUnchanged(version)) return
  const at = [...place, 'template']
  if (status !== 'REJECTED') report(at, 'template_not_approved', { key, status })
  else report(at, 'template_rejected', { key }, scope.isUnchanged(owner) ? 'warning' : 'error')
}

function checkNeeds(report: Report, place: Place, action: SendTemplateAction, version: Template) {
  const key = `${version.name}/${version.language}`
  for (const name of variablesOf(version)) {
    const given = Object.hasOwn(action.parameters ?? {}, name)
    if (given || version.parameters?.[name] === undefined || version.parameters[name].value !== undefined) continue
    report(place, 'missing_parameter', { name, key })
  }
  const { header } = version
  const media = header === undefined || header.type === 'text' || header.type === 'location' ? null : header
  if (media === null) {
    if (action.header !== undefined) report([...place, 'header'], 'unused_header', { key })
  } else if (media.link === undefined && action.header?.link === undefined && action.header?.id === undefined) {
    report(place, 'missing_header_media', { key, type: media.type })
  }
}
