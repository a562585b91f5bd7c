import { z } from 'zod'
import { AppError } from '#engine/errors.ts'

/**
 * Who may do what. `admin` does everything; `agent` reads, writes records, sends and posts events; `viewer` reads;
 * `ingest` posts events and nothing else, so a key that lives in a CRM opens no other door.
 */
export const role = z.enum(['admin', 'agent', 'viewer', 'ingest'])
export type Role = z.infer<typeof role>

/** What a route does, for the table below. */
export type Permission =
  /** Post events. */
  | 'ingest'
  /** Look at anything but keys. */
  | 'read'
  /** Write records, send from a record. */
  | 'work'
  /** Definitions, settings, credits, keys, the account (S8). */
  | 'administer'

const PERMISSIONS: Readonly<Record<Role, readonly Permission[]>> = {
  admin: ['ingest', 'read', 'work', 'administer'],
  agent: ['ingest', 'read', 'work'],
  viewer: ['read'],
  ingest: ['ingest'],
}

/** Who makes a request. */
export interface Caller {
  keyId: string
  name: string
  role: Role
}

/** The key is good, but its role may not do this. */
export class Forbidden extends AppError {
  readonly code = 'ERR_FORBIDDEN'
  readonly retryable = false
}

/** The roles that hold a permission, least powerful first, for messages and the documentation. */
export function rolesWith(permission: Permission): Role[] {
  return role.options.filter((one) => PERMISSIONS[one].includes(permission)).reverse()
}

/** @throws Forbidden when the caller's role does not hold the permission */
export function demand(caller: Caller, permission: Permission): void {
  if (PERMISSIONS[caller.role].includes(permission)) return
  throw new Forbidden(
    `The key "${caller.name}" has the role ${caller.role}. This needs ${rolesWith(permission).join(' or ')}.`,
    { role: caller.role, needs: rolesWith(permission) },
  )
}
