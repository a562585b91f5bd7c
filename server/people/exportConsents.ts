import { stringify } from 'csv-stringify/sync'
import { InvalidInput } from '#engine/errors.ts'
import type { ConsentEntry, Contact } from '#engine/state.ts'
import type { Page } from '#engine/reads.ts'
import type { Store } from '#engine/store.ts'
import { instantInput, instantOf } from '#triggers/instant.ts'

/** An entry with who it is about, as we know them today; null once the contact is gone. */
export interface ConsentLine extends ConsentEntry {
  phone: string | null
  waId: string | null
  bsuid: string | null
  name: string | null
}

const PAGE_MAX = 500

/** Reads from when on entries are wanted: ISO 8601, or epoch milliseconds. @throws InvalidInput */
export function readSince(text: string): number {
  const parsed = instantInput.safeParse(/^\d+$/.test(text) ? Number(text) : text)
  if (parsed.success) return instantOf(parsed.data)
  throw new InvalidInput(`"${text.slice(0, 100)}" is no instant. ${parsed.error.issues[0]?.message ?? ''}`, {
    since: text,
  })
}

/** A page of the book of consent, newest first. */
export async function consentPage(
  store: Pick<Store, 'consents' | 'contact'>,
  filter: { contactId?: string; since?: number },
  options: { after?: string; limit: number },
): Promise<Page<ConsentLine>> {
  const { items, next } = await store.consents(filter, options)
  const people = new Map<string, Contact | null>()
  for (const { contactId } of items) {
    if (!people.has(contactId)) people.set(contactId, await store.contact({ id: contactId }))
  }
  return { items: items.map((entry) => lineOf(entry, people.get(entry.contactId) ?? null)), next }
}

function lineOf(entry: ConsentEntry, contact: Contact | null): ConsentLine {
  const { phone = null, waId = null, bsuid = null, name = null } = contact ?? {}
  return { ...entry, phone, waId, bsuid, name }
}

const COLUMNS = [
  'entry',
  'occurredAt',
  'phone',
  'waId',
  'bsuid',
  'name',
  'direction',
  'scope',
  'by',
  'channel',
  'proof',
  'actor',
  'contactId',
]

/** The whole book as CSV, page by page, newest first; an import reads it again. */
export async function* consentCsv(
  store: Pick<Store, 'consents' | 'contact'>,
  filter: { contactId?: string; since?: number },
): AsyncGenerator<string> {
  yield stringify([COLUMNS])
  let after: string | undefined
  do {
    const page: Page<ConsentLine> = await consentPage(store, filter, {
      limit: PAGE_MAX,
      ...(after === undefined ? {} : { after }),
    })
    yield stringify(page.items.map(rowOf))
    after = page.next ?? undefined
  } while (after !== undefined)
}

function rowOf({ id, at, contactId, ...line }: ConsentLine): string[] {
  const values: Record<string, string | number | null> = {
    ...line,
    entry: id,
    occurredAt: new Date(at).toISOString(),
    contactId,
  }
  return COLUMNS.map((name) => harmless(String(values[name] ?? '')))
}

/** What a spreadsheet would run as a formula is quoted; a phone number is none. Source: OWASP, "CSV Injection". */
function harmless(cell: string): string {
  return /^[=+\-@\t\r]/.test(cell) && !/^\+\d+$/.test(cell) ? `'${cell}` : cell
}
