import type { Module } from './module.ts'
import { calls, events, tasks } from './modules/activities.ts'
import { accounts, contacts, leads } from './modules/people.ts'
import { groups, roles, users } from './modules/team.ts'
import { deals, invoices, purchaseOrders, quotes, salesOrders } from './modules/sales.ts'

/**
 * The modules that are there before anybody defines one. A module definition of the same name replaces it.
 * Source of names and fields: Zoho CRM API, standard modules; `Language`, `Time_Zone`, `WhatsApp_Opt_In`,
 * `Tracking_Number`, `Shipped_Date` and `Document_Link` are fields that an administrator adds.
 */
export const builtinModules: Module[] = [
  leads,
  contacts,
  accounts,
  deals,
  quotes,
  salesOrders,
  purchaseOrders,
  invoices,
  tasks,
  events,
  calls,
  users,
  groups,
  roles,
]

/** The built-in modules and the given ones by API name; a later one of the same name wins. */
export function modulesByName(defined: Iterable<Module> = []): Map<string, Module> {
  return new Map([...builtinModules, ...defined].map((module) => [module.name, module]))
}
