import {
  definitionKey,
  definitionSchemas,
  type Blueprint,
  type Definition,
  type Journey,
  type Workflow,
} from '#definitions/definitions.ts'
import { graphOf } from '#definitions/graph/graph.ts'
import { toMermaid } from '#definitions/graph/mermaid.ts'
import { InvalidInput, NotFound } from '#engine/errors.ts'
import { EXIT, type Context } from '../context.ts'
import { openDoor, type DoorOptions } from '../door.ts'
import { readFolder } from '../readFolder.ts'

type Drawable = Workflow | Blueprint | Journey

/**
 * `denrei graph NAME`: a workflow, blueprint or journey as a picture in Mermaid's language, from a server or from files that are not
 * applied yet.
 *
 * @param name `deal-desk`, or `blueprint/deal-desk` where several kinds have the name
 */
export async function graph(
  { output, env }: Context,
  name: string,
  options: DoorOptions & { dir?: string },
): Promise<number> {
  const { dir } = options
  const all = dir === undefined ? await appliedOnes(env, options) : await writtenOnes(dir)
  const drawn = graphOf(choose(all, name), output.language)
  output.result(drawn, () => output.line(toMermaid(drawn).trimEnd()))
  return EXIT.ok
}

async function appliedOnes(env: Context['env'], options: DoorOptions): Promise<Definition[]> {
  const door = await openDoor(env, options, 'look')
  try {
    return await door.definitions()
  } finally {
    await door.close()
  }
}

/** Those that their schema takes; the others are `check`'s to tell. A plugin's actions have their schema in the server only. */
async function writtenOnes(dir: string): Promise<Definition[]> {
  const { any } = definitionSchemas()
  return (await readFolder(dir)).flatMap(({ json }) => {
    const parsed = any.safeParse(json)
    return parsed.success ? [parsed.data] : []
  })
}

/** @throws NotFound; InvalidInput when several kinds have the name */
function choose(all: readonly Definition[], name: string): Drawable {
  const drawable = all.filter((one): one is Drawable => ['workflow', 'blueprint', 'journey'].includes(one.kind))
  const found = drawable.filter((one) => definitionKey(one) === name || one.name === name)
  const [first, second] = found
  if (first === undefined) {
    throw new NotFound(`There is no workflow, blueprint or journey "${name}". check tells whether it has errors.`, {
      name,
    })
  }
  if (second === undefined) return first
  const keys = found.map(definitionKey)
  throw new InvalidInput(`Several are called "${name}": ${keys.join(', ')}. Give one of these.`, { keys })
}
