import type { Json } from '#definitions/json.ts'
import type { FieldType } from '#definitions/module.ts'
import { readWhen } from './rules/dates.ts'
import { isZone } from './calendar.ts'

/** How a value is put into words. */
export interface Words {
  /** WhatsApp language code (`pt_BR`) or BCP 47 tag. */
  language: string
  /** IANA name: dates and times are told as its clocks show them. */
  zone: string
}

/**
 * A value as a person reads it, by the type of its field or by a format asked for. Whole numbers stay bare digits, because
 * many are identifiers; `number` groups them.
 *
 * @param type null when the field is not declared
 * @returns null when the format has nothing to show: the time of a day
 */
export function formatValue(
  value: Json,
  type: FieldType | null,
  format: string | undefined,
  words: Words,
): string | null {
  if (format !== undefined) return formatAs(value, format, words)
  const natural = type === null ? undefined : naturalFormats[type]
  return natural === undefined ? plainText(value, words) : formatAs(value, natural, words)
}

const naturalFormats: Partial<Record<FieldType, string>> = {
  date: 'date',
  datetime: 'datetime',
  decimal: 'number',
  currency: 'number',
  percent: 'percent',
}

function formatAs(value: Json, format: string, words: Words): string | null {
  switch (format) {
    case 'date':
      return formatDate(value, { dateStyle: 'medium' }, words)
    case 'date.short':
      return formatDate(value, { dateStyle: 'short' }, words)
    case 'date.long':
      return formatDate(value, { dateStyle: 'long' }, words)
    case 'time':
      return formatDate(value, { timeStyle: 'short' }, words)
    case 'datetime':
      return formatDate(value, { dateStyle: 'medium', timeStyle: 'short' }, words)
    case 'number':
      return formatNumber(value, {}, words)
    case 'percent':
      return formatPercent(value, words)
    case 'upper':
      return plainText(value, words).toLocaleUpperCase(localesOf(words.language))
    case 'lower':
      return plainText(value, words).toLocaleLowerCase(localesOf(words.language))
    default: {
      const currency = /^currency\.([A-Z]{3})$/.exec(format)?.[1]
      return currency === undefined
        ? plainText(value, words)
        : formatNumber(value, { style: 'currency', currency }, words)
    }
  }
}

function formatDate(value: Json, style: Intl.DateTimeFormatOptions, words: Words): string | null {
  const zone = isZone(words.zone) ? words.zone : 'UTC'
  const when = readWhen(value, zone)
  if (when === null) return plainText(value, words)
  // Newer Intl data parts times with a narrow no-break space, which not every phone can draw.
  if ('at' in when)
    return dateFormat(words.language, { ...style, timeZone: zone })
      .format(when.at)
      .replaceAll('\u202f', ' ')
  // A day is the same day everywhere, and it has no time.
  const { timeStyle: _, ...day } = style
  if (Object.keys(day).length === 0) return null
  return dateFormat(words.language, { ...day, timeZone: 'UTC' }).format(Date.parse(when.day))
}

function formatNumber(value: Json, style: Intl.NumberFormatOptions, words: Words): string {
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value
  if (typeof number !== 'number' || !Number.isFinite(number)) return plainText(value, words)
  const digits = style.style === 'currency' ? {} : { maximumFractionDigits: 10 }
  return numberFormat(words.language, { ...digits, ...style }).format(number)
}

/** CRMs keep 15 for 15 %. */
function formatPercent(value: Json, words: Words): string {
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value
  if (typeof number !== 'number' || !Number.isFinite(number)) return plainText(value, words)
  return numberFormat(words.language, { style: 'percent', maximumFractionDigits: 10 }).format(number / 100)
}

function plainText(value: Json, words: Words): string {
  if (typeof value === 'string') return value
  if (typeof value === 'boolean') return (words.language.startsWith('ja') ? ['いいえ', 'はい'] : ['No', 'Yes'])[+value]!
  if (Array.isArray(value)) {
    return listFormat(words.language).format(value.map((member) => plainText(member, words)))
  }
  if (typeof value !== 'object' || value === null) return String(value)
  // Lookups and users as some CRMs send them.
  return typeof value.name === 'string' ? value.name : JSON.stringify(value)
}

/** English stands behind every language, so that no host's own setting comes through. */
function localesOf(language: string): string[] {
  const tag = language.replaceAll('_', '-')
  try {
    return [...Intl.getCanonicalLocales(tag), 'en']
  } catch (error) {
    if (error instanceof RangeError) return ['en']
    throw error
  }
}

const formats = new Map<string, unknown>()
const FORMATS_MAX = 2_000

/** Making an Intl format costs a thousand times more than using it. */
function kept<T>(key: string, make: () => T): T {
  let format = formats.get(key) as T | undefined
  if (format === undefined) {
    if (formats.size >= FORMATS_MAX) formats.clear()
    formats.set(key, (format = make()))
  }
  return format
}

function dateFormat(language: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const { dateStyle = '', timeStyle = '', timeZone = '' } = options
  return kept(
    `date/${language}/${dateStyle}/${timeStyle}/${timeZone}`,
    () => new Intl.DateTimeFormat(localesOf(language), options),
  )
}

function numberFormat(language: string, options: Intl.NumberFormatOptions): Intl.NumberFormat {
  return kept(
    `number/${language}/${options.style ?? ''}/${options.currency ?? ''}`,
    () => new Intl.NumberFormat(localesOf(language), options),
  )
}

function listFormat(language: string): Intl.ListFormat {
  return kept(`list/${language}`, () => new Intl.ListFormat(localesOf(language), { type: 'conjunction' }))
}
