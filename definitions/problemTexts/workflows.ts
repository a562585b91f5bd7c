import { error, listEn, listJa, meantEn, meantJa, warning } from './words.ts'

/** What an operator wants as its written value. */
export type ValueShape =
  'any' | 'something' | 'list' | 'pair' | 'yes_or_no' | 'date' | 'dates' | 'period' | 'length' | 'days'

const SHAPES: Record<ValueShape, [en: string, ja: string]> = {
  any: ['any value', '値'],
  something: ['a value that is not blank', '空でない値'],
  list: ['a list: ["..."]', 'リスト(["..."])'],
  pair: ['two bounds: [1, 10]', '2つの境界([1, 10])'],
  yes_or_no: ['true or false', 'true または false'],
  date: ['a date or date-time: "2026-05-01"', '日付または日時("2026-05-01")'],
  dates: ['two dates: ["2026-05-01", "2026-05-31"]', '2つの日付(["2026-05-01", "2026-05-31"])'],
  period: ['a period: "thisWeek"', '期間("thisWeek" など)'],
  length: ['a number of days or a duration: 3 or "P2W"', '日数または期間(3 や "P2W")'],
  days: ['a number of days, or { "min": 3, "max": 10 }', '日数、または { "min": 3, "max": 10 }'],
}

/** Of workflows: triggers, conditions, branches, actions. */
export const workflowTexts = {
  module_without_phone: error<{ module: string }>(
    ({ module }) => [
      `"${module}" names no phone field, so no incoming message ever belongs to one of its records.`,
      'Use a module of people, or name the phone field in the module’s definition.',
    ],
    ({ module }) => [
      `「${module}」には電話番号の項目が決められていないため、受信したメッセージがそのデータに結び付くことはありません。`,
      '人を表すタブを使うか、タブの定義で電話番号の項目を指定してください。',
    ],
  ),
  acts_on_deleted_record: warning<{ what: string }>(
    ({ what }) => [`"${what}" cannot do anything here: the record is deleted.`, 'Remove it, or use another trigger.'],
    ({ what }) => [
      `データは削除されているため、ここでは「${what}」は働きません。`,
      '削除するか、別のきっかけを使ってください。',
    ],
  ),
  unknown_fact: error<{ name: string; module: string; suggestions: string[] }>(
    ({ name, module, suggestions }) => [
      `"${name}" is neither a field of "${module}" nor another fact.`,
      meantEn(suggestions, 'Use the API name of a field.'),
    ],
    ({ name, module, suggestions }) => [
      `「${name}」は「${module}」の項目でも、その他の値でもありません。`,
      meantJa(suggestions, '項目のAPI名を使ってください。'),
    ],
  ),
  unknown_operator: error<{ name: string; suggestions: string[]; decorators: string[] }>(
    ({ name, suggestions, decorators }) => [
      `There is no operator "${name}".`,
      meantEn(suggestions, `See the list of operators; ${listEn(decorators)} may stand before one, with a colon.`),
    ],
    ({ name, suggestions, decorators }) => [
      `演算子「${name}」はありません。`,
      meantJa(suggestions, `演算子の一覧を確認してください。前に${listJa(decorators)}をコロン付きで置けます。`),
    ],
  ),
  operator_misfit: warning<{ operator: string; name: string; type: string; suggestions: readonly string[] }>(
    ({ operator, name, type, suggestions }) => [
      `"${operator}" does not fit "${name}", a field of type "${type}".`,
      `Use one of ${listEn(suggestions)}.`,
    ],
    ({ operator, name, type, suggestions }) => [
      `「${operator}」は種類が「${type}」の項目「${name}」に合いません。`,
      `次のいずれかを使ってください: ${listJa(suggestions)}。`,
    ],
  ),
  operator_needs_list: error<{ operator: string }>(
    ({ operator }) => [`"${operator}" compares with a list, so this never holds.`, 'Write a list: ["..."].'],
    ({ operator }) => [
      `「${operator}」はリストと比べるため、この条件は正しく判定されません。`,
      'リストで書いてください: ["..."]。',
    ],
  ),
  operator_value_misfit: warning<{ operator: string; wanted: ValueShape }>(
    ({ operator, wanted }) => [
      `"${operator}" can do nothing with this value, so the comparison never holds (negated, it always does).`,
      `Write ${SHAPES[wanted][0]}.`,
    ],
    ({ operator, wanted }) => [
      `「${operator}」はこの値を扱えないため、比較が成り立つことはありません(否定では常に成り立ちます)。`,
      `${SHAPES[wanted][1]}を書いてください。`,
    ],
  ),
  invalid_path: error<{ path: string }>(
    ({ path }) => [
      `The path "${path}" is not allowed.`,
      'Write a plain JSONPath without scripts, such as "$.items[0].name".',
    ],
    ({ path }) => [
      `パス「${path}」は使えません。`,
      'スクリプトを含まないJSONPathを書いてください(例:「$.items[0].name」)。',
    ],
  ),
  unknown_condition: error<{ name: string; suggestions: string[] }>(
    ({ name, suggestions }) => [
      `There is no condition named "${name}" in this definition.`,
      meantEn(suggestions, 'Add it under "conditions".'),
    ],
    ({ name, suggestions }) => [
      `この定義に「${name}」という名前の条件はありません。`,
      meantJa(suggestions, '「conditions」に追加してください。'),
    ],
  ),
  cyclic_condition: error<{ names: string[] }>(
    ({ names }) => [`The conditions refer to one another in a circle: ${names.join(' → ')}.`, 'Break the circle.'],
    ({ names }) => [`条件が互いに参照し合っています: ${names.join(' → ')}。`, '循環をなくしてください。'],
  ),
  empty_condition: warning<{ group: 'all' | 'any' }>(
    ({ group }) => [`"${group}" is empty, so it always holds.`, 'Add conditions, or leave "when" out.'],
    ({ group }) => [`「${group}」が空なので、常に成り立ちます。`, '条件を追加するか、「when」を外してください。'],
  ),
  impossible_condition: warning<object>(
    () => [
      'No record can match this: it asks for two values of one field at once, or for bounds that do not meet.',
      'Use "any" instead of "all", a list with "in", or other bounds.',
    ],
    () => [
      'この条件に当てはまるデータはありません。1つの項目に2つの値を同時に求めているか、範囲が重なっていません。',
      '「all」の代わりに「any」を使うか、「in」でリストにするか、範囲を見直してください。',
    ],
  ),
  unreachable_branch: error<{ branch: number }>(
    ({ branch }) => [
      `Branch ${branch} before it always matches, so this one never runs.`,
      'Move the branch without "when" to the end.',
    ],
    ({ branch }) => [
      `前の分岐(${branch}番目)が常に成り立つため、この分岐は実行されません。`,
      '「when」のない分岐を最後に移してください。',
    ],
  ),
  duplicate_branch: warning<{ branch: number }>(
    ({ branch }) => [
      `Branch ${branch} before it has the same "when", so this one never runs.`,
      'Change the condition, or merge the two.',
    ],
    ({ branch }) => [
      `前の分岐(${branch}番目)と「when」が同じなので、この分岐は実行されません。`,
      '条件を変えるか、まとめてください。',
    ],
  ),
  notify_nobody: error<object>(
    () => ['It is not said who is notified.', 'Give "user", "role" or "group".'],
    () => ['通知先が指定されていません。', '「user」「role」「group」のいずれかを指定してください。'],
  ),
  required_field_missing: warning<{ name: string; module: string }>(
    ({ name, module }) => [`A record of "${module}" needs "${name}".`, `Add "${name}" to "set".`],
    ({ name, module }) => [
      `「${module}」のデータには「${name}」が必要です。`,
      `「set」に「${name}」を追加してください。`,
    ],
  ),
  rule_loop: warning<{ rules: string[]; forever: boolean }>(
    ({ rules, forever }) => [
      forever
        ? `These rules set one another off without end: ${rules.join(' → ')}.`
        : `These rules can set one another off in a circle: ${rules.join(' → ')}. It is broken off after one round.`,
      'Let one of them ask for a state that the others do not bring about, or set it off by another field.',
    ],
    ({ rules, forever }) => [
      forever
        ? `ルールが互いを際限なく起動します: ${rules.join(' → ')}。`
        : `ルールが互いを起動する可能性があります: ${rules.join(' → ')}。一巡したところで打ち切られます。`,
      'どれかの条件を、他のルールが作らない状態に変えるか、きっかけの項目を変えてください。',
    ],
  ),
}
