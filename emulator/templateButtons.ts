import { GraphError } from './graphError.ts'
import {
  VARIABLE,
  variablesOf,
  type ParameterFormat,
  type TemplateButton,
  type TemplateComponent,
} from './templateParts.ts'

/** How many buttons of a kind a template may have. */
const BUTTONS_MAX: Record<string, number> = {
  QUICK_REPLY: 10,
  URL: 2,
  PHONE_NUMBER: 1,
  COPY_CODE: 1,
  FLOW: 1,
  CATALOG: 1,
  MPM: 1,
  SPM: 1,
  VOICE_CALL: 1,
  REQUEST_CONTACT_INFO: 1,
}

export function checkButtons({ buttons = [] }: TemplateComponent, format: ParameterFormat): void {
  const wrong = (details: string): GraphError => new GraphError(100, details, { message: 'Invalid parameter' })
  if (buttons.length === 0 || buttons.length > 10) throw wrong('A template may have 1 to 10 buttons.')
  for (const [type, max] of Object.entries(BUTTONS_MAX)) {
    if (buttons.filter((button) => button.type === type).length > max) throw wrong(`At most ${max} buttons of ${type}.`)
  }
  const places = buttons.flatMap((button, index) => (button.type === 'QUICK_REPLY' ? [index] : []))
  if (places.length > 0 && places.at(-1)! - places[0]! !== places.length - 1) {
    throw wrong('Quick reply buttons must stand together, before or after the others.')
  }
  for (const button of buttons) {
    if (!Object.hasOwn(BUTTONS_MAX, button.type)) throw wrong(`Button type ${button.type} is not known here.`)
    checkButton(button, format, wrong)
  }
}

function checkButton(button: TemplateButton, format: ParameterFormat, wrong: (details: string) => GraphError): void {
  const labelled = button.type !== 'COPY_CODE' && button.type !== 'REQUEST_CONTACT_INFO'
  if (labelled && (typeof button.text !== 'string' || button.text.trim() === '')) {
    throw wrong(`Button ${button.type} needs a text.`)
  }
  if (typeof button.text === 'string' && button.text.length > 25)
    throw wrong('A button text may have at most 25 characters.')
  if (button.type === 'PHONE_NUMBER') {
    const phone = button['phone_number']
    if (typeof phone !== 'string' || !/^\+?\d[\d\s()-]{4,}$/.test(phone) || phone.length > 20) {
      throw wrong('Button PHONE_NUMBER needs a phone_number of at most 20 characters.')
    }
  }
  if (button.type === 'COPY_CODE') {
    const sample = Array.isArray(button['example']) ? (button['example'] as unknown[])[0] : button['example']
    if (typeof sample !== 'string' || sample === '' || sample.length > 20) {
      throw wrong('Button COPY_CODE needs an example of at most 20 characters.')
    }
  }
  if (button.type === 'URL') checkUrlButton(button, format, wrong)
}

function checkUrlButton(button: TemplateButton, format: ParameterFormat, wrong: (details: string) => GraphError): void {
  const { url } = button
  if (typeof url !== 'string' || url.length > 2000) throw wrong('Button URL needs a url of at most 2000 characters.')
  const names = variablesOf(url)
  if (!URL.canParse(url.replace(VARIABLE, 'x')) || !/^https?:/.test(url)) throw wrong('Button URL needs a web address.')
  if (names.length > 1) throw wrong('A button url may have at most one variable.')
  if (names.length === 0) return
  if (!url.endsWith('}}')) throw wrong('The variable of a button url must stand at its end.')
  if (names[0] !== '1' && format === 'POSITIONAL') throw wrong('The variable of a button url is {{1}}.')
  const samples = button['example']
  if (typeof samples === 'string' && samples !== '') return
  if (!Array.isArray(samples) || typeof samples[0] !== 'string' || samples[0] === '') {
    throw wrong('Button URL with a variable needs an example.')
  }
}
