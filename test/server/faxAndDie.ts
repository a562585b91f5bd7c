// A process that dies while it faxes: it notes the fax as the machine would, then kills itself without a word.
import { appendFileSync } from 'node:fs'
import { faxOneLead } from '../../docs/guide/examples/withoutHttp.ts'

const [database = '', machine = ''] = process.argv.slice(2)
await faxOneLead(
  { DENREI_DB: database },
  {
    send({ id }) {
      appendFileSync(machine, `${id}\n`)
      process.kill(process.pid, 'SIGKILL')
      return new Promise(() => undefined)
    },
  },
)
