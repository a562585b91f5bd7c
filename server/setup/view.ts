import type { Instant } from '#engine/clock.ts'
import type { Language } from '../texts.ts'
import {
  currentStep,
  missingBefore,
  STEPS,
  type Choice,
  type Remark,
  type SetupDocument,
  type StepName,
} from './document.ts'
import { remarkText, titleOf, todoOf } from './texts.ts'

/** `blocked`: nothing can be done here until something outside has changed. */
export type StepState = 'done' | 'current' | 'waiting' | 'blocked'

export interface ToldRemark {
  code: string
  text: string
  details: Remark['details']
}

export interface StepView {
  step: StepName
  state: StepState
  title: string
  /** What to do; null when there is nothing. */
  todo: string | null
  /** Fields of the step's body that it waits for. */
  missing: string[]
  /** Steps that have to be done before. */
  after: StepName[]
  doneAt: Instant | null
  /** What came of it. */
  value: unknown
  /** Why the latest try did not do. */
  problem: (ToldRemark & { at: Instant; until: Instant | null }) | null
  choices: { id: string; label: string; choosable: boolean; reasons: ToldRemark[]; notes: ToldRemark[] }[] | null
}

export interface SetupView {
  id: string
  state: 'open' | 'done'
  current: StepName | null
  createdAt: Instant
  createdBy: string
  updatedAt: Instant
  steps: StepView[]
}

export function viewOf(setup: SetupDocument, now: Instant, language: Language): SetupView {
  const current = currentStep(setup)
  return {
    id: setup.id,
    state: current === null ? 'done' : 'open',
    current,
    createdAt: setup.createdAt,
    createdBy: setup.createdBy,
    updatedAt: setup.updatedAt,
    steps: STEPS.map((step) => stepView(setup, step, current, now, language)),
  }
}

function stepView(
  setup: SetupDocument,
  step: StepName,
  current: StepName | null,
  now: Instant,
  language: Language,
): StepView {
  const done = setup.done[step]
  const items = choicesOf(setup, step)
  const found = setup.problems[step]
  const problem = found === undefined || (found.until !== null && found.until <= now) ? null : found
  const state: StepState =
    done !== undefined ? 'done' : step !== current ? 'waiting' : isBlocked(step, problem, items) ? 'blocked' : 'current'
  return {
    step,
    state,
    title: titleOf(step, language),
    todo: done === undefined ? todoOf(step, language) : null,
    missing: done === undefined ? missingFields(setup, step) : [],
    after: missingBefore(setup, step),
    doneAt: done?.at ?? null,
    value: done?.value ?? null,
    problem: problem === null ? null : { ...told(problem, language), at: problem.at, until: problem.until },
    choices:
      items === null
        ? null
        : items.map(({ reasons, notes, ...item }) => ({
            ...item,
            reasons: reasons.map((one) => told(one, language)),
            notes: notes.map((one) => told(one, language)),
          })),
  }
}

export const told = ({ code, details }: Remark, language: Language): ToldRemark => ({
  code,
  text: remarkText({ code, details }, language),
  details,
})

function choicesOf(setup: SetupDocument, step: StepName): Choice[] | null {
  if (step !== 'business' && step !== 'account' && step !== 'number') return null
  return setup.choices[step]?.items ?? null
}

/** A number can always be added; a business or an account cannot. */
function isBlocked(
  step: StepName,
  problem: { until: Instant | null; code: string } | null,
  items: Choice[] | null,
): boolean {
  if (problem !== null && (problem.until !== null || problem.code === 'public_url_missing')) return true
  return step === 'account' && items !== null && !items.some(({ choosable }) => choosable)
}

const FIELDS: Record<StepName, string[]> = {
  app: ['appId', 'appSecret'],
  access: ['token'],
  business: ['businessId'],
  account: ['accountId'],
  number: ['numberId'],
  verify: ['method', 'language'],
  register: ['pin'],
  webhook: [],
  profile: ['nickname'],
  people: ['registerAs', 'assignTo'],
  active: [],
}

function missingFields({ code }: SetupDocument, step: StepName): string[] {
  return step === 'verify' && code !== null && code.wrong < 3 ? ['code'] : FIELDS[step]
}
