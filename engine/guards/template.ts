import type { SendFacts } from '../facts.ts'
import type { SendIntent, Verdict } from '../message.ts'
import { templateKey } from '../state.ts'
import { allow, block, holdFor, type Hold, type Outlook } from './verdict.ts'

/** Statuses out of which a template does not come back by itself: it has to be changed, or another chosen. */
const FINAL = new Set(['REJECTED', 'DISABLED', 'ARCHIVED', 'PENDING_DELETION', 'DELETED'])

/**
 * Does WhatsApp let this template be sent? Free text asks nobody. Only the status APPROVED, spelt exactly so, does. What is in review, and any
 * word WhatsApp may yet invent, waits.
 *
 * @param intent.parameters null when no template of that name is defined for the language and the module
 * A template that WhatsApp has moved to another category costs another price and answers to other rules than whoever chose it
 * had in mind: the settings say whether that is accepted. An admin's consent counts for the category it was given to.
 *
 * @param facts.template null when WhatsApp has never told of it
 * Source: Meta, Cloud API, "Template status".
 */
export function checkTemplate(
  { parameters, template: wanted, category }: SendIntent,
  { template, settings, now }: Pick<SendFacts, 'template' | 'settings' | 'now'>,
  { form }: Pick<Outlook, 'form'>,
): Verdict {
  if (form === 'text') return allow
  if (wanted === null) return block('template_missing')
  const name = templateKey(wanted)
  if (parameters === null || template === null) return block('template_missing', name)
  if (template.status === 'APPROVED') {
    const accepts = settings.templates.categoryChange === 'accept' || template.agreedCategory === template.category
    if (accepts || template.category === category) return allow
    return holdFor('template_category_changed', 'template_approved', `${name} ${category} > ${template.category}`)
  }
  const detail = `${name} ${template.status}${template.reason ? ` ${template.reason}` : ''}`
  if (FINAL.has(template.status)) return block('template_rejected', detail)
  if (template.status !== 'PAUSED') return holdFor('template_pending', 'template_approved', detail)
  const paused: Hold = holdFor('template_paused', 'template_approved', detail)
  // The instant at which WhatsApp ends the pause: asked again then, whether a webhook says so or not.
  return template.pausedUntil !== null && template.pausedUntil > now
    ? { ...paused, until: template.pausedUntil }
    : paused
}
