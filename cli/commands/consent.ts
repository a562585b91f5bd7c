import { readFile } from 'node:fs/promises'
import Table from 'cli-table3'
import { InvalidInput, NotFound } from '#engine/errors.ts'
import { readSince } from '#server/people/exportConsents.ts'
import { EXIT, type Context } from '../context.ts'
import { openDoor, type DoorOptions } from '../door.ts'
import { whoOf } from '../who.ts'
import { say } from '../texts.ts'

export interface ConsentOptions extends DoorOptions {
  scope: 'marketing' | 'all'
  channel?: string
  proof?: string
  at?: string
}

/** `denrei consent out|in ADDRESS`: writes down what a person refused or agreed to. */
export async function note(
  { output, env }: Context,
  direction: 'in' | 'out',
  address: string,
  { scope, channel, proof, at, ...options }: ConsentOptions,
): Promise<number> {
  const door = await openDoor(env, options, 'change')
  try {
    const { contact } = await door.people.note({
      who: whoOf(address),
      direction,
      scope,
      ...(channel !== undefined && { channel }),
      ...(proof !== undefined && { proof }),
      ...(at !== undefined && { occurredAt: at }),
    })
    output.result({ contact }, () => {
      const name = contact?.name ?? contact?.phone ?? contact?.bsuid ?? address
      output.line(say(output.language, direction === 'out' ? 'consentOut' : 'consentIn', name, scope))
    })
    return EXIT.ok
  } finally {
    await door.close()
  }
}

/** `denrei consent list`: the book of consent, newest first. */
export async function list(
  { output, env }: Context,
  { since, limit, ...options }: DoorOptions & { since?: string; limit: string },
): Promise<number> {
  const door = await openDoor(env, options, 'look')
  try {
    const page = await door.people.consents(sinceOf(since), { limit: countOf(limit) })
    output.result(page, () => {
      const head = (['headAt', 'headWho', 'headDirection', 'headScope', 'headBy', 'headProof'] as const).map((one) =>
        say(output.language, one),
      )
      const table = new Table({ head, style: { head: [], border: [] }, wordWrap: true })
      table.push(
        ...page.items.map(({ at, name, phone, bsuid, direction, scope, by, channel, proof }) => [
          new Date(at).toISOString(),
          [name, phone ?? bsuid].filter(Boolean).join(' '),
          direction,
          scope,
          by,
          [channel, proof].filter(Boolean).join(': ').slice(0, 60),
        ]),
      )
      output.line(table.toString())
    })
    return EXIT.ok
  } finally {
    await door.close()
  }
}

/** `denrei consent export`: the whole book as CSV on standard output, whatever the options. */
export async function exportBook(
  { env }: Context,
  write: (text: string) => void,
  { since, ...options }: DoorOptions & { since?: string },
): Promise<number> {
  const door = await openDoor(env, options, 'look')
  try {
    for await (const part of door.people.exportCsv(sinceOf(since))) write(part)
    return EXIT.ok
  } finally {
    await door.close()
  }
}

/** `denrei consent import FILE`: CSV with a heading, or a JSON object a line. */
export async function importBook(
  { output, env }: Context,
  file: string,
  { dryRun = false, ...options }: DoorOptions & { dryRun?: boolean },
): Promise<number> {
  let text: string
  try {
    text = await readFile(file, 'utf8')
  } catch (cause) {
    throw new NotFound(`Cannot read "${file}". Give a CSV file, or one with a JSON object a line.`, { file }, { cause })
  }
  const door = await openDoor(env, options, 'change')
  try {
    const format = /^\s*\{/.test(text.replace(/^\uFEFF/, '')) ? 'jsonl' : 'csv'
    const taken = await door.people.importFile({ text, format, dryRun })
    output.result(taken, () => {
      for (const { line, pointer, message } of taken.problems) output.line(`${file}:${line} ${pointer} ${message}`)
      output.line(
        say(output.language, 'consentImported', taken.lines, taken.accepted, taken.duplicates, taken.problemsTotal),
      )
    })
    return taken.problemsTotal === 0 ? EXIT.ok : EXIT.no
  } finally {
    await door.close()
  }
}

const sinceOf = (since: string | undefined) => (since === undefined ? {} : { since: readSince(since) })

function countOf(limit: string): number {
  const count = Number(limit)
  if (Number.isInteger(count) && count >= 1 && count <= 500) return count
  throw new InvalidInput(`--limit "${limit}": use a whole number from 1 to 500.`, { limit })
}
