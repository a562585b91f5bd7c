import { AppError, StoreLocked } from '#engine/errors.ts'
import { readConfig, type Config } from '#server/config.ts'
import { openDenrei, type Opened } from '#server/openDenrei.ts'
import { EXIT, type Context } from '../context.ts'
import { isThere } from '../door.ts'
import { accountFindings, secretFindings, servedFindings, webhookFindings } from '../doctorAccounts.ts'
import { say, type Language } from '../texts.ts'

/** One thing looked at. `fix` says what to do when it is bad. */
export interface Finding {
  name: string
  state: 'ok' | 'bad' | 'skipped'
  detail: string
  fix?: string
}

/** `denrei doctor`: looks at everything a send needs, in the order in which it is needed. Exit 1 when something is bad. */
export async function doctor({ output, env }: Context): Promise<number> {
  const findings = await output.progress('doctor', () => examine(env, output.language))
  output.result({ findings }, () => {
    for (const { name, state, detail, fix } of findings) {
      const mark = say(output.language, state === 'ok' ? 'doctorOk' : state === 'bad' ? 'doctorBad' : 'doctorSkip')
      output.line(`[${mark}] ${name}: ${detail}`)
      if (fix !== undefined) output.line(`    ${say(output.language, 'fix')}: ${fix}`)
    }
  })
  return findings.some(({ state }) => state === 'bad') ? EXIT.no : EXIT.ok
}

async function examine(env: Context['env'], language: Language): Promise<Finding[]> {
  const t = (en: string, ja: string) => (language === 'ja' ? ja : en)
  const findings: Finding[] = []
  let config: Config
  try {
    config = readConfig(env)
    findings.push({ name: t('configuration', '設定'), state: 'ok', detail: t('readable', '読み取れます') })
  } catch (error) {
    return [bad(t('configuration', '設定'), error)]
  }
  const { opened, found, isServed } = await openToLook(config, (env.DENREI_URL ?? '') !== '', t)
  try {
    // What is kept in the database is only known to the server that has it open.
    const isElsewhere = isServed && config.WHATSAPP_ACCOUNT_ID === undefined
    if (!isElsewhere) findings.push(...webhookFindings(config, opened, t))
    if (!isServed) findings.push(...secretFindings(opened, t))
    findings.push(...(found ?? (await storeFindings(opened, t))))
    findings.push(...(await (isElsewhere ? servedFindings(env, t) : accountFindings(opened, t))))
  } finally {
    await opened.close()
  }
  return findings
}

/**
 * The engine over the database, or, when that cannot be looked at, over an empty one in memory, so that the account is still
 * examined. `found` then says why. A look makes no database where there is none.
 */
async function openToLook(
  config: Config,
  isServerNamed: boolean,
  t: Words,
): Promise<{ opened: Opened; found: Finding[] | null; isServed: boolean }> {
  const inMemory = () => openDenrei({ ...config, DENREI_DB: ':memory:' })
  const name = t('database', 'データベース')
  if (isServerNamed && !(await isThere(config.DENREI_DB))) {
    const detail = t(
      'on the machine of the server: ask its /readyz and GET /v1/credits',
      'サーバーのマシンにあります。/readyz と GET /v1/credits で確認してください',
    )
    return { opened: await inMemory(), found: [{ name, state: 'skipped', detail }], isServed: true }
  }
  if (!(await isThere(config.DENREI_DB))) {
    const detail = t(
      `${config.DENREI_DB} is not there; the first start makes it`,
      `${config.DENREI_DB} はまだありません。初回起動時に作られます`,
    )
    return { opened: await inMemory(), found: [{ name, state: 'skipped', detail }], isServed: false }
  }
  try {
    return { opened: await openDenrei(config), found: null, isServed: false }
  } catch (error) {
    if (!(error instanceof StoreLocked)) return { opened: await inMemory(), found: [bad(name, error)], isServed: false }
    const detail = t(
      'a server has it open: ask its /readyz and GET /v1/credits',
      'サーバーが使用中です。/readyz と GET /v1/credits で確認してください',
    )
    return { opened: await inMemory(), found: [{ name, state: 'skipped', detail }], isServed: true }
  }
}

type Words = (en: string, ja: string) => string

function bad(name: string, error: unknown, fix?: string): Finding {
  const detail = error instanceof AppError ? `${error.code}: ${error.message}` : String(error)
  return { name, state: 'bad', detail, ...(fix !== undefined && { fix }) }
}

async function storeFindings({ denrei }: Opened, t: Words): Promise<Finding[]> {
  const depths = await denrei.store.depths(denrei.clock.now())
  const balance = await denrei.store.balance()
  const name = t('database', 'データベース')
  const quarantined = depths.inboxQuarantined
  return [
    { name, state: 'ok', detail: t(`${depths.inboxPending} events wait`, `未処理の出来事 ${depths.inboxPending} 件`) },
    quarantined === 0
      ? { name: t('quarantine', '隔離'), state: 'ok', detail: t('empty', 'なし') }
      : {
          name: t('quarantine', '隔離'),
          state: 'bad',
          detail: t(`${quarantined} events could not be decided`, `処理できない出来事 ${quarantined} 件`),
          fix: t(
            'See them with "denrei explain ID", mend the definition, then POST /v1/triggers/all/requeue.',
            '「denrei explain ID」で確認し、定義を直してから POST /v1/triggers/all/requeue を実行してください。',
          ),
        },
    balance.available > 0
      ? { name: t('credits', 'クレジット'), state: 'ok', detail: `${(balance.available / 1e6).toFixed(2)}` }
      : {
          name: t('credits', 'クレジット'),
          state: 'bad',
          detail: t('none available: messages will be held', '残高がないためメッセージは保留されます'),
          fix: t(
            'Book a purchase with POST /v1/credits/purchases.',
            'POST /v1/credits/purchases で購入を記録してください。',
          ),
        },
  ]
}
