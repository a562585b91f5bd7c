import type { Intake } from '#definitions/settings.ts'
import type { Instant } from '#engine/clock.ts'

/** The steps of a set-up, in their order. */
export const STEPS = [
  'app',
  'access',
  'business',
  'account',
  'number',
  'verify',
  'register',
  'webhook',
  'profile',
  'people',
  'active',
] as const
export type StepName = (typeof STEPS)[number]

/** What each step found out or was told. No secret is among it. */
export interface StepValues {
  app: { id: string; name: string | null }
  access: {
    kind: 'code' | 'token'
    userId: string | null
    scopes: string[]
    /** Null: never. */
    expiresAt: Instant | null
    /** The accounts that were granted; null: all that there are. */
    granted: string[] | null
  }
  /** Null: it was left out. */
  business: { id: string; name: string | null } | null
  account: {
    id: string
    name: string | null
    businessId: string | null
    businessName: string | null
    businessVerification: string | null
    currency: string | null
    country: string | null
    reviewStatus: string | null
  }
  number: { id: string; displayNumber: string; verifiedName: string | null; added: boolean }
  verify: { by: 'already' | 'code' }
  register: { by: 'already' | 'pin' }
  /** `fields`: that the app is subscribed to. Set-ups from before the app was subscribed have none. */
  webhook: { callback: string; fields?: string[] }
  profile: { nickname: string }
  people: { intake: Intake }
  active: { accountId: string; numberId: string; warnings: Remark[] }
}

/** Something to be said about a thing, in words made when it is read. */
export interface Remark {
  code: string
  details: Record<string, string | number | null>
}

export interface Choice {
  id: string
  label: string
  choosable: boolean
  /** Why it cannot be chosen. */
  reasons: Remark[]
  /** Worth knowing, and no obstacle. */
  notes: Remark[]
}

/** Why the latest try of a step did not do. */
export interface StepProblem extends Remark {
  at: Instant
  /** Nothing helps before this instant. */
  until: Instant | null
}

/** A set-up as it is kept: `setup/<id>`. */
export interface SetupDocument {
  id: string
  createdAt: Instant
  createdBy: string
  updatedAt: Instant
  done: { [K in StepName]?: { at: Instant; value: StepValues[K] } }
  choices: { [K in 'business' | 'account' | 'number']?: { at: Instant; items: Choice[] } }
  problems: { [K in StepName]?: StepProblem }
  /** A code is on its way to the number. */
  code: { requestedAt: Instant; method: 'SMS' | 'VOICE'; language: string; wrong: number } | null
}

/** What has to be done again when the outcome of a step is another than before. */
const DEPENDENT: Record<StepName, readonly StepName[]> = {
  app: ['access', 'business', 'account', 'number', 'verify', 'register', 'webhook', 'active'],
  access: ['business', 'account', 'number', 'verify', 'register', 'webhook', 'active'],
  business: ['account', 'number', 'verify', 'register', 'webhook', 'active'],
  account: ['number', 'verify', 'register', 'webhook', 'active'],
  number: ['verify', 'register', 'active'],
  verify: ['register', 'active'],
  register: ['active'],
  webhook: ['active'],
  profile: ['active'],
  people: ['active'],
  active: [],
}

/** What must be done before a step can be taken. */
const NEEDS: Record<StepName, readonly StepName[]> = {
  app: [],
  access: ['app'],
  business: ['access'],
  account: ['business'],
  number: ['account'],
  verify: ['number'],
  register: ['verify'],
  webhook: ['account'],
  profile: [],
  people: [],
  active: ['register', 'webhook', 'profile', 'people'],
}

export function newDocument(id: string, by: string, now: Instant): SetupDocument {
  return { id, createdAt: now, createdBy: by, updatedAt: now, done: {}, choices: {}, problems: {}, code: null }
}

/** The first step that is not done; null when all are. */
export const currentStep = (setup: SetupDocument): StepName | null =>
  STEPS.find((step) => setup.done[step] === undefined) ?? null

/** Steps that have to be done before this one can be. */
export const missingBefore = (setup: SetupDocument, step: StepName): StepName[] =>
  NEEDS[step].filter((one) => setup.done[one] === undefined)

/** Records that a step is done. With the same outcome as before nothing else changes. */
export function complete<K extends StepName>(
  setup: SetupDocument,
  step: K,
  value: StepValues[K],
  now: Instant,
): SetupDocument {
  const before = setup.done[step]
  const problems = { ...setup.problems }
  delete problems[step]
  if (before !== undefined && sameOutcome(step, before.value, value)) {
    return { ...setup, problems, done: { ...setup.done, [step]: { at: before.at, value } } }
  }
  const done = { ...setup.done, [step]: { at: now, value } }
  const choices = { ...setup.choices }
  for (const later of DEPENDENT[step]) {
    delete done[later]
    delete problems[later]
    if (later === 'business' || later === 'account' || later === 'number') delete choices[later]
  }
  const code = DEPENDENT[step].includes('verify') || step === 'verify' ? null : setup.code
  return { ...setup, done, choices, problems, code }
}

/** An access that only lives longer, or an activation with other warnings, is the same. */
function sameOutcome<K extends StepName>(step: K, a: StepValues[K], b: StepValues[K]): boolean {
  const essence = (value: StepValues[K]): unknown => {
    switch (step) {
      case 'access': {
        const { userId, scopes, granted } = value as StepValues['access']
        return { userId, scopes: [...scopes].sort(), granted: granted === null ? null : [...granted].sort() }
      }
      case 'account':
        return (value as StepValues['account']).id
      case 'number':
        return (value as StepValues['number']).id
      case 'verify':
      case 'register':
        return true
      case 'active': {
        const { accountId, numberId } = value as StepValues['active']
        return { accountId, numberId }
      }
      case 'app':
      case 'business':
      case 'webhook':
      case 'profile':
      case 'people':
      default:
        return value
    }
  }
  return JSON.stringify(essence(a)) === JSON.stringify(essence(b))
}
