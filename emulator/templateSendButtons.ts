import { GraphError } from './graphError.ts'
import { isObject, upper, variablesOf, type TemplateButton } from './templateParts.ts'
import { checkText, countMismatch, type Part, type SendContext } from './templateText.ts'

/** The button components of a send, by the place of the button in the template. */
export type SentButtons = Map<number, { subType: string; parameters: Part[] }>

/** @throws GraphError 131008, 131009 or 100 */
export function addButton(buttons: SentButtons, component: Part, parameters: Part[]): void {
  const { index, sub_type: subType } = component
  if (index === undefined) throw new GraphError(131008, 'buttons: a button component needs an index')
  if (typeof subType !== 'string') throw new GraphError(131008, 'buttons: a button component needs a sub_type')
  const place = Number(index)
  if (!Number.isInteger(place) || place < 0 || place > 9) throw new GraphError(131009, 'buttons: index must be 0 to 9')
  if (buttons.has(place)) throw new GraphError(100, `buttons: index ${place} is given twice`)
  buttons.set(place, { subType: subType.toLowerCase(), parameters })
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

/** @throws GraphError 131008 missing, 132012 format, 132000 count, 131009 length */
export function checkButtons(buttons: TemplateButton[], given: SentButtons, context: SendContext): void {
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
    if (value !== undefined && !isObject(value)) throw new GraphError(131009, `${place}: action must be an object`)
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
