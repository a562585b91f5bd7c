import { AppError } from '#engine/errors.ts'
import type { Trouble } from '#engine/state.ts'
import type { Opened } from '#server/openDenrei.ts'
import type { Config } from '#server/config.ts'
import { lookAt } from '#server/accounts/look.ts'
import type { AccountView } from '#server/accounts/desk.ts'
import { openAccounts } from './commands/accounts.ts'
import type { Finding } from './commands/doctor.ts'
import { subscriptionFindings, toldFindings } from './doctorWebhooks.ts'

type Words = (en: string, ja: string) => string
const DAY_MS = 86_400_000
/** As long before its end a token is a finding. */
const SOON_MS = 14 * DAY_MS

/** The keys, and whether they open all that is kept. */
export function secretFindings({ kept }: Opened, t: Words): Finding[] {
  const name = t('encryption key', '暗号鍵')
  const { rotation, secrets } = kept
  if (rotation.unreadable.length > 0) {
    return rotation.unreadable.map(({ error }) => ({ name, state: 'bad', detail: `${error.code}: ${error.message}` }))
  }
  if (secrets.keyIds.length === 0) {
    const detail = t(
      'DENREI_ENCRYPTION_KEY is not set: accounts can only be given by the environment',
      'DENREI_ENCRYPTION_KEY が未設定のため、アカウントは環境変数でしか設定できません',
    )
    return [{ name, state: 'skipped', detail }]
  }
  const count = rotation.rotated.length + rotation.current.length
  return [{ name, state: 'ok', detail: t(`${count} secrets open with it`, `${count} 件の秘密情報を開けます`) }]
}

/** Where WhatsApp reaches us, and whether what it sends can be checked. */
export function webhookFindings(config: Config, { connecting }: Opened, t: Words): Finding[] {
  const name = t('webhook', 'Webhook')
  const { signingSecrets, verifyTokens } = connecting.webhook
  const missing = [
    ...(signingSecrets().length === 0 ? ['WHATSAPP_APP_SECRET'] : []),
    ...(verifyTokens().length === 0 ? ['WHATSAPP_VERIFY_TOKEN'] : []),
  ]
  if (missing.length > 0) {
    return [
      {
        name,
        state: 'bad',
        detail: t(
          `${missing.join(', ')} not set: statuses and replies cannot come in`,
          `${missing.join('、')} が未設定のため、ステータスと返信を受け取れません`,
        ),
        fix: t(
          'Connect an account with "denrei connect", or set them as in the app dashboard of Meta.',
          '「denrei connect」で接続するか、Metaのアプリ管理画面と同じ値を設定してください。',
        ),
      },
    ]
  }
  const where = config.DENREI_PUBLIC_URL
  const detail = t('signature and handshake are set', '署名と接続確認の設定があります')
  return [{ name, state: 'ok', detail: where === undefined ? detail : `${detail} (${where})` }]
}

/** Every account and number, as we know them and as WhatsApp tells now. */
export async function accountFindings(opened: Opened, t: Words): Promise<Finding[]> {
  const views = await opened.connecting.accounts.list()
  if (views.length === 0) {
    return [
      {
        name: t('WhatsApp account', 'WhatsAppアカウント'),
        state: 'skipped',
        detail: t('none is connected', '接続されていません'),
        fix: t('Connect one with "denrei connect".', '「denrei connect」で接続してください。'),
      },
    ]
  }
  return (await Promise.all(views.map((view) => ofAccount(opened, view, t)))).flat()
}

/** The accounts as a running server has them, where the database is its own. */
export async function servedFindings(env: Readonly<Record<string, string | undefined>>, t: Words): Promise<Finding[]> {
  const name = t('WhatsApp account', 'WhatsAppアカウント')
  if ((env.DENREI_URL ?? '') === '') {
    return [
      {
        name,
        state: 'skipped',
        detail: t('the server that runs knows', '実行中のサーバーが管理しています'),
        fix: t('Set DENREI_URL and DENREI_KEY to ask it.', 'DENREI_URL と DENREI_KEY を設定すると確認できます。'),
      },
    ]
  }
  const door = await openAccounts(env, {})
  const items = await door
    .list()
    .catch((error: unknown) => (error instanceof AppError ? error : Promise.reject(error as Error)))
  await door.close()
  if (items instanceof AppError) return [{ name, state: 'bad', detail: `${items.code}: ${items.message}` }]
  if (items.length === 0) {
    const fix = t('Connect one with "denrei connect".', '「denrei connect」で接続してください。')
    return [{ name, state: 'skipped', detail: t('none is connected', '接続されていません'), fix }]
  }
  return items.flatMap((account) => [
    switchFinding(`${t('account', 'アカウント')} ${account.name ?? account.id}`, account, t),
    ...troubleFindings(`${t('account', 'アカウント')} ${account.name ?? account.id}`, account.troubles),
    ...tokenFindings({ account }, Date.now(), t),
    ...(account.webhook ? toldFindings(account.webhook.problems, t) : []),
    ...account.numbers
      // Others of the account may stand there unused.
      .filter(({ nickname }) => nickname !== null || account.numbers.length === 1)
      .flatMap(({ displayNumber, status, quality, troubles }): Finding[] => [
        {
          name: `${t('number', '番号')} ${displayNumber}`,
          state: status === 'CONNECTED' ? 'ok' : 'bad',
          detail: [status, quality].filter((one) => one !== null).join(', '),
        },
        ...troubleFindings(`${t('number', '番号')} ${displayNumber}`, troubles),
      ]),
  ])
}

const troubleFindings = (name: string, troubles: readonly Trouble[]): Finding[] =>
  troubles.map(({ code, detail }) => ({ name, state: 'bad', detail: [code, detail].filter(Boolean).join(': ') }))

function switchFinding(name: string, { id, enabled }: { id: string; enabled: boolean }, t: Words): Finding {
  return enabled
    ? { name, state: 'ok', detail: t('switched on', '有効') }
    : {
        name,
        state: 'bad',
        detail: t('switched off: its messages are held', '無効: メッセージは保留されます'),
        fix: `denrei accounts enable ${id}`,
      }
}

async function ofAccount(opened: Opened, view: AccountView, t: Words): Promise<Finding[]> {
  const { accounts, denrei } = opened
  const { account, unreadable } = view
  const name = `${t('account', 'アカウント')} ${account.name ?? account.id}`
  const client = accounts.clientOf(account.id)
  if (client === null) {
    return [
      {
        name,
        state: 'bad',
        detail:
          unreadable === null ? t('no token', 'トークンがありません') : `${unreadable.code}: ${unreadable.message}`,
        fix: t('Enter a token: "denrei connect".', '「denrei connect」でトークンを入力してください。'),
      },
    ]
  }
  const standing: Finding[] = [switchFinding(name, account, t), ...tokenFindings(view, denrei.clock.now(), t)]
  try {
    const look = await lookAt(client, account.id, await denrei.store.numbers(), denrei.clock.now())
    if (look.refused !== null) throw look.refused
    const [numbers, templates] = await Promise.all([client.listNumbers(account.id), client.listTemplates(account.id)])
    const approved = templates.filter(({ status }) => status === 'APPROVED').length
    const troubles = look.says.flatMap((news) => (news.about === 'trouble' ? [news] : []))
    return [
      ...standing,
      ...(await subscriptionFindings(opened, account.id, t)),
      ...numbers.map((number): Finding => {
        const own = troubles.filter(({ numberId }) => numberId === number.id).map(({ trouble }) => trouble.detail)
        const connected = number.status === 'CONNECTED' && own.length === 0
        return {
          name: `${t('number', '番号')} ${number.display_phone_number}`,
          state: connected ? 'ok' : 'bad',
          detail: [number.status, number.quality_rating, ...own].join(', '),
          ...(connected ? {} : { fix: t('Register it: "denrei connect".', '「denrei connect」で登録してください。') }),
        }
      }),
      ...(numbers.length === 0
        ? [
            {
              name,
              state: 'bad' as const,
              detail: t('no number', '番号がありません'),
              fix: t('Add a number: "denrei connect".', '「denrei connect」で番号を追加してください。'),
            },
          ]
        : []),
      {
        name: t('health', '状態'),
        state: look.health?.can_send_message === 'BLOCKED' ? 'bad' : 'ok',
        detail: [
          look.health?.can_send_message ?? '',
          ...troubles.filter(({ numberId }) => numberId === undefined).map(({ trouble }) => trouble.detail),
        ].join(': '),
      },
      {
        name: t('templates', 'テンプレート'),
        state: 'ok',
        detail: t(`${approved} of ${templates.length} approved`, `${templates.length} 件中 ${approved} 件が承認済み`),
      },
    ]
  } catch (error) {
    const detail = error instanceof AppError ? `${error.code}: ${error.message}` : String(error)
    const fix = t(
      'Check the token, its two WhatsApp permissions and the account id.',
      'トークン、2つのWhatsApp権限、アカウントIDを確認してください。',
    )
    return [...standing, { name, state: 'bad', detail, fix }]
  }
}

function tokenFindings(
  { account: { tokenExpiresAt } }: Pick<AccountView, 'account'>,
  now: number,
  t: Words,
): Finding[] {
  if (tokenExpiresAt === null) return []
  const day = new Date(tokenExpiresAt).toISOString().slice(0, 10)
  const name = t('token', 'トークン')
  const detail =
    tokenExpiresAt <= now ? t(`ended on ${day}`, `${day} に失効しました`) : t(`ends on ${day}`, `${day} に失効します`)
  if (tokenExpiresAt > now + SOON_MS) return [{ name, state: 'ok', detail }]
  const fix = t(
    'Make a new one and POST it to /v1/accounts/ID/token.',
    '新しいトークンを作成し、/v1/accounts/ID/token に送ってください。',
  )
  return [{ name, state: 'bad', detail, fix }]
}
