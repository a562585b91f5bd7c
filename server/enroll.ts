import type { Json } from '#definitions/json.ts'
import type { Clock } from '#engine/clock.ts'
import { PAGE_MAX } from '#engine/facts.ts'
import type { Enrolled } from '#engine/journey/command.ts'
import type { Actor } from '#engine/command.ts'
import type { CommandOptions, CommandOutcome, Denrei } from './denrei.ts'
import { COMMAND_WAIT_MS } from './command.ts'

/**
 * Puts a list of records into a journey, page by page: a command is one transaction, and ten thousand records in one would keep
 * everybody else waiting.
 *
 * @returns what became of each; `waiting` when some page was not decided in time, with the trigger of the last
 */
export async function enroll(
  { command, clock }: Pick<Denrei, 'command'> & { clock: Clock },
  journey: string,
  recordIds: readonly string[],
  actor: Actor,
  options: CommandOptions,
): Promise<CommandOutcome> {
  const until = clock.now() + (options.waitMs ?? COMMAND_WAIT_MS)
  const ids = [...new Set(recordIds)]
  const sum: Enrolled = { records: [], entered: 0, refused: {} }
  let triggerId = ''
  let isWaiting = false
  for (let from = 0; from < ids.length; from += PAGE_MAX) {
    const page = { do: 'enroll', journey, recordIds: ids.slice(from, from + PAGE_MAX) } as const
    const outcome = await command(page, actor, {
      ...optionsOf(options, from),
      waitMs: Math.max(0, until - clock.now()),
    })
    triggerId = outcome.triggerId
    if (outcome.kind === 'waiting') isWaiting = true
    else add(sum, outcome.details as unknown as Enrolled)
  }
  if (isWaiting) return { kind: 'waiting', triggerId }
  return { kind: 'done', triggerId, details: sum as unknown as Json }
}

/** Each page has a key of its own, made of the key of all. */
function optionsOf(options: CommandOptions, from: number): CommandOptions {
  const { idempotencyKey } = options
  if (idempotencyKey === undefined || from === 0) return options
  return { ...options, idempotencyKey: `${idempotencyKey}/${from}` }
}

function add(sum: Enrolled, page: Enrolled): void {
  sum.records.push(...page.records)
  sum.entered += page.entered
  for (const [reason, count] of Object.entries(page.refused)) {
    sum.refused[reason] = (sum.refused[reason] ?? 0) + count
  }
}
