import assert from 'node:assert/strict'
import type { Json } from '#definitions/json.ts'
import { pointer } from '#definitions/pointer.ts'
import { transitionErrors } from '#engine/blueprint/errors.ts'
import type { DataProblem } from '#engine/blueprint/data.ts'
import type { Reason } from '#engine/blueprint/look.ts'
import { dataProblemText, reasonText, refusalText, type RefusalCode } from '#engine/blueprint/texts.ts'
import type { Answer } from '#engine/decision.ts'
import { InvalidInput, NotFound, type AppError } from '#engine/errors.ts'
import type { Language } from './texts.ts'

/** What a field is called. */
export type LabelOf = (field: string, language: Language) => string

type Details = { [key: string]: Json | undefined }
type Fault = new (message: string, details: Details) => AppError

/** The faults by which a decision may refuse a command, besides those of blueprints. */
const OTHERS: Readonly<Record<string, Fault>> = { ERR_NOT_FOUND: NotFound, ERR_INVALID_INPUT: InvalidInput }

/**
 * The fault that an answer names, in the language of who asks: a decision is written down once, in English, with the facts to
 * tell it in another.
 */
export function refusedAs(
  answer: Extract<Answer, { kind: 'refused' }>,
  language: Language,
  labelOf: LabelOf,
): AppError {
  const { code, message } = answer
  const details = (typeof answer.details === 'object' && answer.details !== null ? answer.details : {}) as Details
  if (isOfBlueprint(code)) {
    const told = { ...details, ...listsOf(details, language, labelOf) }
    return new transitionErrors[code](sentence(code, message, told, language), told)
  }
  const Other = Object.hasOwn(OTHERS, code) ? OTHERS[code] : undefined
  assert(Other !== undefined, `a decision refused with "${code}", which no door can tell`)
  return new Other(message, details)
}

function isOfBlueprint(code: string): code is RefusalCode {
  return Object.hasOwn(transitionErrors, code)
}

/** What an admin has written in the definition stays as it is. */
function sentence(code: RefusalCode, message: string, told: Details, language: Language): string {
  if (language === 'en') return message
  const [reason] = (told.reasons ?? []) as unknown as Reason[]
  if (reason !== undefined) return reason.message
  return refusalText(code, told, language)
}

function listsOf(details: Details, language: Language, labelOf: LabelOf): Details {
  const reasons = (details.reasons ?? []) as unknown as Reason[]
  const problems = (details.problems ?? []) as unknown as DataProblem[]
  return {
    ...(reasons.length > 0 && { reasons: reasons.map((one) => reasonIn(one, details, language)) }),
    ...(problems.length > 0 && { problems: problems.map((one) => problemIn(one, language, labelOf)) }),
  }
}

function reasonIn({ code, message }: Reason, facts: Details, language: Language): Json {
  const own = message !== reasonText(code, facts, 'en')
  return { code, message: own ? message : reasonText(code, facts, language) }
}

/** As every other problem of a request is told: with its place in the body. */
function problemIn({ field, problem, message, details }: DataProblem, language: Language, labelOf: LabelOf): Json {
  const list = problem === 'note_missing' ? 'note' : 'checklist'
  const place = field === null ? pointer(list) : pointer('data', field)
  const textIn = (tongue: Language) =>
    dataProblemText(problem, { ...details, field: field === null ? '' : labelOf(field, tongue) }, tongue)
  const own = message !== textIn('en')
  return {
    in: 'body',
    pointer: place,
    code: problem,
    message: own ? message : textIn(language),
    ...(Object.keys(details).length > 0 && { details }),
  }
}
