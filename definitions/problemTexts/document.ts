import { error, listEn, listJa, meantEn, meantJa } from './words.ts'

/** Of the document itself: JSON, keys and forms. */
export const documentTexts = {
  invalid_json: error<{ detail: string }>(
    ({ detail }) => [
      `This is not JSON: ${detail}`,
      'Correct the JSON. No trailing commas, no comments, double quotes.',
    ],
    ({ detail }) => [
      `JSONとして読み取れません: ${detail}`,
      'JSONを修正してください。末尾のカンマやコメントは使えません。引用符は二重引用符です。',
    ],
  ),
  too_deep: error<{ max: number }>(
    ({ max }) => [`The definition is nested more than ${max} levels deep.`, 'Use fewer groups inside groups.'],
    ({ max }) => [`定義の入れ子が${max}段を超えています。`, 'グループの入れ子を減らしてください。'],
  ),
  wrong_type: error<{ expected: string; got: string }>(
    ({ expected, got }) => [`Expected ${typeEn(expected)}, but this is ${typeEn(got)}.`, `Write ${typeEn(expected)}.`],
    ({ expected, got }) => [
      `${typeJa(expected)}が必要ですが、${typeJa(got)}になっています。`,
      `${typeJa(expected)}を書いてください。`,
    ],
  ),
  missing_key: error<{ key: string }>(
    ({ key }) => [`"${key}" is missing.`, `Add "${key}".`],
    ({ key }) => [`「${key}」がありません。`, `「${key}」を追加してください。`],
  ),
  unknown_key: error<{ key: string; suggestions: string[]; known: string[] }>(
    ({ key, suggestions, known }) => [
      `"${key}" is not known here.`,
      meantEn(suggestions, known.length ? `Remove it. Known here: ${listEn(known)}.` : 'Remove it.'),
    ],
    ({ key, suggestions, known }) => [
      `ここでは「${key}」は使えません。`,
      meantJa(suggestions, known.length ? `削除してください。使えるもの: ${listJa(known)}。` : '削除してください。'),
    ],
  ),
  misplaced_key: error<{ key: string }>(
    ({ key }) => [
      `"${key}" does not go with the other keys here: each of them makes another kind of thing.`,
      'Keep one of them, and write the other on its own.',
    ],
    ({ key }) => [
      `「${key}」は他のキーと一緒には使えません。それぞれ別の種類になります。`,
      'どちらかを残し、もう一方は別に書いてください。',
    ],
  ),
  unknown_value: error<{ value: string; options: string[]; suggestions: string[] }>(
    ({ value, options, suggestions }) => [
      `${value} is not one of the possible values.`,
      meantEn(suggestions, `Use one of ${listEn(options)}.`),
    ],
    ({ value, options, suggestions }) => [
      `${value} は指定できる値ではありません。`,
      meantJa(suggestions, `次のいずれかを使ってください: ${listJa(options)}。`),
    ],
  ),
  invalid_format: error<{ value: string; hint: { en: string; ja: string } | null }>(
    ({ value, hint }) => [`${value} does not have the right form.`, hint?.en ?? 'Write it in the documented form.'],
    ({ value, hint }) => [`${value} は形式が正しくありません。`, hint?.ja ?? '決められた形式で書いてください。'],
  ),
  too_short: error<{ minimum: number; of: string }>(
    ({ minimum, of }) => [`At least ${countEn(minimum, of)} must be here.`, 'Add what is missing.'],
    ({ minimum, of }) => [`${countJa(minimum, of)}以上が必要です。`, '足りないものを追加してください。'],
  ),
  too_long: error<{ maximum: number; of: string }>(
    ({ maximum, of }) => [`At most ${countEn(maximum, of)} may be here.`, 'Shorten it.'],
    ({ maximum, of }) => [`${countJa(maximum, of)}以内にしてください。`, '短くしてください。'],
  ),
  invalid_condition: error<object>(
    () => [
      'This is not a condition.',
      'Write {"all": [...]}, {"any": [...]}, {"not": ...}, {"condition": "name"} or {"fact": ..., "operator": ..., "value": ...}.',
    ],
    () => [
      '条件として読み取れません。',
      '{"all": [...]}、{"any": [...]}、{"not": ...}、{"condition": "名前"}、{"fact": ..., "operator": ..., "value": ...} のいずれかを書いてください。',
    ],
  ),
  invalid_value: error<{ detail: string }>(
    ({ detail }) => [`This value is not allowed: ${detail}`, 'Correct the value.'],
    ({ detail }) => [`この値は使えません: ${detail}`, '値を修正してください。'],
  ),
  invalid_form: error<{ value: string; forms: string[]; keys: string[] }>(
    ({ value, forms, keys }) => [
      `${value} is none of the forms that may stand here.`,
      `Write ${[...forms.map(formEn), ...keysEn(keys)].join(', or ')}.`,
    ],
    ({ value, forms, keys }) => [
      `${value} はここに書ける形ではありません。`,
      `${[...forms.map(formJa), ...keysJa(keys)].join('、または')}を書いてください。`,
    ],
  ),
  duplicate_name: error<{ name: string }>(
    ({ name }) => [`"${name}" stands here twice.`, 'Rename or remove one of the two.'],
    ({ name }) => [`「${name}」が2回使われています。`, 'どちらかの名前を変えるか、削除してください。'],
  ),
  duplicate_definition: error<{ key: string; file: string }>(
    ({ key, file }) => [`"${key}" is also defined in ${file}.`, 'Rename or remove one of the two.'],
    ({ key, file }) => [`「${key}」は ${file} でも定義されています。`, 'どちらかの名前を変えるか、削除してください。'],
  ),
}

const types: Record<string, [en: string, ja: string]> = {
  object: ['an object', 'オブジェクト'],
  record: ['an object', 'オブジェクト'],
  array: ['a list', 'リスト'],
  string: ['text', '文字列'],
  number: ['a number', '数値'],
  int: ['a whole number', '整数'],
  boolean: ['true or false', 'trueまたはfalse'],
  null: ['null', 'null'],
}
const typeEn = (type: string) => types[type]?.[0] ?? type
const typeJa = (type: string) => types[type]?.[1] ?? type

/** A type by name, or a literal as JSON. */
const formEn = (form: string) => (Object.hasOwn(types, form) ? typeEn(form) : form)
const formJa = (form: string) => (Object.hasOwn(types, form) ? typeJa(form) : form)
const keysEn = (keys: string[]) =>
  keys.length === 0 ? [] : [`an object with ${keys.length > 1 ? 'one of ' : ''}${listEn(keys)}`]
const keysJa = (keys: string[]) =>
  keys.length === 0 ? [] : [`${listJa(keys)}${keys.length > 1 ? 'のいずれか' : ''}を持つオブジェクト`]

function countEn(count: number, of: string): string {
  const unit = of === 'string' ? 'character' : of === 'array' ? 'entry' : ''
  if (unit === '') return String(count)
  return `${count} ${count === 1 ? unit : unit === 'entry' ? 'entries' : `${unit}s`}`
}

const countJa = (count: number, of: string) => `${count}${of === 'string' ? '文字' : of === 'array' ? '件' : ''}`
