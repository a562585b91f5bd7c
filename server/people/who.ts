import { z } from 'zod'
import { addressOf } from '#engine/decide/erase.ts'
import { InvalidInput, NotFound } from '#engine/errors.ts'
import { readRecipient } from '#engine/phone.ts'
import type { Contact } from '#engine/state.ts'
import type { Address } from '#engine/trigger.ts'
import type { Denrei } from '../denrei.ts'

/** What the functions about people work with. */
export type Desk = Pick<Denrei, 'store' | 'clock' | 'accept' | 'whenDecided' | 'settings'>

/** Whom a request is about. */
export const who = z
  .strictObject({
    phone: z
      .string()
      .min(1)
      .max(100)
      .optional()
      .describe(
        'As people write it: `090-1234-5678`, `+81 90 1234 5678`. Without a calling code the settings’ country counts.',
      ),
    waId: z
      .string()
      .regex(/^\+?\d{6,20}$/, 'Write the digits that WhatsApp gives.')
      .optional()
      .describe('Digits, as webhooks write them.'),
    bsuid: z.string().min(4).max(300).optional().describe('Business-scoped user id, such as `JP.1300000000001`.'),
    contactId: z.string().min(1).max(200).optional().describe('Of `GET /v1/contacts`.'),
  })
  .refine((one) => Object.values(one).some((value) => value !== undefined), {
    error: 'Name the person by phone, waId, bsuid or contactId.',
  })
export type Who = z.infer<typeof who>

/** Why an address cannot be read, for a request or for one line of a file. */
export interface AddressProblem {
  field: 'phone' | 'bsuid' | 'contactId'
  message: string
}

/** Reads an address as people write it. @param defaultCountry of numbers that carry no calling code */
export function readAddress(
  { phone, waId, bsuid }: Omit<Who, 'contactId'>,
  defaultCountry: string,
): { address: Address } | { problem: AddressProblem } {
  const address: Address = waId === undefined ? {} : { waId: waId.replace(/^\+/, '') }
  if (phone !== undefined) {
    const read = readRecipient(phone, defaultCountry)
    if (read.phone === undefined && read.bsuid === undefined) {
      const message = 'This is no mobile number. Write it with its calling code: "+819012345678".'
      return { problem: { field: 'phone', message } }
    }
    if (read.phone !== undefined) address.phone = read.phone
    else if (read.bsuid !== undefined) address.bsuid = read.bsuid
  }
  if (bsuid !== undefined) {
    const read = readRecipient(bsuid, defaultCountry).bsuid
    if (read === undefined) {
      const message = 'This is no business-scoped user id. They look like "JP.1300000000001".'
      return { problem: { field: 'bsuid', message } }
    }
    address.bsuid = read
  }
  return { address }
}

/**
 * The person that a request names, with all we know them by.
 *
 * @returns the contact too; null when we do not know them yet
 * @throws InvalidInput for an address that is none; NotFound for a contact that is not there
 */
export async function findPerson(desk: Desk, wanted: Who): Promise<{ address: Address; contact: Contact | null }> {
  const { contactId, ...named } = wanted
  const { defaultCountry } = await desk.settings()
  const read = readAddress(named, defaultCountry)
  if ('problem' in read) {
    const { field, message } = read.problem
    throw new InvalidInput(message, {
      problems: [{ in: 'body', pointer: `/who/${field}`, code: 'invalid', message }],
    })
  }
  if (contactId !== undefined) {
    const contact = await requireContact(desk, contactId)
    return { address: { ...addressOf(contact), ...read.address }, contact }
  }
  const contact = await desk.store.contact(read.address)
  // What is said of a person under one address holds for all that we know them by.
  return { address: contact === null ? read.address : { ...addressOf(contact), ...read.address }, contact }
}

/** @throws NotFound */
export async function requireContact({ store }: Pick<Desk, 'store'>, id: string): Promise<Contact> {
  const contact = await store.contact({ id })
  if (contact !== null) return contact
  throw new NotFound(`There is no contact "${id}". Take an id from GET /v1/contacts.`, { id })
}
