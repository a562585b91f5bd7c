import { GraphError } from './graphError.ts'
import { LANGUAGES } from './languages.ts'
import { upper, type ParameterFormat, type TemplateCategory } from './templateParts.ts'

/** @throws GraphError 100 */
export function checkName(name: unknown): string {
  if (typeof name !== 'string') throw new GraphError(100, 'The parameter name is required.')
  if (!/^[a-z0-9_]{1,512}$/.test(name)) {
    throw new GraphError(100, 'Template name may have lower-case letters, digits and underscores, at most 512.')
  }
  return name
}

/** @throws GraphError 100 */
export function checkLanguage(language: unknown): string {
  if (typeof language !== 'string') throw new GraphError(100, 'The parameter language is required.')
  if (!LANGUAGES.has(language)) throw new GraphError(100, `Param language "${language}" is not supported.`)
  return language
}

/** Any letter case is taken. @throws GraphError 100 */
export function checkCategory(category: unknown): TemplateCategory {
  const known = upper(category)
  if (known === 'UTILITY' || known === 'MARKETING' || known === 'AUTHENTICATION') return known
  throw new GraphError(100, 'Param category must be one of {AUTHENTICATION, MARKETING, UTILITY}.')
}

/** @throws GraphError 100 */
export function checkFormat(format: unknown): ParameterFormat {
  if (format === undefined) return 'POSITIONAL'
  const known = upper(format)
  if (known === 'NAMED' || known === 'POSITIONAL') return known
  throw new GraphError(100, 'Param parameter_format must be one of {NAMED, POSITIONAL}.')
}

/** Seconds a message may wait for delivery, by category. Source: Meta, Cloud API, "Time-to-live". */
const TTL: Record<TemplateCategory, [number, number]> = {
  AUTHENTICATION: [30, 900],
  UTILITY: [30, 43_200],
  MARKETING: [43_200, 2_592_000],
}

/** @throws GraphError 100 */
export function checkTimeToLive(seconds: unknown, category: TemplateCategory): number | undefined {
  if (seconds === undefined || seconds === -1) return seconds
  const [min, max] = TTL[category]
  if (typeof seconds === 'number' && Number.isInteger(seconds) && seconds >= min && seconds <= max) return seconds
  throw new GraphError(100, `Param message_send_ttl_seconds must be -1 or between ${min} and ${max} for ${category}.`)
}
