import type { Module, SendStep, Step, WaitFor } from '../definitions.ts'
import type { Place } from '../report.ts'
import { suggest } from '../suggest.ts'
import { checkAction } from './actions.ts'
import { checkBranchOrder } from './branches.ts'
import { checkWhen } from './conditions.ts'
import type { WithinJourney } from './journey.ts'
import { checkMergeFields } from './mergeFields.ts'
import { requireField } from './scope.ts'
import { checkRecipient, checkSendTemplate } from './sendTemplate.ts'
import { checkLength, checkSpan } from './spans.ts'
import { dateTypes, requireType } from './trigger.ts'

/** Checks one step: what it does, and that the steps it names are there. Where the ways lead is checked with all of them. */
export function checkStep(within: WithinJourney, place: Place, step: Step, index: number) {
  const { scope, report, journey, module, conditions } = within
  if (journey.steps.findIndex(({ id }) => id === step.id) !== index) {
    report([...place, 'id'], 'duplicate_name', { name: step.id })
  }
  for (const key of ['next', 'then', 'else', 'goto'] as const) {
    const name = (step as Partial<Record<typeof key, string>>)[key]
    if (name !== undefined) requireStep(within, [...place, key], name)
  }
  if ('send' in step) checkSend(within, [...place, 'send'], step, module)
  else if ('wait' in step) checkSpan(scope, report, [...place, 'wait'], step.wait)
  else if ('waitUntil' in step) {
    const at = [...place, 'waitUntil', 'field']
    if (module !== null) requireType(scope, report, at, module, step.waitUntil.field, dateTypes)
  } else if ('waitFor' in step) {
    checkLength(scope, report, [...place, 'timeout'], step.timeout, 'timeout')
    checkWaitFor(within, [...place, 'waitFor'], step.waitFor)
  } else if ('branch' in step) {
    for (const [nth, { when, goto }] of step.branch.entries()) {
      checkWhen(conditions, [...place, 'branch', nth, 'when'], when)
      requireStep(within, [...place, 'branch', nth, 'goto'], goto)
    }
    checkBranchOrder(report, [...place, 'branch'], step.branch)
  } else if ('split' in step) checkSplit(within, [...place, 'split'], step.split)
  else if ('do' in step && module !== null) {
    step.do.forEach((action, nth) => checkAction(scope, report, [...place, 'do', nth], action, journey, module))
  }
}

/** Whether there is a step of that name; told when not. */
function requireStep({ report, journey }: WithinJourney, place: Place, name: string): boolean {
  const names = journey.steps.map(({ id }) => id)
  if (names.includes(name)) return true
  report(place, 'unknown_step', { name, suggestions: suggest(name, names) })
  return false
}

function checkSend({ scope, report, journey }: WithinJourney, place: Place, { send }: SendStep, module: Module | null) {
  if (module === null) return
  checkMergeFields(scope, report, place, send, module)
  const { text: _, template, ...wish } = send
  if (template === undefined) checkRecipient(scope, report, place, wish, module)
  else checkSendTemplate(scope, report, place, { type: 'sendTemplate', template, ...wish }, journey, module)
}

function checkWaitFor(within: WithinJourney, place: Place, waitFor: WaitFor) {
  const { scope, report, journey, module, conditions } = within
  if (waitFor.when !== undefined) checkWhen(conditions, [...place, 'when'], waitFor.when)
  switch (waitFor.on) {
    case 'message.received':
      if (module !== null && module.phone === undefined && !sends(journey.steps)) {
        report([...place, 'on'], 'module_without_phone', { module: module.name })
      }
      return
    case 'message.status':
      if (waitFor.of !== undefined && requireStep(within, [...place, 'of'], waitFor.of)) {
        const named = journey.steps.find(({ id }) => id === waitFor.of)!
        const others = journey.steps.filter((step) => 'send' in step).map(({ id }) => id)
        const facts = { name: waitFor.of, suggestions: suggest(waitFor.of, others) }
        if (!sends([named])) report([...place, 'of'], 'not_a_send_step', facts)
      }
      return
    case 'record.updated':
      if (module === null) return
      for (const [index, field] of (waitFor.fields ?? []).entries()) {
        requireField(scope, report, [...place, 'fields', index], module, field)
      }
  }
}

/** Whether one of the steps sends a message: by itself, or by an action. */
export function sends(steps: readonly Step[]): boolean {
  return steps.some((step) => 'send' in step || ('do' in step && step.do.some(({ type }) => type === 'sendTemplate')))
}

type Share = Extract<Step, { split: unknown }>['split'][number]

/** Weights are relative. When they look like per cent and are none, somebody has miscounted. */
function checkSplit(within: WithinJourney, place: Place, split: readonly Share[]) {
  const { report } = within
  const known = split.map(({ goto }, index) => requireStep(within, [...place, index, 'goto'], goto))
  const [first] = split
  if (known.every(Boolean) && first !== undefined && split.every(({ goto }) => goto === first.goto)) {
    report(place, 'split_to_one', { name: first.goto })
  }
  const sum = split.reduce((total, { weight }) => total + weight, 0)
  const rounded = Number(sum.toFixed(4))
  if (rounded !== 100 && rounded >= 80 && rounded <= 120) {
    const shares = split.map(({ weight }) => `${((weight / sum) * 100).toFixed(1)}%`)
    report(place, 'split_weights', { sum: rounded, shares })
  }
}
