import type { Module, SendTemplateAction, Template } from '#definitions/definitions.ts'
import { parametersIn } from '#definitions/templateText.ts'
import type { CompiledTemplate } from '../definitionSet.ts'
import { addDuration } from '../duration.ts'
import { resolveText } from '../merge.ts'
import type { Resolved, ResolvedParameters, SendIntent } from '../message.ts'
import { readRecipient } from '../phone.ts'
import { templateKey } from '../state.ts'
import type { Scene } from './actions.ts'
import type { Draft } from './draft.ts'
import { ownZone } from './recordSource.ts'

/**
 * What a send may leave out. A workflow's action, a journey's step and a person's request all fit. With a `text` (merge text)
 * it goes out as that while the customer service window is open, and as the template otherwise; at least one of the two.
 */
export type SendWish = Omit<SendTemplateAction, 'type' | 'template'> & { template?: string; text?: string }

/** The step of a journey that wants a message, and what its journey asks of every message. */
export type JourneyContext = Pick<SendIntent, 'instanceId' | 'step' | 'quietHours' | 'frequencyCap'>

/**
 * Puts the message into the outbox. The guards look at it before the decision is committed, and again at claim.
 *
 * @returns the id of the message
 */
export function enqueueSend(
  draft: Draft,
  scene: Scene,
  wish: SendWish,
  pointer: string,
  journey: JourneyContext = scene.journey ?? {},
): string {
  const intent = sendIntent(draft, scene, wish, pointer, journey)
  draft.changes.push({ kind: 'enqueue', intent, contactId: null, verdict: null, guards: [], at: draft.now })
  return intent.id
}

/** Resolves a wish to a message: language, recipient, number and every parameter, as the record stands now. */
export function sendIntent(
  draft: Draft,
  scene: Scene,
  wish: SendWish,
  pointer: string,
  journey: JourneyContext = {},
): SendIntent {
  const { known, definitions, trigger } = draft
  const { settings } = known
  const module = definitions.modules.get(scene.module)
  const wanted = wantedLanguage(draft, scene, wish.language)
  const languages = wish.template === undefined ? [] : (definitions.templateLanguages.get(wish.template) ?? [])
  const language = chooseLanguage(languages, wanted, settings.defaultLanguage)
  const wished = wish.template === undefined ? null : { name: wish.template, language }
  const compiled = wished === null ? undefined : definitions.templates.get(templateKey(wished))
  const named = wished === null || compiled?.as === undefined ? wished : { ...wished, as: compiled.as }
  const template = compiled?.template.module === scene.module ? compiled.template : undefined
  const zone = ownZone(draft, scene.module, scene.values)
  const resolve = (text: string) =>
    resolveText(text, scene.module, definitions, scene.source, { language, zone: zone ?? settings.timezone })

  const raw =
    wish.to === undefined
      ? text(module?.phone === undefined ? undefined : scene.values[module.phone])
      : (resolve(wish.to) ?? '')
  const { phone, bsuid, country } = readRecipient(raw, settings.defaultCountry)
  const category = named === null ? 'SERVICE' : (compiled?.template.category ?? 'UTILITY')
  return {
    kind: 'sendTemplate',
    id: draft.nextId(),
    triggerId: trigger.id,
    definition: scene.rule,
    pointer,
    module: scene.module,
    recordId: scene.recordId,
    numberId: chooseNumber(draft, wish.from),
    to: { raw, ...(phone !== undefined && { phone }), ...(bsuid !== undefined && { bsuid }) },
    country,
    template: named,
    ...(wish.text !== undefined && { text: { body: resolve(wish.text) } }),
    parameters: template === undefined || compiled === undefined ? null : parametersOf(compiled, wish, resolve),
    category,
    delivery: wish.delivery ?? (category === 'MARKETING' ? 'at-most-once' : 'at-least-once'),
    ...(template?.timeToLive !== undefined && { timeToLiveMs: addDuration(0, template.timeToLive, 'UTC') }),
    zone,
    consent: consentOf(module, scene),
    ...journey,
    causedBy: scene.causedBy,
  }
}

function text(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : ''
}

function consentOf(module: Module | undefined, scene: Scene): boolean | null {
  const value = module?.consent === undefined ? undefined : scene.source(module.consent.split('.'))
  return typeof value === 'boolean' ? value : null
}

/** The action's language, else the record's own. A merge field without a value counts as left out. */
export function wantedLanguage(draft: Draft, scene: Scene, asked?: string): string | null {
  const field = draft.definitions.modules.get(scene.module)?.language
  const own = field === undefined ? undefined : scene.source(field.split('.'))
  const said =
    asked === undefined
      ? null
      : resolveText(asked, scene.module, draft.definitions, scene.source, {
          language: draft.known.settings.defaultLanguage,
          zone: draft.known.settings.timezone,
        })
  const wanted = said ?? (typeof own === 'string' ? own : null)
  return wanted === null || wanted === '' ? null : wanted.replace('-', '_')
}

/**
 * WhatsApp falls back to no other language, so we choose among those that exist: the very one, the language without its
 * region (or with any), the settings' language, the only one there is. Otherwise the wanted one, and the guard says that it is missing.
 */
function chooseLanguage(there: string[], wanted: string | null, fallback: string): string {
  const first = wanted ?? fallback
  const base = first.split('_')[0]
  return (
    there.find((one) => one === first) ??
    there.find((one) => one === base) ??
    there.find((one) => one.split('_')[0] === base) ??
    there.find((one) => one === fallback) ??
    (there.length === 1 ? there[0] : undefined) ??
    first
  )
}

/** What an automation says to a message goes from the number that was written to: there the window is open. */
function chooseNumber({ known, trigger }: Draft, from: string | undefined): string | null {
  // A number that we do not know (yet) is waited for. Null would let the message go from any that is ready.
  if (from !== undefined) return known.numbers.find((one) => one.id === from || one.nickname === from)?.id ?? from
  if (trigger.kind === 'message' && known.numbers.some(({ id }) => id === trigger.numberId)) return trigger.numberId
  return known.settings.defaultNumberId ?? (known.numbers.length === 1 ? (known.numbers[0]?.id ?? null) : null)
}

function parametersOf(
  { template }: CompiledTemplate,
  wish: SendWish,
  resolve: (text: string) => Resolved,
): ResolvedParameters {
  const value = (name: string): Resolved => {
    const source = wish.parameters?.[name] ?? template.parameters?.[name]?.value
    return source === undefined ? null : resolve(source)
  }
  const named = (source: string) => parametersIn(source).map(({ name }) => ({ name, value: value(name) }))
  const unique = [...new Map(named(template.body).map((one) => [one.name, one])).values()]
  const positional = isPositional(template)
  return {
    format: positional ? 'POSITIONAL' : 'NAMED',
    body: positional ? unique.sort((a, b) => Number(a.name) - Number(b.name)) : unique,
    ...headerOf(template, wish, resolve, named),
    buttons: buttonsOf(template, resolve, value),
  }
}

function headerOf(
  template: Template,
  wish: SendWish,
  resolve: (text: string) => Resolved,
  named: (text: string) => { name: string; value: Resolved }[],
): Pick<ResolvedParameters, 'header'> {
  const { header } = template
  if (header === undefined) return {}
  if (header.type === 'text') {
    const parameters = named(header.text)
    return parameters.length === 0 ? {} : { header: { type: 'text', parameters } }
  }
  const pick = (given: string | undefined, own?: string) => {
    const source = given ?? own
    return source === undefined ? undefined : resolve(source)
  }
  if (header.type === 'location') {
    const name = pick(header.name)
    const address = pick(header.address)
    return {
      header: {
        type: 'location',
        latitude: resolve(header.latitude),
        longitude: resolve(header.longitude),
        ...(name !== undefined && { name }),
        ...(address !== undefined && { address }),
      },
    }
  }
  const id = pick(wish.header?.id)
  const link = id === undefined ? (pick(wish.header?.link, header.link) ?? null) : undefined
  const filename = pick(wish.header?.filename, header.filename)
  return {
    header: {
      type: header.type,
      ...(id !== undefined && { id }),
      ...(link !== undefined && { link }),
      ...(filename !== undefined && { filename }),
    },
  }
}

function buttonsOf(
  template: Template,
  resolve: (text: string) => Resolved,
  value: (name: string) => Resolved,
): ResolvedParameters['buttons'] {
  // The one button of a template for authentication carries the code once more.
  if (template.category === 'AUTHENTICATION') {
    return parametersIn(template.body)
      .slice(0, 1)
      .map(({ name }) => ({ index: 0, subType: 'url', name, value: value(name) }))
  }
  return (template.buttons ?? []).flatMap((button, index): ResolvedParameters['buttons'] => {
    switch (button.type) {
      case 'quick_reply':
        return button.payload === undefined
          ? []
          : [{ index, subType: 'quick_reply', name: 'payload', value: resolve(button.payload) }]
      case 'url':
        return parametersIn(button.url).map(({ name }) => ({ index, subType: 'url', name, value: value(name) }))
      case 'copy_code':
        return [{ index, subType: 'copy_code', name: 'code', value: resolve(button.code) }]
      case 'flow': {
        const { token, data } = button
        if (token === undefined && data === undefined) return []
        return [
          {
            index,
            subType: 'flow',
            name: 'flow_token',
            value: token === undefined ? null : resolve(token),
            ...(data !== undefined && {
              data: Object.fromEntries(Object.entries(data).map(([key, text]) => [key, resolve(text)])),
            }),
          },
        ]
      }
      case 'phone':
      case 'request_contact_info':
        return []
    }
  })
}

/** Numbers between the braces make a template positional. `check` refuses a mixture. */
export function isPositional({ body, header, category }: Template): boolean {
  // WhatsApp's own text of it has `{{1}}`, whatever the code is called here.
  if (category === 'AUTHENTICATION') return true
  const texts = header?.type === 'text' ? [body, header.text] : [body]
  return texts.flatMap(parametersIn).some(({ name }) => /^\d+$/.test(name))
}
