import type { Condition, Leaf } from '#definitions/condition.ts'

/** All leaves of a condition, those behind references too. A name that leads nowhere, or back to itself, has none. */
export function leavesOf(
  condition: Condition,
  named: Readonly<Record<string, Condition>> = {},
  open: readonly string[] = [],
): Leaf[] {
  if ('all' in condition) return condition.all.flatMap((one) => leavesOf(one, named, open))
  if ('any' in condition) return condition.any.flatMap((one) => leavesOf(one, named, open))
  if ('not' in condition) return leavesOf(condition.not, named, open)
  if (!('condition' in condition)) return [condition]
  const name = condition.condition
  const target = Object.hasOwn(named, name) ? named[name] : undefined
  return target === undefined || open.includes(name) ? [] : leavesOf(target, named, [...open, name])
}
