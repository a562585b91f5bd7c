import type { Template } from '../template.ts'
import type { Report } from '../report.ts'
import { parametersIn } from '../templateText.ts'

/** At most so many buttons of a type; ten altogether. Source: Meta, Cloud API, "Template components". */
const buttonsMax = { quick_reply: 10, url: 2, phone: 1, copy_code: 1, flow: 1, request_contact_info: 1 } as const

/** Checks number, order and links of the buttons. */
export function checkButtons(report: Report, { buttons = [], category }: Template) {
  const counts = { quick_reply: 0, url: 0, phone: 0, copy_code: 0, flow: 0, request_contact_info: 0 }
  let told = false
  for (const [index, button] of buttons.entries()) {
    const { type } = button
    counts[type] += 1
    if (counts[type] === buttonsMax[type] + 1) {
      report(['buttons', index], 'template_too_many_buttons', { type, max: buttonsMax[type] })
    }
    const apart = type === 'quick_reply' && counts.quick_reply > 1 && buttons[index - 1]?.type !== 'quick_reply'
    if (apart && !told) {
      report(['buttons', index], 'template_quick_replies_apart', {})
      told = true
    }
    if (type === 'url') checkUrl(report, index, button.url)
    if (type === 'phone' && !/^\+?\d[\d\s()-]{4,}$/.test(button.phone)) {
      report(['buttons', index, 'phone'], 'template_phone_invalid', { phone: button.phone })
    }
    if (type === 'flow' && button.action === 'navigate' && button.screen === undefined) {
      report(['buttons', index], 'template_flow_screen', {})
    }
    if ('text' in button && button.text !== undefined) checkLabel(report, index, button.text)
  }
  if (category === 'AUTHENTICATION' && buttons.length > 0) report(['buttons'], 'template_authentication_extras', {})
  const mixed = counts.quick_reply > 0 && counts.quick_reply < buttons.length
  if (mixed || buttons.length > 3) report(['buttons'], 'template_many_buttons', {})
}

/** Source: Meta, Cloud API, "Template components": a label is the same for everybody, on one line. */
function checkLabel(report: Report, index: number, label: string) {
  if (/\{\{|\}\}|\n/.test(label)) report(['buttons', index, 'text'], 'template_label_variable', { label })
}

function checkUrl(report: Report, index: number, url: string) {
  const place = ['buttons', index, 'url']
  const variables = parametersIn(url)
  const [only] = variables
  if (variables.length > 1 || (only !== undefined && only.index + only.length !== url.length)) {
    report(place, 'template_url_variable', {})
  }
  const fixed = only === undefined ? url : url.slice(0, only.index)
  if (!/^https?:\/\/[^/\s{}]+\.[^/\s{}]+/.test(fixed) || /\s/.test(fixed))
    report(place, 'template_url_invalid', { url })
}
