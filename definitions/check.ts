import { canonicalJson } from './canonical.ts'
import { checkBlueprint } from './check/blueprint.ts'
import { checkCalendar } from './check/calendar.ts'
import { readDocument } from './check/document.ts'
import { checkJourney } from './check/journey.ts'
import { checkLoops } from './check/loops.ts'
import type { Automation } from './check/doer.ts'
import { checkModule } from './check/module.ts'
import { checkPrecedence } from './check/precedence.ts'
import type { CheckContext, Scope } from './check/scope.ts'
import { checkTemplate } from './check/template.ts'
import { checkWorkflow } from './check/workflow.ts'
import { definitionKey, definitionSchemas, type Definition, type DefinitionSchemas } from './definitions.ts'
import type { Json } from './json.ts'
import { modulesByName } from './modules.ts'
import type { Problem, SourceFile } from './problem.ts'
import type { Language } from './problemTexts.ts'
import { reportInto, type Report } from './report.ts'
import type { Template } from './template.ts'

export type { CheckContext } from './check/scope.ts'

export interface CheckedDefinition {
  /** See {@link definitionKey}. */
  key: string
  definition: Definition
  file: string
}

export interface CheckResult {
  /** In the order of the files; within a file in the order of the checks. */
  problems: Problem[]
  /** What may be applied: all of them, or none when there is an error anywhere. */
  definitions: CheckedDefinition[]
}

/**
 * Checks definitions together with what is in force: JSON, schema, and what a schema cannot say. Pure; never throws for
 * anything that is in the files.
 *
 * @param context.schemas with the actions of plugins; default: the built-in ones
 * @param context.language of the messages; default 'en'
 */
export function checkDefinitions(
  files: readonly SourceFile[],
  context: CheckContext & { schemas?: DefinitionSchemas; language?: Language },
): CheckResult {
  const { schemas = definitionSchemas(), language = 'en' } = context
  const problems: Problem[] = []
  const read: CheckedDefinition[] = []
  const broken = new Set<string>()
  const fileOf = new Map<string, string>()
  for (const source of files) {
    const { file } = source
    const report = reportInto(problems, file, language)
    if (source.error !== undefined || source.json === undefined) {
      report([], 'invalid_json', { detail: source.error ?? 'empty' })
      continue
    }
    const definition = readDocument<Definition>(schemas.any, report, source.json)
    const key = definition === undefined ? wouldBeKey(source.json) : definitionKey(definition)
    if (definition === undefined) broken.add(key)
    const before = fileOf.get(key)
    if (before === undefined) fileOf.set(key, file)
    else if (definition !== undefined) report([], 'duplicate_definition', { key, file: before })
    if (definition !== undefined && before === undefined) read.push({ key, definition, file })
  }

  const scope = scopeOf(read, broken, context)
  for (const { definition, file } of read) {
    const report = reportInto(problems, file, language)
    checkDefinition(scope, report, definition)
  }
  const others = context.active.filter((definition) => !fileOf.has(definitionKey(definition)))
  checkTogether(read, others, (file) => reportInto(problems, file, language))

  const order = new Map(files.map(({ file }, index) => [file, index]))
  problems.sort((a, b) => order.get(a.file)! - order.get(b.file)!)
  const failed = problems.some(({ severity }) => severity === 'error')
  return { problems, definitions: failed ? [] : read }
}

function checkDefinition(scope: Scope, report: Report, definition: Definition) {
  switch (definition.kind) {
    case 'workflow':
      return checkWorkflow(scope, report, definition)
    case 'blueprint':
      return checkBlueprint(scope, report, definition)
    case 'journey':
      return checkJourney(scope, report, definition)
    case 'template':
      return checkTemplate(scope, report, definition)
    case 'calendar':
      return checkCalendar(report, definition)
    case 'module':
      return checkModule(scope, report, definition)
  }
}

/** What can only be seen of all definitions at once. @param others in force, and not under check */
function checkTogether(
  read: readonly CheckedDefinition[],
  others: readonly Definition[],
  reportOf: (file: string) => Report,
) {
  const all = [
    ...read.map(({ definition, file }) => ({ definition, report: reportOf(file) })),
    ...others.map((definition) => ({ definition, report: null })),
  ]
  checkPrecedence(
    all.flatMap(({ definition, report }) =>
      definition.kind === 'blueprint' ? [{ blueprint: definition, report }] : [],
    ),
  )
  checkLoops(
    all.flatMap(({ definition, report }) =>
      isAutomation(definition) && report !== null ? [{ automation: definition, report }] : [],
    ),
    others.filter(isAutomation),
  )
}

function isAutomation(definition: Definition): definition is Automation {
  return ['workflow', 'blueprint', 'journey'].includes(definition.kind)
}

function scopeOf(read: readonly CheckedDefinition[], broken: ReadonlySet<string>, context: CheckContext): Scope {
  const all = new Map(context.active.map((definition) => [definitionKey(definition), definition]))
  const activeText = new Map([...all].map(([key, definition]) => [key, textOf(definition)]))
  for (const { key, definition } of read) all.set(key, definition)
  const templates = new Map<string, Template[]>()
  for (const definition of all.values()) {
    if (definition.kind !== 'template') continue
    templates.set(definition.name, [...(templates.get(definition.name) ?? []), definition])
  }
  return {
    ...context,
    modules: modulesByName([...all.values()].filter((definition) => definition.kind === 'module')),
    templates,
    calendars: new Set([...all.values()].flatMap(({ kind, name }) => (kind === 'calendar' ? [name] : []))),
    broken,
    isUnchanged: (definition) => activeText.get(definitionKey(definition)) === textOf(definition),
  }
}

const textOf = (definition: Definition) => canonicalJson(definition as unknown as Json)

/** The key that a file which does not fit its schema would have had, as far as it can be told. */
function wouldBeKey(json: unknown): string {
  const { kind, name, language } = (typeof json === 'object' && json !== null ? json : {}) as Record<string, unknown>
  const text = (value: unknown) => (typeof value === 'string' ? value : '')
  return definitionKey({ kind: text(kind) as never, name: text(name), language: text(language) })
}
