import type { Json } from '#definitions/json.ts'
import type { Form, Resolved, ResolvedParameters, SendIntent } from '#engine/message.ts'

/** The guards let a message through that cannot be written down. Nothing was sent. */
export class Unsendable extends Error {}

/**
 * The body of `POST /{phone-number-id}/messages` for a message that goes out as its text, or as its template.
 *
 * `to` always carries its `+`: without it WhatsApp prepends the calling code of the business number, and a stranger may
 * get the message. Our id travels as `biz_opaque_callback_data`, so a status can tell the fate of a lost answer.
 *
 * @throws Unsendable when the recipient, the text or a parameter is missing: the guards should have stopped it
 * Source: Meta, Cloud API, "Sending messages", "Text messages", "Template messages", "Business-scoped user IDs".
 */
export function messageBody(intent: SendIntent, form: Form): Json {
  return {
    messaging_product: 'whatsapp',
    recipient_type: 'individual',
    ...recipient(intent),
    ...(form === 'text' ? textContent(intent) : templateContent(intent)),
    biz_opaque_callback_data: intent.id,
  }
}

/** Without a preview: the page behind a link may be anybody's, and its picture would stand in our message. */
function textContent({ text }: SendIntent): { type: 'text'; text: Json } {
  return { type: 'text', text: { body: present(text?.body ?? null, 'text'), preview_url: false } }
}

function templateContent({ template, parameters }: SendIntent): { type: 'template'; template: Json } {
  if (template === null || parameters === null) throw new Unsendable('The template has no resolved parameters.')
  const components = messageComponents(parameters)
  return {
    type: 'template',
    template: {
      name: template.as ?? template.name,
      language: { code: template.language },
      // A template without parameters takes no `components` at all.
      ...(components.length > 0 ? { components } : {}),
    },
  }
}

/** A phone number wins over a BSUID, as it does at WhatsApp when both are given. */
function recipient({ to }: SendIntent): { to: string } | { recipient: string } {
  if (to.phone !== undefined && to.phone !== '') return { to: to.phone.startsWith('+') ? to.phone : `+${to.phone}` }
  if (to.bsuid !== undefined && to.bsuid !== '') return { recipient: to.bsuid }
  throw new Unsendable('The message has neither a phone number nor a business-scoped user id.')
}

function messageComponents({ format, header, body, buttons }: ResolvedParameters): Json[] {
  const components: Json[] = []
  if (header?.type === 'text') {
    if (header.parameters.length > 0) components.push(textComponent('header', format, header.parameters))
  } else if (header?.type === 'location') {
    components.push({ type: 'header', parameters: [{ type: 'location', location: place(header) }] })
  } else if (header !== undefined) {
    components.push({ type: 'header', parameters: [{ type: header.type, [header.type]: media(header) }] })
  }
  if (body.length > 0) components.push(textComponent('body', format, body))
  for (const button of buttons) {
    components.push({
      type: 'button',
      sub_type: button.subType,
      index: String(button.index),
      parameters: [buttonParameter(button)],
    })
  }
  return components
}

function textComponent(
  type: 'header' | 'body',
  format: ResolvedParameters['format'],
  parameters: { name: string; value: Resolved }[],
): Json {
  // Positional values stand in the order of their numbers, whatever order they were resolved in.
  const ordered = format === 'NAMED' ? parameters : parameters.toSorted((a, b) => Number(a.name) - Number(b.name))
  return {
    type,
    parameters: ordered.map(({ name, value }) => ({
      type: 'text',
      ...(format === 'NAMED' ? { parameter_name: name } : {}),
      text: present(value, `parameter "${name}"`),
    })),
  }
}

type Header<Type> = Extract<NonNullable<ResolvedParameters['header']>, { type: Type }>

function media(header: Header<'image' | 'video' | 'document'>): Json {
  const filename: { [key: string]: Json } =
    header.type === 'document' && header.filename ? { filename: header.filename } : {}
  if (header.id) return { id: header.id, ...filename }
  return { link: present(header.link ?? null, `${header.type} header`), ...filename }
}

function place({ latitude, longitude, name, address }: Header<'location'>): Json {
  return {
    latitude: Number(present(latitude, 'latitude')),
    longitude: Number(present(longitude, 'longitude')),
    ...(name ? { name } : {}),
    ...(address ? { address } : {}),
  }
}

function buttonParameter({ index, subType, value, data }: ResolvedParameters['buttons'][number]): Json {
  const what = `button ${index}`
  switch (subType) {
    case 'quick_reply':
      return { type: 'payload', payload: present(value, what) }
    case 'url':
      return { type: 'text', text: present(value, what) }
    case 'copy_code':
      return { type: 'coupon_code', coupon_code: present(value, what) }
    case 'flow': {
      const begins = Object.entries(data ?? {}).map(([key, one]) => [key, present(one, `${what} ${key}`)] as const)
      return {
        type: 'action',
        action: {
          ...(value === null ? {} : { flow_token: value }),
          ...(begins.length === 0 ? {} : { flow_action_data: Object.fromEntries(begins) }),
        },
      }
    }
  }
}

function present(value: Resolved, what: string): string {
  if (value === null || value === '') throw new Unsendable(`The ${what} has no value.`)
  return value
}
