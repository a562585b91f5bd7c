import { checkDefinitions, type CheckContext } from '#definitions/check.ts'
import type { Template, Workflow } from '#definitions/definitions.ts'
import type { ProblemCode } from '#definitions/problemTexts.ts'
import { analyse } from '#engine/analyse.ts'
import { OWN_FACTS } from '#engine/decide/factSource.ts'
import { decoratorNames, operatorNames, operatorsFor } from '#engine/rules/operators.ts'

/** What the server hands to check, with nothing in force. */
export const context: CheckContext = {
  active: [],
  operators: operatorNames,
  decorators: decoratorNames,
  operatorsFor,
  facts: OWN_FACTS,
  analyse,
  possiblePhone: (text) => /^\+\d{8,15}$/.test(text),
}

type Loose = Record<string, unknown>

/** A definition without problems, and what is different in it. */
export const workflow = (changes: Loose = {}): Loose => ({
  kind: 'workflow',
  name: 'greet',
  module: 'Leads',
  trigger: { on: 'record.created' },
  branches: [{ actions: [{ type: 'createTask', subject: '電話: $[見込み客.姓|お客様]' }] }],
  ...changes,
})
export const doing = (...actions: Loose[]) => workflow({ branches: [{ actions }] })
export const when = (condition: unknown, changes: Loose = {}) =>
  workflow({ branches: [{ when: condition }], ...changes })
export const leaf = (fact: string, operator: string, value: unknown) => ({ fact, operator, value })
export const sending = (changes: Loose = {}, more: Loose = {}) => ({
  ...doing({ type: 'sendTemplate', template: 'hello', ...changes }),
  ...more,
})

export const template = (changes: Loose = {}): Loose => ({
  kind: 'template',
  name: 'hello',
  language: 'ja',
  category: 'UTILITY',
  module: 'Leads',
  body: 'お申し込みありがとうございます、{{name}}様。担当者からご連絡します。',
  parameters: { name: { value: '$[Leads.Last_Name|お客様]', example: '山田' } },
  ...changes,
})
export const saying = (body: string, ...names: string[]) =>
  template({
    body,
    parameters: Object.fromEntries(names.map((name) => [name, { value: '$[Leads.Last_Name]', example: '例' }])),
  })

export const module = (changes: Loose = {}): Loose => ({
  kind: 'module',
  name: 'Visits',
  labels: { ja: '来店', en: 'Visits' },
  title: 'Name',
  fields: {
    Name: { type: 'text', labels: { ja: '名前', en: 'Name' } },
    Mobile: { type: 'phone' },
    Open: { type: 'boolean' },
  },
  ...changes,
})
/** A pipeline of three states. */
export const blueprint = (changes: Loose = {}): Loose => ({
  kind: 'blueprint',
  name: 'deal-desk',
  module: 'Deals',
  field: 'Stage',
  states: { Qualification: { initial: true }, Proposal: {}, Won: { final: true } },
  transitions: [
    { name: '提案する', from: ['Qualification'], to: 'Proposal' },
    { name: '受注', from: ['Proposal'], to: 'Won' },
  ],
  ...changes,
})
/** The pipeline, with more in the first transition. */
export const moving = (changes: Loose, more: Loose = {}) =>
  blueprint({
    transitions: [
      { name: '提案する', from: ['Qualification'], to: 'Proposal', ...changes },
      { name: '受注', from: ['Proposal'], to: 'Won' },
    ],
    ...more,
  })

export const journey = (changes: Loose = {}): Loose => ({
  kind: 'journey',
  name: 'nurture',
  module: 'Leads',
  entry: { trigger: { on: 'record.created' } },
  steps: [{ id: 'end', exit: 'completed' }],
  ...changes,
})
export const stepping = (...steps: Loose[]) => journey({ steps })

export const calendar = (changes: Loose = {}): Loose => ({
  kind: 'calendar',
  name: 'office',
  timezone: 'Asia/Tokyo',
  week: { monday: [{ from: '09:00', to: '18:00' }] },
  ...changes,
})

export const withField = (field: Loose) => module({ fields: { Name: { type: 'text' }, Extra: field } })

/** A bad definition and what check must say of it: this problem, and no other. The last file is the one at fault. */
export interface Case {
  code: ProblemCode
  pointer: string
  files: unknown[]
  severity?: 'error' | 'warning'
  context?: Partial<CheckContext>
  /** What the way out must name. */
  fix?: string
  /** Told apart from other cases of the same code. */
  about?: string
}

export const bad = (
  code: ProblemCode,
  pointer: string,
  files: unknown,
  more: Omit<Case, 'code' | 'pointer' | 'files'> = {},
): Case => ({
  code,
  pointer,
  files: Array.isArray(files) ? files : [files],
  ...more,
})

export function check(files: readonly unknown[], changes: Partial<CheckContext> = {}, language: 'en' | 'ja' = 'en') {
  const sources = files.map((json, index) => ({ file: `${index}.json`, json }))
  return checkDefinitions(sources, { ...context, ...changes, language })
}

export const active = (...definitions: Loose[]) => definitions as unknown as (Workflow | Template)[]
