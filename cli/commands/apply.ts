import type { PlanEntry } from '#server/denrei.ts'
import { EXIT, type Context } from '../context.ts'
import { openDoor, type DoorOptions } from '../door.ts'
import { readFolder } from '../readFolder.ts'
import { isTextKey, say, type Language } from '../texts.ts'
import { count, printProblems } from './check.ts'
import { printInFlight, readMigrations, type InFlightOptions } from './inFlight.ts'

type ApplyOptions = DoorOptions & InFlightOptions

/** `denrei plan DIR`: what applying would change, without changing anything. */
export async function plan({ output, env }: Context, folder: string, options: ApplyOptions): Promise<number> {
  const files = await readFolder(folder)
  const migrations = await readMigrations(files, options)
  const door = await openDoor(env, options, 'look')
  try {
    const { entries, problems } = await output.progress(say(output.language, 'checking', files.length), () =>
      door.plan(files, { language: output.language, migrations }),
    )
    output.result({ entries, problems }, () => {
      printProblems({ output }, problems)
      printEntries({ output }, entries)
      printInFlight({ output }, entries)
      output.line(summary('planned', { output }, entries))
    })
    return count(problems, 'error') > 0 ? EXIT.no : EXIT.ok
  } finally {
    await door.close()
  }
}

/** `denrei apply DIR`: all of the folder or nothing of it. */
export async function apply({ output, env }: Context, folder: string, options: ApplyOptions): Promise<number> {
  const files = await readFolder(folder)
  const migrations = await readMigrations(files, options)
  const door = await openDoor(env, options, 'change')
  try {
    const { entries, problems } = await output.progress(say(output.language, 'applying', files.length), () =>
      door.apply(files, { language: output.language, migrations }),
    )
    const refused = count(problems, 'error') > 0
    output.result({ applied: !refused, entries, problems }, () => {
      printProblems({ output }, problems)
      if (refused) {
        output.line(say(output.language, 'problemCount', count(problems, 'error'), count(problems, 'warning')))
        return
      }
      printEntries({ output }, entries)
      printInFlight({ output }, entries)
      output.line(summary('applied', { output }, entries))
    })
    return refused ? EXIT.no : EXIT.ok
  } finally {
    await door.close()
  }
}

function printEntries({ output }: Pick<Context, 'output'>, entries: PlanEntry[]): void {
  for (const { change, key, fromVersion, toVersion, effects } of entries) {
    if (change === 'unchanged' && effects.length === 0) continue
    const versions = fromVersion === null ? `@${toVersion}` : `@${fromVersion} -> @${toVersion}`
    const told = effects.map((effect) => effectText(effect, output.language))
    output.line(
      `  ${say(output.language, change)}  ${key}${versions}${told.length > 0 ? `  (${told.join(', ')})` : ''}`,
    )
  }
}

function effectText(effect: string, language: Language): string {
  const as = /^submit_new_version as (\S+)$/.exec(effect)?.[1]
  if (as !== undefined) return say(language, 'submit_new_version', as)
  return isTextKey(effect) ? say(language, effect) : effect
}

function summary(key: 'planned' | 'applied', { output }: Pick<Context, 'output'>, entries: PlanEntry[]): string {
  const of = (change: PlanEntry['change']) => entries.filter((entry) => entry.change === change).length
  return say(output.language, key, of('create'), of('update'), of('unchanged'))
}
