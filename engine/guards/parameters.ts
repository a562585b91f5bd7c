import type { SendFacts } from '../facts.ts'
import type { Resolved, ResolvedParameters, SendIntent, Verdict } from '../message.ts'
import { checkText } from './text.ts'
import { allow, block, type Outlook } from './verdict.ts'

/**
 * Longest values, in characters. A body's limit is that of the whole rendered body, a header's that of the rendered
 * header, so a longer value can never fit.
 * Source: Meta, Cloud API, "Templates", "Components" and error 132005.
 */
const LENGTH_MAX = {
  body: 1024,
  header: 60,
  quick_reply: 128,
  url: 2000,
  copy_code: 20,
  flow: 1000,
  media: 2000,
} as const

/** Error 132018: a line break, a tab, or more than four spaces in a row. Vertical kinds of break count as breaks. */
const UNSENDABLE = /[\n\r\t\v\f\u0085\u2028\u2029]| {5}/

interface Value {
  /** Where it goes: `body name`, `header`, `button 0 suffix`. */
  place: string
  value: Resolved
  lengthMax: number
  media?: 'link'
  /** At most so many, either way. */
  degrees?: number
}

/**
 * Has every placeholder a value that WhatsApp takes? A message with a hole in it is worse than none. What goes out as text
 * is asked for its text alone, what goes out as a template for its parameters alone.
 *
 * @returns `parameter_missing` or `parameter_invalid` with the place of the first one, in the order header, body, buttons,
 *   and what is wrong with it: `empty`, `line_break_or_gap`, `too_long 61/60`, `not_a_web_address`
 */
export function checkParameters(
  { parameters, text }: Pick<SendIntent, 'parameters' | 'text'>,
  _facts: SendFacts,
  { form }: Pick<Outlook, 'form'>,
): Verdict {
  if (form === 'text') return checkText(text)
  if (parameters === null) return allow // the template is missing: another guard's word
  const values = valuesOf(parameters)
  const missing = values.find(({ value }) => value === null)
  if (missing) return block('parameter_missing', missing.place)
  for (const { place, value, lengthMax, media, degrees } of values) {
    const wrong = whatIsWrong(value ?? '', lengthMax, media) ?? notDegrees(value ?? '', degrees)
    if (wrong) return block('parameter_invalid', `${place}: ${wrong}`)
  }
  // Each may fit and all together not; the template's own words come on top.
  const tooLong = lengthProblem(parameters.body.map(({ value }) => value).join(''), LENGTH_MAX.body)
  return tooLong ? block('parameter_invalid', `body: ${tooLong}`) : allow
}

/** A code, with figures where they help: the detail is read in two languages. */
function whatIsWrong(value: string, lengthMax: number, media?: 'link'): string | null {
  if (value.trim() === '') return 'empty'
  if (UNSENDABLE.test(value)) return 'line_break_or_gap'
  return lengthProblem(value, lengthMax) ?? (media === 'link' && !isWebAddress(value) ? 'not_a_web_address' : null)
}

function notDegrees(value: string, max: number | undefined): string | null {
  if (max === undefined) return null
  return /^-?\d+(?:\.\d+)?$/.test(value.trim()) && Math.abs(Number(value)) <= max ? null : 'not_degrees'
}

function lengthProblem(value: string, lengthMax: number): string | null {
  const length = value.length <= lengthMax ? 0 : [...value].length
  return length > lengthMax ? `too_long ${length}/${lengthMax}` : null
}

function isWebAddress(value: string): boolean {
  return URL.canParse(value) && /^https?:$/.test(new URL(value).protocol)
}

function valuesOf({ header, body, buttons }: ResolvedParameters): Value[] {
  return [
    ...headerValues(header),
    ...body.map(({ name, value }) => ({ place: `body ${name}`, value, lengthMax: LENGTH_MAX.body })),
    ...buttons.flatMap(({ index, subType, name, value, data = {} }) => [
      // A flow may go without a token; what its first screen begins with may not have holes.
      ...(subType === 'flow' && value === null
        ? []
        : [{ place: `button ${index} ${name}`, value, lengthMax: LENGTH_MAX[subType] }]),
      ...Object.entries(data).map(([key, one]) => ({
        place: `button ${index} ${key}`,
        value: one,
        lengthMax: LENGTH_MAX.flow,
      })),
    ]),
  ]
}

function headerValues(header: ResolvedParameters['header']): Value[] {
  if (!header) return []
  if (header.type === 'text')
    return header.parameters.map(({ name, value }) => ({
      place: `header ${name}`,
      value,
      lengthMax: LENGTH_MAX.header,
    }))
  if (header.type === 'location') {
    return (['latitude', 'longitude'] as const).map((part) => ({
      place: `header ${part}`,
      value: header[part],
      lengthMax: 20,
      degrees: part === 'latitude' ? 90 : 180,
    }))
  }
  const values: Value[] = []
  const { id, link, filename } = header
  // An uploaded file's id wins over a link; a media header without either cannot be sent.
  if (typeof id === 'string') values.push({ place: 'header id', value: id, lengthMax: LENGTH_MAX.media })
  else values.push({ place: 'header link', value: link ?? null, lengthMax: LENGTH_MAX.media, media: 'link' })
  // A file name is an ornament: when its field is empty the message goes without.
  if (typeof filename === 'string') values.push({ place: 'header filename', value: filename, lengthMax: 240 })
  return values
}
