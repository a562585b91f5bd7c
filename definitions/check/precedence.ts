import { canonicalJson } from '../canonical.ts'
import type { Blueprint } from '../definitions.ts'
import type { Json } from '../json.ts'
import type { Report } from '../report.ts'
import { isAlways } from './branches.ts'

/**
 * Reports blueprints that no record enters, because one that comes first takes them all. Told at the one that is never entered, or, when
 * that is in force and not under check, at the one that takes its records.
 *
 * @param report null for what is in force
 */
export function checkPrecedence(blueprints: readonly { blueprint: Blueprint; report: Report | null }[]) {
  const groups = Map.groupBy(blueprints, ({ blueprint: { module, field } }) => `${module}.${field}`)
  for (const group of groups.values()) {
    const ordered = group.toSorted((a, b) => byPrecedence(a.blueprint, b.blueprint))
    for (const [index, { blueprint, report }] of ordered.entries()) {
      const first = ordered.slice(0, index).find((before) => takesAll(before.blueprint, blueprint))
      if (first === undefined) continue
      const facts = { name: blueprint.name, before: first.blueprint.name, module: blueprint.module }
      report?.(blueprint.entry === undefined ? [] : ['entry'], 'blueprint_never_entered', facts)
      if (report === null) first.report?.([], 'blueprint_never_entered', facts)
    }
  }
}

/** As records enter: by `order`, then by name. */
function byPrecedence(a: Blueprint, b: Blueprint): number {
  return (a.order ?? 0) - (b.order ?? 0) || (a.name < b.name ? -1 : 1)
}

/** Whether every record that could enter `after` enters `before`: no more is asked of it, and it is in one of its states. */
function takesAll(before: Blueprint, after: Blueprint): boolean {
  const asksNoMore = isAlways(before.entry?.when) || entryKey(before) === entryKey(after)
  const open = ({ states }: Blueprint) => Object.keys(states).filter((name) => states[name]!.final !== true)
  return asksNoMore && open(after).every((name) => open(before).includes(name))
}

/** The same name may stand for another condition in another blueprint. */
function entryKey({ entry, conditions = {} }: Blueprint): string {
  return canonicalJson([entry?.when ?? null, conditions] as unknown as Json)
}
