import { EXIT, type Context } from '../context.ts'
import { openDoor, type DoorOptions } from '../door.ts'

/** `denrei explain ID`: why a message went out or did not, or what an event set off. */
export async function explain({ output, env }: Context, id: string, options: DoorOptions): Promise<number> {
  const door = await openDoor(env, options, 'look')
  try {
    const explanation = await door.explain(id, output.language)
    output.result(explanation, () => {
      for (const line of explanation.story) output.line(line)
    })
    return EXIT.ok
  } finally {
    await door.close()
  }
}
