import type { Module } from '#definitions/definitions.ts'
import type { FieldType } from '#definitions/module.ts'
import type { Json, Values } from '#definitions/json.ts'
import { fraction } from '#emulator/random.ts'
import type { Instant } from '#engine/clock.ts'
import { InvalidInput } from '#engine/errors.ts'
import { readRecipient } from '#engine/phone.ts'
import type { RecordEvent } from '#engine/trigger.ts'
import type { SimulatedRecord } from './request.ts'

const DAY_MS = 86_400_000

/** Mobile numbers of a country: what stands before as many digits as `digits` says, counted up from `from`. */
const NUMBERS: Readonly<Record<string, readonly [prefix: string, digits: number, from: number]>> = {
  JP: ['+8190', 8, 10_000_000],
  IN: ['+9198', 8, 10_000_000],
  BR: ['+55119', 8, 60_000_000],
  GB: ['+447', 9, 400_000_000],
  DE: ['+49151', 8, 10_000_000],
  FR: ['+336', 8, 10_000_000],
  ES: ['+346', 8, 10_000_000],
  IT: ['+39347', 7, 1_000_000],
  ID: ['+62812', 8, 10_000_000],
  MX: ['+5255', 8, 10_000_000],
  AU: ['+614', 8, 10_000_000],
}

const NAMES = [
  '田中',
  '佐藤',
  '鈴木',
  '髙橋',
  '渡邉',
  '伊藤',
  '山本',
  '中村',
  '小林',
  '𠮷田',
  'Müller',
  'Silva',
  "O'Brien",
  'ﾔﾏﾀﾞ',
]
const GIVEN_NAMES = ['花子', '太郎', '葵', '蓮', '結衣', '翔太', 'João', 'Anna', 'Priya']

interface Setting {
  seed: number
  startAt: Instant
  /** When the last of them comes. */
  untilAt: Instant
  defaultCountry: string
  defaultLanguage: string
  modules: ReadonlyMap<string, Module>
  /** By module and field, what the definitions ask for. */
  asked: (module: string) => ReadonlyMap<string, readonly Json[]>
}

/**
 * Makes people up: the `index`th of `count`, who becomes a record at an even pace. A clone has all of a given record but the
 * id and the number; without records, every field that a condition may ask for gets a value of its type.
 *
 * @throws InvalidInput when there is nothing to make them of
 */
export function createPeople(
  { count, module: named }: { count: number; module?: string | undefined },
  models: readonly SimulatedRecord[],
  setting: Setting,
): { module: string; count: number; at(index: number): Instant; event(index: number): RecordEvent } {
  const { seed, startAt, untilAt, defaultCountry, modules } = setting
  const given = named === undefined ? models : models.filter(({ module }) => module === named)
  const name = named ?? given[0]?.module
  if (name === undefined)
    throw new InvalidInput('Name the module of the people to make up, or give records to clone.', {
      field: 'contacts.module',
    })
  const made = modules.get(name)
  if (made === undefined) throw new InvalidInput(`There is no module "${name}".`, { field: 'contacts.module' })
  if (made.phone === undefined) {
    throw new InvalidInput(`The module "${name}" names no phone field, so nobody of it can be written to.`, {
      field: 'contacts.module',
    })
  }
  const ofModule = given.filter(({ module }) => module === name)
  const asked = setting.asked(name)
  const stepMs = (untilAt - startAt) / count

  function valuesOf(index: number): Values {
    const model = ofModule[index % Math.max(1, ofModule.length)]
    const phoneField = made!.phone!
    if (model === undefined)
      return { ...generated(made!, asked, index, setting), [phoneField]: numberOf(defaultCountry, index) }
    const before = model.values[phoneField]
    const country = typeof before === 'string' ? readRecipient(before, defaultCountry).country : null
    // Who has no number has none as a clone either.
    if (before === undefined || before === null || before === '') return model.values
    return {
      ...model.values,
      [phoneField]: numberOf(country !== null && country in NUMBERS ? country : defaultCountry, index),
    }
  }

  const arrivesAt = (index: number) => Math.floor(startAt + (index + fraction(seed, `arrives ${index}`)) * stepMs)
  return {
    module: name,
    count,
    at: arrivesAt,
    event: (index) => ({
      kind: 'record',
      source: 'simulation',
      sourceId: `contact:${index}`,
      occurredAt: arrivesAt(index),
      op: 'created',
      module: name,
      recordId: `simulated-${index + 1}`,
      values: valuesOf(index),
      mode: 'replace',
    }),
  }
}

/** A number that nobody else of the simulation has. @throws InvalidInput for a country whose numbers are not known here */
export function numberOf(country: string, index: number): string {
  const row = NUMBERS[country]
  if (row === undefined) {
    throw new InvalidInput(
      `Numbers of the country "${country}" cannot be made up. Give records to clone, or another default country (${Object.keys(NUMBERS).join(', ')}).`,
      { field: 'settings.defaultCountry' },
    )
  }
  const [prefix, digits, from] = row
  return prefix + String(from + index).padStart(digits, '0')
}

/** How many of the people have a value that a definition asks for, where it asks for one. */
const ASKED_SHARE = 0.7

function generated(
  module: Module,
  asked: ReadonlyMap<string, readonly Json[]>,
  index: number,
  setting: Setting,
): Values {
  const values: Values = {}
  for (const [name, field] of Object.entries(module.fields)) {
    const at = fraction(setting.seed, `${name} ${index}`)
    const wanted = asked.get(name) ?? []
    const isAsked = wanted.length > 0 && fraction(setting.seed, `asked ${name} ${index}`) < ASKED_SHARE
    const value = isAsked ? choose(wanted, at) : valueOf(name, field.type, field.values ?? [], at, index, setting)
    if (value !== null) values[name] = value
  }
  if (module.language !== undefined) values[module.language] = setting.defaultLanguage
  if (module.consent !== undefined) values[module.consent] = true
  // Left to the settings: nobody knows where somebody lives who does not exist.
  if (module.zone !== undefined) delete values[module.zone]
  return values
}

function valueOf(
  name: string,
  type: FieldType,
  choices: readonly string[],
  at: number,
  index: number,
  { startAt, untilAt }: Setting,
): Json {
  switch (type) {
    case 'text':
      return choose(/first|given/i.test(name) ? GIVEN_NAMES : NAMES, at)
    case 'email':
      return `person${index + 1}@example.com`
    case 'picklist':
      return choices.length === 0 ? null : choose(choices, at)
    case 'multiselect':
      return choices.length === 0 ? [] : [choose(choices, at)]
    case 'integer':
      return Math.floor(10 ** (at * 4))
    case 'decimal':
    case 'currency':
      return Math.round(10 ** (2 + at * 5))
    case 'percent':
      return Math.floor(at * 101)
    case 'boolean':
      return at < 0.5
    case 'date':
    case 'datetime': {
      const day = new Date(startAt + Math.floor(at * (untilAt - startAt + 30 * DAY_MS))).toISOString()
      return type === 'date' ? day.slice(0, 10) : day
    }
    case 'tags':
      return []
    case 'phone':
    case 'url':
    case 'textarea':
    case 'lookup':
    case 'user':
    case 'json':
      return null
  }
}

const choose = <T>(list: readonly T[], at: number): T => list[Math.floor(at * list.length)] as T
