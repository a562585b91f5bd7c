import type { CloudClient } from '#actions/whatsapp/client.ts'
import { WhatsAppRefused } from '#actions/whatsapp/faults.ts'
import type { AccountNode, Health } from '#actions/whatsapp/setupAnswers.ts'
import { numberState } from '#actions/whatsapp/sync.ts'
import type { Json } from '#definitions/json.ts'
import type { Instant } from '#engine/clock.ts'
import type { AccountState } from '#engine/state.ts'
import type { NumberState } from '#engine/state.ts'
import { troubleAt, troubleOfError } from '#engine/troubles.ts'
import type { AccountNews } from '#engine/accountNews.ts'
import type { AccountEvent } from '#engine/trigger.ts'
import { ANSWERED, newsOfHealth } from './health.ts'

/** What a look at an account found. */
export interface Look {
  health: Health | null
  /** Of each number, by its id. */
  numbers: { id: string; health: Health }[]
  says: AccountNews[]
  /** WhatsApp would not tell. */
  refused: WhatsAppRefused | null
}

/**
 * Reads how an account and its numbers fare: health, quality, throughput, reach.
 *
 * @param known the numbers that we have of it; a number that is new is for a sync
 * @throws WhatsAppUnreachable, WhatsAppAnswerInvalid: then nothing is known
 */
export async function lookAt(
  client: Pick<CloudClient, 'account' | 'health' | 'listNumbers'>,
  accountId: string,
  known: readonly NumberState[],
  now: Instant,
): Promise<Look> {
  try {
    const [node, health, nodes] = await Promise.all([
      client.account(accountId),
      client.health(accountId),
      client.listNumbers(accountId),
    ])
    const ours = new Map(known.filter((one) => one.accountId === accountId).map((one) => [one.id, one]))
    const there = nodes.filter(({ id }) => ours.has(id))
    // A number that never sent is not unwell: its status says all there is to say.
    const used = there.filter(({ id, status }) => status === 'CONNECTED' || ours.get(id)?.status === 'CONNECTED')
    const numbers = await Promise.all(used.map(async ({ id }) => ({ id, health: await client.health(id) })))
    const changes = there.map((one): AccountNews => {
      const { displayNumber, verifiedName, status, verified, quality, throughput, reachMax, nameStatus, platform } =
        numberState(one, accountId, now)
      const change = {
        displayNumber,
        verifiedName,
        status,
        verified,
        quality,
        throughput,
        reachMax,
        nameStatus,
        platform,
      }
      return { about: 'number', numberId: one.id, change }
    })
    const says: AccountNews[] = [
      { about: 'mended', codes: ANSWERED },
      { about: 'account', change: { ...changeOf(node), checkedAt: now } },
      ...changes,
      ...newsOfHealth(health),
      ...numbers.flatMap((one) => newsOfHealth(one.health, one.id).filter((news) => 'numberId' in news)),
    ]
    return { health, numbers, says, refused: null }
  } catch (error) {
    if (!(error instanceof WhatsAppRefused)) throw error
    return { health: null, numbers: [], says: newsOfRefusal(error, now), refused: error }
  }
}

/** What it says of an account that WhatsApp refuses to tell about it. */
export function newsOfRefusal(error: WhatsAppRefused, now: Instant): AccountNews[] {
  const { code, said } = error.details as { code: number | null; said?: string }
  const trouble = code === null ? null : troubleOfError(code)
  if (trouble === null || trouble.of !== 'account') return []
  return [{ about: 'trouble', trouble: troubleAt(trouble, now, said ?? error.message) }]
}

/** Of an account, as Meta tells it now; what it leaves out stays as it was. */
export function changeOf(
  node: AccountNode,
): Partial<Pick<AccountState, 'name' | 'portfolioId' | 'reviewStatus' | 'currency' | 'country'>> {
  const owner = node.owner_business_info ?? node.on_behalf_of_business_info
  return {
    ...(typeof node.name === 'string' && { name: node.name }),
    ...(owner && { portfolioId: owner.id }),
    ...(typeof node.account_review_status === 'string' && { reviewStatus: node.account_review_status }),
    ...(typeof node.currency === 'string' && { currency: node.currency }),
    ...(typeof node.country === 'string' && { country: node.country }),
  }
}

/** As an event of ours about an account. */
export function accountEvent(
  field: 'health' | 'setup' | 'token',
  {
    accountId,
    says,
    value,
    id,
    now,
  }: { accountId: string; says: AccountNews[]; value: Json; id: string; now: Instant },
): AccountEvent {
  return {
    kind: 'account',
    source: 'denrei',
    sourceId: `${field}:${accountId}:${id}`,
    occurredAt: now,
    accountId,
    field,
    value,
    says,
  }
}
