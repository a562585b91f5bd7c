import { readFile } from 'node:fs/promises'
import Table from 'cli-table3'
import { NotFound } from '#engine/errors.ts'
import { EXIT, type Context } from '../context.ts'
import { openDoor, type DoorOptions } from '../door.ts'
import { say } from '../texts.ts'

/** `denrei rates`: the price lists, shipped and imported. */
export async function listRates({ output, env }: Context, options: DoorOptions): Promise<number> {
  const door = await openDoor(env, options, 'look')
  try {
    const items = await door.credits.rates()
    output.result({ items }, () => {
      const { language } = output
      const head = (['headFrom', 'headCurrency', 'headOrigin', 'headMarkets', 'headTiers'] as const).map((one) =>
        say(language, one),
      )
      const table = new Table({ head, style: { head: [], border: [] } })
      for (const { from, currency, origin, markets, tiers } of items) {
        table.push([from, currency, say(language, origin === 'shipped' ? 'isShipped' : 'isImported'), markets, tiers])
      }
      output.line(table.toString())
    })
    return EXIT.ok
  } finally {
    await door.close()
  }
}

export interface ImportRatesOptions extends DoorOptions {
  from: string
  currency: string
  acceptNewMarkets?: boolean
}

/** `denrei rates import FILE --from DAY`: Meta's rate card, a spreadsheet or CSV, whatever its name says. */
export async function importRates(
  { output, env }: Context,
  file: string,
  { from, currency, acceptNewMarkets = false, ...options }: ImportRatesOptions,
): Promise<number> {
  const bytes = await readFile(file).catch((cause: unknown) => {
    throw new NotFound(`"${file}" cannot be read. Name the file of the rate card.`, { file }, { cause })
  })
  const door = await openDoor(env, options, 'change')
  try {
    const imported = await door.credits.importRates(bytes, { from, currency, acceptNewMarkets })
    output.result(imported, () => {
      const { card, newMarkets } = imported
      output.line(say(output.language, 'ratesImported', card.markets, card.currency, card.from))
      if (newMarkets.length > 0) output.line(say(output.language, 'ratesNewMarkets', newMarkets.join(', ')))
    })
    return EXIT.ok
  } finally {
    await door.close()
  }
}
