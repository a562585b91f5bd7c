import { readRecipient } from '#engine/phone.ts'
import type { Contact } from '#engine/state.ts'
import type { ContactFilter, Page } from '#engine/reads.ts'
import type { Denrei } from '../denrei.ts'

/** People by a number in any spelling (then it is the one, or none), or by a part of a name, number or user id. */
export async function searchPeople(
  { store, settings }: Pick<Denrei, 'store' | 'settings'>,
  filter: ContactFilter,
  options: { after?: string; limit: number },
): Promise<Page<Contact>> {
  const { search } = filter
  const { defaultCountry } = await settings()
  const phone = search === undefined ? undefined : readRecipient(search, defaultCountry).phone
  if (phone === undefined) return store.contacts(filter, options)
  const contact = await store.contact({ phone })
  return { items: contact !== null && stands(contact, filter.consent) ? [contact] : [], next: null }
}

function stands(
  { optedOutAllAt, optedOutMarketingAt, optedInAt, optedInAllAt }: Contact,
  consent: ContactFilter['consent'],
): boolean {
  switch (consent) {
    case 'out_all':
      return optedOutAllAt !== null
    case 'out_marketing':
      return optedOutMarketingAt !== null
    case 'out':
      return optedOutAllAt !== null || optedOutMarketingAt !== null
    case 'in':
      return optedInAt !== null || optedInAllAt !== null
    case undefined:
      return true
  }
}
