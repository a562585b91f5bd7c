import type { ConsentLine } from '#server/people/exportConsents.ts'
import { consentCsv, consentPage } from '#server/people/exportConsents.ts'
import { erasePerson, planErasure, type ErasePlan, type EraseRequest } from '#server/people/erasePerson.ts'
import { importConsents, type Imported } from '#server/people/importConsents.ts'
import { noteConsent, type Told } from '#server/people/noteConsent.ts'
import type { Desk, Who } from '#server/people/who.ts'
import type { Denrei } from '#server/denrei.ts'
import type { Contact } from '#engine/state.ts'
import type { Page } from '#engine/reads.ts'
import type { ServerCall } from './remote.ts'

/** What the command line does with people, in a running server or in the database itself. */
export interface People {
  note(said: { who: Who } & Told): Promise<{ contact: Contact | null }>
  consents(filter: ConsentFilter, options: { after?: string; limit: number }): Promise<Page<ConsentLine>>
  /** The whole book as CSV, in parts. */
  exportCsv(filter: ConsentFilter): AsyncIterable<string>
  importFile(file: { text: string; format: 'csv' | 'jsonl'; dryRun: boolean }): Promise<Imported>
  planErasure(request: EraseRequest): Promise<ErasePlan>
  erase(request: EraseRequest): Promise<ErasePlan>
}

export interface ConsentFilter {
  since?: number
  contactId?: string
}

const BY_HAND = { name: 'cli' }

/** In the database of a stopped server: what is told is decided at once, and nothing is sent. */
export function localPeople(denrei: Denrei, newId: () => string): People {
  const desk: Desk & Pick<Denrei, 'moduleNames'> = {
    store: denrei.store,
    clock: denrei.clock,
    accept: (events) => denrei.accept(events),
    settings: () => denrei.settings(),
    moduleNames: () => denrei.moduleNames(),
    async whenDecided() {
      await denrei.decide()
      return true
    },
  }
  return {
    note: (said) => noteConsent(desk, said, BY_HAND, newId()),
    consents: (filter, options) => consentPage(denrei.store, filter, options),
    exportCsv: (filter) => consentCsv(denrei.store, filter),
    async importFile(file) {
      const taken = await importConsents(desk, file, BY_HAND)
      await denrei.decide()
      return taken
    },
    async planErasure(request) {
      const { address: _address, ...plan } = await planErasure(desk, request)
      return plan
    },
    erase: async (request) => (await erasePerson(desk, request, BY_HAND, newId)).plan,
  }
}

const EXPORT_PAGE = 500

/** In a running server. */
export function remotePeople(call: ServerCall): People {
  const query = ({ since, contactId }: ConsentFilter, options: { after?: string; limit?: number }) =>
    new URLSearchParams(
      Object.entries({ since, contactId, ...options }).flatMap(([name, value]) =>
        value === undefined ? [] : [[name, String(value)] as [string, string]],
      ),
    ).toString()
  const page = (filter: ConsentFilter, options: { after?: string; limit: number }) =>
    call<Page<ConsentLine>>('GET', `/v1/consents?${query(filter, options)}`)
  return {
    note: async (said) => {
      const { contact } = await call<{ contact?: Contact }>('POST', '/v1/contacts/consent', said)
      return { contact: contact ?? null }
    },
    consents: page,
    exportCsv: (filter) => consentCsv(pagesOf(page), filter),
    importFile: ({ text, format, dryRun }) =>
      call('POST', `/v1/contacts/consents/import?dryRun=${dryRun}`, text, format === 'csv' ? 'text/csv' : 'application/x-ndjson'), // prettier-ignore
    planErasure: async (request) => (await call<{ plan: ErasePlan }>('POST', '/v1/contacts/erase', request)).plan,
    erase: async (request) =>
      (await call<{ plan: ErasePlan }>('POST', '/v1/contacts/erase', { ...request, confirm: true })).plan,
  }
}

/** The server's lines name their people already. */
function pagesOf(
  page: (filter: ConsentFilter, options: { after?: string; limit: number }) => Promise<Page<ConsentLine>>,
): Parameters<typeof consentCsv>[0] {
  const people = new Map<string, Contact>()
  return {
    async consents(filter, options) {
      const got = await page(filter, { ...options, limit: EXPORT_PAGE })
      for (const { contactId, phone, waId, bsuid, name } of got.items) {
        people.set(contactId, { id: contactId, phone, waId, bsuid, name } as Contact)
      }
      return got
    },
    contact: (by) => Promise.resolve('id' in by ? (people.get(by.id) ?? null) : null),
  }
}
