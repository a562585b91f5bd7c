import type { Json, Values } from '#definitions/json.ts'
import type { Actor } from '../command.ts'
import type { CompiledStep } from './compile.ts'

/**
 * May this person take a step? Everybody may when nobody is named; otherwise one of the users, whoever has one of the roles, or the
 * owner of the record. A part that names nobody goes by its transition.
 */
export function mayTake(step: CompiledStep, within: CompiledStep | null, actor: Actor, values: Values): boolean {
  const named = [step, within].find((one) => one !== null && namesPeople(one))?.written.before
  if (named === undefined) return true
  const { users = [], roles = [], owner = false } = named
  return (
    users.includes(actor.user) ||
    roles.some((role) => actor.roles.includes(role)) ||
    (owner && ownersOf(values.Owner).includes(actor.user))
  )
}

function namesPeople({ written: { before } }: CompiledStep): boolean {
  return before?.users !== undefined || before?.roles !== undefined || before?.owner === true
}

/** The owner as CRMs write one: an id, or an object with id, name and email address. */
function ownersOf(owner: Json | undefined): string[] {
  if (typeof owner === 'string' || typeof owner === 'number') return [String(owner)]
  if (typeof owner !== 'object' || owner === null || Array.isArray(owner)) return []
  return [owner.id, owner.email].flatMap((one) => (one === undefined ? [] : ownersOf(one)))
}
