/** Sentences of blueprints, in the languages of the product. A door that has an answer's code and details can tell it in either. */
export type Language = 'en' | 'ja'

/** Why a transition cannot be taken now. */
export type ReasonCode = 'inactive' | 'automatic' | 'not_allowed' | 'criteria' | 'part_done'

/** What is wrong with what was filled in. */
export type DataProblemCode =
  | 'not_asked'
  | 'missing'
  | 'wrong_type'
  | 'not_in_picklist'
  | 'check_failed'
  | 'note_missing'
  | 'not_ticked'
  | 'not_on_list'

/** Why a command is refused, by the code of its error. */
export type RefusalCode = keyof typeof refusals

type Texts = readonly [en: string, ja: string]

const reasons: Record<ReasonCode, Texts> = {
  inactive: ['The blueprint "{blueprint}" is switched off.', 'ブループリント「{blueprint}」は無効です。'],
  automatic: ['"{transition}" happens by itself.', '「{transition}」は自動で実行されます。'],
  not_allowed: ['You are not among those who may do "{transition}".', '「{transition}」を実行する権限がありません。'],
  criteria: [
    'The record does not meet the criteria of "{transition}".',
    'データが「{transition}」の条件を満たしていません。',
  ],
  part_done: ['"{transition}" is done already.', '「{transition}」は実行済みです。'],
}

const problems: Record<DataProblemCode, Texts> = {
  not_asked: ['"{field}" is not filled in here.', '「{field}」はここでは入力できません。'],
  missing: ['Fill in "{field}".', '「{field}」を入力してください。'],
  wrong_type: [
    '"{field}" takes a value of the type {expected}.',
    '「{field}」には{expected}型の値を入力してください。',
  ],
  not_in_picklist: [
    '"{value}" is not among the values of "{field}".',
    '「{value}」は「{field}」の選択肢にありません。',
  ],
  check_failed: ['"{field}" is not as it must be.', '「{field}」の値が条件を満たしていません。'],
  note_missing: ['Write a note.', 'メモを入力してください。'],
  not_ticked: ['Tick "{item}".', '「{item}」にチェックを入れてください。'],
  not_on_list: ['"{item}" is not on the checklist.', '「{item}」はチェックリストにありません。'],
}

const refusals = {
  ERR_BLUEPRINT_INVALID: [
    '{blueprint} cannot be run. Apply the definition again.',
    '{blueprint}を実行できません。定義をもう一度適用してください。',
  ],
  ERR_BLUEPRINT_INACTIVE: reasons.inactive,
  ERR_RECORD_NOT_IN_PROCESS: [
    'The record "{recordId}" of {module} is in no blueprint.',
    '{module}のデータ「{recordId}」はブループリントに入っていません。',
  ],
  ERR_FIELD_LOCKED: [
    '"{field}" is set by the blueprint "{blueprint}". Take a transition instead: {possible}.',
    '「{field}」はブループリント「{blueprint}」が管理しています。遷移を実行してください: {possible}',
  ],
  ERR_TRANSITION_UNKNOWN: [
    'The blueprint "{blueprint}" has no transition "{transition}".',
    'ブループリント「{blueprint}」に遷移「{transition}」はありません。',
  ],
  ERR_TRANSITION_GONE: [
    '"{transition}" is no longer possible: the record is at "{state}". Possible now: {possible}.',
    '「{transition}」は実行できません。データの現在の状態は「{state}」です。実行できる遷移: {possible}',
  ],
  ERR_TRANSITION_NOT_ALLOWED: reasons.not_allowed,
  ERR_TRANSITION_CRITERIA: reasons.criteria,
  ERR_TRANSITION_DATA: [
    '"{transition}" lacks something: {problems}',
    '「{transition}」の入力内容を確認してください: {problems}',
  ],
} as const satisfies Record<string, Texts>

type Facts = Readonly<Record<string, unknown>>

export function reasonText(code: ReasonCode, facts: Facts, language: Language): string {
  return fill(reasons[code], facts, language)
}

export function dataProblemText(code: DataProblemCode, facts: Facts, language: Language): string {
  return fill(problems[code], facts, language)
}

/** @param facts the details of the answer */
export function refusalText(code: RefusalCode, facts: Facts, language: Language): string {
  return fill(refusals[code], facts, language)
}

/** Lists are told one after the other; of problems and transitions, what names them. */
function fill([en, ja]: Texts, facts: Facts, language: Language): string {
  return (language === 'ja' ? ja : en).replace(/\{(\w+)\}/g, (_, name: string) => tell(facts[name], language))
}

function tell(value: unknown, language: Language): string {
  if (Array.isArray(value)) {
    const none = language === 'ja' ? 'なし' : 'nothing'
    if (value.length === 0) return none
    const between = value.some(isSentence) ? (language === 'ja' ? '' : ' ') : language === 'ja' ? '、' : ', '
    return value.map((one) => tell(one, language)).join(between)
  }
  if (typeof value === 'object' && value !== null) {
    const { message, name } = value as { message?: unknown; name?: unknown }
    return tell(message ?? name, language)
  }
  return typeof value === 'string' || typeof value === 'number' ? String(value) : ''
}

/** Problems end with a full stop of their own; names do not. */
function isSentence(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'message' in value
}
