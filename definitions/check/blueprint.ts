import type { Blueprint, BlueprintState, Module, Transition } from '../definitions.ts'
import type { Place, Report } from '../report.ts'
import { suggest } from '../suggest.ts'
import { checkAction } from './actions.ts'
import { checkWhen, checkNamedConditions, type Conditions } from './conditions.ts'
import { checkMachine } from './machine.ts'
import { requireModule, type Scope } from './scope.ts'
import { checkLength } from './spans.ts'
import { checkTransition } from './transition.ts'
import { requireType } from './trigger.ts'

/** What the parts of a blueprint are checked within. */
export interface WithinBlueprint {
  scope: Scope
  report: Report
  blueprint: Blueprint
  /** Null when there is none of its name. */
  module: Module | null
  conditions: Conditions
}

/** Checks a blueprint: states, transitions, conditions and actions; and, when its states and transitions are sound, walks its machine. */
export function checkBlueprint(scope: Scope, outer: Report, blueprint: Blueprint) {
  let isSound = true
  /** States or transitions that leave nothing to walk. */
  const report: Report = (place, code, ...rest) => {
    if (unsound.has(code)) isSound = false
    outer(place, code, ...rest)
  }
  const module = requireModule(scope, report, ['module'], blueprint.module)
  const conditions: Conditions = { scope, report, module, named: blueprint.conditions ?? {} }
  const within: WithinBlueprint = { scope, report, blueprint, module, conditions }
  checkNamedConditions(conditions, ['conditions'])
  if (blueprint.entry?.when !== undefined) checkWhen(conditions, ['entry', 'when'], blueprint.entry.when)
  if (blueprint.exit !== undefined) checkWhen(conditions, ['exit', 'when'], blueprint.exit.when)
  checkField(within)
  checkStates(within)
  const names = new Set<string>()
  for (const [index, transition] of blueprint.transitions.entries()) {
    if (names.has(transition.name)) report(['transitions', index, 'name'], 'duplicate_name', { name: transition.name })
    names.add(transition.name)
    checkEnds(within, ['transitions', index], transition)
    checkTransition(within, ['transitions', index], transition)
  }
  if (isSound) checkMachine(within)
}

const unsound: ReadonlySet<string> = new Set([
  'no_initial_state',
  'several_initial_states',
  'unknown_state',
  'final_state_goes_on',
  'duplicate_name',
])

/** The states are values of a picklist. */
function checkField({ scope, report, blueprint, module }: WithinBlueprint) {
  const { field: name, states } = blueprint
  if (module === null || !requireType(scope, report, ['field'], module, name, ['picklist'])) return
  const { values = [] } = module.fields[name]!
  if (values.length === 0) return
  for (const state of Object.keys(states)) {
    if (values.includes(state)) continue
    const facts = { name: state, field: name, suggestions: suggest(state, values) }
    report(['states', state], 'state_outside_picklist', facts)
  }
}

function checkStates(within: WithinBlueprint) {
  const { report, blueprint } = within
  const [first, ...more] = Object.keys(blueprint.states).filter((name) => blueprint.states[name]!.initial === true)
  if (first === undefined) report(['states'], 'no_initial_state', {})
  else if (blueprint.states[first]!.final === true) {
    report(['states', first, 'final'], 'final_state_goes_on', { name: first, what: 'initial' })
  }
  for (const name of more) {
    report(['states', name, 'initial'], 'several_initial_states', { name, first: first! })
  }
  for (const [name, state] of Object.entries(blueprint.states)) checkSla(within, name, state)
}

function checkSla({ scope, report, blueprint, module }: WithinBlueprint, name: string, { final, sla }: BlueprintState) {
  if (sla === undefined) return
  const place: Place = ['states', name, 'sla']
  if (final === true) report(place, 'final_state_goes_on', { name, what: 'sla' })
  for (const [index, { within, actions }] of (Array.isArray(sla) ? sla : [sla]).entries()) {
    const at = Array.isArray(sla) ? [...place, index] : place
    checkLength(scope, report, [...at, 'within'], within, 'sla')
    if (module === null) continue
    actions.forEach((action, each) => {
      checkAction(scope, report, [...at, 'actions', each], action, blueprint, module)
    })
  }
}

/** Checks that a transition goes from and to states that are there, and not from one where all is over. */
function checkEnds({ report, blueprint: { states } }: WithinBlueprint, place: Place, { from, to }: Transition) {
  const check = (at: Place, name: string) => {
    if (Object.hasOwn(states, name)) return true
    report(at, 'unknown_state', { name, suggestions: suggest(name, Object.keys(states)) })
    return false
  }
  check([...place, 'to'], to)
  if (from === '*') return
  for (const [index, name] of from.entries()) {
    const at = [...place, 'from', index]
    if (!check(at, name)) continue
    if (states[name]!.final === true) report(at, 'final_state_goes_on', { name, what: 'transition' })
    else if (from.indexOf(name) !== index) report(at, 'duplicate_name', { name })
  }
}
