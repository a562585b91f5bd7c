import type { Json } from '#definitions/json.ts'
import { InvalidInput } from '#engine/errors.ts'
import type { Denrei } from './denrei.ts'
import type { Fault } from './problem.ts'

/** Where the condition stands in the journey that is checked, and where in the request. */
const [ENTRY, BODY] = ['/entry/when', '/where']

/**
 * A condition by which records are chosen for a journey is checked as if the journey had it at its entry: a field that its module
 * does not have would choose nobody, without a word. A journey that is not there is for the decision to refuse.
 *
 * @param journey its name
 * @throws InvalidInput with every place
 */
export async function requireSelection(
  denrei: Pick<Denrei, 'check' | 'definitions'>,
  journey: string,
  where: Json,
): Promise<void> {
  const stored = (await denrei.definitions()).find(({ key }) => key === `journey/${journey}`)?.definition
  if (stored?.kind !== 'journey') return
  const { kind, name, module, conditions } = stored
  const entry = { trigger: { on: 'manual' }, when: where }
  const steps = [{ id: 'end', exit: 'completed' }]
  const json = { kind, name, module, ...(conditions !== undefined && { conditions }), entry, steps }
  const found = await denrei.check([{ file: BODY, json }])
  const problems = found
    .filter(({ severity, pointer }) => severity === 'error' && pointer.startsWith(ENTRY))
    .map(({ pointer, code, message, fix }): Fault => ({
      in: 'body',
      pointer: BODY + pointer.slice(ENTRY.length),
      code,
      message: fix === undefined ? message : `${message} ${fix}`,
    }))
  const [first] = problems
  if (first === undefined) return
  const more = problems.length > 1 ? ` And ${problems.length - 1} more, see "problems".` : ''
  throw new InvalidInput(`In the body at "${first.pointer}": ${first.message}${more}`, { problems })
}
