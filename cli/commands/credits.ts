import Table from 'cli-table3'
import { InvalidInput } from '#engine/errors.ts'
import type { StatementPart } from '#engine/reads.ts'
import { credits as amount, STATEMENT_PARTS, statementCsv } from '#server/credits/statement.ts'
import { EXIT, type Context } from '../context.ts'
import { openDoor, type DoorOptions } from '../door.ts'
import { say } from '../texts.ts'

/** `denrei credits`: what is there, how long it lasts, what was bought lately. */
export async function showCredits({ output, env }: Context, options: DoorOptions): Promise<number> {
  const door = await openDoor(env, options, 'look')
  try {
    const shown = await door.credits.overview()
    output.result(shown, () => {
      const { language } = output
      const { balance, runway, purchases } = shown
      output.line(
        say(language, 'creditsBalance', amount(balance.available), amount(balance.held), amount(balance.spent)),
      )
      if (balance.owed > 0) output.line(say(language, 'creditsOwed', amount(balance.owed)))
      output.line(
        runway.days === null
          ? say(language, 'creditsNoPace')
          : say(language, 'creditsLast', runway.days.toFixed(1), amount(runway.spentPerDayMicros)),
      )
      if (purchases.length === 0) return output.line(say(language, 'creditsNoPurchases'))
      const head = (['headAt', 'headAmount', 'headState', 'headProvider', 'headMemo'] as const).map((one) =>
        say(language, one),
      )
      const table = new Table({
        head,
        style: { head: [], border: [] },
        colAligns: ['left', 'right', 'left', 'left', 'left'],
      })
      for (const one of purchases) {
        const error = one.error === null ? '' : ` (${one.error.code})`
        const when = new Date(one.createdAt).toISOString()
        table.push([when, amount(one.amountMicros), `${one.state}${error}`, one.provider, one.memo])
      }
      output.line(table.toString())
    })
    return EXIT.ok
  } finally {
    await door.close()
  }
}

export interface StatementOptions extends DoorOptions {
  from: string
  until: string
  by: string
  csv?: boolean
}

/** `denrei credits statement`: what was spent on what; CSV for a spreadsheet. */
export async function showStatement(
  { output, env }: Context,
  { from, until, by, csv = false, ...options }: StatementOptions,
): Promise<number> {
  const parts = by.split(',').map((word) => word.trim())
  const unknown = parts.find((word) => !(STATEMENT_PARTS as readonly string[]).includes(word))
  if (unknown !== undefined) {
    throw new InvalidInput(`A statement is not told apart by "${unknown}". Use ${STATEMENT_PARTS.join(', ')}.`, {
      option: '--by',
    })
  }
  const door = await openDoor(env, options, 'look')
  try {
    const made = await door.credits.statement({ from, until, by: parts as StatementPart[] })
    output.result(made, () => {
      if (csv) return output.line(statementCsv(made, false).trimEnd())
      const { language } = output
      const head = [...made.by, say(language, 'headCharged'), say(language, 'headFree'), say(language, 'headCredits')]
      const table = new Table({ head, style: { head: [], border: [] } })
      for (const row of made.rows) table.push([...row.parts, row.charged, row.free, amount(row.spentMicros)])
      output.line(table.toString())
      const { charged, free, spentMicros } = made.total
      output.line(say(language, 'statementTotal', charged, free, amount(spentMicros)))
    })
    return EXIT.ok
  } finally {
    await door.close()
  }
}
