import type { Problem } from '#definitions/problem.ts'
import { EXIT, type Context } from '../context.ts'
import { openDoor, type DoorOptions } from '../door.ts'
import { readFolder } from '../readFolder.ts'
import { say } from '../texts.ts'

/** `denrei check DIR`: every problem of a folder of definitions. Exit 1 when one of them is an error. */
export async function check({ output, env }: Context, folder: string, options: DoorOptions): Promise<number> {
  const files = await readFolder(folder)
  const door = await openDoor(env, options, 'look')
  try {
    const problems = await output.progress(say(output.language, 'checking', files.length), () =>
      door.check(files, output.language),
    )
    output.result({ files: files.length, problems }, () => {
      printProblems({ output }, problems)
      output.line(
        problems.length === 0
          ? say(output.language, 'noProblems', files.length)
          : say(output.language, 'problemCount', count(problems, 'error'), count(problems, 'warning')),
      )
    })
    return count(problems, 'error') > 0 ? EXIT.no : EXIT.ok
  } finally {
    await door.close()
  }
}

export function count(problems: Problem[], severity: Problem['severity']): number {
  return problems.filter((problem) => problem.severity === severity).length
}

/** `file#pointer  severity code: message`, and the way out below it. */
export function printProblems({ output }: Pick<Context, 'output'>, problems: Problem[]): void {
  for (const { file, pointer, severity, code, message, fix } of problems) {
    output.line(`${file}#${pointer}  ${say(output.language, severity)} ${code}: ${message}`)
    if (fix !== undefined) output.line(`    ${say(output.language, 'fix')}: ${fix}`)
  }
}
