import Table from 'cli-table3'
import type { Standing } from '#server/denrei.ts'
import { wayText } from '#server/instanceTexts.ts'
import { EXIT, type Context } from '../context.ts'
import { openDoor, type DoorOptions } from '../door.ts'
import { say, type Language } from '../texts.ts'

/** `denrei journeys`, `denrei blueprints`: who came, where they stand, how they ended. */
export async function standings(
  { output, env }: Context,
  kind: 'blueprints' | 'journeys',
  options: DoorOptions,
): Promise<number> {
  const door = await openDoor(env, options, 'look')
  try {
    const items = await door.standings(kind === 'blueprints' ? 'blueprint' : 'journey')
    output.result({ items }, () => {
      const { language } = output
      if (items.length === 0) output.line(say(language, kind === 'blueprints' ? 'noBlueprints' : 'noJourneys'))
      else output.line(tableOf(items, language))
    })
    return EXIT.ok
  } finally {
    await door.close()
  }
}

function tableOf(items: Standing[], language: Language): string {
  const heads = ['headName', 'headEntered', 'headRunning', 'headStanding', 'headEnded'] as const
  const table = new Table({
    head: heads.map((head) => say(language, head)),
    style: { head: [], border: [] },
    colAligns: ['left', 'right', 'right', 'left', 'left'],
  })
  for (const item of items) {
    const { entered, running, positions, ended } = item
    table.push([
      nameOf(item, language),
      entered,
      running,
      positions.map(({ position, running: count }) => `${position}: ${count}`).join('\n'),
      ended.map(({ reason, count }) => `${wayText(reason, language)}: ${count}`).join('\n'),
    ])
  }
  return table.toString()
}

function nameOf({ name, version, active, paused }: Standing, language: Language): string {
  const told = [
    ...(active ? [] : [say(language, 'isInactive')]),
    ...(paused === null ? [] : [say(language, 'isPaused')]),
  ]
  return `${name}@${version}${told.length > 0 ? ` (${told.join(', ')})` : ''}`
}
