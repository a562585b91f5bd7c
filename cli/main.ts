import { createRequire, enableCompileCache } from 'node:module'
import { Command, Option } from 'commander'
import type { ConnectOptions } from './connect/answers.ts'
import type { StatementOptions } from './commands/credits.ts'
import type { ImportRatesOptions } from './commands/rates.ts'
import type { SimulateOptions } from './commands/simulate.ts'
import { EXIT, type Context, type GlobalOptions } from './context.ts'
import { createOutput, describeFailure } from './output.ts'
import { terminalLanguage } from './texts.ts'

// The sources are compiled once, not at every start: commands are imported below, when they are asked for.
enableCompileCache()
const { version } = createRequire(import.meta.url)('../package.json') as { version: string }

const program = new Command('denrei')
  .description('CRM events in, guarded WhatsApp template messages out. / CRMの出来事を、確かめたうえでWhatsAppに。')
  .version(version)
  .addOption(new Option('--json', 'print one JSON document instead of sentences'))
  .addOption(new Option('--lang <language>', 'language of the sentences').choices(['ja', 'en']))
  .configureHelp({ showGlobalOptions: true })
  .exitOverride()

const urlOption = () =>
  new Option('--url <address>', 'a running server (with DENREI_KEY); default: the database in DENREI_DB')

program
  .command('start')
  .description('start the server / サーバーを起動する')
  .action((_options, command: Command) =>
    run(command, async (context) => (await import('./commands/start.ts')).start(context)),
  )

program
  .command('check')
  .description('find every problem in a folder of definitions / 定義フォルダーの問題をすべて見つける')
  .argument('<dir>')
  .addOption(urlOption())
  .action((dir: string, options: { url?: string }, command: Command) =>
    run(command, async (context) => (await import('./commands/check.ts')).check(context, dir, options)),
  )

/** What becomes of records on their way under an older version. */
const migrateOption = () =>
  new Option('--migrate <file>', 'JSON that says, by definition and position, who stays, moves or exits')
const inFlightOption = () =>
  new Option('--in-flight <choice>', 'the same for everybody').choices(['stay', 'move', 'exit']).conflicts('migrate')
type ApplyOptions = { url?: string; migrate?: string; inFlight?: 'stay' | 'move' | 'exit' }

program
  .command('plan')
  .description('show what applying a folder would change / 適用で何が変わるかを見る')
  .argument('<dir>')
  .addOption(urlOption())
  .addOption(migrateOption())
  .addOption(inFlightOption())
  .action((dir: string, options: ApplyOptions, command: Command) =>
    run(command, async (context) => (await import('./commands/apply.ts')).plan(context, dir, options)),
  )

program
  .command('apply')
  .description('apply a folder of definitions, whole or not at all / 定義フォルダーをまとめて適用する')
  .argument('<dir>')
  .addOption(urlOption())
  .addOption(migrateOption())
  .addOption(inFlightOption())
  .action((dir: string, options: ApplyOptions, command: Command) =>
    run(command, async (context) => (await import('./commands/apply.ts')).apply(context, dir, options)),
  )

const list = (value: string, before: string[]) => [...before, value]

program
  .command('simulate')
  .description('show what a folder would do and cost, in virtual time / 適用したら何が起き、いくらかかるかを試算する')
  .argument('<dir>')
  .requiredOption('--until <instant>', 'ISO instant, or a date to the end of which it goes')
  .option('--events <file>', 'JSON lines, each as POST /v1/events takes it')
  .option('--records <file>', 'JSON lines {"module","id","values"}: there before it begins')
  .option('--start <instant>', 'default: the first event; without events, now')
  .option('--contacts <count>', 'people made up, cloned from --records or generated for --module')
  .option('--module <name>', 'of the people made up')
  .option('--arrive <duration>', 'over which they come, such as P30D; default: until the end')
  .option(
    '--behaviour <key=value>',
    'what customers do: reply=0.2, words=はい,いいえ, or a JSON file; repeatable',
    list,
    [],
  )
  .option('--template <name=status>', 'status of a template; the others are APPROVED; repeatable', list, [])
  .option('--credits <amount>', 'credits at the start; default: as many as are needed')
  .option('--settings <file>', 'JSON of settings in place of the defaults')
  .option('--throughput <count>', 'messages a second of the number', '80')
  .option('--reach <count>', 'unique contacts in 24 hours; default: no limit')
  .option('--resolution <duration>', 'what happens within it is worked together')
  .option('--timeline <count>', 'messages listed one by one with --json', '500')
  .option('--seed <number>', 'of all that is random', '1')
  .option('--compare <dir>', 'try another folder on the same events and show what differs')
  .action((dir: string, options: SimulateOptions, command: Command) =>
    run(command, async (context) => (await import('./commands/simulate.ts')).simulate(context, dir, options)),
  )

program
  .command('explain')
  .description('tell why a message went out or a record is where it is / 送信や進み具合の理由を見る')
  .argument('<id>', 'of a message, an instance or an accepted event; a record as Module/id')
  .addOption(urlOption())
  .action((id: string, options: { url?: string }, command: Command) =>
    run(command, async (context) => (await import('./commands/explain.ts')).explain(context, id, options)),
  )

for (const kind of ['blueprints', 'journeys'] as const) {
  program
    .command(kind)
    .description(
      kind === 'blueprints'
        ? 'show where records stand in blueprints / ブループリントの進み具合を見る'
        : 'show where records stand in journeys / ジャーニーの進み具合を見る',
    )
    .addOption(urlOption())
    .action((options: { url?: string }, command: Command) =>
      run(command, async (context) => (await import('./commands/standings.ts')).standings(context, kind, options)),
    )
}

const templates = program
  .command('templates')
  .description('list templates as they stand at WhatsApp, and act on them / テンプレートの状態を見る・操作する')
templates
  .command('list', { isDefault: true })
  .description('each version and how it stands / 版ごとの状態')
  .option('--status <status>', 'as WhatsApp spells it, such as PENDING')
  .option('--module <name>', 'API name of a module')
  .addOption(urlOption())
  .action((options: { url?: string; status?: string; module?: string }, command: Command) =>
    run(command, async (context) => (await import('./commands/templates.ts')).listTemplates(context, options)),
  )
const templateVerbs = {
  submit: 'submit the newest version again, as it is / 最新の版をもう一度申請する',
  unpause: 'end a pause for pacing / 配信ペースによる一時停止を解除する',
  agree: 'agree to the category that WhatsApp made of it / 変更されたカテゴリーに同意する',
} as const
for (const verb of ['submit', 'unpause', 'agree'] as const) {
  templates
    .command(verb)
    .description(templateVerbs[verb])
    .argument('<name>')
    .argument('<language>', 'such as ja or en_US')
    .addOption(urlOption())
    .action((name: string, language: string, options: { url?: string }, command: Command) =>
      run(command, async (context) =>
        (await import('./commands/templates.ts')).doWithTemplate(context, verb, { name, language }, options),
      ),
    )
}
templates
  .command('take-over')
  .description('print a definition of what stands in the account / アカウントにあるテンプレートを定義として書き出す')
  .argument('<name>')
  .argument('<language>', 'such as ja or en_US')
  .requiredOption('--module <name>', 'whose fields it may merge')
  .addOption(urlOption())
  .action((name: string, language: string, options: { url?: string; module: string }, command: Command) =>
    run(command, async (context) =>
      (await import('./commands/templates.ts')).takeOverTemplate(context, { name, language }, options),
    ),
  )
templates
  .command('delete')
  .description('delete it at WhatsApp with all its versions / WhatsAppから削除する')
  .argument('<name>')
  .option('--language <code>', 'only this one; default: all')
  .option('--yes', 'do it; without this it is only shown')
  .addOption(urlOption())
  .action((name: string, options: { url?: string; language?: string; yes?: boolean }, command: Command) =>
    run(command, async (context) => (await import('./commands/templates.ts')).deleteTemplate(context, name, options)),
  )

const consent = program
  .command('consent')
  .description('write down and list what people agreed to and refused / 受信の同意と拒否を記録・一覧する')
type NoteOptions = { url?: string; scope: 'marketing' | 'all'; channel?: string; proof?: string; at?: string }
for (const direction of ['out', 'in'] as const) {
  consent
    .command(direction)
    .description(
      direction === 'out' ? 'a person refuses / 受信拒否を記録する' : 'a person agrees / 受信の同意を記録する',
    )
    .argument('<address>', 'a phone number in any spelling, a user id, or the id of a contact')
    .addOption(new Option('--scope <scope>').choices(['marketing', 'all']).default('all'))
    .option('--channel <text>', 'where it was said')
    .option('--proof <text>', 'what was said or shown')
    .option('--at <instant>', 'when; default: now')
    .addOption(urlOption())
    .action((address: string, options: NoteOptions, command: Command) =>
      run(command, async (context) =>
        (await import('./commands/consent.ts')).note(context, direction, address, options),
      ),
    )
}
consent
  .command('list')
  .description('newest first / 新しい順に一覧する')
  .option('--since <instant>')
  .option('--limit <count>', '1 to 500', '50')
  .addOption(urlOption())
  .action((options: { url?: string; since?: string; limit: string }, command: Command) =>
    run(command, async (context) => (await import('./commands/consent.ts')).list(context, options)),
  )
consent
  .command('export')
  .description('all of it as CSV / すべてをCSVで出力する')
  .option('--since <instant>')
  .addOption(urlOption())
  .action((options: { url?: string; since?: string }, command: Command) =>
    run(command, async (context) =>
      (await import('./commands/consent.ts')).exportBook(context, (text) => process.stdout.write(text), options),
    ),
  )
consent
  .command('import')
  .description('many at once, from CSV or JSON lines / CSVやJSON Linesからまとめて取り込む')
  .argument('<file>')
  .option('--dry-run', 'read it and take nothing')
  .addOption(urlOption())
  .action((file: string, options: { url?: string; dryRun?: boolean }, command: Command) =>
    run(command, async (context) => (await import('./commands/consent.ts')).importBook(context, file, options)),
  )

program
  .command('erase')
  .description('forget a person for good / 個人の情報を消去する')
  .argument('<address>', 'a phone number in any spelling, a user id, or the id of a contact')
  .option('--yes', 'do it; without it is only shown what would go')
  .addOption(urlOption())
  .action((address: string, options: { url?: string; yes?: boolean }, command: Command) =>
    run(command, async (context) => (await import('./commands/erase.ts')).erase(context, address, options)),
  )

program
  .command('graph')
  .description('draw a workflow, blueprint or journey in Mermaid / 定義をMermaidの図にする')
  .argument('<name>', 'such as blueprint/deal-desk; the name alone where it is the only one')
  .option('--dir <dir>', 'draw from a folder of definitions')
  .addOption(urlOption())
  .action((name: string, options: { url?: string; dir?: string }, command: Command) =>
    run(command, async (context) => (await import('./commands/graph.ts')).graph(context, name, options)),
  )

program
  .command('connect')
  .description('connect a WhatsApp account, step by step / WhatsAppアカウントを順に接続する')
  .addOption(urlOption())
  .option('--emulator', 'walk the whole set-up by itself, against an emulated Meta on this machine')
  .option('--db <file>', 'with --emulator: the database; default: a temporary one')
  .option('--setup <id>', 'go on with this set-up; default: the one that was left last')
  .option('--new', 'begin another set-up')
  .option('--app-id <id>', 'of the Meta app; its secret comes from DENREI_CONNECT_APP_SECRET')
  .option('--business <id>', 'of the portfolio, or "skip"')
  .option('--account <id>', 'of the WhatsApp Business account')
  .option('--number <id>', 'id of the number that is to send')
  .option('--add-number <phone>', 'add this number, with --verified-name')
  .option('--verified-name <name>', 'display name of the added number')
  .option('--method <method>', 'how the code comes: SMS or VOICE')
  .option('--code-language <language>', 'of the code, such as ja or en_US')
  .option('--code <digits>', 'the code that came')
  .option('--nickname <name>', 'of the number')
  .option('--register-as <module>', 'unknown people become Leads, Contacts or none')
  .option('--assign <kind:ids>', 'who gets them: user:ID,ID, group:ID or role:ID')
  .option('--replace-webhook', 'take the webhooks of the app, though they go elsewhere until now')
  .action((options: ConnectOptions, command: Command) =>
    run(command, async (context) => (await import('./commands/connect.ts')).connect(context, options)),
  )

const credits = program
  .command('credits')
  .description('what is left, how long it lasts, what was spent / クレジットの残高と利用')
credits
  .command('show', { isDefault: true })
  .description('balance, runway, last purchases / 残高・日数・最近の購入')
  .addOption(urlOption())
  .action((options: { url?: string }, command: Command) =>
    run(command, async (context) => (await import('./commands/credits.ts')).showCredits(context, options)),
  )
credits
  .command('statement')
  .description('what was spent on what / 利用明細')
  .requiredOption('--from <date>', 'first day, such as 2026-10-01')
  .requiredOption('--until <date>', 'last day')
  .option('--by <parts>', 'day, template, definition, market, category, number, with commas', 'day')
  .option('--csv', 'CSV instead of a table')
  .addOption(urlOption())
  .action((options: StatementOptions, command: Command) =>
    run(command, async (context) => (await import('./commands/credits.ts')).showStatement(context, options)),
  )

const rates = program.command('rates').description('price lists of WhatsApp messages / WhatsAppの料金表')
rates
  .command('list', { isDefault: true })
  .description('shipped and imported ones / 同梱と取り込み済みの一覧')
  .addOption(urlOption())
  .action((options: { url?: string }, command: Command) =>
    run(command, async (context) => (await import('./commands/rates.ts')).listRates(context, options)),
  )
rates
  .command('import')
  .description("import Meta's rate card, .xlsx or .csv / Metaの料金表を取り込む")
  .argument('<file>')
  .requiredOption('--from <date>', 'first day on which the prices hold, such as 2026-10-01')
  .option('--currency <code>', 'ISO 4217', 'USD')
  .option('--accept-new-markets', 'keep markets that Denrei does not know yet')
  .addOption(urlOption())
  .action((file: string, options: ImportRatesOptions, command: Command) =>
    run(command, async (context) => (await import('./commands/rates.ts')).importRates(context, file, options)),
  )

const accounts = program
  .command('accounts')
  .description('show WhatsApp accounts, numbers and troubles / WhatsAppアカウントと番号の状態を見る')
  .addOption(urlOption())
  .action((options: { url?: string }, command: Command) =>
    run(command, async (context) => (await import('./commands/accounts.ts')).accounts(context, options)),
  )
for (const to of ['disable', 'enable'] as const) {
  const one = accounts
    .command(to)
    .description(
      to === 'disable'
        ? 'hold all its messages, keep everything / 送信を止める(データは残る)'
        : 'let them go again / 送信を再開する',
    )
    .argument('<id>', 'of the account')
  if (to === 'disable') one.option('--confirm <id>', "the account's id again, where nobody can be asked")
  one.action((id: string, _options: unknown, command: Command) =>
    run(command, async (context) =>
      (await import('./commands/accounts.ts')).switchAccount(context, to, id, command.optsWithGlobals()),
    ),
  )
}

program
  .command('secrets')
  .description('secrets that are kept sealed / 暗号化して保管している秘密情報')
  .command('rotate')
  .description('seal all with the first key of DENREI_ENCRYPTION_KEY / 先頭の鍵ですべて暗号化し直す')
  .action((_options, command: Command) =>
    run(command, async (context) => (await import('./commands/secrets.ts')).rotateSecrets(context)),
  )

program
  .command('doctor')
  .description(
    'look at configuration, database and WhatsApp account / 設定・データベース・WhatsAppアカウントを点検する',
  )
  .action((_options, command: Command) =>
    run(command, async (context) => (await import('./commands/doctor.ts')).doctor(context)),
  )

program
  .command('key')
  .description('make an API key in the database of a stopped server / 停止中のサーバーのデータベースにAPIキーを作る')
  .option('--role <role>', 'admin, agent, viewer or ingest', 'admin')
  .option('--name <name>', 'to tell keys apart', 'made on the command line')
  .action((options: { role: string; name: string }, command: Command) =>
    run(command, async (context) => (await import('./commands/key.ts')).key(context, options)),
  )

program
  .command('emulator')
  .description('run a WhatsApp Cloud API on this machine / 手元でWhatsApp Cloud APIを動かす')
  .option('--port <port>', 'port to listen on; 0 takes any free one', '4010')
  .option('--webhook-url <url>', 'where statuses and inbound messages go')
  .option('--world <world>', 'plain, or setup: a business as it is before it is connected', 'plain')
  .action((options: { port: string; webhookUrl?: string; world: string }, command: Command) =>
    run(command, async (context) => (await import('./commands/emulator.ts')).emulator(context, options)),
  )

program
  .command('demo')
  .description('the whole way, with no account and no network / アカウントもネットワークも使わない通しの実演')
  .option('--keep', 'leave it running and print the addresses')
  .action((options: { keep?: boolean }, command: Command) =>
    run(command, async (context) => (await import('./commands/demo.ts')).demo(context, options)),
  )

async function run(command: Command, work: (context: Context) => Promise<number>): Promise<void> {
  const { json = false, lang } = command.optsWithGlobals<GlobalOptions>()
  const output = createOutput({
    json,
    language: lang ?? terminalLanguage(process.env),
    isTerminal: process.stdout.isTTY,
    write: (text) => process.stdout.write(text),
  })
  try {
    process.exitCode = await work({ output, env: process.env })
  } catch (error) {
    process.stderr.write(`${describeFailure(error, json)}\n`)
    process.exitCode = EXIT.failed
  }
}

// Who reads, as in `denrei graph ... | head`, may have seen enough. That is no failure, and no reason to stop a server.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error
})

try {
  await program.parseAsync()
} catch (error) {
  // commander has printed its own sentence (or the help that was asked for).
  process.exitCode = (error as { exitCode?: number }).exitCode ?? EXIT.failed
}
