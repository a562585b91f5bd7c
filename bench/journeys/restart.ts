import { noAccounts } from '#actions/whatsapp/accounts.ts'
import { performance } from 'node:perf_hooks'
import { v7 } from 'uuid'
import { createDenrei } from '#server/createDenrei.ts'
import { silentObserver } from '#server/observer.ts'
import { openSqlite } from '#store/sqlite/openSqlite.ts'

/** What the process reports at its end. */
export interface Restart {
  /** From nothing opened to the first batch of steps on disk. */
  firstStepMs: number
  /** From the first timer looked for until nothing is due; and of it what the processors worked for us. */
  tookMs: number
  workedMs: number
  /** Resident set at the end, and the most it ever was. */
  rssBytes: number
  rssMaxBytes: number
}

/*
 * A server that starts on a file and works until nothing is due: the store, the engine with its loops, no HTTP. In a process
 * of its own, so that its memory is the engine's alone.
 *
 *     node restart.ts FILE NOW
 */
const [path = '', now = ''] = process.argv.slice(2)
const began = performance.now()
let firstStepMs = 0
const { store } = openSqlite(path)
const denrei = await createDenrei({
  store,
  clock: { now: () => Number(now) },
  newId: v7,
  random: () => 0.5,
  accounts: noAccounts,
  observer: {
    ...silentObserver,
    decided() {
      if (firstStepMs === 0) firstStepMs = performance.now() - began
    },
  },
})
const opened = performance.now()
const idle = process.cpuUsage()
await denrei.drain()
const tookMs = performance.now() - opened
const worked = process.cpuUsage(idle)
const report: Restart = {
  firstStepMs,
  tookMs,
  workedMs: (worked.user + worked.system) / 1_000,
  rssBytes: process.memoryUsage().rss,
  rssMaxBytes: process.resourceUsage().maxRSS * 1024,
}
await denrei.stop()
console.log(JSON.stringify(report))
