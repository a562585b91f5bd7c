/**
 * One thing to tell the receiver. Statuses of the same number that are due together share a POST. Without `wabaId` it is of the
 * first account.
 */
export type WebhookEvent = { wabaId?: string } & (
  | { kind: 'status'; numberId: string; status: object }
  | { kind: 'change'; field: string; value: object; time?: number; numberId?: string }
)

/**
 * The body of a webhook: an entry for each account, a change for each number's statuses, one for everything else.
 *
 * @param firstWabaId the account of events that name none
 * @param metadataOf the part of a value that says which number it is about
 * Source: Meta, Graph API, "Webhooks" (payload structure).
 */
export function webhookBody(
  events: readonly WebhookEvent[],
  firstWabaId: string,
  metadataOf: (numberId: string) => object,
): object {
  const accounts = Map.groupBy(events, ({ wabaId }) => wabaId ?? firstWabaId)
  const entry = [...accounts].flatMap(([wabaId, theirs]) => entriesOf(wabaId, theirs, metadataOf))
  return { object: 'whatsapp_business_account', entry }
}

function entriesOf(id: string, events: WebhookEvent[], metadataOf: (numberId: string) => object): object[] {
  const statuses = new Map<string, object[]>()
  const entries: object[] = []
  const changes: object[] = []
  for (const event of events) {
    if (event.kind === 'change') {
      const change = { value: event.value, field: event.field }
      // An entry has one time, so a change that tells its time is an entry of its own.
      if (event.time === undefined) changes.push(change)
      else entries.push({ id, time: event.time, changes: [change] })
      continue
    }
    const same = statuses.get(event.numberId)
    if (same) same.push(event.status)
    else statuses.set(event.numberId, [event.status])
  }
  for (const [numberId, list] of statuses) {
    const value = { messaging_product: 'whatsapp', metadata: metadataOf(numberId), statuses: list }
    changes.push({ value, field: 'messages' })
  }
  if (changes.length > 0) entries.push({ id, changes })
  return entries
}
