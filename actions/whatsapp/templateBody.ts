import type { Json } from '#definitions/json.ts'
import type { Template } from '#definitions/template.ts'
import { fillParameters, parameterFormat, parametersIn } from '#definitions/templateText.ts'

/**
 * The body of `POST /{waba-id}/message_templates` for a template definition.
 *
 * Every parameter carries its example, or the review refuses the template. A URL's parameter is `{{1}}` at WhatsApp whatever
 * its name is here, and its example is the whole address.
 *
 * @param as the name it gets at WhatsApp: that of a version, where the plain name is taken by what cannot be edited
 * Source: Meta, Cloud API, "Templates", "Template components".
 */
export function templateBody(definition: Template, as = definition.name): { [key: string]: Json } {
  const format = formatOf(definition)
  return {
    name: as,
    language: definition.language,
    category: definition.category,
    ...(format === 'NAMED' ? { parameter_format: 'NAMED' } : {}),
    ...(definition.timeToLive === undefined ? {} : { message_send_ttl_seconds: secondsOf(definition.timeToLive) }),
    components: templateComponents(definition, format),
  }
}

/** As WhatsApp is told it; a template without parameters is positional, which is WhatsApp's default. */
function formatOf({ body, header, category }: Template): 'NAMED' | 'POSITIONAL' {
  if (category === 'AUTHENTICATION') return 'POSITIONAL'
  const names = namesIn(body).concat(header?.type === 'text' ? namesIn(header.text) : [])
  return names.length > 0 && parameterFormat(names) === 'NAMED' ? 'NAMED' : 'POSITIONAL'
}

function templateComponents(definition: Template, format = formatOf(definition)): Json[] {
  if (definition.category === 'AUTHENTICATION') return authenticationComponents(definition)
  const { header, body, footer, buttons } = definition
  const example = (name: string): string => definition.parameters?.[name]?.example ?? name
  const components: Json[] = []
  if (header?.type === 'text') {
    components.push({
      type: 'HEADER',
      format: 'TEXT',
      // WhatsApp counts the header's variable by itself; here a number means one value, whatever it is.
      text: format === 'POSITIONAL' ? fillParameters(header.text, () => '{{1}}') : header.text,
      ...samples('header', header.text, format, example),
    })
  } else if (header?.type === 'location') {
    components.push({ type: 'HEADER', format: 'LOCATION' })
  } else if (header !== undefined) {
    const sample = { header_handle: [header.example] }
    components.push({ type: 'HEADER', format: header.type.toUpperCase(), example: sample })
  }
  components.push({ type: 'BODY', text: body, ...samples('body', body, format, example) })
  if (footer !== undefined) components.push({ type: 'FOOTER', text: footer })
  if (buttons !== undefined && buttons.length > 0) {
    components.push({ type: 'BUTTONS', buttons: buttons.map((button) => buttonOf(button, example)) })
  }
  return components
}

/** All texts are WhatsApp's own. Source: Meta, Cloud API, "Authentication templates". */
function authenticationComponents({ authentication }: Template): Json[] {
  const {
    button = 'copy_code',
    text,
    apps,
    securityRecommendation = true,
    codeExpirationMinutes,
  } = authentication ?? {}
  return [
    { type: 'BODY', ...(securityRecommendation ? { add_security_recommendation: true } : {}) },
    ...(codeExpirationMinutes === undefined
      ? []
      : [{ type: 'FOOTER', code_expiration_minutes: codeExpirationMinutes }]),
    {
      type: 'BUTTONS',
      buttons: [
        {
          type: 'OTP',
          otp_type: button.toUpperCase(),
          ...(text === undefined ? {} : { text }),
          ...(apps === undefined
            ? {}
            : { supported_apps: apps.map((one) => ({ package_name: one.package, signature_hash: one.signature })) }),
        },
      ],
    },
  ]
}

function samples(
  part: 'header' | 'body',
  text: string,
  format: 'NAMED' | 'POSITIONAL',
  example: (name: string) => string,
): { [key: string]: Json } {
  const names = namesIn(text)
  if (names.length === 0) return {}
  if (format === 'NAMED') {
    const named = names.map((name) => ({ param_name: name, example: example(name) }))
    return { example: { [`${part}_text_named_params`]: named } }
  }
  const values = names.toSorted((a, b) => Number(a) - Number(b)).map(example)
  // A body may in theory come with several rows of samples; a header has one value.
  return { example: part === 'body' ? { body_text: [values] } : { header_text: values } }
}

function buttonOf(button: NonNullable<Template['buttons']>[number], example: (name: string) => string): Json {
  switch (button.type) {
    case 'quick_reply':
      return { type: 'QUICK_REPLY', text: button.text }
    case 'phone':
      return { type: 'PHONE_NUMBER', text: button.text, phone_number: button.phone }
    case 'copy_code':
      return { type: 'COPY_CODE', example: button.example }
    case 'flow':
      return {
        type: 'FLOW',
        text: button.text,
        flow_id: button.flow,
        flow_action: button.action,
        ...(button.screen === undefined ? {} : { navigate_screen: button.screen }),
      }
    case 'request_contact_info':
      return { type: 'REQUEST_CONTACT_INFO' }
    case 'url': {
      const [name] = namesIn(button.url)
      const url = fillParameters(button.url, () => '{{1}}')
      if (name === undefined) return { type: 'URL', text: button.text, url }
      return { type: 'URL', text: button.text, url, example: [fillParameters(button.url, example)] }
    }
  }
}

/** Each once, in the order in which they stand. */
const namesIn = (text: string): string[] => [...new Set(parametersIn(text).map(({ name }) => name))]

/** ISO 8601 to seconds; months and years have no fixed length, so a template's time to live has none. */
function secondsOf(duration: string): number {
  const found = /^P(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?$/.exec(duration)
  if (found === null)
    throw new RangeError(`A time to live is in weeks, days, hours, minutes and seconds: "${duration}"`)
  const [weeks = 0, days = 0, hours = 0, minutes = 0, seconds = 0] = found.slice(1).map((part) => Number(part ?? 0))
  return (((weeks * 7 + days) * 24 + hours) * 60 + minutes) * 60 + seconds
}
