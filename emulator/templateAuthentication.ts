import { GraphError } from './graphError.ts'
import { upper, type TemplateButton, type TemplateComponent } from './templateParts.ts'

/** Authentication templates have fixed texts and a one-time code button, which reads back as a URL button. */
export function checkAuthentication(component: TemplateComponent): TemplateComponent {
  const wrong = (details: string): GraphError => new GraphError(100, details, { message: 'Invalid parameter' })
  if (component.type === 'BODY') {
    if (component.text !== undefined) throw wrong('The body of an authentication template has a fixed text.')
    const advice =
      component['add_security_recommendation'] === true ? ' For your security, do not share this code.' : ''
    return {
      type: 'BODY',
      text: `*{{1}}* is your verification code.${advice}`,
      ...(advice === '' ? {} : { add_security_recommendation: true }),
      example: { body_text: [['123456']] },
    }
  }
  if (component.type === 'FOOTER') {
    const minutes = component['code_expiration_minutes']
    if (component.text !== undefined) throw wrong('The footer of an authentication template has a fixed text.')
    if (typeof minutes !== 'number' || !Number.isInteger(minutes) || minutes < 1 || minutes > 90) {
      throw wrong('Param code_expiration_minutes must be between 1 and 90.')
    }
    return { type: 'FOOTER', text: `This code expires in ${minutes} minutes.`, code_expiration_minutes: minutes }
  }
  if (component.type !== 'BUTTONS') throw wrong(`An authentication template may not have a ${component.type}.`)
  const [button, ...more] = component.buttons!
  const kind = upper(button?.['otp_type'])
  if (button?.type !== 'OTP' || more.length > 0 || !['COPY_CODE', 'ONE_TAP', 'ZERO_TAP'].includes(kind)) {
    throw wrong('An authentication template needs one OTP button of otp_type COPY_CODE, ONE_TAP or ZERO_TAP.')
  }
  if (kind !== 'COPY_CODE' && !hasApps(button)) throw wrong(`An OTP button of ${kind} needs supported_apps.`)
  return {
    type: 'BUTTONS',
    buttons: [
      {
        type: 'URL',
        text: button.text ?? 'Copy code',
        url: `https://www.whatsapp.com/otp/code/?otp_type=${kind}&code=otp{{1}}`,
        example: [`https://www.whatsapp.com/otp/code/?otp_type=${kind}&code=otp123456`],
      },
    ],
  }
}

const hasApps = (button: TemplateButton): boolean =>
  (Array.isArray(button['supported_apps']) && button['supported_apps'].length > 0) ||
  typeof button['package_name'] === 'string'
