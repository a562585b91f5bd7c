import { error, listEn, listJa, meantEn, meantJa, warning } from './words.ts'

/** Of modules, their fields, and merge fields. */
export const fieldTexts = {
  unknown_module: error<{ name: string; suggestions: string[] }>(
    ({ name, suggestions }) => [
      `There is no module "${name}".`,
      meantEn(suggestions, 'Use the API name of a module, or define the module in a file of its own.'),
    ],
    ({ name, suggestions }) => [
      `タブ「${name}」はありません。`,
      meantJa(suggestions, 'タブのAPI名を使うか、タブを別のファイルで定義してください。'),
    ],
  ),
  unknown_field: error<{ name: string; module: string; suggestions: string[] }>(
    ({ name, module, suggestions }) => [
      `"${module}" has no field "${name}".`,
      meantEn(suggestions, `Use a field of "${module}", or add the field to the module's definition.`),
    ],
    ({ name, module, suggestions }) => [
      `「${module}」に項目「${name}」はありません。`,
      meantJa(suggestions, `「${module}」の項目を使うか、タブの定義に項目を追加してください。`),
    ],
  ),
  ambiguous_name: error<{ name: string; suggestions: string[] }>(
    ({ name, suggestions }) => [`"${name}" may mean ${listEn(suggestions)}.`, 'Use the API name.'],
    ({ name, suggestions }) => [
      `「${name}」は${listJa(suggestions)}のどれか判別できません。`,
      'API名を使ってください。',
    ],
  ),
  not_a_lookup: error<{ name: string; module: string }>(
    ({ name, module }) => [
      `"${name}" of "${module}" does not point at another record, so nothing can follow it.`,
      'Name a lookup field, or end at this field.',
    ],
    ({ name, module }) => [
      `「${module}」の「${name}」はルックアップ項目ではないため、その先の項目は指定できません。`,
      'ルックアップ項目を指定するか、この項目で終えてください。',
    ],
  ),
  wrong_field_type: error<{ name: string; got: string; expected: string[] }>(
    ({ name, got, expected }) => [
      `"${name}" is a field of type "${got}", which does not fit here.`,
      `Use a field of type ${listEn(expected)}.`,
    ],
    ({ name, got, expected }) => [
      `「${name}」は種類が「${got}」の項目なので、ここでは使えません。`,
      `種類が${listJa(expected)}の項目を使ってください。`,
    ],
  ),
  lookup_without_module: error<{ name: string }>(
    ({ name }) => [`The lookup "${name}" does not say which module it points at.`, 'Add "module".'],
    ({ name }) => [`ルックアップ項目「${name}」の参照先のタブが指定されていません。`, '「module」を追加してください。'],
  ),
  picklist_without_values: warning<{ name: string }>(
    ({ name }) => [`"${name}" has no values, so none can be checked.`, 'Add "values".'],
    ({ name }) => [`「${name}」に選択肢がないため、値を確認できません。`, '「values」を追加してください。'],
  ),
  reserved_name: error<{ name: string }>(
    ({ name }) => [
      `"${name}" is the name of a fact that conditions can always ask about, so no field can have it.`,
      'Rename the field.',
    ],
    ({ name }) => [
      `「${name}」は条件でいつでも使える値の名前なので、項目の名前にはできません。`,
      '項目の名前を変えてください。',
    ],
  ),
  duplicate_label: warning<{ label: string; names: string[] }>(
    ({ label, names }) => [
      `The label "${label}" stands for ${listEn(names)}, so a merge field cannot use it.`,
      'Give each its own label, or use API names in merge fields.',
    ],
    ({ label, names }) => [
      `表示名「${label}」が${listJa(names)}に使われているため、差し込み項目では使えません。`,
      '表示名を分けるか、差し込み項目ではAPI名を使ってください。',
    ],
  ),
  merge_field_unclosed: error<{ raw: string }>(
    () => ['A merge field begins here and does not end.', 'Close it with "]", or write "$$[" for a plain "$[".'],
    () => ['差し込み項目が閉じられていません。', '「]」で閉じてください。文字としての「$[」は「$$[」と書きます。'],
  ),
  merge_field_empty: error<{ raw: string }>(
    ({ raw }) => [`${raw} names no field.`, 'Write it as $[Module.Field].'],
    ({ raw }) => [`${raw} に項目が指定されていません。`, '$[タブ.項目] の形で書いてください。'],
  ),
  merge_field_incomplete: error<{ raw: string }>(
    ({ raw }) => [`${raw} does not name both a module and a field.`, 'Write it as $[Module.Field].'],
    ({ raw }) => [`${raw} にはタブと項目の両方が必要です。`, '$[タブ.項目] の形で書いてください。'],
  ),
  merge_format_unknown: error<{ raw: string; formats: readonly string[] }>(
    ({ raw, formats }) => [
      `${raw} has a format that is not known.`,
      `Use one of ${listEn(formats)} (CODE is a currency such as JPY), or the field's API name if the colon belongs to a label.`,
    ],
    ({ raw, formats }) => [
      `${raw} の書式は使えません。`,
      `次のいずれかを使ってください: ${listJa(formats)}(CODEはJPYなどの通貨)。コロンが表示名の一部なら、API名を使ってください。`,
    ],
  ),
  merge_format_misfit: warning<{ raw: string; format: string; type: string }>(
    ({ raw, format, type }) => [
      `${raw}: the format "${format}" does not fit a field of type "${type}".`,
      'Choose another format or leave it out.',
    ],
    ({ raw, format, type }) => [
      `${raw}: 書式「${format}」は種類が「${type}」の項目には合いません。`,
      '別の書式にするか、書式を外してください。',
    ],
  ),
  foreign_merge_field: error<{ raw: string; module: string; own: string; through: string[] }>(
    ({ raw, module, own, through }) => [
      `${raw} is a field of "${module}", but this definition is about "${own}".`,
      meantEn(through, `Only fields of "${own}" can be merged, also through its lookups.`),
    ],
    ({ raw, module, own, through }) => [
      `${raw} は「${module}」の項目ですが、この定義の対象は「${own}」です。`,
      meantJa(through, `差し込めるのは「${own}」の項目と、そのルックアップ先の項目だけです。`),
    ],
  ),
  value_type_misfit: warning<{ name: string; type: string; value: string }>(
    ({ name, type, value }) => [
      `${value} does not fit "${name}", a field of type "${type}".`,
      'Write a value of that type, or a merge field.',
    ],
    ({ name, type, value }) => [
      `${value} は種類が「${type}」の項目「${name}」に合いません。`,
      'その種類の値か、差し込み項目を書いてください。',
    ],
  ),
  value_outside_picklist: warning<{ name: string; value: string; suggestions: string[] }>(
    ({ name, value, suggestions }) => [
      `${value} is not among the values of "${name}".`,
      meantEn(suggestions, 'Use one of its values, or add this one to the module.'),
    ],
    ({ name, value, suggestions }) => [
      `${value} は「${name}」の選択肢にありません。`,
      meantJa(suggestions, '選択肢の値を使うか、タブの定義に追加してください。'),
    ],
  ),
}
