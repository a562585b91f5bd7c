import { parsePhoneNumberFromString } from 'libphonenumber-js'
import { WhatsAppRefused } from '#actions/whatsapp/faults.ts'
import type { AccountNode } from '#actions/whatsapp/setupAnswers.ts'
import { nothingSaid } from './access.ts'
import { choose, valueOf, withSetupClient, type StepWork } from './bench.ts'
import { accountChoice, businessChoice, numberChoice } from './choices.ts'
import type { Choice, StepValues } from './document.ts'
import type { StepInput } from './inputs.ts'
import { refuse } from './refusal.ts'

/** Nothing to list is no fault here: a token that was granted accounts alone may not see businesses. */
export async function businessesOf(work: StepWork): Promise<Choice[]> {
  return withSetupClient(work, async (client) => {
    try {
      return (await client.businesses()).map(businessChoice)
    } catch (error) {
      if (error instanceof WhatsAppRefused && valueOf(work.setup, 'access').granted !== null) return []
      throw error
    }
  })
}

export async function performBusiness(
  work: StepWork,
  { businessId, skip }: StepInput<'business'>,
  items: readonly Choice[],
): Promise<StepValues['business']> {
  if (skip === true) {
    if (valueOf(work.setup, 'access').granted === null)
      throw refuse('business', { code: 'nothing_granted', details: {} })
    return null
  }
  if (businessId === undefined) throw nothingSaid('"businessId", or "skip": true')
  const { id, label } = choose('business', items, businessId)
  return { id, name: label }
}

/** Of the business, or those that the token was granted (S15). */
async function accountNodes(work: StepWork): Promise<AccountNode[]> {
  const business = valueOf(work.setup, 'business')
  const { granted } = valueOf(work.setup, 'access')
  return withSetupClient(work, async (client) =>
    business === null ? Promise.all((granted ?? []).map((id) => client.account(id))) : client.accountsOf(business.id),
  )
}

export async function accountsFor(work: StepWork): Promise<Choice[]> {
  const { granted } = valueOf(work.setup, 'access')
  return (await accountNodes(work)).map((node) => accountChoice(node, { granted, environmentId: work.environmentId }))
}

export async function performAccount(
  work: StepWork,
  { accountId }: StepInput<'account'>,
  items: readonly Choice[],
): Promise<StepValues['account']> {
  if (accountId === undefined) throw nothingSaid('"accountId"')
  choose('account', items, accountId)
  const node = await withSetupClient(work, (client) => client.account(accountId))
  const business = valueOf(work.setup, 'business')
  const owner = node.owner_business_info ?? node.on_behalf_of_business_info
  return {
    id: node.id,
    name: node.name ?? null,
    businessId: owner?.id ?? business?.id ?? null,
    businessName: owner?.name ?? business?.name ?? null,
    businessVerification: node.business_verification_status ?? null,
    currency: node.currency ?? null,
    country: node.country ?? null,
    reviewStatus: node.account_review_status ?? null,
  }
}

/** All numbers of the account, each with why it cannot be chosen (S20 to S22). */
export async function numbersFor(work: StepWork): Promise<Choice[]> {
  const accountId = valueOf(work.setup, 'account').id
  const [nodes, ours] = await Promise.all([
    withSetupClient(work, (client) => client.numbersOf(accountId)),
    work.store.numbers(),
  ])
  // A number that only a sync has seen is connected to nothing here until its account is.
  const connected = new Set((await work.store.accounts()).filter((one) => one.setUpAt !== null).map(({ id }) => id))
  return nodes.map((node) =>
    numberChoice(node, {
      accountId,
      ours: ours.filter((one) => connected.has(one.accountId)),
      claimedBy: work.claimedBy,
    }),
  )
}

export async function performNumber(
  work: StepWork,
  { numberId, add }: StepInput<'number'>,
  items: readonly Choice[],
): Promise<StepValues['number']> {
  const accountId = valueOf(work.setup, 'account').id
  if (add !== undefined) {
    const phone = parsePhoneNumberFromString(add.phone)
    if (phone === undefined || !phone.isPossible()) {
      throw refuse('number', { code: 'phone_impossible', details: { phone: add.phone } })
    }
    // Adding it twice adds it once: it may be among the numbers since the first time.
    const digits = phone.number.slice(1)
    return withSetupClient(work, async (client) => {
      const there = (await client.numbersOf(accountId)).find(
        (one) => one.display_phone_number.replace(/\D/g, '') === digits,
      )
      if (there !== undefined) {
        choose('number', items.some(({ id }) => id === there.id) ? items : await numbersFor(work), there.id)
        return {
          id: there.id,
          displayNumber: there.display_phone_number,
          verifiedName: there.verified_name ?? null,
          added: false,
        }
      }
      const id = await client.addNumber(accountId, {
        cc: phone.countryCallingCode,
        phone: phone.nationalNumber,
        verifiedName: add.verifiedName,
      })
      return { id, displayNumber: phone.formatInternational(), verifiedName: add.verifiedName, added: true }
    })
  }
  if (numberId === undefined) throw nothingSaid('"numberId", or "add" with "phone" and "verifiedName"')
  choose('number', items, numberId)
  const node = await withSetupClient(work, (client) => client.number(numberId))
  return {
    id: node.id,
    displayNumber: node.display_phone_number,
    verifiedName: node.verified_name ?? null,
    added: false,
  }
}
