import type { Language } from '../texts.ts'
import type { Remark, StepName } from './document.ts'

type Words = readonly [en: string, ja: string]

const TITLES: Record<StepName, Words> = {
  app: ['App of Meta', 'Metaのアプリ'],
  access: ['Access', 'アクセスの許可'],
  business: ['Business', 'ビジネス'],
  account: ['WhatsApp Business account', 'WhatsAppビジネスアカウント'],
  number: ['Phone number', '電話番号'],
  verify: ['Verification of the number', '番号の確認'],
  register: ['Registration', '登録'],
  webhook: ['Webhook', 'Webhook'],
  profile: ['Nickname', 'ニックネーム'],
  people: ['Unknown people', '未登録の相手'],
  active: ['Activation', '有効化'],
}

const TO_DO: Record<StepName, Words> = {
  app: [
    'Enter the id and the secret of the app: Meta for Developers, your app, App settings, Basic.',
    'アプリのIDとシークレットを入力してください(Meta for Developers →アプリ→アプリの設定→ベーシック)。',
  ],
  access: [
    'Paste the token of a system user with whatsapp_business_messaging and whatsapp_business_management (Business settings, System users), or hand over the code of the embedded sign-up within 30 seconds.',
    'whatsapp_business_messaging と whatsapp_business_management の権限を持つシステムユーザーのトークンを貼り付けるか、埋め込み登録のコードを30秒以内に渡してください(ビジネス設定→システムユーザー)。',
  ],
  business: [
    'Choose the business portfolio, or skip it when the account is shared with you. A new one is made at business.facebook.com.',
    'ビジネスポートフォリオを選んでください。アカウントが共有されている場合は省略できます。新規作成は business.facebook.com で行います。',
  ],
  account: [
    'Choose the WhatsApp Business account. A new one is made in WhatsApp Manager; then look again.',
    'WhatsAppビジネスアカウントを選んでください。新規作成はWhatsAppマネージャーで行い、その後もう一度確認します。',
  ],
  number: [
    'Choose the number that messages are sent from, or add one that is used nowhere else.',
    '送信に使う番号を選ぶか、ほかで使っていない番号を追加してください。',
  ],
  verify: [
    'Ask for a code by SMS or by a call, then enter its six digits.',
    'SMSまたは音声通話で確認コードを受け取り、6桁を入力してください。',
  ],
  register: [
    'Choose a PIN of six digits and keep it. If the number has a PIN already, enter that one.',
    '6桁のPINを決めて控えておいてください。番号に設定済みのPINがある場合は、それを入力します。',
  ],
  webhook: [
    'Let Meta call this server: it is told the address, and its call must arrive.',
    'Metaからこのサーバーへの接続を確かめます。アドレスを伝え、呼び出しが届けば完了です。',
  ],
  profile: ['Give the number a nickname, used when sending.', '送信時に使うニックネームを付けてください。'],
  people: [
    'Say where people who write and are not known are registered, and who gets them.',
    '未登録の相手から連絡があったとき、どこに登録し、誰が担当するかを決めてください。',
  ],
  active: ['Look at the health of the account and switch it on.', 'アカウントの状態を確認し、有効にします。'],
}

const REMARKS: Record<string, Words> = {
  // the app and its access
  app_wrong: [
    'Meta does not know this app id with this secret: {said} Copy both from App settings, Basic.',
    'このアプリIDとシークレットの組み合わせをMetaが認めません: {said} アプリの設定→ベーシックからコピーし直してください。',
  ],
  app_secret_missing: [
    'Nothing is kept of the app {app}. Enter its secret.',
    'アプリ {app} のシークレットがまだありません。入力してください。',
  ],
  code_refused: [
    'Meta did not take the code: {said} A code works once and for 30 seconds. Go through the sign-up again.',
    'Metaがコードを受け付けませんでした: {said} コードは1回限り、30秒間だけ有効です。登録をやり直してください。',
  ],
  token_refused: [
    'Meta does not accept the token: {said} Make a new one for the system user and paste it.',
    'Metaがトークンを受け付けません: {said} システムユーザーの新しいトークンを作成して貼り付けてください。',
  ],
  token_invalid: [
    'The token is no longer valid: {said} Make a new one for the system user and paste it.',
    'トークンは無効です: {said} システムユーザーの新しいトークンを作成して貼り付けてください。',
  ],
  token_of_other_app: [
    'The token belongs to the app {app}, not to {wanted}. Make it for this app, or begin with the other one.',
    'このトークンはアプリ {app} のもので、{wanted} のものではありません。このアプリで作り直すか、別のアプリで始めてください。',
  ],
  permissions_missing: [
    'The token lacks {missing}. Grant it to the system user and make a new token.',
    'トークンに {missing} の権限がありません。システムユーザーに付与し、新しいトークンを作成してください。',
  ],
  permission_missing: [
    'Meta does not allow this: {said} The system user needs full control of the account, and both WhatsApp permissions.',
    'Metaがこの操作を許可していません: {said} システムユーザーにアカウントの全権限と2つのWhatsApp権限が必要です。',
  ],
  too_many_calls: [
    'Meta was asked too often: {said} Go on later.',
    'Metaへの問い合わせが多すぎます: {said} 後で続けてください。',
  ],
  policy_blocked: [
    'Meta has blocked this for a violation of its policies: {said} See the account quality page of the business.',
    'ポリシー違反のためMetaが停止しています: {said} アカウントの品質ページを確認してください。',
  ],
  try_again: ['WhatsApp is busy: {said} Try again.', 'WhatsAppが混み合っています: {said} もう一度お試しください。'],
  unreachable: [
    'WhatsApp did not answer: {said} Look again when it does.',
    'WhatsAppから応答がありません: {said} 後でもう一度確認してください。',
  ],
  refused: ['WhatsApp said no: {said}', 'WhatsAppに断られました: {said}'],
  // businesses and accounts
  not_in_list: ['There is no "{id}" among the choices.', '「{id}」は選択肢にありません。'],
  nothing_granted: [
    'The token names no account, so a business has to be chosen.',
    'トークンにアカウントの指定がないため、ビジネスを選ぶ必要があります。',
  ],
  review_rejected: ['Meta rejected this account.', 'Metaの審査で却下されたアカウントです。'],
  review_pending: ['Meta still reviews this account.', 'Metaが審査中です。'],
  not_granted: ['The token was not granted this account.', 'このアカウントへのアクセスが許可されていません。'],
  from_environment: [
    'The environment (WHATSAPP_ACCOUNT_ID) connects it already.',
    '環境変数(WHATSAPP_ACCOUNT_ID)ですでに接続されています。',
  ],
  business_not_verified: [
    'The business is not verified: the number reaches few people until it is.',
    'ビジネスが未認証です。認証されるまで送信できる人数が少なくなります。',
  ],
  // numbers
  on_premise: [
    'It is registered with the on-premises API. Moving a number is not supported.',
    'オンプレミス版APIに登録されています。番号の移行には対応していません。',
  ],
  on_whatsapp_app: [
    'It is used in the WhatsApp Business app. Only an unused number can be registered.',
    'WhatsApp Businessアプリで使われています。未使用の番号だけを登録できます。',
  ],
  in_use_elsewhere: [
    'It is in use elsewhere: {said} Delete it there, or take an unused number.',
    'ほかのサービスで使われています: {said} そちらで削除するか、未使用の番号を使ってください。',
  ],
  migrating: ['It is being moved to another account.', '別のアカウントへ移行中です。'],
  banned: ['WhatsApp banned it.', 'WhatsAppに停止されています。'],
  restricted: ['WhatsApp restricts it for now.', 'WhatsAppに制限されています。'],
  name_declined: [
    'WhatsApp declined its display name "{name}". Ask for another in WhatsApp Manager.',
    '表示名「{name}」が却下されました。WhatsAppマネージャーで別の名前を申請してください。',
  ],
  name_pending: ['Its display name is under review.', '表示名が審査中です。'],
  of_other_account: [
    'It belongs to the account {account} here already.',
    'すでにここのアカウント {account} に属しています。',
  ],
  in_other_setup: ['The set-up {setup} is connecting it.', '設定 {setup} で接続中です。'],
  connected_here: ['It is connected here already.', 'すでに接続されています。'],
  not_verified: ['It has to be verified with a code.', '確認コードによる認証が必要です。'],
  not_registered: ['It has to be registered with a PIN.', 'PINによる登録が必要です。'],
  sandbox: [
    'It is a test number: it reaches only numbers on its list.',
    'テスト用の番号です。登録した相手にだけ送れます。',
  ],
  phone_impossible: ['"{phone}" is not a possible phone number.', '「{phone}」は電話番号として正しくありません。'],
  // the code and the PIN
  code_not_asked: [
    'No code was asked for. Ask for one first.',
    '確認コードがまだ請求されていません。先に請求してください。',
  ],
  code_not_sent: ['WhatsApp did not send a code: {said}', 'WhatsAppがコードを送れませんでした: {said}'],
  code_wrong: [
    'The code is wrong. {left} tries are left; then a new code is needed. WhatsApp says: {said}',
    'コードが違います。あと {left} 回で新しいコードが必要になります。WhatsAppの応答: {said}',
  ],
  code_void: [
    'The code was wrong three times and counts no more. Ask for a new one, by a call if no SMS comes.',
    'コードを3回間違えたため無効になりました。新しいコードを請求してください。SMSが届かない場合は音声通話を選んでください。',
  ],
  code_too_often: [
    'Too many codes were tried: {said} Wait before the next.',
    'コードの試行が多すぎます: {said} しばらく待ってください。',
  ],
  pin_wrong: [
    'The number has another PIN: {said} Enter the one that was set, or reset it in WhatsApp Manager (Phone numbers, Two-step verification).',
    '番号に設定されたPINと異なります: {said} 設定済みのPINを入力するか、WhatsAppマネージャー(電話番号→二段階認証)で再設定してください。',
  ],
  pin_too_often: [
    'The PIN was guessed too often: {said} WhatsApp lets nobody try for a while. Reset it in WhatsApp Manager meanwhile.',
    'PINの試行が多すぎます: {said} しばらく試せません。その間にWhatsAppマネージャーで再設定してください。',
  ],
  pin_too_fast: [
    'The PIN was tried too fast: {said} Wait a minute.',
    'PINの試行が速すぎます: {said} 1分待ってください。',
  ],
  registered_just_now: [
    'The number was deregistered just now: {said} Wait five minutes.',
    '登録解除の直後です: {said} 5分待ってください。',
  ],
  registered_too_often: [
    'The number was registered or deregistered ten times in 72 hours: {said} It can be registered again after that.',
    '72時間に10回、登録または解除されました: {said} その後に登録できます。',
  ],
  account_locked: ['WhatsApp has locked the account: {said}', 'アカウントがロックされています: {said}'],
  // the webhook
  public_url_missing: [
    'Nobody has said where WhatsApp reaches this server. Set DENREI_PUBLIC_URL to its https address and start again.',
    'WhatsAppからこのサーバーへのアドレスが未設定です。DENREI_PUBLIC_URL に https のアドレスを設定し、再起動してください。',
  ],
  webhook_unreachable: [
    'Meta could not reach {callback}: {said} Open it to the internet with a valid certificate, and let nothing change the query.',
    'Metaが {callback} に接続できませんでした: {said} 有効な証明書でインターネットに公開し、クエリを変更しないでください。',
  ],
  webhook_not_seen: [
    'Meta says it reached {callback}, but no such call came in here: the address leads to another server.',
    'Metaは {callback} に接続できたと答えましたが、ここには届いていません。別のサーバーにつながっています。',
  ],
  webhook_elsewhere: [
    'The app sends its webhooks to {callback}; another system may live from them. Nothing was changed. Send "replace": true (denrei connect --replace-webhook) to have them come to {wanted} instead.',
    'このアプリのWebhookは現在 {callback} に送られており、別のシステムが使っている可能性があります。何も変更していません。{wanted} に切り替えるには "replace": true を送ってください(denrei connect --replace-webhook)。',
  ],
  webhook_fields_missing: [
    'The app is not subscribed to {missing}, so what Meta tells there does not come. Take the webhook step again, or POST /v1/accounts/ID/webhook.',
    'アプリが {missing} を購読していないため、Metaからの通知が届きません。Webhookの手順をもう一度行うか、POST /v1/accounts/ID/webhook を実行してください。',
  ],
  webhook_app_unsubscribed: [
    'The app has no webhook for WhatsApp: nothing is told of templates, numbers and the account. POST /v1/accounts/ID/webhook.',
    'アプリにWhatsAppのWebhookがないため、テンプレート・番号・アカウントの変化が届きません。POST /v1/accounts/ID/webhook を実行してください。',
  ],
  webhook_app_elsewhere: [
    'What Meta tells of templates, numbers and the account goes to {callback}, not to {wanted}. POST /v1/accounts/ID/webhook with "replace": true.',
    'テンプレート・番号・アカウントの通知が {wanted} ではなく {callback} に送られています。"replace": true を付けて POST /v1/accounts/ID/webhook を実行してください。',
  ],
  webhook_account_unsubscribed: [
    'The app does not hear of this account: no reply and no status comes in. POST /v1/accounts/ID/webhook.',
    'アプリがこのアカウントを購読していないため、返信もステータスも届きません。POST /v1/accounts/ID/webhook を実行してください。',
  ],
  webhook_messages_elsewhere: [
    'Replies and statuses go to {callback}, not to {wanted}. POST /v1/accounts/ID/webhook.',
    '返信とステータスが {wanted} ではなく {callback} に送られています。POST /v1/accounts/ID/webhook を実行してください。',
  ],
  // people
  assignee_missing: ['There is no record "{id}" in {module}.', '{module} に「{id}」がありません。'],
  // activation
  health_blocked: ['{entity}: {description} {solution}', '{entity}: {description} {solution}'],
  health_limited: ['{entity}: {description}', '{entity}: {description}'],
  number_not_connected: [
    'WhatsApp says that the number is {status}, not CONNECTED. Register it again.',
    '番号の状態が CONNECTED ではなく {status} です。登録し直してください。',
  ],
}

const pick = (words: Words, language: Language): string => words[language === 'ja' ? 1 : 0]

export const titleOf = (step: StepName, language: Language): string => pick(TITLES[step], language)
export const todoOf = (step: StepName, language: Language): string => pick(TO_DO[step], language)

export function remarkText({ code, details }: Remark, language: Language): string {
  const words = REMARKS[code]
  if (words === undefined) return code
  return pick(words, language)
    .replace(/\{(\w+)\}/g, (_, name: string) => String(details[name] ?? ''))
    .trim()
}
