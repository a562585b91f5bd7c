import type { InstanceTrace } from '#engine/decision.ts'
import type { InstanceStep } from '#engine/instance.ts'
import type { Timer } from '#engine/parkedTimer.ts'
import type { Language } from './texts.ts'

type Texts = readonly [en: string, ja: string]

const OUTCOMES: Record<InstanceTrace['outcome'], Texts> = {
  entered: ['entered', '開始しました'],
  refused: ['not done', '実行しません'],
  moved: ['moved on', '移動しました'],
  noted: ['stays, and it was written down', '位置はそのままで、記録しました'],
  ended: ['ended', '終了しました'],
  migrated: ['goes on in the newest version', '最新の版に移行しました'],
  ignored: ['nothing done', '何もしません'],
  failed: ['failed', '失敗しました'],
}

const STEPS: Record<InstanceStep['kind'], Texts> = {
  entered: ['entered at "{to}"', '「{to}」から開始'],
  moved: ['from "{from}" to "{to}"', '「{from}」から「{to}」へ移動'],
  noted: ['at "{from}"', '「{from}」で記録'],
  ended: ['ended at "{from}"', '「{from}」で終了'],
  migrated: ['brought to the newest version, at "{to}"', '最新の版の「{to}」へ移行'],
}

/** Why something was refused, moved or ended. What a person wrote (an exit, a transition, a reason) is shown as it is. */
export const REASONS: Readonly<Record<string, Texts>> = {
  already_left: ['it has left, and nothing about it is news', '終了済みで、新しい変更がありません'],
  already_sent: ['the message has gone out already', 'メッセージは送信済みです'],
  auto_loop: ['it would go round and round by itself', '自動実行が循環します'],
  already_entered: ['it has been in it before, and may enter once', '参加済みです(1回のみ)'],
  completed: ['it came to its end', '最後まで進みました'],
  criteria: ['the record does not meet its criteria', 'データが条件を満たしていません'],
  date_changed: ['the record says another date by now', 'データの日付がその間に変更されました'],
  date_past: ['the date it waited for is past', '待っていた日付が過ぎています'],
  definition_changed: ['its definition was changed meanwhile', '定義がその間に変更されました'],
  definition_inactive: ['its definition was switched off', '定義が停止されました'],
  definition_missing: ['the version it is in is not there', '該当する版の定義がありません'],
  depth_exceeded: ['too many automations caused one another', '自動化の連鎖が深すぎます'],
  else: ['nothing else matched', 'どの条件にも一致しませんでした'],
  erased: ['the person was erased', '個人の情報が消去されました'],
  escalated: ['it stays for too long', '滞留時間の上限を超えました'],
  exit: ['it matches what ends the process', '終了条件に一致しました'],
  exit_matches: ['it matches an exit already', 'すでに離脱条件に一致しています'],
  exited_by_hand: ['somebody took it out', '手動で終了しました'],
  failed: ['a step could not be run', 'ステップを実行できませんでした'],
  failed_steps: ['it went round and round without a wait', '待機のない循環を検出しました'],
  final_state: ['its state is a final one', 'すでに終了の状態です'],
  field: ['the record’s field says so', 'データの項目が変わりました'],
  goal: ['it reached the goal', '目標を達成しました'],
  goal_matches: ['it has reached the goal already', 'すでに目標を達成しています'],
  goto: ['it goes back', '指定のステップに戻りました'],
  inactive: ['it is switched off', '停止中です'],
  journey_exit_on_edit: ['the new version let it go', '新しい版への切り替えで終了しました'],
  key_missing: ['the record has no value for the key', 'キーの値がありません'],
  left_by_field: ['the record’s field has a value that is no state of it', '項目の値がどの状態にも当たりません'],
  matched_before: ['the record matched before the change as well', '変更前から条件に一致していました'],
  migrated: ['a new version is there', '新しい版ができました'],
  newest_already: ['it is on the newest version already', 'すでに最新の版です'],
  next: ['the step is done', 'ステップが完了しました'],
  no_such_state: ['the newest version has no such state', '最新の版に該当する状態がありません'],
  no_such_step: ['the newest version has no such step', '最新の版に該当するステップがありません'],
  not_a_state: ['the record’s field has a value that is no state of it', '項目の値がどの状態にも当たりません'],
  other_module: ['the newest version is about another module', '最新の版は別のタブを対象にしています'],
  no_match: ['the record does not match', 'データが条件に一致しません'],
  partial_save: ['a part of the data was saved', '入力途中のデータを保存しました'],
  past: ['the date is past, so it goes on', '日付が過ぎているため先へ進みました'],
  paused: ['it is paused', '一時停止中です'],
  process_exit_on_edit: ['the new version let it go', '新しい版への切り替えで終了しました'],
  quiet_hours: ['these are quiet hours, so the message was passed over', '送信を控える時間帯のため送信を見送りました'],
  record_deleted: ['the record was deleted', 'データが削除されました'],
  record_missing: ['there is no such record', 'データがありません'],
  replanned: ['what it waits for was planned anew', '待機の予定を立て直しました'],
  same_cause: ['it caused this event itself', '自分自身が起こした変更です'],
  skip: ['the date is past, so the step below is passed over', '日付が過ぎているため次のステップを飛ばしました'],
  stale_timer: ['it has moved on since', 'すでに先へ進んでいます'],
  still_running: ['it is in it now', '現在参加中です'],
  then: ['what it waited for has come', '待っていたことが起きました'],
  timeout: ['what it waited for did not come in time', '期限までに起きませんでした'],
  too_soon: ['the last time is too short ago', '前回からの期間が足りません'],
  unknown_version: ['the version it is in cannot be run', '該当する版を実行できません'],
}

const PATTERNS: readonly [RegExp, Texts][] = [
  [/^branch\/(\d+)$/, ['branch {1} matched', '分岐 {1} に一致しました']],
  [/^split\/(\d+)$/, ['it drew way {1}', '振り分けの {1} 番に入りました']],
  [/^sla\/(\d+)$/, ['level {1} of the time limit', '滞留時間の第 {1} 段階']],
  [/^auto\/(.+)$/, ['"{1}" happens by itself', '「{1}」の自動実行']],
]

const TIMERS: Record<Timer['kind'], Texts> = {
  later: ['a later action', '後で実行する処理'],
  date: ['a date of the record', 'データの日付'],
  schedule: ['a schedule', 'スケジュール'],
  instance: ['a wait', '待機'],
  broadcast: ['the next records of a broadcast', '一斉配信の続き'],
}

const NAMES: Readonly<Record<string, Texts>> = {
  wait: ['the wait', '待機'],
  timeout: ['the time limit of what it waits for', '待つ期限'],
  quiet: ['the end of the quiet hours', '送信を控える時間帯の終わり'],
  resume: ['going on after a pause', '再開'],
}

const pick = ([en, ja]: Texts, language: Language) => (language === 'ja' ? ja : en)

export function outcomeText(outcome: InstanceTrace['outcome'], language: Language): string {
  return pick(OUTCOMES[outcome], language)
}

/** A reason in words; what is not one of ours is shown as it is. Counts are told from 1. */
export function wayText(reason: string, language: Language): string {
  const known = Object.hasOwn(REASONS, reason) ? REASONS[reason] : undefined
  if (known !== undefined) return pick(known, language)
  for (const [pattern, texts] of PATTERNS) {
    const found = pattern.exec(reason)?.[1]
    if (found === undefined) continue
    return pick(texts, language).replace('{1}', /^\d+$/.test(found) ? String(Number(found) + 1) : found)
  }
  return reason
}

export function historyText(
  { kind, from, to }: Pick<InstanceStep, 'kind' | 'from' | 'to'>,
  language: Language,
): string {
  return pick(STEPS[kind], language).replace(/\{(from|to)\}/g, (_, end: string) => (end === 'from' ? from : to) ?? '')
}

/** What a timer is about. */
export function timerText(timer: Timer, language: Language): string {
  if (timer.kind !== 'instance') return pick(TIMERS[timer.kind], language)
  const known = Object.hasOwn(NAMES, timer.name) ? NAMES[timer.name] : undefined
  return known === undefined ? wayText(timer.name, language) : pick(known, language)
}
