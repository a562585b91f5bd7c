import type { Balance, Purchase } from '#engine/state.ts'
import type { ImportRequest, KnownCard, Runway, Statement } from '#server/credits/desk.ts'
import type { Denrei } from '#server/denrei.ts'
import type { StatementQuery } from '#engine/reads.ts'
import { callServer } from './remote.ts'

/** What the command line asks about money, of a running server or of the database. */
export interface CreditDoor {
  overview(): Promise<{ balance: Balance; runway: Runway; purchases: Purchase[] }>
  statement(query: StatementQuery): Promise<Statement>
  rates(): Promise<KnownCard[]>
  importRates(bytes: Buffer, request: ImportRequest): Promise<{ card: KnownCard; newMarkets: string[] }>
}

/** Purchases shown at most. */
const PURCHASES = 10

export function localCredits({ store, credits }: Pick<Denrei, 'store' | 'credits'>): CreditDoor {
  return {
    async overview() {
      const [balance, runway, page] = await Promise.all([
        store.balance(),
        credits.runway(),
        store.purchases({}, { limit: PURCHASES }),
      ])
      return { balance, runway, purchases: page.items }
    },
    statement: (query) => credits.statement(query),
    rates: () => credits.rates(),
    importRates: (bytes, request) => credits.importRates(bytes, request),
  }
}

export function remoteCredits(server: { url: string; key: string }): CreditDoor {
  const get = <T>(path: string) => callServer<T>(server, 'GET', path)
  return {
    async overview() {
      const [balance, runway, page] = await Promise.all([
        get<Balance>('/v1/credits'),
        get<Runway>('/v1/credits/runway'),
        get<{ items: Purchase[] }>(`/v1/credits/purchases?limit=${PURCHASES}`),
      ])
      return { balance, runway, purchases: page.items }
    },
    statement: ({ from, until, by }) =>
      get(`/v1/credits/statement?${new URLSearchParams({ from, until, by: by.join(',') }).toString()}`),
    rates: async () => (await get<{ items: KnownCard[] }>('/v1/credits/rates')).items,
    importRates(bytes, { from, currency, acceptNewMarkets }) {
      const query = new URLSearchParams({
        from,
        ...(currency === undefined ? {} : { currency }),
        ...(acceptNewMarkets === undefined ? {} : { acceptNewMarkets: String(acceptNewMarkets) }),
      })
      return callServer(server, 'POST', `/v1/credits/rates?${query.toString()}`, bytes, 'application/octet-stream')
    },
  }
}
