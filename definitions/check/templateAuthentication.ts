import type { Report } from '../report.ts'
import type { Template } from '../template.ts'
import { parametersIn } from '../templateText.ts'

/** Source: Meta, Cloud API, "Authentication templates": a code has at most 15 characters. */
const CODE_LENGTH_MAX = 15

/** WhatsApp writes header, body, footer and button itself: only the code is ours. */
export function checkAuthentication(report: Report, template: Template) {
  const { header, footer, body, parameters = {}, authentication } = template
  if (header !== undefined) report(['header'], 'template_authentication_extras', {})
  if (footer !== undefined) report(['footer'], 'template_authentication_extras', {})
  const names = new Set(parametersIn(body).map(({ name }) => name))
  if (names.size !== 1) report(['body'], 'template_authentication_code', { count: names.size })
  for (const name of names) {
    const example = parameters[name]?.example ?? ''
    if (example.length > CODE_LENGTH_MAX) {
      report(['parameters', name, 'example'], 'template_authentication_length', { max: CODE_LENGTH_MAX })
    }
  }
  const { button = 'copy_code', apps } = authentication ?? {}
  if (button !== 'copy_code' && apps === undefined) {
    report(['authentication', 'button'], 'template_authentication_apps', { button })
  }
}
