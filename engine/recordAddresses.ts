import type { Module } from '#definitions/definitions.ts'
import type { Values } from '#definitions/json.ts'
import { addressVariants, readRecipient } from './phone.ts'

/**
 * Under which addresses a record's person may write to us: the digits of its phone field as WhatsApp might spell
 * them. Empty when the module has no phone field or the field holds no phone.
 */
export function recordAddresses(module: Module | undefined, values: Values, defaultCountry: string): string[] {
  const raw = module?.phone === undefined ? undefined : values[module.phone]
  if (typeof raw !== 'string' || raw === '') return []
  const { phone, bsuid } = readRecipient(raw, defaultCountry)
  if (bsuid !== undefined) return [bsuid]
  return phone === undefined ? [] : addressVariants(phone.slice(1))
}
