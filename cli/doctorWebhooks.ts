import { AppError } from '#engine/errors.ts'
import type { Opened } from '#server/openDenrei.ts'
import type { Remark } from '#server/setup/document.ts'
import { remarkText } from '#server/setup/texts.ts'
import type { Finding } from './commands/doctor.ts'
import type { Language } from './texts.ts'

type Words = (en: string, ja: string) => string

/** Whether everything that we read of an account comes to us, as Meta tells it now. */
export async function subscriptionFindings({ connecting }: Opened, accountId: string, t: Words): Promise<Finding[]> {
  const name = t('webhook fields', 'Webhookのフィールド')
  try {
    const found = await connecting.accounts.webhooks(accountId)
    if (found === null) {
      const detail = t('the secret of the app is not known', 'アプリのシークレットがわかりません')
      const fix = t(
        'Set WHATSAPP_APP_ID and WHATSAPP_APP_SECRET, or connect with "denrei connect".',
        'WHATSAPP_APP_ID と WHATSAPP_APP_SECRET を設定するか、「denrei connect」で接続してください。',
      )
      return [{ name, state: 'skipped', detail, fix }]
    }
    const { webhook } = await connecting.accounts.read(accountId)
    return toldFindings(webhook?.remarks ?? [], t)
  } catch (error) {
    if (!(error instanceof AppError)) throw error
    return [{ name, state: 'bad', detail: `${error.code}: ${error.message}` }]
  }
}

/** Each in words, with its way out. */
export function toldFindings(problems: readonly Remark[], t: Words): Finding[] {
  const name = t('webhook fields', 'Webhookのフィールド')
  if (problems.length === 0) return [{ name, state: 'ok', detail: t('all come here', 'すべて届きます') }]
  return problems.map((one) => ({ name, state: 'bad', detail: remarkText(one, t('en', 'ja') as Language) }))
}
