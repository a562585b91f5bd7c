import { canonicalJson } from '../canonical.ts'
import type { Condition } from '../condition.ts'
import type { Json } from '../json.ts'
import type { Place, Report } from '../report.ts'

/** The first branch that matches wins, so one behind an else, or behind the same condition, never runs. */
export function checkBranchOrder(report: Report, place: Place, branches: readonly { when?: Condition | undefined }[]) {
  const elseIndex = branches.findIndex(({ when }) => isAlways(when))
  const seen = new Map<string, number>()
  for (const [index, { when }] of branches.entries()) {
    if (elseIndex !== -1 && index > elseIndex) {
      report([...place, index], 'unreachable_branch', { branch: elseIndex + 1 })
      continue
    }
    if (when === undefined) continue
    const text = conditionKey(when)
    const before = seen.get(text)
    if (before === undefined) seen.set(text, index)
    else report([...place, index, 'when'], 'duplicate_branch', { branch: before + 1 })
  }
}

/** Whether a condition holds whatever the record: there is none, or it is an empty group. */
export function isAlways(when: Condition | undefined): boolean {
  if (when === undefined) return true
  return ('all' in when && when.all.length === 0) || ('any' in when && when.any.length === 0)
}

/** The same for conditions that are written alike. */
export function conditionKey(when: Condition): string {
  return canonicalJson(when as unknown as Json)
}
