import { error, meantEn, meantJa, warning } from './words.ts'

/** Of journeys: entry and steps. */
export const journeyTexts = {
  unknown_step: error<{ name: string; suggestions: string[] }>(
    ({ name, suggestions }) => [
      `There is no step "${name}" in this journey.`,
      meantEn(suggestions, 'Name the "id" of a step that is there.'),
    ],
    ({ name, suggestions }) => [
      `このジャーニーにステップ「${name}」はありません。`,
      meantJa(suggestions, 'ステップの「id」を書いてください。'),
    ],
  ),
  unreachable_step: error<{ name: string }>(
    ({ name }) => [
      `No way through the journey comes to the step "${name}".`,
      'Lead to it with "next", "then", "else" or "goto", or remove it.',
    ],
    ({ name }) => [
      `ステップ「${name}」へ進む経路がありません。`,
      '「next」「then」「else」「goto」のいずれかで進むようにするか、削除してください。',
    ],
  ),
  unbounded_loop: error<{ steps: string[] }>(
    ({ steps }) => [
      `These steps lead round without an end: ${steps.join(' → ')}.`,
      'Go back through a step with "goto" and "max", which says how often.',
    ],
    ({ steps }) => [
      `ステップが終わりなく循環しています: ${steps.join(' → ')}。`,
      '戻るときは、回数を決める「goto」と「max」のステップを使ってください。',
    ],
  ),
  loop_without_wait: error<{ steps: string[] }>(
    ({ steps }) => [
      `These steps lead round without waiting: ${steps.join(' → ')}. All rounds would be over in one moment.`,
      'Put a wait that is longer than zero, or a "waitFor", between them.',
    ],
    ({ steps }) => [
      `待ち時間のないままステップが循環しています: ${steps.join(' → ')}。すべての回が一瞬で終わってしまいます。`,
      '途中に0より長い待ち時間か「waitFor」を入れてください。',
    ],
  ),
  text_outside_window: error<{ name: string }>(
    ({ name }) => [
      `"${name}" sends free text, but can be reached when the contact has written nothing for 24 hours; WhatsApp refuses it then.`,
      'Add a "template" to fall back to, or place it right after a "waitFor" message.received.',
    ],
    ({ name }) => [
      `「${name}」は自由文を送りますが、24時間以内に相手からメッセージがない場合にも実行されます。その場合、WhatsAppは送信を拒否します。`,
      '代わりに送る「template」を追加するか、メッセージの受信を待つ「waitFor」の直後に置いてください。',
    ],
  ),
  not_a_send_step: error<{ name: string; suggestions: string[] }>(
    ({ name, suggestions }) => [
      `The step "${name}" sends nothing, so no status of a message ever comes from it.`,
      meantEn(suggestions, 'Name a step with "send".'),
    ],
    ({ name, suggestions }) => [
      `ステップ「${name}」は何も送信しないため、メッセージの状態が届くことはありません。`,
      meantJa(suggestions, '「send」のあるステップを指定してください。'),
    ],
  ),
  nothing_sent_before: error<{ name: string }>(
    ({ name }) => [
      `"${name}" waits for the status of a message, but none is sent on any way to it.`,
      'Send before it, or wait for something else.',
    ],
    ({ name }) => [
      `「${name}」はメッセージの状態を待ちますが、そこに至るまでに何も送信されません。`,
      '先に送信するか、別のことを待ってください。',
    ],
  ),
  split_weights: warning<{ sum: number; shares: string[] }>(
    ({ sum, shares }) => [
      `The weights add up to ${sum}, so the shares are ${shares.join(', ')}.`,
      'Let them add up to 100, if they are meant as per cent.',
    ],
    ({ sum, shares }) => [
      `重みの合計が${sum}のため、割合は ${shares.join('、')} になります。`,
      '百分率のつもりなら、合計を100にしてください。',
    ],
  ),
  split_to_one: warning<{ name: string }>(
    ({ name }) => [`Every share of this split goes to "${name}".`, 'Name different steps, or remove the split.'],
    ({ name }) => [`すべての割合が「${name}」に進みます。`, '別々のステップを書くか、「split」を削除してください。'],
  ),
  entry_on_deleted_record: error<object>(
    () => [
      'A record that is deleted enters no journey: everything ends with it.',
      'Use another trigger, or a workflow for what is to happen at once.',
    ],
    () => [
      '削除されたデータはジャーニーに入れません。データとともにすべて終わります。',
      '別のきっかけを使うか、すぐに行う処理はワークフローに書いてください。',
    ],
  ),
  entry_without_condition: error<object>(
    () => ['Records enter when they come to match, but there is nothing to match.', 'Add "when".'],
    () => ['条件に合ったデータが入る設定ですが、条件がありません。', '「when」を追加してください。'],
  ),
  reentry_without_key: warning<object>(
    () => [
      'A record may enter again while it is on the way, so it may get every message twice.',
      'Give a "key", such as "$[Deals.Order_Number]", or use "after_exit".',
    ],
    () => [
      '進行中のデータがもう一度入ることがあり、同じメッセージが二重に届く可能性があります。',
      '「key」を書くか(例:「$[Deals.Order_Number]」)、「after_exit」を使ってください。',
    ],
  ),
  reserved_reason: error<{ name: string }>(
    ({ name }) => [
      `"${name}" is what the report counts as success. Another end of this name would count, too.`,
      'Give this end another name.',
    ],
    ({ name }) => [
      `「${name}」は目標の達成として集計される名前です。この名前で終わると、達成したことになってしまいます。`,
      '別の名前にしてください。',
    ],
  ),
  goal_at_entry: warning<{ what: 'goal' | 'exit' }>(
    ({ what }) => [
      `The ${what} has the same condition as the entry. Whoever meets it stays out, so no record ever enters.`,
      'Change one of the two.',
    ],
    ({ what }) => [
      `${what === 'goal' ? '目標' : '離脱'}の条件が開始の条件と同じです。当てはまるデータは対象から外れるため、どのデータも開始できません。`,
      'どちらかの条件を変えてください。',
    ],
  ),
}
