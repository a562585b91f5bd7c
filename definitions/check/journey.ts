import type { Condition } from '../condition.ts'
import type { Journey, Module } from '../definitions.ts'
import type { Place, Report } from '../report.ts'
import { conditionKey } from './branches.ts'
import { checkWhen, checkNamedConditions, type Conditions } from './conditions.ts'
import { checkMergeText } from './mergeFields.ts'
import { requireModule, type Scope } from './scope.ts'
import { isZero } from './spans.ts'
import { checkStep } from './step.ts'
import { checkTrigger } from './trigger.ts'
import { checkWays } from './ways.ts'

/** What the parts of a journey are checked within. */
export interface WithinJourney {
  scope: Scope
  report: Report
  journey: Journey
  /** Null when there is none of its name. */
  module: Module | null
  conditions: Conditions
}

/** Checks a journey: entry, goal and exits, bounds on its messages, every step, and the ways between them. */
export function checkJourney(scope: Scope, report: Report, journey: Journey) {
  const module = requireModule(scope, report, ['module'], journey.module)
  const conditions: Conditions = { scope, report, module, named: journey.conditions ?? {} }
  const within: WithinJourney = { scope, report, journey, module, conditions }
  checkEntry(within)
  checkNamedConditions(conditions, ['conditions'])
  checkLeaving(within)
  if (journey.quietHours !== undefined) checkQuietHours(report, journey.quietHours)
  if (journey.frequencyCap !== undefined && isZero(journey.frequencyCap.per)) {
    report(['frequencyCap', 'per'], 'zero_span', { what: 'cap' })
  }
  journey.steps.forEach((step, index) => checkStep(within, ['steps', index], step, index))
  checkWays(within)
}

function checkEntry({ scope, report, journey: { entry }, module, conditions }: WithinJourney) {
  const { trigger, when, reentry, key } = entry
  checkTrigger(scope, report, ['entry', 'trigger'], trigger, module)
  if (trigger.on === 'record.deleted') report(['entry', 'trigger', 'on'], 'entry_on_deleted_record', {})
  if (trigger.on === 'condition' && when === undefined) report(['entry'], 'entry_without_condition', {})
  if (when !== undefined) checkWhen(conditions, ['entry', 'when'], when)
  if (key !== undefined && module !== null) checkMergeText(scope, report, ['entry', 'key'], key, module)
  const again = reentry === 'always' || (typeof reentry === 'object' && isZero(reentry.after))
  if (again && key === undefined) report(['entry', 'reentry'], 'reentry_without_key', {})
}

/** Whoever has reached the goal does not enter, so a goal that is the entry itself lets nobody in. */
function checkLeaving({ report, journey, conditions }: WithinJourney) {
  const { entry, goal, exits = [] } = journey
  const entryKey = entry.when === undefined ? null : conditionKey(entry.when)
  const check = (place: Place, when: Condition, what: 'goal' | 'exit') => {
    checkWhen(conditions, place, when)
    if (conditionKey(when) === entryKey) report(place, 'goal_at_entry', { what })
  }
  if (goal !== undefined) check(['goal', 'when'], goal.when, 'goal')
  for (const [index, { name, when }] of exits.entries()) {
    if (exits.findIndex((one) => one.name === name) !== index) {
      report(['exits', index, 'name'], 'duplicate_name', { name })
    }
    if (name === GOAL) report(['exits', index, 'name'], 'reserved_reason', { name })
    check(['exits', index, 'when'], when, 'exit')
  }
  for (const [index, step] of journey.steps.entries()) {
    if ('exit' in step && step.exit === GOAL) report(['steps', index, 'exit'], 'reserved_reason', { name: GOAL })
  }
}

/** The reason with which whoever reaches the goal ends; see engine/journey/leaving.ts. */
const GOAL = 'goal'

const DAY_MINUTES = 24 * 60
/** Fewer minutes than this are no time to send in: the messages of a whole day would go out in a rush, or not at all. */
const OPEN_MINUTES_MIN = 60

function checkQuietHours(report: Report, { from, to }: NonNullable<Journey['quietHours']>) {
  const quiet = (minutesOf(to) - minutesOf(from) + DAY_MINUTES) % DAY_MINUTES
  const open = quiet === 0 ? 0 : DAY_MINUTES - quiet
  if (open < OPEN_MINUTES_MIN) {
    report(['quietHours'], 'invalid_quiet_hours', { open }, open === 0 ? 'error' : 'warning')
  }
}

function minutesOf(time: string): number {
  const [hours = 0, minutes = 0] = time.split(':').map(Number)
  return hours * 60 + minutes
}
