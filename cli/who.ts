import type { Who } from '#server/people/who.ts'

/** A person as the command line names one: `c-…` is a contact, `JP.13…` a user id, all else a number. */
export function whoOf(address: string): Who {
  if (/^c-/.test(address)) return { contactId: address }
  if (/^[A-Z]{2}\.[A-Za-z0-9.]+$/.test(address)) return { bsuid: address }
  return { phone: address }
}
