import { z } from 'zod'
import type { AppClient, SetupClient } from '#actions/whatsapp/setup.ts'
import type { Instant } from '#engine/clock.ts'
import type { Store } from '#engine/store.ts'
import { NEEDED_FIELDS } from '#triggers/whatsapp/wantedFields.ts'
import type { Remark } from '../setup/document.ts'

const state = z.object({
  checkedAt: z.int(),
  app: z.object({ callback: z.string().nullable(), active: z.boolean(), fields: z.array(z.string()) }).nullable(),
  account: z.object({ callback: z.string().nullable() }).nullable(),
})

/** What Meta sends of an account, and where, when it was last asked. */
export type Webhooks = z.infer<typeof state>

/** The app's own callback and fields (null: it has none), and the account's (null: the app does not hear of it). */
export async function readWebhooks(
  appClient: Pick<AppClient, 'subscription'>,
  client: Pick<SetupClient, 'subscriptions'>,
  accountId: string,
  now: Instant,
  appId?: string,
): Promise<Webhooks> {
  const [app, apps] = await Promise.all([appClient.subscription(), client.subscriptions(accountId)])
  const ours = apps.find((one) => appId === undefined || one.appId === null || one.appId === appId)
  return { checkedAt: now, app, account: ours === undefined ? null : { callback: ours.callback } }
}

const nameOf = (accountId: string): string => `webhooks/${accountId}`

export function keepWebhooks(store: Store, accountId: string, webhooks: Webhooks): Promise<void> {
  return store.saveDocument(nameOf(accountId), webhooks, webhooks.checkedAt)
}

export async function keptWebhooks(store: Store, accountId: string): Promise<Webhooks | null> {
  const found = await store.document(nameOf(accountId))
  return found === null ? null : state.parse(found)
}

/**
 * What is wrong with where the webhooks go, the worst first; nothing when all that is needed comes here.
 *
 * @param callback where we are; null when nobody has said
 */
export function webhookRemarks({ app, account }: Webhooks, callback: string | null): Remark[] {
  const remarks: Remark[] = []
  if (account === null) remarks.push({ code: 'webhook_account_unsubscribed', details: {} })
  const there = account?.callback ?? app?.callback ?? null
  if (account !== null && callback !== null && there !== null && there !== callback)
    remarks.push({ code: 'webhook_messages_elsewhere', details: { callback: there, wanted: callback } })
  if (app === null || app.callback === null || !app.active) {
    remarks.push({ code: 'webhook_app_unsubscribed', details: {} })
    return remarks
  }
  if (callback !== null && app.callback !== callback)
    remarks.push({ code: 'webhook_app_elsewhere', details: { callback: app.callback, wanted: callback } })
  const missing = NEEDED_FIELDS.filter((field) => !app.fields.includes(field))
  if (missing.length > 0) remarks.push({ code: 'webhook_fields_missing', details: { missing: missing.join(', ') } })
  return remarks
}
