import type { Caller } from '../roles.ts'
import { readConsentFile, type ConsentFile, type LineProblem } from './consentFile.ts'
import type { Desk } from './who.ts'

/** Events that share one call of `accept`. */
const BATCH_MAX = 1_000
/** Problems that are listed; the others are counted. */
const LISTED_MAX = 500

export interface Imported {
  lines: number
  accepted: number
  /** They had come before. */
  duplicates: number
  problems: LineProblem[]
  problemsTotal: number
}

/**
 * Takes a file of consents. Lines that are wrong are told and left out; the others are taken, each once however often they come.
 *
 * @param dryRun reads the file and takes nothing: `accepted` is how many would be
 * @throws InvalidInput when it is no such file; Overloaded, after which sending the same file again goes on where it broke off
 */
export async function importConsents(
  desk: Desk,
  { text, format, dryRun }: { text: string; format: 'csv' | 'jsonl'; dryRun: boolean },
  caller: Pick<Caller, 'name'>,
): Promise<Imported> {
  const { defaultCountry } = await desk.settings()
  const file = readConsentFile(text, format, { now: desk.clock.now(), defaultCountry, actor: caller.name })
  if (dryRun) return answer(file, file.events.length, 0)
  let accepted = 0
  let duplicates = 0
  // An id that stands for another line is wrong on its own line, which the outcome alone does not name.
  const reused: LineProblem[] = []
  for (let from = 0; from < file.events.length; from += BATCH_MAX) {
    const batch = file.events.slice(from, from + BATCH_MAX)
    const outcomes = await desk.accept(batch.map(({ event }) => event))
    for (const [index, { kind }] of outcomes.entries()) {
      if (kind === 'accepted') accepted++
      else if (kind === 'duplicate') duplicates++
      else reused.push({ line: batch[index]!.line, ...REUSED })
    }
  }
  const problems = [...file.problems, ...reused].sort((a, b) => a.line - b.line)
  return answer({ ...file, problems }, accepted, duplicates)
}

const REUSED = { pointer: '/id', code: 'id_reused', message: 'This id came before with other content. Use a new id.' }

function answer({ lines, problems }: ConsentFile, accepted: number, duplicates: number): Imported {
  return { lines, accepted, duplicates, problems: problems.slice(0, LISTED_MAX), problemsTotal: problems.length }
}
