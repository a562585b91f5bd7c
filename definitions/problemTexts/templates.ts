import { error, listEn, listJa, meantEn, meantJa, warning } from './words.ts'

type Name = { name: string }

/** Of templates. Limits: Meta, Cloud API, "Templates"; codes in brackets are those of a refused creation. */
export const templateTexts = {
  template_language_unknown: error<{ language: string; suggestions: string[] }>(
    ({ language, suggestions }) => [
      `WhatsApp is not known to offer the language "${language}".`,
      meantEn(suggestions, 'Use one of the codes in WhatsApp’s list of languages.'),
    ],
    ({ language, suggestions }) => [
      `WhatsAppの言語一覧に「${language}」は見つかりません。`,
      meantJa(suggestions, 'WhatsAppの言語コードを使ってください。'),
    ],
  ),
  template_edge_variable: error<{ name: string; edge: 'start' | 'end' }>(
    ({ name, edge }) => [
      `The body ${edge}s with {{${name}}}. WhatsApp refuses that (2388299).`,
      `Put words ${edge === 'start' ? 'before' : 'after'} it.`,
    ],
    ({ name, edge }) => [
      `本文の${edge === 'start' ? '先頭' : '末尾'}が {{${name}}} です。WhatsAppに拒否されます(2388299)。`,
      `${edge === 'start' ? '前' : '後'}に文字を入れてください。`,
    ],
  ),
  template_adjacent_variables: error<{ first: string; second: string }>(
    ({ first, second }) => [
      `No words stand between {{${first}}} and {{${second}}}. WhatsApp refuses that.`,
      'Put words between them.',
    ],
    ({ first, second }) => [
      `{{${first}}} と {{${second}}} が隣り合っています。WhatsAppに拒否されます。`,
      '間に文字を入れてください。',
    ],
  ),
  template_numbering_gap: error<{ missing: string }>(
    ({ missing }) => [
      `The numbers of the variables must run from 1 without a gap, but {{${missing}}} is missing.`,
      'Number them anew, or use names.',
    ],
    ({ missing }) => [
      `変数の番号は1から連続させる必要がありますが、{{${missing}}} がありません。`,
      '番号を付け直すか、名前を使ってください。',
    ],
  ),
  template_number_shared: warning<{ name: string; free: string }>(
    ({ name, free }) => [
      `{{${name}}} stands here and in the body, so both get one value. WhatsApp counts them apart.`,
      `If they are to differ, write another number here, such as {{${free}}}; WhatsApp is told {{1}}.`,
    ],
    ({ name, free }) => [
      `{{${name}}} はここと本文の両方にあり、同じ値になります。WhatsAppでは別々に数えます。`,
      `別の値にするときは、ここの番号を {{${free}}} などに変えてください。WhatsAppには {{1}} として送られます。`,
    ],
  ),
  template_mixed_parameters: error<{ names: string[] }>(
    ({ names }) => [`Numbers and names are mixed among the variables ${listEn(names)}.`, 'Use names for all of them.'],
    ({ names }) => [`変数${listJa(names)}に番号と名前が混在しています。`, 'すべて名前にしてください。'],
  ),
  template_parameter_name: error<Name>(
    ({ name }) => [
      `{{${name}}} is not a name that WhatsApp takes.`,
      'Use lower-case letters, digits and underscores, beginning with a letter, or numbers throughout.',
    ],
    ({ name }) => [
      `{{${name}}} はWhatsAppで使える変数名ではありません。`,
      '英字で始まる半角の英小文字・数字・アンダースコアにするか、すべて番号にしてください。',
    ],
  ),
  template_repeated_parameter: error<Name>(
    ({ name }) => [
      `{{${name}}} stands here more than once. Names must be unique.`,
      'Give the second one another name.',
    ],
    ({ name }) => [`{{${name}}} が2回以上使われています。変数名は重複できません。`, '別の名前を付けてください。'],
  ),
  template_stray_braces: error<object>(
    () => ['Braces stand here that belong to no variable.', 'Write variables as {{name}}.'],
    () => ['変数になっていない波括弧があります。', '変数は {{name}} の形で書いてください。'],
  ),
  template_header_variables: error<{ count: number }>(
    ({ count }) => [
      `The header has ${count} variables. WhatsApp allows one.`,
      'Keep one, move the others to the body.',
    ],
    ({ count }) => [
      `ヘッダーに変数が${count}個あります。使えるのは1個までです。`,
      '1個だけ残し、他は本文に移してください。',
    ],
  ),
  template_header_markup: error<object>(
    () => ['A text header may have neither markup (* _ ~ `) nor line breaks.', 'Remove them.'],
    () => ['テキストのヘッダーでは装飾記号(* _ ~ `)や改行を使えません。', '削除してください。'],
  ),
  template_footer_variable: error<Name>(
    ({ name }) => [`The footer has the variable {{${name}}}. WhatsApp allows none there.`, 'Move it to the body.'],
    ({ name }) => [`フッターに変数 {{${name}}} があります。フッターでは変数を使えません。`, '本文に移してください。'],
  ),
  template_parameter_without_example: error<Name>(
    ({ name }) => [
      `{{${name}}} is not described under "parameters". WhatsApp wants an example of every variable.`,
      `Add it there: "${name}": { "value": "$[Module.Field]", "example": "..." }.`,
    ],
    ({ name }) => [
      `{{${name}}} が「parameters」にありません。WhatsAppではすべての変数に例が必要です。`,
      `「parameters」に追加してください: "${name}": { "value": "$[タブ.項目]", "example": "..." }。`,
    ],
  ),
  template_parameter_unused: warning<Name>(
    ({ name }) => [`No text uses {{${name}}}.`, 'Remove it, or use it.'],
    ({ name }) => [`{{${name}}} はどこにも使われていません。`, '削除するか、本文などで使ってください。'],
  ),
  template_too_many_variables: warning<{ variables: number; words: number }>(
    ({ variables, words }) => [
      `${variables} variables for ${words} words: WhatsApp may refuse that (2388293).`,
      'Write more words around the variables: at least three for each.',
    ],
    ({ variables, words }) => [
      `${words}語に対して変数が${variables}個あります。WhatsAppに拒否されることがあります(2388293)。`,
      '変数1個につき3語以上になるよう、文を増やしてください。',
    ],
  ),
  merge_field_in_template_text: error<{ raw: string }>(
    ({ raw }) => [
      `${raw} stands in the text itself, where WhatsApp would show it as it is.`,
      'Write a variable such as {{name}} and put the merge field under "parameters", as its "value".',
    ],
    ({ raw }) => [
      `${raw} が文面に直接書かれています。WhatsAppではそのまま表示されます。`,
      '{{name}} のような変数にして、差し込み項目は「parameters」の「value」に書いてください。',
    ],
  ),
  template_too_many_buttons: error<{ type: string; max: number }>(
    ({ type, max }) => [`At most ${max} of the buttons may be of type "${type}".`, 'Remove the others.'],
    ({ type, max }) => [`種類が「${type}」のボタンは${max}個までです。`, '余分なボタンを削除してください。'],
  ),
  template_quick_replies_apart: error<object>(
    () => [
      'Quick replies must stand together, before or after the other buttons.',
      'Move this button to the other quick replies.',
    ],
    () => [
      'クイック返信のボタンは、他のボタンの前か後にまとめる必要があります。',
      'このボタンを他のクイック返信の隣に移してください。',
    ],
  ),
  template_url_variable: error<object>(
    () => [
      'A URL may have one variable, at its very end.',
      'Move it to the end, or use one variable for the whole rest.',
    ],
    () => ['URLの変数は末尾に1個だけ使えます。', '末尾に移すか、残りの部分を1個の変数にまとめてください。'],
  ),
  template_url_invalid: error<{ url: string }>(
    ({ url }) => [`"${url}" is not a web address.`, 'Begin with "https://".'],
    ({ url }) => [`「${url}」はWebアドレスではありません。`, '「https://」で始めてください。'],
  ),
  template_phone_invalid: error<{ phone: string }>(
    ({ phone }) => [`"${phone}" is not a phone number.`, 'Write it with its calling code, such as "+81312345678".'],
    ({ phone }) => [`「${phone}」は電話番号ではありません。`, '「+81312345678」のように国番号から書いてください。'],
  ),
  template_label_variable: error<{ label: string }>(
    ({ label }) => [
      `The label "${label}" has a variable or a line break. WhatsApp allows neither there.`,
      'Write the same label for everybody, on one line.',
    ],
    ({ label }) => [
      `ボタンのラベル「${label}」に変数または改行があります。WhatsAppではどちらも使えません。`,
      '全員に同じ、1行のラベルにしてください。',
    ],
  ),
  template_flow_screen: error<object>(
    () => ['A flow that begins with "navigate" needs the name of its first screen.', 'Add "screen".'],
    () => ['「navigate」で始まるフローには、最初の画面の名前が必要です。', '「screen」を追加してください。'],
  ),
  template_sample_invalid: error<{ example: string }>(
    ({ example }) => [
      `"${example}" is neither the handle of an uploaded file nor a link to one.`,
      'Give a link that begins with "https://" (it is uploaded for you), or a handle such as "4::aW...".',
    ],
    ({ example }) => [
      `「${example}」はアップロード済みファイルのハンドルでもリンクでもありません。`,
      '「https://」で始まるリンク(自動でアップロードします)か、「4::aW...」のようなハンドルを指定してください。',
    ],
  ),
  template_many_buttons: warning<object>(
    () => [
      'With four or more buttons, or quick replies mixed with others, desktop apps of WhatsApp show no message.',
      'Use at most three buttons of one sort.',
    ],
    () => [
      'ボタンが4個以上、またはクイック返信と他の種類が混在すると、デスクトップ版のWhatsAppでは表示されません。',
      '同じ種類のボタンを3個までにしてください。',
    ],
  ),
  template_authentication_extras: error<object>(
    () => [
      'A template for authentication has WhatsApp’s own texts: no header, footer or buttons of yours.',
      'Remove it (see "authentication" for what can be chosen), or choose another category.',
    ],
    () => [
      '認証カテゴリーのテンプレートは文面がWhatsAppの定型で、ヘッダー・フッター・ボタンは指定できません。',
      '削除するか(選べるものは「authentication」を参照)、別のカテゴリーにしてください。',
    ],
  ),
  template_authentication_only: error<{ category: string }>(
    ({ category }) => [
      `"authentication" is not for the category ${category}.`,
      'Remove it, or choose the category AUTHENTICATION.',
    ],
    ({ category }) => [
      `「authentication」はカテゴリー${category}では使えません。`,
      '削除するか、カテゴリーをAUTHENTICATIONにしてください。',
    ],
  ),
  template_authentication_code: error<{ count: number }>(
    ({ count }) => [
      `A template for authentication has one variable, the code. This one has ${count}.`,
      'Write a body such as "Your code is {{code}}." It is only shown in previews.',
    ],
    ({ count }) => [
      `認証カテゴリーのテンプレートの変数はコード1個だけですが、${count}個あります。`,
      '本文は「認証コードは{{code}}です。」のように書いてください。本文はプレビューだけに使われます。',
    ],
  ),
  template_authentication_length: error<{ max: number }>(
    ({ max }) => [`A code has at most ${max} characters.`, 'Shorten the example.'],
    ({ max }) => [`コードは${max}文字までです。`, '例を短くしてください。'],
  ),
  template_authentication_apps: error<{ button: string }>(
    ({ button }) => [
      `The button "${button}" needs the Android apps that take the code.`,
      'Add "apps" with package and signature, or use "copy_code".',
    ],
    ({ button }) => [
      `ボタン「${button}」には、コードを受け取るAndroidアプリの指定が必要です。`,
      '「apps」にパッケージ名と署名を書くか、「copy_code」を使ってください。',
    ],
  ),
  template_time_to_live: error<{ category: string; minimum: string; maximum: string }>(
    ({ category, minimum, maximum }) => [
      `In the category ${category} WhatsApp takes ${minimum} to ${maximum}.`,
      'Choose a time in between, or leave it out.',
    ],
    ({ category, minimum, maximum }) => [
      `カテゴリー${category}で指定できるのは${minimum}から${maximum}までです。`,
      'その範囲にするか、指定を外してください。',
    ],
  ),
  template_versions_differ: warning<{ key: string; what: string }>(
    ({ key, what }) => [
      `"${what}" differs from that of ${key}.`,
      'Let all languages of a template agree, or rename one.',
    ],
    ({ key, what }) => [
      `「${what}」が ${key} と異なります。`,
      '同じテンプレートの各言語で揃えるか、名前を変えてください。',
    ],
  ),
  unknown_template: error<{ name: string; suggestions: string[] }>(
    ({ name, suggestions }) => [
      `There is no template "${name}".`,
      meantEn(suggestions, 'Define it in a file of its own, or use another.'),
    ],
    ({ name, suggestions }) => [
      `テンプレート「${name}」はありません。`,
      meantJa(suggestions, '別のファイルで定義するか、他のテンプレートを使ってください。'),
    ],
  ),
  template_language_missing: error<{ name: string; language: string; languages: string[] }>(
    ({ name, language, languages }) => [
      `The template "${name}" has no version in "${language}".`,
      `Add that version, or use ${listEn(languages)}.`,
    ],
    ({ name, language, languages }) => [
      `テンプレート「${name}」に言語「${language}」の版がありません。`,
      `その言語の版を追加するか、${listJa(languages)}を使ってください。`,
    ],
  ),
  template_of_other_module: error<{ key: string; module: string; own: string }>(
    ({ key, module, own }) => [
      `${key} is a template of "${module}", but this definition is about "${own}".`,
      `Use a template of "${own}".`,
    ],
    ({ key, module, own }) => [
      `${key} は「${module}」のテンプレートですが、この定義の対象は「${own}」です。`,
      `「${own}」のテンプレートを使ってください。`,
    ],
  ),
  template_not_approved: warning<{ key: string; status: string }>(
    ({ key, status }) => [
      `${key} is not approved by WhatsApp (${status}).`,
      'Messages wait until it is. Submit it, or wait for the review.',
    ],
    ({ key, status }) => [
      `${key} はWhatsAppに承認されていません(${status})。`,
      '承認されるまでメッセージは保留されます。承認申請するか、審査を待ってください。',
    ],
  ),
  template_rejected: error<{ key: string }>(
    ({ key }) => [
      `${key} was rejected by WhatsApp. Every message would be blocked.`,
      'Change the template and submit it again, or use another.',
    ],
    ({ key }) => [
      `${key} はWhatsAppに却下されました。メッセージはすべて送信されません。`,
      'テンプレートを修正して再申請するか、他のテンプレートを使ってください。',
    ],
  ),
  unknown_parameter: error<{ name: string; template: string; suggestions: string[] }>(
    ({ name, template, suggestions }) => [
      `The template "${template}" has no parameter "${name}".`,
      meantEn(suggestions, 'Remove it.'),
    ],
    ({ name, template, suggestions }) => [
      `テンプレート「${template}」に変数「${name}」はありません。`,
      meantJa(suggestions, '削除してください。'),
    ],
  ),
  missing_parameter: error<{ name: string; key: string }>(
    ({ name, key }) => [
      `The parameter "${name}" of ${key} has no value.`,
      'Give it under "parameters", or give it a "value" in the template.',
    ],
    ({ name, key }) => [
      `${key} の変数「${name}」に値がありません。`,
      '「parameters」で指定するか、テンプレート側で「value」を指定してください。',
    ],
  ),
  missing_header_media: error<{ key: string; type: string }>(
    ({ key, type }) => [
      `${key} has a header of type "${type}", and neither it nor this action says which file to send.`,
      'Give "header": { "link": "..." } here, or "link" in the template’s header.',
    ],
    ({ key, type }) => [
      `${key} のヘッダーは「${type}」ですが、送信するファイルがどこにも指定されていません。`,
      'ここで「header」の「link」を指定するか、テンプレートのヘッダーに「link」を書いてください。',
    ],
  ),
  unused_header: warning<{ key: string }>(
    ({ key }) => [`${key} has no header for a file, so this is not used.`, 'Remove "header".'],
    ({ key }) => [`${key} にファイル用のヘッダーがないため、これは使われません。`, '「header」を削除してください。'],
  ),
  no_recipient: error<{ module: string }>(
    ({ module }) => [
      `"${module}" names no phone field, and "to" is not given.`,
      'Give "to", for example through a lookup: "$[Deals.Contact_Name.Mobile]".',
    ],
    ({ module }) => [
      `「${module}」には電話番号の項目が決められておらず、「to」も指定されていません。`,
      '「to」を指定してください。例: ルックアップを経由した「$[Deals.Contact_Name.Mobile]」。',
    ],
  ),
  invalid_recipient: error<{ value: string }>(
    ({ value }) => [`"${value}" is not a possible phone number.`, 'Write it as "+819012345678", or as a merge field.'],
    ({ value }) => [
      `「${value}」は電話番号として正しくありません。`,
      '「+819012345678」の形か、差し込み項目で書いてください。',
    ],
  ),
}
