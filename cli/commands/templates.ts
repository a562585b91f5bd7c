import Table from 'cli-table3'
import type { TemplateView } from '#server/templates/desk.ts'
import { EXIT, type Context } from '../context.ts'
import { openDoor, type DoorOptions } from '../door.ts'
import { statusText } from '../templateTexts.ts'
import { say, type Language } from '../texts.ts'

/** `denrei templates`: what stands at WhatsApp, and which version messages go out by. */
export async function listTemplates(
  { output, env }: Context,
  { status, module, ...options }: DoorOptions & { status?: string; module?: string },
): Promise<number> {
  const door = await openDoor(env, options, 'look')
  try {
    const items = await door.templates.list({
      ...(status === undefined ? {} : { status: status.toUpperCase() }),
      ...(module === undefined ? {} : { module }),
    })
    output.result({ items }, () => {
      const { language } = output
      output.line(items.length === 0 ? say(language, 'noTemplates') : tableOf(items, language))
    })
    return EXIT.ok
  } finally {
    await door.close()
  }
}

/** `denrei templates submit|unpause|agree NAME LANGUAGE` */
export async function doWithTemplate(
  { output, env }: Context,
  verb: 'submit' | 'unpause' | 'agree',
  which: { name: string; language: string },
  options: DoorOptions,
): Promise<number> {
  const door = await openDoor(env, options, 'change')
  try {
    const view = await door.templates[verb](which)
    output.result(view, () => output.line(tableOf([view], output.language)))
    return EXIT.ok
  } finally {
    await door.close()
  }
}

/** `denrei templates take-over NAME LANGUAGE --module M`: prints the definition; what wants a merge field is told beside it. */
export async function takeOverTemplate(
  { output, env }: Context,
  which: { name: string; language: string },
  { module, ...options }: DoorOptions & { module: string },
): Promise<number> {
  const door = await openDoor(env, options, 'look')
  try {
    const taken = await door.templates.takeOver({ ...which, module })
    output.result(taken, () => output.line(JSON.stringify(taken.definition, null, 2)))
    if (taken.withoutValue.length > 0 && !output.json) {
      // Beside it, so that the definition can be written to a file.
      process.stderr.write(`${say(output.language, 'takenWithoutValue', taken.withoutValue.join(', '))}\n`)
    }
    return EXIT.ok
  } finally {
    await door.close()
  }
}

/** `denrei templates delete NAME`: shows what would go; with `--yes` it is done. */
export async function deleteTemplate(
  { output, env }: Context,
  name: string,
  { language: of, yes = false, ...options }: DoorOptions & { language?: string; yes?: boolean },
): Promise<number> {
  const door = await openDoor(env, options, yes ? 'change' : 'look')
  const { language } = output
  try {
    if (!yes) {
      const views = (await door.templates.list({ name })).filter((one) => of === undefined || one.language === of)
      output.result({ deleted: [], would: views }, () => {
        output.line(views.length === 0 ? say(language, 'noTemplates') : tableOf(views, language))
        if (views.length > 0) output.line(say(language, 'deleteConfirm'))
      })
      // Asked for and not done: a script must see the difference.
      return EXIT.no
    }
    const answer = await door.templates.remove({ name, ...(of === undefined ? {} : { language: of }) }, 'cli')
    output.result(answer, () => {
      for (const one of answer.deleted) output.line(say(language, 'deletedTemplate', one.name, one.language))
      if (answer.nameBlockedUntil !== null) {
        output.line(say(language, 'nameBlocked', new Date(answer.nameBlockedUntil).toISOString().slice(0, 10)))
      }
      for (const key of answer.stillDefined) output.line(say(language, 'stillDefined', key))
    })
    return EXIT.ok
  } finally {
    await door.close()
  }
}

function tableOf(items: readonly TemplateView[], language: Language): string {
  const heads = ['headName', 'headLanguage', 'headStatus', 'headCategory', 'headServes', 'headReason'] as const
  const table = new Table({ head: heads.map((head) => say(language, head)), style: { head: [], border: [] } })
  for (const { name, language: of, serving, states, definition } of items) {
    if (states.length === 0) table.push([name, of, say(language, 'notSubmitted'), categoryOf(definition), '', ''])
    for (const state of states) {
      const version = state.definitionVersion === null ? '' : ` @${state.definitionVersion}`
      table.push([
        `${state.name}${version}`,
        of,
        statusText(state.status, language),
        state.nextCategory === null ? state.category : `${state.category} > ${state.nextCategory.category}`,
        serving?.as === state.name && state.status === 'APPROVED' ? '*' : '',
        state.reason ?? '',
      ])
    }
  }
  return table.toString()
}

function categoryOf(definition: TemplateView['definition']): string {
  return definition?.definition.kind === 'template' ? definition.definition.category : ''
}
