import type { Envelope } from './envelope.ts'
import { checkFreeForm } from './freeForm.ts'
import { GraphError } from './graphError.ts'
import { isObject } from './templateParts.ts'
import { checkSameCode, checkTemplateSend } from './templateSend.ts'
import type { SendContext } from './templateText.ts'
import type { Templates } from './templates.ts'

/** What a message says. */
export interface Content {
  template: { name: string; language: string; category: string } | null
  header: string | null
  /** The text the user sees. */
  text: string
}

/**
 * Checks what a message says: a template against what was approved, a free-form message against its limits.
 *
 * @throws GraphError 132001, 132015, 132016 for a template that cannot be sent, and those of the two checks
 */
export function checkContent(envelope: Envelope, templates: Templates, context: SendContext): Content {
  const { type, message } = envelope
  if (type !== 'template') return { template: null, header: null, text: checkFreeForm(type, message, context) }
  const given = message['template']
  if (!isObject(given)) throw new GraphError(131008, "Parameter 'template' is required.")
  const { name, components } = given
  if (typeof name !== 'string' || name === '') throw new GraphError(131008, "Param template['name'] is required.")
  const language = languageOf(given['language'])
  const template = templates.find(name, language)
  if (template?.status === 'PAUSED') throw new GraphError(132015, `template name (${name}) in ${language} is paused`)
  if (template?.status === 'DISABLED')
    throw new GraphError(132016, `template name (${name}) in ${language} is disabled`)
  if (template?.status !== 'APPROVED')
    throw new GraphError(132001, `template name (${name}) does not exist in ${language}`)
  const { category } = template
  const rendered = checkTemplateSend(template.shape, components, context)
  if (category === 'AUTHENTICATION') {
    if (envelope.to === null) throw new GraphError(131062, 'Send one-time codes to a phone number.')
    checkSameCode(components)
  }
  return { template: { name, language, category }, text: rendered.body, header: rendered.header }
}

function languageOf(language: unknown): string {
  const { code, policy = 'deterministic' } = isObject(language) ? language : {}
  if (typeof code !== 'string' || code === '') {
    throw new GraphError(131008, "Param template['language']['code'] is required.")
  }
  if (policy === 'deterministic') return code
  throw new GraphError(131009, "Param template['language']['policy'] must be 'deterministic'.")
}
