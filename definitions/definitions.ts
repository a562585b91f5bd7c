import { z } from 'zod'
import { builtinActionSchemas, type Action, type ActionSchema } from './action.ts'
import { blueprintSchema, type Blueprint } from './blueprint.ts'
import { calendar, type Calendar } from './calendar.ts'
import { journeySchema, type Journey } from './journey.ts'
import { moduleDefinition, type Module } from './module.ts'
import { template, type Template } from './template.ts'
import { workflowSchema, type Workflow } from './workflow.ts'

export type { Action, ActionSchema, BuiltinAction, PluginAction, SendTemplateAction } from './action.ts'
export type { Blueprint, BlueprintState, ChildTransition, Escalation, Transition } from './blueprint.ts'
export type { Calendar } from './calendar.ts'
export type { Journey, JourneyTrigger, SendStep, Step, WaitFor } from './journey.ts'
export type { Span } from './span.ts'
export type { Condition, Leaf } from './condition.ts'
export type { Field, FieldType, Module } from './module.ts'
export type { Template } from './template.ts'
export type { Branch, Later, Workflow, WorkflowTrigger } from './workflow.ts'

export type Definition = Workflow | Blueprint | Journey | Template | Calendar | Module
export type DefinitionKind = Definition['kind']

/** `workflow/welcome-web-lead`, `journey/trial-nurture`, `template/welcome_lead/ja`, `module/Leads`: unique among all definitions. */
export function definitionKey(definition: Pick<Definition, 'kind' | 'name'> & { language?: string }): string {
  return definition.kind === 'template'
    ? `template/${definition.name}/${definition.language ?? ''}`
    : `${definition.kind}/${definition.name}`
}

/**
 * The schemas of all kinds, for the built-in actions and those a plugin adds.
 *
 * @param extraActions each a strict object with a literal `type` that no built-in action has
 */
export function definitionSchemas(extraActions: readonly ActionSchema[] = []) {
  const action = z.discriminatedUnion('type', [
    ...builtinActionSchemas,
    ...extraActions,
  ] as never) as unknown as z.ZodType<Action>
  const workflow = workflowSchema(action)
  const blueprint = blueprintSchema(action)
  const journey = journeySchema(action)
  return {
    workflow,
    blueprint,
    journey,
    template,
    calendar,
    module: moduleDefinition,
    action,
    any: z.discriminatedUnion('kind', [workflow, blueprint, journey, template, calendar, moduleDefinition]),
  }
}
export type DefinitionSchemas = ReturnType<typeof definitionSchemas>
