import { error, meantEn, meantJa, warning } from './words.ts'

/** What cannot be where the process is over. */
const OVER = {
  transition: [
    'the process is over there, so nothing leads away from it.',
    'Remove it from "from", or remove "final" from the state.',
    'そこで終わるため、次へは進めません。',
    '「from」から外すか、状態の「final」を削除してください。',
  ],
  sla: [
    'the process is over there, so nobody can be late.',
    'Remove "sla", or "final".',
    'そこで終わるため、期限は設けられません。',
    '「sla」か「final」を削除してください。',
  ],
  initial: [
    'the process would be over as it begins.',
    'Remove "final", or begin at another state.',
    '始まると同時に終わってしまいます。',
    '「final」を削除するか、別の状態から始めてください。',
  ],
} as const

/** Why a transition is never taken. */
const NEVER = {
  from: [
    'no record comes to a state that it leads away from.',
    'Let it begin at a state that records come to, or remove it.',
    '開始できる状態になるデータがありません。',
    'データが到達する状態から始めるか、この遷移を削除してください。',
  ],
  condition: [
    'its conditions contradict one another, or the states that it leads away from.',
    'Mend "before" or "auto".',
    '条件が互いに、または開始する状態と矛盾しています。',
    '「before」か「auto」の条件を直してください。',
  ],
  late: [
    'another automatic transition moves every record on sooner.',
    'Let it wait for less long, or remove it.',
    '別の自動の遷移が、必ず先にデータを進めます。',
    '待つ時間を短くするか、この遷移を削除してください。',
  ],
} as const

/** Of blueprints: states and transitions. */
export const blueprintTexts = {
  no_initial_state: error<object>(
    () => ['No state is the initial one, so no record could begin.', 'Write "initial": true at one state.'],
    () => [
      '最初の状態が決められていないため、開始できません。',
      'いずれか1つの状態に「"initial": true」を書いてください。',
    ],
  ),
  several_initial_states: error<{ name: string; first: string }>(
    ({ name, first }) => [`"${first}" is the initial state already, so "${name}" cannot be.`, 'Keep "initial" at one.'],
    ({ name, first }) => [
      `最初の状態は「${first}」に決まっているため、「${name}」は最初の状態にできません。`,
      '「initial」は1つの状態だけに書いてください。',
    ],
  ),
  unknown_state: error<{ name: string; suggestions: string[] }>(
    ({ name, suggestions }) => [
      `There is no state "${name}" in this blueprint.`,
      meantEn(suggestions, 'Add it under "states", or name one that is there.'),
    ],
    ({ name, suggestions }) => [
      `このブループリントに状態「${name}」はありません。`,
      meantJa(suggestions, '「states」に追加するか、そこにある状態を使ってください。'),
    ],
  ),
  state_outside_picklist: error<{ name: string; field: string; suggestions: string[] }>(
    ({ name, field, suggestions }) => [
      `"${name}" is not among the values of "${field}", so no record can be in this state.`,
      meantEn(suggestions, `Use a value of "${field}", or add this one to the definition of the module.`),
    ],
    ({ name, field, suggestions }) => [
      `「${name}」は「${field}」の選択肢にないため、この状態になるデータはありません。`,
      meantJa(suggestions, `「${field}」の選択肢を使うか、タブの定義に選択肢を追加してください。`),
    ],
  ),
  final_state_goes_on: error<{ name: string; what: 'transition' | 'sla' | 'initial' }>(
    ({ name, what }) => [`"${name}" is final: ${OVER[what][0]}`, OVER[what][1]],
    ({ name, what }) => [`「${name}」は最終状態です。${OVER[what][2]}`, OVER[what][3]],
  ),
  unreachable_state: warning<{ name: string }>(
    ({ name }) => [
      `No transition leads to "${name}" from the initial state. Records come there only when something else writes the field.`,
      'Add a transition to it, or remove the state.',
    ],
    ({ name }) => [
      `最初の状態から「${name}」へ進む遷移がありません。他の方法で項目が書き換えられたときだけ、この状態になります。`,
      'この状態への遷移を追加するか、状態を削除してください。',
    ],
  ),
  dead_end_state: error<{ name: string }>(
    ({ name }) => [
      `Nothing leads out of "${name}", and it is not final: a record would stay there for ever.`,
      'Add a transition from it, or write "final": true.',
    ],
    ({ name }) => [
      `「${name}」から進む遷移がなく、最終状態でもないため、データがそこで止まったままになります。`,
      'この状態からの遷移を追加するか、「"final": true」を書いてください。',
    ],
  ),
  transition_never_taken: warning<{ name: string; why: keyof typeof NEVER }>(
    ({ name, why }) => [`"${name}" can never be taken: ${NEVER[why][0]}`, NEVER[why][1]],
    ({ name, why }) => [`「${name}」は実行されることがありません。${NEVER[why][2]}`, NEVER[why][3]],
  ),
  parallel_parent_holds: error<{ key: 'during' | 'auto' }>(
    ({ key }) => [
      key === 'during'
        ? 'A transition of parallel parts asks for nothing itself: its parts do.'
        : 'A transition of parallel parts moves when its last part is done, so it cannot move by itself.',
      key === 'during' ? 'Move "during" to one of the parts.' : 'Remove "auto", or make it a transition of its own.',
    ],
    ({ key }) => [
      key === 'during'
        ? '並行する作業を持つ遷移では、入力項目は各作業に書きます。'
        : '並行する作業を持つ遷移は、すべての作業が終わったときに進むため、自動にはできません。',
      key === 'during'
        ? '「during」をいずれかの作業に移してください。'
        : '「auto」を削除するか、別の遷移にしてください。',
    ],
  ),
  auto_with_during: error<object>(
    () => [
      'This transition moves by itself, so nobody is there to fill in what "during" asks for.',
      'Remove "during" or "auto", or make two transitions of it.',
    ],
    () => [
      '自動で進む遷移なので、「during」の項目を入力する人がいません。',
      '「during」か「auto」を削除するか、遷移を2つに分けてください。',
    ],
  ),
  writes_state_field: error<{ field: string }>(
    ({ field }) => [
      `"${field}" is the state of this blueprint, which only transitions change.`,
      'Remove it here, and let a transition (also an automatic one) lead to that state.',
    ],
    ({ field }) => [
      `「${field}」はこのブループリントの状態で、遷移によってだけ変わります。`,
      'ここから削除し、その状態へ進む遷移(自動でも可)を使ってください。',
    ],
  ),
  automatic_loop: error<{ transitions: string[] }>(
    ({ transitions }) => [
      `These transitions move by themselves and at once, in a circle: ${transitions.join(' → ')}. A record would never come to rest.`,
      'Let one of them wait ("auto": { "after": "P1D" }), or give them conditions that cannot hold together.',
    ],
    ({ transitions }) => [
      `すぐに自動で進む遷移が循環しています: ${transitions.join(' → ')}。処理が終わらなくなります。`,
      'どれかを時間で進める(「"auto": { "after": "P1D" }」)か、同時には成り立たない条件にしてください。',
    ],
  ),
  blueprint_never_entered: warning<{ name: string; before: string; module: string }>(
    ({ name, before, module }) => [
      `Every record of "${module}" enters the blueprint "${before}", which comes first, so none ever enters "${name}".`,
      `Give "${before}" an entry condition, or "${name}" a lower "order".`,
    ],
    ({ name, before, module }) => [
      `「${module}」のデータはすべて先にあるブループリント「${before}」に入るため、「${name}」に入るデータはありません。`,
      `「${before}」に開始条件を書くか、「${name}」の「order」を小さくしてください。`,
    ],
  ),
}
