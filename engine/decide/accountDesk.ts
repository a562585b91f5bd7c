import { isDeepStrictEqual } from 'node:util'
import type { Json } from '#definitions/json.ts'
import type { Instant } from '../clock.ts'
import type { NoticeCode, Severity } from '../notice.ts'
import { ACCOUNT_DEFAULTS, type AccountState, type NumberState, type Trouble } from '../state.ts'
import { isInForce } from '../troubles.ts'
import type { Draft } from './draft.ts'
import { hear } from './heard.ts'

/** What the news of one event is worked on, and written from when all of it is read. */
export interface Desk {
  draft: Draft
  at: Instant
  before: AccountState | null
  account: AccountState
  numbers: Map<string, { before: NumberState; now: NumberState }>
}

/** Null when the account is not ours: neither it nor a number of it is known. */
export function openDesk(draft: Draft, accountId: string, at: Instant): Desk | null {
  const { known } = draft
  const before = known.accounts.get(accountId) ?? null
  if (before === null && !known.numbers.some((one) => one.accountId === accountId)) return null
  const portfolio = before?.portfolioId ?? null
  const isNear = (one: NumberState) =>
    one.accountId === accountId || (portfolio !== null && known.accounts.get(one.accountId)?.portfolioId === portfolio)
  return {
    draft,
    at,
    before,
    account: before ?? { id: accountId, ...ACCOUNT_DEFAULTS, updatedAt: at },
    numbers: new Map(known.numbers.filter(isNear).map((one) => [one.id, { before: one, now: one }])),
  }
}

/** A number of the account, by its id or by the digits of its display number. */
export function numberOf(desk: Desk, { numberId, digits }: { numberId?: string; digits?: string }): NumberState | null {
  const wanted = digits?.replace(/\D/g, '')
  for (const { now } of desk.numbers.values()) {
    if (numberId !== undefined ? now.id === numberId : now.displayNumber.replace(/\D/g, '') === wanted) return now
  }
  return null
}

/** `account`, or the id of a number; null when a number is meant that we do not know. */
export function targetOf(desk: Desk, named: { numberId?: string; digits?: string }): string | null {
  if (named.numberId === undefined && named.digits === undefined) return ACCOUNT
  return numberOf(desk, named)?.id ?? null
}
/** The account itself, as the target of a trouble. */
export const ACCOUNT = 'account'

/** Notes the word. False when a newer one on the same thing was heard. */
export function isNewest(desk: Desk, what: string): boolean {
  const heard = hear(desk.account, what, desk.at)
  if (heard === null) {
    if (!desk.draft.notes.includes('late_account_event')) desk.draft.notes.push('late_account_event')
    return false
  }
  desk.account = heard
  return true
}

/** The fields of a change that nothing newer was said of. */
export function newestOf<T extends object>(desk: Desk, prefix: string, change: T): Partial<T> {
  const fields = Object.entries(change).filter(
    ([field, value]) => value !== undefined && isNewest(desk, `${prefix}${field}`),
  )
  return Object.fromEntries(fields) as Partial<T>
}

export function putNumber(desk: Desk, now: NumberState): void {
  const entry = desk.numbers.get(now.id)
  if (entry !== undefined) desk.numbers.set(now.id, { ...entry, now })
}

export function troublesOf(desk: Desk, target: string): Trouble[] {
  return (target === ACCOUNT ? desk.account : desk.numbers.get(target)?.now)?.troubles ?? []
}

export function putTroubles(desk: Desk, target: string, troubles: Trouble[]): void {
  if (target === ACCOUNT) desk.account = { ...desk.account, troubles }
  else {
    const number = desk.numbers.get(target)?.now
    if (number !== undefined) putNumber(desk, { ...number, troubles })
  }
}

/** Writes what has changed. Troubles that have ended by themselves are forgotten on the way. */
export function closeDesk(desk: Desk): void {
  const { draft, at, before } = desk
  const lasting = (troubles: Trouble[]) => troubles.filter((one) => one.until === null || isInForce(one, at))
  const account = { ...desk.account, troubles: lasting(desk.account.troubles) }
  const stamp = (updatedAt: Instant) => Math.max(updatedAt, at)
  if (!isDeepStrictEqual(account, before)) {
    draft.changes.push({ kind: 'putAccount', account: { ...account, updatedAt: stamp(account.updatedAt) } })
    const wasOff = before !== null && !before.enabled
    if (wasOff && account.enabled)
      draft.changes.push({ kind: 'release', waitsFor: 'integration_active', at: draft.now })
  }
  for (const { before: numberBefore, now } of desk.numbers.values()) {
    const number = { ...now, troubles: lasting(now.troubles) }
    if (isDeepStrictEqual(number, numberBefore)) continue
    draft.changes.push({ kind: 'putNumber', number: { ...number, updatedAt: stamp(number.updatedAt) } })
  }
}

export function nameOf({ account }: Desk): Record<string, Json> {
  return { accountId: account.id, account: account.name ?? account.id }
}

export function numberName({ id, displayNumber }: NumberState): Record<string, Json> {
  return { numberId: id, number: displayNumber }
}

export function targetName(desk: Desk, target: string): Record<string, Json> {
  const number = target === ACCOUNT ? undefined : desk.numbers.get(target)?.now
  return number === undefined ? nameOf(desk) : { ...nameOf(desk), ...numberName(number) }
}

type Told = { code: NoticeCode; severity: Severity; details: Record<string, Json> }

/** Tells the admins. */
export function tell(draft: Draft, { code, severity, details }: Told, at: Instant): void {
  draft.changes.push({
    kind: 'notify',
    to: { role: 'admin' },
    message: '',
    notice: { code, severity, details },
    module: '',
    recordId: '',
    at,
  })
}
