import { InvalidInput } from '#engine/errors.ts'
import { allKeys } from '#engine/decide/contact.ts'
import { lookupId } from '#engine/decide/recordSource.ts'
import type { Contact, RecordState } from '#engine/state.ts'
import type { EraseEvent } from '#engine/trigger.ts'
import type { Denrei } from '../denrei.ts'
import type { Caller } from '../roles.ts'
import { findPerson, type Desk, type Who } from './who.ts'

/** How long an erasure waits for its decision. */
const WAIT_MS = 10_000
/** Records of one module that are looked through for a mention. */
const FOUND_MAX = 200
/** What was done with a person: it goes with them. */
const ACTIVITIES = ['Tasks', 'Events', 'Calls'] as const
const MESSAGES_MAX = 500

/** What an erasure takes, and what it leaves that still speaks of the person. */
export interface ErasePlan {
  contact: Contact | null
  /** Every spelling under which the person is looked for. */
  addresses: string[]
  /** Our copies: records with the address in a phone field, those that were named, and the tasks, events and calls about them. */
  records: { module: string; recordId: string }[]
  /** Places in blueprints and journeys that end. */
  instances: number
  /** Messages to the person; `moreMessages` when they are even more. */
  messages: number
  moreMessages: boolean
  /** Records of others that hold the number or the name. They stay, unless they are named among `records`. */
  mentions: { module: string; recordId: string }[]
}

export interface EraseRequest {
  who: Who
  records?: { module: string; recordId: string }[] | undefined
}

/**
 * What `erasePerson` would take. Changes nothing.
 *
 * @throws InvalidInput, NotFound as `findPerson` does
 */
export async function planErasure(
  desk: Desk & Pick<Denrei, 'moduleNames'>,
  { who, records = [] }: EraseRequest,
): Promise<ErasePlan & { address: EraseEvent['who'] }> {
  const { store } = desk
  const { address, contact } = await findPerson(desk, who)
  for (const { module, recordId } of records) {
    if ((await store.record(module, recordId)) !== null) continue
    throw new InvalidInput(`There is no record "${recordId}" in ${module}. Name records that are there.`, {
      module,
      recordId,
    })
  }
  const own = await store.recordsAt(address)
  const chosen = unique([...own, ...records])
  const taken = unique([...chosen, ...(await activitiesOf(desk, chosen))])
  const instances = await Promise.all(
    taken.map(({ module, recordId }) => store.instances({ module, recordId, status: 'running' }, { limit: 100 })),
  )
  const messages = contact === null ? null : await store.messages({ contactId: contact.id }, { limit: MESSAGES_MAX })
  return {
    address,
    contact,
    addresses: allKeys(address),
    records: taken,
    instances: instances.reduce((sum, { items }) => sum + items.length, 0),
    messages: messages?.items.length ?? 0,
    moreMessages: messages !== null && messages.next !== null,
    mentions: await mentionsOf(desk, address, contact, taken),
  }
}

/**
 * Forgets a person for good. A second time finds nobody, and does nothing.
 *
 * @returns what was taken; `decided` false: it is on disk and follows soon
 */
export async function erasePerson(
  desk: Desk & Pick<Denrei, 'moduleNames'>,
  request: EraseRequest,
  caller: Pick<Caller, 'name'>,
  newId: () => string,
): Promise<{ plan: ErasePlan; triggerId: string; decided: boolean }> {
  const { address, ...plan } = await planErasure(desk, request)
  const [outcome] = await desk.accept([
    {
      kind: 'erase',
      source: 'api',
      sourceId: `erase:${newId()}`,
      occurredAt: desk.clock.now(),
      who: address,
      records: plan.records,
      actor: caller.name,
    },
  ])
  const triggerId = outcome!.id
  return { plan, triggerId, decided: await desk.whenDecided(triggerId, WAIT_MS) }
}

type Place = { module: string; recordId: string }

function unique(places: Place[]): Place[] {
  return [...new Map(places.map((one) => [`${one.module}/${one.recordId}`, one])).values()]
}

const placeOf = ({ module, id }: RecordState): Place => ({ module, recordId: id })

/** Tasks, events and calls that are about one of these records. */
async function activitiesOf({ store }: Desk, records: Place[]): Promise<Place[]> {
  const found = await Promise.all(
    records.flatMap(({ recordId }) =>
      ACTIVITIES.map(async (module) => {
        const { items } = await store.records(module, { search: recordId, limit: FOUND_MAX })
        return items.filter(({ values }) => [values.What_Id, values.Who_Id].some((one) => lookupId(one) === recordId))
      }),
    ),
  )
  return found.flat().map(placeOf)
}

/** Who else speaks of the person: by the digits of the number, the user id or the whole name. */
async function mentionsOf(
  { store, moduleNames }: Desk & Pick<Denrei, 'moduleNames'>,
  { phone, waId, bsuid }: EraseEvent['who'],
  contact: Contact | null,
  taken: Place[],
): Promise<Place[]> {
  const words = [phone?.slice(1), waId, bsuid, contact?.name].filter((one): one is string => !!one && one.length > 2)
  const found = await Promise.all(
    moduleNames().flatMap((module) =>
      words.map(async (search) => (await store.records(module, { search, limit: FOUND_MAX })).items.map(placeOf)),
    ),
  )
  const own = new Set(taken.map(({ module, recordId }) => `${module}/${recordId}`))
  return unique(found.flat()).filter(({ module, recordId }) => !own.has(`${module}/${recordId}`))
}
