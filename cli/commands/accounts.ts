import { setImmediate as nextTurn } from 'node:timers/promises'
import Table from 'cli-table3'
import type { Remark } from '#server/setup/document.ts'
import { readConfig } from '#server/config.ts'
import { openDenrei } from '#server/openDenrei.ts'
import type { AccountState, NumberState } from '#engine/state.ts'
import { EXIT, type Context } from '../context.ts'
import type { DoorOptions } from '../door.ts'
import { callServer } from '../remote.ts'
import { say, type Language } from '../texts.ts'

type Account = AccountState & {
  numbers: NumberState[]
  unreadable: { code: string; message: string } | null
  /** As a server tells it. */
  webhook?: { problems: Remark[] } | null
}

export interface AccountsDoor {
  list(): Promise<Account[]>
  disable(id: string, confirm: string | undefined): Promise<Account>
  enable(id: string): Promise<Account>
  close(): Promise<void>
}

/** `denrei accounts`: the accounts with their numbers and what troubles them. */
export async function accounts({ output, env }: Context, options: DoorOptions): Promise<number> {
  const door = await openAccounts(env, options)
  try {
    const items = await door.list()
    output.result({ items }, () => {
      if (items.length === 0) output.line(say(output.language, 'noAccounts'))
      else output.line(tableOf(items, output.language))
    })
    return EXIT.ok
  } finally {
    await door.close()
  }
}

/** `denrei accounts disable ID`: asks first, or takes `--confirm ID` (S115, S116). `enable` undoes it. */
export async function switchAccount(
  { output, env }: Context,
  to: 'disable' | 'enable',
  id: string,
  options: DoorOptions & { confirm?: string },
): Promise<number> {
  const door = await openAccounts(env, options)
  try {
    let confirmed = options.confirm
    if (to === 'disable' && confirmed === undefined && !output.json && process.stdin.isTTY && process.stdout.isTTY) {
      const { confirm } = await import('@inquirer/prompts')
      if (!(await confirm({ message: say(output.language, 'askDisable', id), default: false }))) return EXIT.no
      confirmed = id
    }
    const account = to === 'enable' ? await door.enable(id) : await door.disable(id, confirmed)
    output.result(account, () => output.line(say(output.language, account.enabled ? 'accountOn' : 'accountOff', id)))
    return EXIT.ok
  } finally {
    await door.close()
  }
}

export async function openAccounts(env: Context['env'], options: DoorOptions): Promise<AccountsDoor> {
  const url = options.url ?? env.DENREI_URL
  if (url !== undefined && url !== '') {
    const call = <T>(method: 'GET' | 'POST', path: string, body?: object) =>
      callServer<T>({ url, key: env.DENREI_KEY ?? '' }, method, path, body)
    const at = (id: string) => `/v1/accounts/${encodeURIComponent(id)}`
    return {
      list: async () => (await call<{ items: Account[] }>('GET', '/v1/accounts')).items,
      disable: (id, confirm) => call('POST', `${at(id)}/disable`, confirm === undefined ? {} : { confirm }),
      enable: (id) => call('POST', `${at(id)}/enable`),
      close: () => Promise.resolve(),
    }
  }
  const opened = await openDenrei(readConfig(env))
  const { accounts: desk } = opened.connecting
  const shown = ({ account, numbers, unreadable }: Awaited<ReturnType<typeof desk.read>>): Account => ({
    ...account,
    numbers,
    unreadable,
  })
  /** Nothing runs here, so what was told has to be decided before it is read back. */
  const decided = async (work: () => Promise<unknown>, id: string) => {
    let over = false
    const done = work().finally(() => (over = true))
    const drained = (async () => {
      while (!over) await opened.denrei.drain().then(() => nextTurn())
    })()
    await Promise.all([done, drained])
    return shown(await desk.read(id))
  }
  return {
    list: async () => (await desk.list()).map(shown),
    disable: (id, confirm) => decided(() => desk.disable(id, confirm, 'cli'), id),
    enable: (id) => decided(() => desk.enable(id, 'cli'), id),
    close: () => opened.close(),
  }
}

function tableOf(items: Account[], language: Language): string {
  const heads = ['headAccount', 'headState', 'headNumbers', 'headTroubles', 'headTokenEnds'] as const
  const table = new Table({ head: heads.map((head) => say(language, head)), style: { head: [], border: [] } })
  for (const { id, name, enabled, setUpAt, numbers, troubles, tokenExpiresAt, unreadable } of items) {
    const state = say(language, !enabled ? 'isOff' : setUpAt === null ? 'isNotSetUp' : 'isOn')
    const all = [...troubles, ...numbers.flatMap((number) => number.troubles)]
    table.push([
      name === null ? id : `${name}\n${id}`,
      state,
      numbers.map((one) => `${one.displayNumber} ${one.nickname ?? ''} ${one.status} ${one.quality}`).join('\n'),
      [...all.map(({ code, detail }) => `${code}: ${detail}`), ...(unreadable ? [unreadable.code] : [])].join('\n'),
      tokenExpiresAt === null ? '' : new Date(tokenExpiresAt).toISOString().slice(0, 10),
    ])
  }
  return table.toString()
}
