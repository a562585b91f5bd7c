/** Every sentence the command line shows, in English and Japanese. `{0}` takes the first value. */
const TEXTS = {
  creditsBalance: [
    'Credits: {0} available, {1} held, {2} spent.',
    'クレジット: 利用可能 {0}、確保中 {1}、利用済み {2}。',
  ],
  creditsOwed: [
    '{0} credits are owed; the next purchase pays them first.',
    '{0} クレジットが不足しており、次の購入から差し引かれます。',
  ],
  creditsLast: ['They last for {0} days at {1} a day.', '1日 {1} の利用で、あと {0} 日分です。'],
  creditsNoPace: ['Nothing was spent in the seven days before today.', '昨日までの7日間の利用はありません。'],
  creditsNoPurchases: ['Nothing was bought yet.', '購入はまだありません。'],
  headAmount: ['credits', 'クレジット'],
  headState: ['state', '状態'],
  headProvider: ['by', '支払い方法'],
  headMemo: ['memo', 'メモ'],
  headCharged: ['charged', '有料'],
  headFree: ['free', '無料'],
  headCredits: ['credits', 'クレジット'],
  statementTotal: [
    'Messages: {0} charged, {1} free. Credits: {2}.',
    'メッセージ: 有料 {0} 件、無料 {1} 件。クレジット: {2}。',
  ],
  headFrom: ['from', '適用日'],
  headCurrency: ['currency', '通貨'],
  headOrigin: ['origin', '種別'],
  headMarkets: ['markets', '市場数'],
  headTiers: ['tiers', '従量段階'],
  isShipped: ['shipped', '同梱'],
  isImported: ['imported', '取り込み'],
  ratesImported: [
    'Imported the prices of {0} markets in {1}, from {2} on.',
    '{0} 市場の料金({1})を取り込みました。{2} から適用します。',
  ],
  ratesNewMarkets: [
    'Denrei does not know these markets; nobody is in them yet: {0}',
    '未知の市場です。該当する番号はまだありません: {0}',
  ],
  noProblems: ['Definitions: {0}, no problems.', '定義 {0} 件、問題はありません。'],
  problemCount: ['Errors: {0}, warnings: {1}.', 'エラー {0} 件、警告 {1} 件。'],
  error: ['error', 'エラー'],
  warning: ['warning', '警告'],
  fix: ['fix', '対処'],
  applied: [
    'Applied: {0} created, {1} updated, {2} unchanged.',
    '適用しました: 新規 {0} 件、更新 {1} 件、変更なし {2} 件。',
  ],
  planned: [
    'Would apply: {0} create, {1} update, {2} unchanged.',
    '適用予定: 新規 {0} 件、更新 {1} 件、変更なし {2} 件。',
  ],
  create: ['create', '新規'],
  update: ['update', '更新'],
  unchanged: ['unchanged', '変更なし'],
  submit_template: ['submits the template to WhatsApp for review', 'テンプレートをWhatsAppの審査に提出します'],
  submit_new_version: [
    'submits it to WhatsApp as "{0}"; the version before serves until that is approved',
    'WhatsAppに「{0}」として申請します。承認されるまでは現在の版を使います',
  ],
  headLanguage: ['language', '言語'],
  headStatus: ['at WhatsApp', 'WhatsAppでの状態'],
  headCategory: ['category', 'カテゴリー'],
  headServes: ['sent', '送信中'],
  headReason: ['reason', '理由'],
  noTemplates: ['There are no such templates.', '該当するテンプレートはありません。'],
  notSubmitted: ['not submitted yet', '未申請'],
  takenWithoutValue: [
    'These want a merge field or a value of your own: {0}',
    '差し込み項目または値を書き加えてください: {0}',
  ],
  deleteConfirm: [
    'Nothing was deleted. --yes deletes them at WhatsApp; the name of an approved one is blocked for 30 days.',
    'まだ何も削除していません。--yes を付けるとWhatsAppから削除します。承認済みの名前は30日間使えなくなります。',
  ],
  deletedTemplate: ['Deleted: {0} ({1})', '削除しました: {0}({1})'],
  nameBlocked: ['The name cannot be used again before {0}.', 'この名前は {0} まで再利用できません。'],
  stillDefined: [
    '{0} is still in force: messages that want it are blocked.',
    '{0} は有効なままです。これを使うメッセージは送信されません。',
  ],
  stays_inactive: [
    'it is switched off and stays so; activate it to use it',
    '停止中のままです。使うには有効にしてください',
  ],
  inFlight: ['In flight under older versions:', '旧い版で進行中のもの:'],
  headDefinition: ['definition', '定義'],
  headPosition: ['position or timer', '位置・タイマー'],
  headCount: ['count', '件数'],
  headBecomes: ['becomes', '適用後'],
  becomesStay: ['stays on @{0}', '@{0} のまま続行'],
  becomesStayGone: ['stays on @{0} (no such position in the new version)', '@{0} のまま続行(新しい版に同じ位置なし)'],
  becomesExit: ['exits', '終了'],
  becomesMove: ['goes on at "{0}"', '新しい版の「{0}」へ'],
  timerLater: ['later actions', '後で実行する処理'],
  timerDate: ['dates', '日付の予定'],
  becomesKept: ['run as they were written', '書かれたとおりに実行'],
  becomesReplanned: ['planned anew', '立て直し'],
  becomesCancelled: ['cancelled', '取り消し'],
  headName: ['name', '名前'],
  headEntered: ['entered', '開始'],
  headRunning: ['running', '進行中'],
  headStanding: ['standing at', '現在の位置'],
  headEnded: ['ended', '終了'],
  isPaused: ['paused', '一時停止中'],
  isInactive: ['switched off', '停止中'],
  noBlueprints: ['There are no blueprints.', 'ブループリントはありません。'],
  noJourneys: ['There are no journeys.', 'ジャーニーはありません。'],
  listening: [
    'Denrei listens on {0}  (API reference: {0}/docs)',
    '伝令は {0} で待ち受けています(APIリファレンス: {0}/docs)',
  ],
  adminKey: ['First start. Your admin key, shown only this once:', '初回起動です。管理者キーは今回だけ表示されます:'],
  keyMade: ['A key with the role {0}, shown only this once:', '役割 {0} のキーです。表示は今回だけです:'],
  stopping: ['Stopping: finishing what is in flight ...', '停止します: 処理中のものを完了しています…'],
  stopped: ['Stopped. Nothing accepted was lost.', '停止しました。受け付けたものは失われていません。'],
  noAccount: [
    'No WhatsApp account is connected: messages will be held. Connect one with "denrei connect --url {0}".',
    'WhatsAppアカウントが未接続のため、メッセージは保留されます。「denrei connect --url {0}」で接続してください。',
  ],
  emulatorListening: ['The emulator listens on {0}', 'エミュレーターは {0} で待ち受けています'],
  reading: ['Reading {0}', '{0} を読み込んでいます'],
  checking: ['Checking {0} files', '{0} 個のファイルを確認しています'],
  applying: ['Applying {0} files', '{0} 個のファイルを適用しています'],
  demoStarted: [
    'Server {0}, emulated WhatsApp {1}, emulated Stripe {2}',
    'サーバー {0}、模擬WhatsApp {1}、模擬Stripe {2}',
  ],
  emulatedStarted: ['Server {0}, emulated WhatsApp {1}', 'サーバー {0}、模擬WhatsApp {1}'],
  demoApply: [
    'Applying {0} definitions and waiting for the review of the templates',
    '定義 {0} 件を適用し、テンプレートの審査を待っています',
  ],
  demoFirst: [
    'Buying a few credits and feeding the first events',
    '少額のクレジットを購入し、最初の出来事を流しています',
  ],
  demoAnswers: [
    'Buying more credits; customers answer, three of them with STOP',
    'クレジットを追加購入。顧客が返信し、3人は配信停止を希望します',
  ],
  demoSecond: ['Feeding the second half of the events', '後半の出来事を流しています'],
  demoApprove: [
    'The slow review ends; what waited for it goes out',
    '時間のかかった審査が終わり、待っていたものを送ります',
  ],
  demoPeople: [
    'People move a deal through its blueprint; one of them may not',
    '担当者が商談をブループリントに沿って進め、1人は権限がなく断られます',
  ],
  demoTaken: ['{0}: {1} takes "{2}"', '{0}: {1} が「{2}」を実行'],
  demoRefused: ['{0}: {1} may not "{2}": {3}', '{0}: {1} は「{2}」を実行できません: {3}'],
  demoMonths: [
    'Three months in seconds: the same server, with a clock that is moved by hand',
    '3か月を数秒で: 同じサーバーを、手で進める時計で動かしています',
  ],
  demoMonthsTitle: [
    'What happened from 20 November to 20 February, in Tokyo time:',
    '11月20日から2月20日までの出来事(東京の時刻):',
  ],
  demoMonthsCounts: [
    '{0} days, {1} messages ({2} in Japanese, {3} in English, {4} as free text), {5} replies; transitions: {6} by people, {7} by themselves, {8} refused; {9} tasks, {10} notices; spent {11}',
    '{0} 日間、メッセージ {1} 件(日本語 {2}、英語 {3}、自由文 {4})、返信 {5} 件、遷移: 手動 {6}、自動 {7}、拒否 {8}、タスク {9} 件、通知 {10} 件、使用 {11}',
  ],
  demoAccount: [
    'A day of the account: credits that are bought by themselves, and a paused template',
    'アカウントの一日: クレジットの自動購入と、テンプレートの一時停止',
  ],
  demoAccountTitle: [
    'What happened to the account on one day, in Tokyo time:',
    'アカウントに起きた一日の出来事(東京の時刻):',
  ],
  demoAdmin: ['Admin', '管理者'],
  demoServer: ['Denrei', '伝令'],
  demoNotice: ['To admins', '管理者へ'],
  demoBuysTooEarly: [
    'may not buy credits yet: no number is active',
    'まだクレジットを購入できません: 有効な番号がありません',
  ],
  demoBuys: ['buys {0} credits with a card, {1} US dollars', 'カードで{0}クレジットを購入({1}米ドル)'],
  demoRecharges: [
    'few credits are left: buys {0} by itself, {1} US dollars',
    '残高が少ないため{0}クレジットを自動購入({1}米ドル)',
  ],
  demoGreeted: ['has accepted {0} for {1} new leads', '新しい見込み客{1}人への {0} を受け付け済み'],
  demoHeld: ['{0} held until {1}', '{0} を{1}まで保留'],
  demoHeldWent: ['accepts the {0} messages that were held', '保留していた{0}件を受け付けました'],
  demoAccountCounts: [
    '{0} messages, {1} of them held while the template was paused; {2} purchases by hand, {3} by themselves, {4} US dollars in all; spent {5}, left {6}',
    'メッセージ {0} 件(うち一時停止による保留 {1})、購入: 手動 {2}、自動 {3}、合計 {4} 米ドル、使用 {5}、残高 {6}',
  ],
  demoAgrees: [
    'Every figure agrees with what the emulated WhatsApp and Stripe counted. ({0} s)',
    'すべての数字が模擬WhatsAppと模擬Stripeの集計と一致しました。({0} 秒)',
  ],
  demoDisagrees: ['The figures do not agree. ({0} s)', '数字が一致しません。({0} 秒)'],
  demoKept: [
    'Still running. Server {0}, emulator {1}, admin key {2}. Stop with Ctrl-C.',
    '起動したままにします。サーバー {0}、エミュレーター {1}、管理者キー {2}。Ctrl-Cで停止します。',
  ],
  askAppId: ['App id', 'アプリID'],
  askAppSecret: ['App secret', 'アプリシークレット'],
  askToken: ['Token of the system user', 'システムユーザーのトークン'],
  askSkip: ['Skip: the account is shared with me', '省略する(アカウントが共有されている)'],
  askReplace: ['The webhooks of the app go elsewhere', 'アプリのWebhookは別の宛先に送られています'],
  askReplaceNot: ['Look again', 'もう一度確認する'],
  askReplaceYes: ['Have them come here from now on', 'このサーバーに切り替える'],
  askAdd: ['Add another number', '別の番号を追加する'],
  askPhone: ['Number with its calling code, such as +81 3 1234 5678', '国番号付きの番号(例: +81 3 1234 5678)'],
  askVerifiedName: ['Display name that customers will see', '顧客に表示される名前'],
  askCode: ['Six digits of the code (empty: another code)', '確認コード6桁(空欄: 再送)'],
  askMethod: ['How shall the code come?', 'コードの受け取り方法'],
  askCall: ['By a call', '音声通話'],
  askPin: ['PIN of six digits', '6桁のPIN'],
  askNickname: ['Nickname', 'ニックネーム'],
  askRegisterAs: ['Where are unknown people registered?', '未登録の相手をどこに登録しますか'],
  askLeads: ['As leads', '見込み客'],
  askContacts: ['As contacts', '連絡先'],
  askNowhere: ['Nowhere', '登録しない'],
  askAssign: [
    'Who gets them? user:ID,ID or group:ID or role:ID (empty: nobody)',
    '担当者: user:ID,ID / group:ID / role:ID(空欄: なし)',
  ],
  connectServes: [
    'Serving at {0} while the account is connected; stop "denrei start" meanwhile, or use --url.',
    '接続のあいだ {0} で待ち受けます。「denrei start」は停止しておくか、--url を使ってください。',
  ],
  connectBegins: ['Set-up {0}', '接続設定 {0}'],
  connectMissing: [
    'Missing: {0}. Say it with {1}, or go on at a terminal.',
    '不足: {0}。{1} で指定するか、端末で続けてください。',
  ],
  connectUntil: ['Nothing helps before {0}.', '{0} まで待つ必要があります。'],
  connectResume: ['Go on with: denrei connect --setup {0}', '続きから: denrei connect --setup {0}'],
  connectDone: ['The account is active.', 'アカウントが有効になりました。'],
  connectTemplate: ['A template goes through its review', 'テンプレートの審査を待っています'],
  connectSends: ['A first message goes out', '最初のメッセージを送っています'],
  connectDelivered: [
    'Delivered: {0} (messages counted by the emulated WhatsApp: {1})',
    '配信されました: {0}(模擬WhatsAppの集計: {1} 件)',
  ],
  connectNotDelivered: ['The message did not arrive: {0} {1}', 'メッセージが届きませんでした: {0} {1}'],
  noAccounts: ['No account is connected: denrei connect', 'アカウントが接続されていません: denrei connect'],
  headAccount: ['account', 'アカウント'],
  headNumbers: ['numbers', '番号'],
  headTroubles: ['troubles', '問題'],
  headTokenEnds: ['token ends', 'トークンの期限'],
  isOn: ['on', '有効'],
  isOff: ['off', '無効'],
  isNotSetUp: ['not set up', '設定中'],
  askDisable: [
    'Switch the account {0} off? Its messages are held until it is on again.',
    'アカウント {0} を無効にしますか。有効に戻すまでメッセージは保留されます。',
  ],
  accountOn: [
    'The account {0} is on; what was held goes on.',
    'アカウント {0} を有効にしました。保留分は送信されます。',
  ],
  accountOff: [
    'The account {0} is off; its messages are held.',
    'アカウント {0} を無効にしました。メッセージは保留されます。',
  ],
  secretsRotated: [
    'Sealed anew: {0}; sealed with the newest key before: {1}. The newest key is {2}.',
    '再暗号化: {0} 件、最新の鍵で暗号化済み: {1} 件。最新の鍵: {2}',
  ],
  doctorOk: ['ok', '正常'],
  doctorBad: ['problem', '問題あり'],
  doctorSkip: ['skipped', '省略'],
  consentOut: ['Written down: {0} refuses ({1}).', '記録しました: {0} は受信を拒否しています({1})。'],
  consentIn: ['Written down: {0} agrees ({1}).', '記録しました: {0} は受信に同意しています({1})。'],
  consentImported: [
    'Lines: {0}. Taken: {1}. Had come before: {2}. Problems: {3}.',
    '{0} 行: 取り込み {1} 件、取り込み済み {2} 件、問題 {3} 件。',
  ],
  headAt: ['at', '日時'],
  headWho: ['who', '相手'],
  headDirection: ['in/out', '同意・拒否'],
  headScope: ['scope', '範囲'],
  headBy: ['by', '経路'],
  headProof: ['proof', '根拠'],
  eraseNobody: ['Nobody is known by "{0}".', '「{0}」に当たる人は記録されていません。'],
  erasePlan: [
    'Would erase the person for good: {0} records, {1} places in blueprints and journeys, {2} messages.',
    '消去の対象: データ {0} 件、ブループリントとジャーニー {1} 件、メッセージ {2} 件。元には戻せません。',
  ],
  eraseDone: [
    'Erased: {0} records, {1} places in blueprints and journeys, {2} messages.',
    '消去しました: データ {0} 件、ブループリントとジャーニー {1} 件、メッセージ {2} 件。',
  ],
  eraseMentions: ['These records of others still mention the person:', '次のデータにはまだ記載が残っています:'],
  eraseConfirm: [
    'Nothing was erased. Repeat with --yes.',
    'まだ消去していません。実行するには --yes を付けてください。',
  ],
} satisfies Record<string, [en: string, ja: string]>

export type TextKey = keyof typeof TEXTS
export type Language = 'en' | 'ja'

/** The terminal's own language unless `--lang` says otherwise. */
export function terminalLanguage(env: Readonly<Record<string, string | undefined>>): Language {
  return (env.LC_ALL ?? env.LC_MESSAGES ?? env.LANG ?? '').startsWith('ja') ? 'ja' : 'en'
}

export function say(language: Language, key: TextKey, ...values: (string | number)[]): string {
  return TEXTS[key][language === 'ja' ? 1 : 0].replace(/\{(\d+)\}/g, (_, index: string) =>
    String(values[Number(index)] ?? ''),
  )
}

export function isTextKey(key: string): key is TextKey {
  return Object.hasOwn(TEXTS, key)
}
