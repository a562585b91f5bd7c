import type { SendFacts } from '../facts.ts'
import type { SendIntent, Verdict } from '../message.ts'
import { templateKey } from '../state.ts'
import { allow, block, holdFor, type Outlook } from './verdict.ts'

/** Statuses out of which a template does not come back by itself: it has to be changed, or another chosen. */
const FINAL = new Set(['REJECTED', 'DISABLED', 'ARCHIVED', 'PENDING_DELETION', 'DELETED'])

/**
 * Does WhatsApp let this template be sent? Free text asks nobody. Only the status APPROVED, spelt exactly so, does. What is in review, and any
 * word WhatsApp may yet invent, waits.
 *
 * @param intent.parameters null when no template of that name is defined for the language and the module
 * @param facts.template null when WhatsApp has never told of it
 * Source: Meta, Cloud API, "Template status".
 */
export function checkTemplate(
  { parameters, template: wanted }: SendIntent,
  { template }: Pick<SendFacts, 'template'>,
  { form }: Pick<Outlook, 'form'>,
): Verdict {
  if (form === 'text') return allow
  if (wanted === null) return block('template_missing')
  const name = templateKey(wanted)
  if (parameters === null || template === null) return block('template_missing', name)
  if (template.status === 'APPROVED') return allow
  const detail = `${name} ${template.status}${template.reason ? ` ${template.reason}` : ''}`
  if (FINAL.has(template.status)) return block('template_rejected', detail)
  return holdFor(template.status === 'PAUSED' ? 'template_paused' : 'template_pending', 'template_approved', detail)
}
